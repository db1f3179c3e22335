package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBadWireToProvider puts toxiproxy before an identity provider. Over a wire that
// is slow or ragged its tokens are verified; over a broken or silent one nobody is
// let in on a token that could not be, and is told so with a 503, until it is mended.
// Keys that are there already go on being used. Who has a static token, and what
// needs no sign-in, never waits for the provider.
func TestBadWireToProvider(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		faults []Fault
		cut    bool
		late   bool // once the keys are there
		want   int  // the status of CONNECT
	}{
		"nobody is there":       {cut: true, want: 503},
		"stall":                 {faults: []Fault{stall}, want: 503},
		"stall later":           {faults: []Fault{stall}, late: true, want: 200},
		"nobody is there later": {cut: true, late: true, want: 200},
	}
	for name, faults := range nuisances {
		if name == "bandwidth" {
			faults = []Fault{{Kind: "bandwidth", Attributes: map[string]int{"rate": 4}}} // it has little to say
		}
		c := cases[name]
		c.faults, c.want = faults, 200
		cases[name] = c
	}
	for name, f := range breaks {
		c := cases[name]
		c.faults, c.want = []Fault{f}, 503
		cases[name] = c
	}
	sum := sha256.Sum256([]byte(Pass))
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("bob:"+hex.EncodeToString(sum[:])+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := NewOrigin(t)
			provider, wire := NewProvider(t, o.CA)
			s := Serve(t, o, fmt.Sprintf("destinations: {sanctioned: [openai-api, anthropic-api]}\nidentity: {required: true, bearer: {token_file: %s, issuers: [{issuer: %q, audiences: [sluice]}]}}\n", tokens, provider.Issuer))
			ask := func(token string) int { // the status of CONNECT, or of the request
				t.Helper()
				status, _, err := say(t.Context(), s.visitor(t, false, token), "api.openai.com", "hello", false)
				if err == nil {
					return status
				}
				for text, code := range map[string]int{"Service Unavailable": 503, "Proxy Authentication Required": 407, "Unauthorized": 401} {
					if strings.Contains(err.Error(), text) {
						return code
					}
				}
				t.Errorf("got %v", err)
				return 0
			}
			if c.late {
				if got := ask(provider.Token); got != 200 {
					t.Fatalf("over a good wire: %d", got)
				}
			}
			check := s.still(t)
			for _, f := range c.faults {
				wire.Spoil(f)
			}
			if c.cut {
				wire.Cut()
			}
			over := make(chan struct{})
			go func() { // meanwhile
				defer close(over)
				for range 20 {
					if status, reply, err := say(t.Context(), s.visitor(t, false, Pass), "api.anthropic.com", "hello", false); status != 200 {
						t.Errorf("a static token: %d, %v, %s", status, err, reply)
					}
					if resp, err := s.visitor(t, false, "", o.Intranet.File).Get("https://" + intranet + "/"); err != nil {
						t.Errorf("a tunnel: %v", err)
					} else {
						_ = resp.Body.Close()
					}
				}
			}()
			if got := ask(provider.Token); got != c.want {
				t.Errorf("a token gets %d, want %d", got, c.want)
			}
			if got := ask(provider.Stranger); got == 200 {
				t.Error("a forged token is let in")
			}
			<-over
			wire.Mend()
			eventually(t, "it is mended", func() bool { return ask(provider.Token) == 200 })
			if got := ask(provider.Stranger); got != 407 && got != 401 {
				t.Errorf("a forged token gets %d", got)
			}
			wire.Mend() // what is kept to the provider ends
			check()
			for _, l := range s.Record(func(l Line) bool { return l.Record == "decision" && l.Identity.Sub == "alice" }) {
				if !l.Identity.Authenticated || l.Identity.Method != "bearer" {
					t.Errorf("recorded as %+v", l)
				}
			}
		})
	}
}

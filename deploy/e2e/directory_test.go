package e2e

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

const callback = "https://sluice.internal/sign-in/callback"

// TestCodeFlow takes the way of a browser at a certified OpenID provider: as a
// confidential and as a public client, once more for an authentication context, and
// with another key.
func TestCodeFlow(t *testing.T) {
	t.Parallel()
	authority := NewAuthority(t, "e2e directory")
	d := NewDirectory(t, authority, callback)
	roots := x509.NewCertPool()
	roots.AddCert(authority.cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	ahead := 0 * time.Second
	now := func() time.Time { return time.Now().Add(ahead) }

	for client, secret := range map[string]string{"sluice": d.Secret, "sluice-post": d.Secret, "sluice-public": ""} {
		p, err := identity.NewProvider(identity.ProviderOptions{
			Issuer: d.Issuer, ClientID: client, ClientSecret: secret, HTTPClient: &http.Client{Transport: transport}, Now: now,
		})
		if err != nil {
			t.Fatal(err)
		}
		v := d.Visitor(transport)
		// ask goes to the provider and back, and changes what is shown there.
		ask := func(account string, acrs []string, maxAge time.Duration, change func(code, verifier, nonce *string)) (identity.Identity, error) {
			t.Helper()
			state, nonce, verifier := rand.Text(), rand.Text(), rand.Text()+rand.Text()
			address, err := p.AuthURL(t.Context(), state, nonce, verifier, callback, acrs, maxAge)
			if err != nil {
				t.Fatal(err)
			}
			back := v.SignIn(address, account, callback).Query()
			if back.Get("state") != state || !p.Answers(back.Get("iss")) || back.Has("error") {
				t.Fatalf("%s: sent back with %v", client, back)
			}
			code := back.Get("code")
			if change != nil {
				change(&code, &verifier, &nonce)
			}
			return p.Exchange(t.Context(), code, verifier, nonce, callback)
		}

		who, err := ask("ana", nil, 0, nil)
		if err != nil {
			t.Fatalf("%s: %v", client, err)
		}
		if who.Method != identity.MethodOIDC || who.Sub != "ana" || who.Name != "Ana" || who.Email != "ana@corp.example" || who.Issuer != d.Issuer || len(who.ACRS) != 0 {
			t.Errorf("%s: %+v", client, who)
		}
		if _, err := ask("ana", nil, 0, nil); err != nil || v.Forms != 1 {
			t.Errorf("%s: signed in there, %v, %d forms", client, err, v.Forms)
		}

		var used string
		for name, change := range map[string]func(code, verifier, nonce *string){
			"another verifier": func(_, verifier, _ *string) { *verifier = rand.Text() + rand.Text() },
			"another code":     func(code, _, _ *string) { *code = rand.Text() },
			"another nonce":    func(_, _, nonce *string) { *nonce = rand.Text() },
		} {
			if who, err = ask("ana", nil, 0, change); !errors.Is(err, identity.ErrRejected) || who.Authenticated {
				t.Errorf("%s: %s: %v", client, name, err)
			}
		}
		var verifierUsed, nonceUsed string
		if _, err := ask("ana", nil, 0, func(code, verifier, nonce *string) { used, verifierUsed, nonceUsed = *code, *verifier, *nonce }); err != nil {
			t.Errorf("%s: %v", client, err)
		}
		if _, err := p.Exchange(t.Context(), used, verifierUsed, nonceUsed, callback); !errors.Is(err, identity.ErrRejected) {
			t.Errorf("%s: a code used twice: %v", client, err)
		}

		// Step-up: not what the account cannot show, and what it can.
		account := "stepped-" + client
		v = d.Visitor(transport)
		if who, err = ask(account, []string{"c2"}, 0, nil); err != nil || len(who.ACRS) != 0 {
			t.Errorf("%s: cannot show it: %v, %v", client, who.ACRS, err)
		}
		d.May(account, "c1", "c2")
		if who, err = ask(account, []string{"c2"}, time.Minute, nil); err != nil || !slices.Equal(who.ACRS, []string{"c2"}) {
			t.Errorf("%s: can show it: %v, %v", client, who.ACRS, err)
		}
		if at := who.ACRSAt["c2"]; time.Since(at) > patience || time.Since(who.AuthTime) > time.Minute {
			t.Errorf("%s: shown at %v, signed in at %v", client, at, who.AuthTime)
		}
		if who, err = ask(account, []string{"c9", "c1"}, 0, nil); err != nil || !slices.Contains(who.ACRS, "c1") || slices.Contains(who.ACRS, "c9") {
			t.Errorf("%s: one of two: %v, %v", client, who.ACRS, err)
		}

		d.Rotate()
		if _, err := ask("ana", nil, 0, nil); !errors.Is(err, identity.ErrRejected) {
			t.Errorf("%s: a new key, at once: %v", client, err) // keys were fetched a moment ago
		}
		ahead += 16 * time.Second
		if who, err = ask("ana", nil, 0, nil); err != nil || who.Sub != "ana" {
			t.Errorf("%s: a new key: %v", client, err)
		}
	}
}

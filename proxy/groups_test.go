package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/identity/directory"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// groupRules are packs of which each phase named reads the groups.
func groupRules(phases ...string) map[string]string {
	packs := map[string]string{}
	for phase, action := range map[string]string{"connect": "block", "request": "block", "response": "block"} {
		pack := "package sluice." + phase + ".groups\n"
		for _, reads := range phases {
			if reads == phase {
				pack += fmt.Sprintf("\n# METADATA\n# title: Not for contractors\n# labels: {rule: groups.%s}\n# custom: {severity: low, remediation: none}\n"+
					"verdict contains {\"id\": \"groups.%s\", \"action\": %q} if \"contractors\" in input.identity.groups\n", phase, phase, action)
			}
		}
		packs[phase+"/groups.rego"] = pack
	}
	return packs
}

// TestGroupsNotListed shows that groups which a token does not list are asked for, at
// the configured address alone, and that an exchange that a rule about groups could
// concern is refused while they are not known; any other goes on.
func TestGroupsNotListed(t *testing.T) {
	provider := newIssuer(t)
	var asked atomic.Int64
	var answer atomic.Pointer[string]
	graph := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if text := *answer.Load(); text != "" && r.URL.Path == "/users/o-1/getMemberObjects" {
			io.WriteString(w, text)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(graph.Close)
	evil := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the address in the token was asked") }))
	t.Cleanup(evil.Close)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("token"), 0o600); err != nil {
		t.Fatal(err)
	}
	more := map[string]any{
		"oid": "o-1", "groups": nil, "_claim_names": map[string]string{"groups": "src1"},
		"_claim_sources": map[string]any{"src1": map[string]string{"endpoint": evil.URL + "/users/o-1/getMemberObjects"}},
	}
	token := "Bearer " + provider.token(t, jose.RS256, provider.key, more)
	listed := "Bearer " + provider.token(t, jose.RS256, provider.key, map[string]any{"groups": []string{"engineers"}})

	const good, contractor, down = `{"value":["engineers"]}`, `{"value":["engineers","contractors"]}`, ""
	for _, c := range []struct {
		name    string
		reads   []string
		asks    bool // a directory is configured
		answer  string
		connect int // status of the CONNECT; 0 for 200
		status  int // of the request in it
		reason  string
	}{
		{"known", []string{"request"}, true, good, 0, 200, ""},
		{"known, and in the group", []string{"request"}, true, contractor, 0, 403, ""},
		{"known at the CONNECT", []string{"connect"}, true, contractor, 403, 0, ""},
		{"down, and no rule asks", nil, true, down, 0, 200, ""},
		{"down, and a rule of requests asks", []string{"request"}, true, down, 0, 503, "auth_unavailable"},
		{"down, and a rule of replies asks", []string{"response"}, true, down, 0, 503, "auth_unavailable"},
		{"down, and a rule of CONNECTs asks", []string{"connect"}, true, down, 503, 0, "auth_unavailable"},
		{"nobody to ask, and no rule asks", nil, false, good, 0, 200, ""},
		{"nobody to ask, and a rule asks", []string{"request"}, false, good, 0, 503, "auth_unavailable"},
		{"nonsense", []string{"request"}, true, `{"value":null}`, 0, 503, "auth_unavailable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer.Store(&c.answer)
			verifier, err := identity.New(identity.Options{
				Issuers: []identity.Issuer{{URL: provider.URL, Audiences: []string{"sluice"}}}, HTTPClient: provider.Client(),
			})
			if err != nil {
				t.Fatal(err)
			}
			var groups *directory.Directory
			if c.asks {
				if groups, err = directory.New(directory.Options{
					Endpoint: graph.URL + "/users/{oid}/getMemberObjects", TokenFile: file, Keep: time.Minute, Timeout: 5 * time.Second, HTTPClient: graph.Client(),
				}); err != nil {
					t.Fatal(err)
				}
			}
			p := start(t, func(s *proxytest.Settings) {
				s.Required, s.Identity, s.Policy = true, verifier, groupRules(c.reads...)
				s.Change = func(parts *proxy.Parts) { parts.Groups = groups }
			})
			if resp := ask(t, p, listed); resp.StatusCode != 200 {
				t.Errorf("with groups in the token: got %d", resp.StatusCode)
			}
			p.Lines(t, "decision")
			before := asked.Load()
			if c.connect != 0 {
				conn, resp := p.Connect(t, host+":443", "Proxy-Authorization: "+token+"\r\n")
				conn.Close()
				if resp.StatusCode != c.connect || resp.StatusCode == 503 && resp.Header.Get("Retry-After") == "" {
					t.Errorf("the CONNECT got %d", resp.StatusCode)
				}
			} else if resp := ask(t, p, token); resp.StatusCode != c.status || resp.StatusCode == 503 && resp.Header.Get("Retry-After") == "" {
				t.Errorf("got %d, want %d", resp.StatusCode, c.status)
			}
			if n := asked.Load() - before; c.asks && n != 1 || !c.asks && n != 0 { // also when it is down: it is left alone for a while
				t.Errorf("the directory was asked %d times", n)
			}
			var reasons []string
			waitFor(t, "record", func() bool {
				for _, line := range p.Lines(t, "decision") {
					if word, ok := line["decision"].(map[string]any)["error"].(string); ok {
						reasons = append(reasons, word)
					}
				}
				return strings.Join(reasons, " ") == c.reason
			})
		})
	}
}

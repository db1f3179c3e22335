package proxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/identity/directory"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestRefreshedKeepsGroups: who stepped up at another proxy a moment ago is still in
// the groups that the directory has of them.
func TestRefreshedKeepsGroups(t *testing.T) {
	graph := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"value":["contractors"]}`)
	}))
	t.Cleanup(graph.Close)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("token"), 0o600); err != nil {
		t.Fatal(err)
	}
	groups, err := directory.New(directory.Options{
		Endpoint: graph.URL + "/users/{oid}/getMemberObjects", TokenFile: file, Keep: time.Minute, Timeout: 5 * time.Second, HTTPClient: graph.Client(),
	})
	if err != nil {
		t.Fatal(err)
	}
	store := memory()
	two := func(s *proxytest.Settings) {
		s.Policy, s.Store, s.Change = asking, store, func(parts *proxy.Parts) { parts.Groups = groups }
	}
	here, provider := office(t, two)
	there, _ := office(t, func(s *proxytest.Settings) { two(s); s.Provider = provider })
	provider.Is("ana", []string{"c1"}, map[string]any{
		"oid": "o-1", "_claim_names": map[string]string{"groups": "src1"}, "_claim_sources": map[string]any{"src1": map[string]string{"endpoint": graph.URL}},
	})
	b := newTab(t, here, provider)
	roots := x509.NewCertPool()
	for _, c := range []*x509.Certificate{here.CA.Root(), there.CA.Root(), provider.Certificate()} {
		roots.AddCert(c)
	}
	transport := b.client.Transport.(*http.Transport)
	transport.DisableKeepAlives, transport.TLSClientConfig = true, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	at, direct := here, transport.Proxy
	transport.Proxy = func(r *http.Request) (*url.URL, error) {
		if way, err := direct(r); way == nil || err != nil {
			return way, err
		}
		return &url.URL{Scheme: "http", Host: at.Address}, nil
	}
	send := func() (int, string) {
		return b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/conversation",
			`{"action":"next","model":"strong","messages":[{"id":"1","author":{"role":"user"},"content":{"content_type":"text","parts":["hello"]}}]}`)
	}
	b.open("https://chatgpt.com/")
	at = there
	_, said := send() // this proxy has seen the sign-in, without what comes now
	at = here
	_, page := b.open("https://sluice.internal" + noticeIn(t, said))
	if status, done := b.open(stepUpLink(page)); status != http.StatusOK {
		t.Fatalf("%d %s", status, done)
	}
	time.Sleep(time.Second) // as often as the store is asked
	at = there
	there.Lines(t, "decision")
	if status, said := send(); status != http.StatusOK {
		t.Fatalf("%d %s", status, said)
	}
	var recorded []string
	for _, line := range there.Lines(t, "decision") {
		if line["request"].(map[string]any)["method"] == http.MethodPost {
			recorded = append(recorded, fmt.Sprint(line["identity"].(map[string]any)["groups"]))
		}
	}
	if !slices.Equal(recorded, []string{"[contractors]"}) {
		t.Errorf("the record has the groups %v", recorded)
	}
}

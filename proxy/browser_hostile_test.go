package proxy_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestReturnOnSharedHost: of a host that serves more than AI the proxy knows some paths
// alone, but the way back from the portal ends on it all the same.
func TestReturnOnSharedHost(t *testing.T) {
	p, provider := office(t, func(s *proxytest.Settings) {
		s.Hosts, s.Sanctioned = []string{"duckduckgo.com"}, []string{"duck-ai"}
	})
	b := newTab(t, p, provider)
	status, said := b.open("https://duckduckgo.com/duckchat")
	if status != http.StatusOK || len(b.went) == 0 || b.went[len(b.went)-1] != "https://duckduckgo.com/duckchat" {
		t.Errorf("%d %.100s by way of %v", status, said, b.went)
	}
	for _, got := range p.Origin.Received() {
		if got.URL.Path != "/duckchat" {
			t.Errorf("the origin got %s", got.URL.Path)
		}
	}
}

// TestPreflightWithBody: what a browser asks before it asks has no body, so that what
// has one is no such question.
func TestPreflightWithBody(t *testing.T) {
	p, provider := office(t, nil)
	b := newTab(t, p, provider)
	if status, _ := b.ask(http.MethodOptions, "https://chatgpt.com/backend-api/conversation", `{"prompt":"hello"}`, "Origin", "https://chatgpt.com", "Access-Control-Request-Method", "POST"); status != http.StatusUnauthorized {
		t.Errorf("%d", status)
	}
	if got := p.Origin.Received(); len(got) != 0 {
		t.Error("the origin was reached")
	}
}

// TestPlantedBelow: a sibling's cookies that are sent with what a page's script asks for
// alone, and with no page that anybody opens, do not keep people out for good.
func TestPlantedBelow(t *testing.T) {
	p, provider := office(t, nil)
	b := newTab(t, p, provider)
	b.open("https://chatgpt.com/")
	b.plantAt("https://chatgpt.com/", "/backend-api", "__Secure-sluice", "planted")
	for range 2 {
		if status, _ := b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/x", `{}`); status == http.StatusOK {
			return
		}
		b.open("https://chatgpt.com/")
	}
	if status, said := b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/x", `{}`); status != http.StatusOK {
		t.Errorf("%d %s", status, said)
	}
}

// TestClearText: who opens a service without TLS is sent to where they can sign in.
func TestClearText(t *testing.T) {
	p, provider := office(t, func(s *proxytest.Settings) { s.Users = []string{"robot"} })
	b := newTab(t, p, provider)
	if status, said := b.open("http://chatgpt.com/c/1?a=%20b"); status != http.StatusOK || b.went[len(b.went)-1] != "https://chatgpt.com/c/1?a=%20b" {
		t.Errorf("%d %s by way of %v", status, said, b.went)
	}
	b = newTab(t, p, provider)
	b.agent = "curl/8.14"
	if status, _ := b.ask(http.MethodGet, "http://chatgpt.com/", ""); status != http.StatusProxyAuthRequired {
		t.Errorf("a tool: %d", status)
	}
}

func (b *tab) plantAt(site, path, name, value string) {
	b.t.Helper()
	u, err := url.Parse(site)
	if err != nil {
		b.t.Fatal(err)
	}
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: path, Domain: u.Hostname(), Secure: true}})
}

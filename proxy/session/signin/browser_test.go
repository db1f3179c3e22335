package signin

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// A browser keeps cookies by host and goes where it is sent: to the portal, to a
// provider, or to a site behind the proxy, whose every page wants somebody known.
type browser struct {
	t      *testing.T
	s      *SignIns
	client Client
	jar    map[string][]*http.Cookie // by domain
	header http.Header               // added to what it sends to the portal
	trail  []string                  // where it was
}

func newBrowser(t *testing.T, s *SignIns) *browser {
	return &browser{t: t, s: s, client: anasLaptop, jar: map[string][]*http.Cookie{}}
}

// seen is what a browser shows at the end of its way.
type seen struct {
	status int
	at     *url.URL
	page   Page
	person string // on a site
	header http.Header
}

func (b *browser) keep(host string, cookies []*http.Cookie) {
	for _, c := range cookies {
		domain := host
		if c.Domain != "" {
			domain = "." + c.Domain
		}
		b.jar[domain] = slices.DeleteFunc(b.jar[domain], func(had *http.Cookie) bool { return had.Name == c.Name })
		if c.MaxAge >= 0 {
			b.jar[domain] = append(b.jar[domain], c)
		}
	}
}

func (b *browser) cookies(host string) http.Header {
	var pairs []string
	for domain, cookies := range b.jar {
		if domain == host || strings.HasSuffix("."+host, domain) {
			for _, c := range cookies {
				pairs = append(pairs, c.Name+"="+c.Value)
			}
		}
	}
	if pairs == nil {
		return http.Header{}
	}
	return headerOf(strings.Join(pairs, "; "))
}

// open follows redirects.
func (b *browser) open(address string) seen {
	b.t.Helper()
	for range 20 {
		b.trail = append(b.trail, address)
		got, next := b.step(http.MethodGet, address)
		if next == "" {
			return got
		}
		address = next
	}
	b.t.Fatalf("goes round in circles: %q", b.trail)
	return seen{}
}

// step asks for one address and tells where it leads.
func (b *browser) step(method, address string) (got seen, next string) {
	b.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	got.at = u
	switch {
	case u.Host == portalHost:
		r := httptest.NewRequestWithContext(WithClient(b.t.Context(), b.client), method, address, nil)
		r.Header = b.cookies(u.Host)
		for name, values := range b.header {
			r.Header[name] = values
		}
		w := httptest.NewRecorder()
		b.s.ServeHTTP(w, r)
		b.keep(u.Host, w.Result().Cookies())
		got.status, got.header = w.Code, w.Header()
		if w.Code != http.StatusSeeOther {
			if err := json.Unmarshal(w.Body.Bytes(), &got.page); err != nil {
				b.t.Fatalf("%s: %v: %s", address, err, w.Body)
			}
		}
		return got, w.Header().Get("Location")
	case strings.HasPrefix(u.Host, "127.0.0.1"):
		for _, p := range b.s.providers {
			if p.Issuer() != "https://"+u.Host {
				continue
			}
			client := *testClient(b.t)
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			resp, err := client.Get(address)
			if err != nil {
				b.t.Fatal(err)
			}
			_ = resp.Body.Close()
			return got, resp.Header.Get("Location")
		}
		b.t.Fatalf("%s is none of the providers", address)
	}
	h := b.cookies(u.Host)
	sent := Strip(h)
	if len(h) > 0 {
		b.t.Errorf("%s gets %v", u.Host, h)
	}
	if strings.HasPrefix(u.Path, Prefix) {
		location, cookies, err := b.s.Return(b.t.Context(), u.RequestURI(), sent, u.Host, b.client)
		if err != nil {
			b.t.Logf("return: %v", err)
			got.status = http.StatusForbidden
			return got, ""
		}
		b.keep(u.Host, cookies)
		return got, location
	}
	who, _, err := b.s.Find(b.t.Context(), sent, u.Host, b.client)
	if err != nil {
		location, cookies := b.s.Begin(u.Host, u.RequestURI(), sent, b.client)
		b.keep(u.Host, cookies)
		return got, location
	}
	got.status, got.person = http.StatusOK, who.Sub
	return got, ""
}

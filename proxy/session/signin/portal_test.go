package signin

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session"
)

// newPortal returns SignIns at these providers, which show pages as JSON.
func newPortal(t testing.TB, c *clock, store session.Store, providers ...*testProvider) *SignIns {
	t.Helper()
	o := Options{Store: store, Secrets: [][32]byte{secretOne}, PortalHost: portalHost, Now: c.Now}
	for _, p := range providers {
		made, err := identity.NewProvider(identity.ProviderOptions{Issuer: p.URL, ClientID: "sluice", ClientSecret: "s", HTTPClient: p.Client(), Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		o.Providers = append(o.Providers, made)
	}
	o.Show = func(w http.ResponseWriter, _ *http.Request, p Page) {
		if p.Err != nil {
			w.Header().Set("X-Error", strings.ReplaceAll(p.Err.Error(), "\n", " "))
		}
		w.WriteHeader(p.Status)
		p.Err = nil
		_ = json.NewEncoder(w).Encode(p)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSignInOnce: one sign-in serves all sites.
func TestSignInOnce(t *testing.T) {
	c := newClock()
	p := newTestProvider(t, c)
	store := newWire(c)
	s := newPortal(t, c, store, p)
	b := newBrowser(t, s)
	got := b.open("https://chatgpt.com/c/1?x=y")
	if got.person != "ana" || got.at.String() != "https://chatgpt.com/c/1?x=y" {
		t.Fatalf("%+v by %q", got, b.trail)
	}
	if len(b.trail) != 6 { // site, portal, provider, callback, return, site
		t.Errorf("by %q", b.trail)
	}
	for _, address := range []string{"https://ab.chatgpt.com/", "https://claude.ai/new", "https://gemini.google.com/app", "https://github.io/"} {
		if got := b.open(address); got.person != "ana" || got.at.String() != address {
			t.Errorf("%+v by %q", got, b.trail)
		}
	}
	if p.asked != 1 {
		t.Errorf("the provider was asked %d times", p.asked)
	}
	r := httptest.NewRequest(http.MethodGet, "https://sluice.internal/", nil)
	r.Header = b.cookies(portalHost)
	who, err := s.Person(r, b.client)
	if err != nil || who.Identity.Name != "ANA" || who.Identity.Method != identity.MethodOIDC || !who.Started.Equal(c.Now()) || !who.Expiry.Equal(c.Now().Add(8*time.Hour)) {
		t.Errorf("%+v, %v", who, err)
	}
	_, err = s.Person(r, anasDevice)
	wantReason(t, "another client", err, ReasonClient)
	c.advance(8 * time.Hour)
	_, err = s.Person(r, b.client)
	wantReason(t, "later", err, identity.ReasonExpired)
	if got := b.open("https://claude.ai/"); got.person != "ana" || p.asked != 2 {
		t.Errorf("after eight hours: %+v, asked %d times", got, p.asked)
	}
}

// TestPortalHeaders: nothing of the portal is framed, kept or asked for by a page.
func TestPortalHeaders(t *testing.T) {
	c := newClock()
	s := newPortal(t, c, newWire(c), newTestProvider(t, c))
	for _, address := range []string{"/sign-in", "/sign-in?to=x", "/sign-in/callback?state=x", "/sign-out", "/step-up?for=x", "/sign-in/", "/SIGN-IN", "/x"} {
		b := newBrowser(t, s)
		got, _ := b.step(http.MethodGet, "https://"+portalHost+address)
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s is %q", address, name, got.header.Get(name))
			}
		}
		if !strings.Contains(got.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s can be framed", address)
		}
		for _, h := range []http.Header{
			{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"iframe"}}, {"Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}}, {"Sec-Fetch-Mode": {"no-cors"}, "Sec-Fetch-Dest": {"image"}},
		} {
			b.header = h
			if got, next := b.step(http.MethodGet, "https://"+portalHost+address); got.status != http.StatusForbidden || next != "" || got.header["Set-Cookie"] != nil {
				t.Errorf("%s, %v: %d", address, h, got.status)
			}
		}
		b.header = nil
		for _, method := range []string{http.MethodPost, http.MethodHead, http.MethodPut, http.MethodOptions} {
			if got, next := b.step(method, "https://"+portalHost+address); next != "" || got.status < 400 {
				t.Errorf("%s %s: %d", method, address, got.status)
			}
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://sluice.internal/sign-in", nil))
	if w.Code != http.StatusInternalServerError {
		t.Errorf("no client: %d", w.Code)
	}
}

// TestVisitRefused: a link that was not made for this client, or is not whole.
func TestVisitRefused(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s := newPortal(t, c, store, newTestProvider(t, c))
	good, _ := s.Begin("chatgpt.com", "/c/1", Cookies{}, anasLaptop)
	foreign, _ := s.Begin("chatgpt.com", "/c/1", Cookies{}, anasDevice)
	for name, tc := range map[string]struct {
		address string
		status  int
	}{
		"good":             {good, http.StatusSeeOther},
		"another client":   {foreign, http.StatusForbidden},
		"cut":              {good[:len(good)-9], http.StatusBadRequest},
		"a bit changed":    {good[:len(good)-9] + "A" + good[len(good)-8:], http.StatusBadRequest},
		"not sealed":       {s.portalURL("/sign-in?to=https://evil.example/"), http.StatusBadRequest},
		"empty":            {s.portalURL("/sign-in?to="), http.StatusBadRequest},
		"huge":             {s.portalURL("/sign-in?to=" + strings.Repeat("A", 64<<10)), http.StatusBadRequest},
		"a ticket instead": {s.portalURL("/sign-in?to=" + s.sealText(ticketName, ticket{Host: "evil.example"})), http.StatusBadRequest},
	} {
		got, _ := newBrowser(t, s).step(http.MethodGet, tc.address)
		if got.status != tc.status {
			t.Errorf("%s: %d %q", name, got.status, got.page.Title)
		}
	}
	c.advance(beginFor)
	if got, _ := newBrowser(t, s).step(http.MethodGet, good); got.status != http.StatusGone || len(got.page.Links) != 1 || got.page.Links[0].URL != "https://chatgpt.com/" {
		t.Errorf("late: %d %+v", got.status, got.page)
	}
	if n := store.writes.Load(); n != 0 {
		t.Errorf("strangers made %d writes", n)
	}
}

// TestNext: a page of the portal itself is come back to, and nothing else is.
func TestNext(t *testing.T) {
	c := newClock()
	s := newPortal(t, c, newWire(c), newTestProvider(t, c))
	for next, want := range map[string]string{
		"": "/", "/activity?id=1": "/activity?id=1", "//evil.example": "/", "https://evil.example/": "/", "/\\evil.example": "/", "javascript:alert(1)": "/", "/a\r\nX: y": "/",
	} {
		b := newBrowser(t, s)
		address := "https://sluice.internal/sign-in?next=" + url.QueryEscape(next)
		for range 5 {
			_, address = b.step(http.MethodGet, address)
			if strings.HasPrefix(address, "https://"+portalHost) && !strings.Contains(address, CallbackPath) {
				break
			}
		}
		if address != "https://"+portalHost+want {
			t.Errorf("%q leads to %q", next, address)
		}
	}
}

func TestChooser(t *testing.T) {
	c := newClock()
	one, two := newTestProvider(t, c), newTestProvider(t, c)
	two.is("bob")
	s := newPortal(t, c, newWire(c), one, two)
	b := newBrowser(t, s)
	got := b.open("https://chatgpt.com/c/1")
	if got.status != http.StatusOK || len(got.page.Links) != 2 || got.page.Links[0].Text != "127.0.0.1" {
		t.Fatalf("%+v", got)
	}
	if got = b.open(got.page.Links[1].URL); got.person != "bob" || got.at.String() != "https://chatgpt.com/c/1" {
		t.Errorf("%+v", got)
	}
	if one.asked != 0 || two.asked != 1 {
		t.Errorf("asked %d and %d times", one.asked, two.asked)
	}
	// An answer that says it is another provider's is not shown to this one.
	b = newBrowser(t, s)
	_, address := b.step(http.MethodGet, s.portalURL("/sign-in?at="+url.QueryEscape(one.URL)))
	_, address = b.step(http.MethodGet, address)
	mixed := strings.Replace(address, url.QueryEscape(one.URL), url.QueryEscape(two.URL), 1)
	if got, _ := b.step(http.MethodGet, mixed); mixed == address || got.status != http.StatusBadRequest {
		t.Errorf("mixed up: %d", got.status)
	}
}

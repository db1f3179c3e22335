package signin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// toCallback brings a browser to where the provider has sent it back.
func (b *browser) toCallback(address string) string {
	b.t.Helper()
	for range 5 {
		if strings.HasPrefix(address, "https://"+portalHost+CallbackPath) {
			return address
		}
		_, address = b.step(http.MethodGet, address)
	}
	b.t.Fatalf("not sent back: %s", address)
	return ""
}

// TestState: an answer of the provider is of use to the browser that asked, once.
func TestState(t *testing.T) {
	c := newClock()
	s := newPortal(t, c, newWire(c), newTestProvider(t, c))
	mine, other := newBrowser(t, s), newBrowser(t, s)
	address := mine.toCallback("https://chatgpt.com/c/1")
	foreign := other.toCallback("https://chatgpt.com/c/1") // the attacker's own answer
	u, _ := url.Parse(address)
	with := func(name, value string) string {
		q := u.Query()
		q.Set(name, value)
		return u.Scheme + "://" + u.Host + u.Path + "?" + q.Encode()
	}
	state := u.Query().Get("state")
	for name, address := range map[string]string{
		"another browser's":    foreign,
		"state left out":       with("state", ""),
		"state short":          with("state", state[:8]),
		"state invented":       with("state", newNonce()),
		"state with same name": with("state", state[:8]+newNonce()[8:]),
		"state with more":      with("state", state+"AA"),
		"state odd":            with("state", "../../x;\r\n"),
		"no parameters":        s.portalURL(CallbackPath),
	} {
		b := newBrowser(t, s)
		for domain, cookies := range mine.jar { // with all that the victim has
			b.jar[domain] = slices.Clone(cookies)
		}
		got, next := b.step(http.MethodGet, address)
		if got.status != http.StatusBadRequest || next != "" || slices.ContainsFunc(b.jar[portalHost], func(c *http.Cookie) bool { return c.Name == portalCookieName }) {
			t.Errorf("%s: %d %q, sent to %q", name, got.status, got.page.Title, next)
		}
	}
	moved := newBrowser(t, s)
	moved.jar, moved.client = mine.jar, anasDevice
	if got, _ := moved.step(http.MethodGet, foreign); got.status != http.StatusBadRequest {
		t.Errorf("from another client: %d", got.status)
	}
	if got := mine.open(address); got.person != "ana" {
		t.Errorf("the good one: %+v", got)
	}
	if got := mine.open(address); got.status != http.StatusBadRequest {
		t.Errorf("replayed: %+v", got)
	}
	late := newBrowser(t, s)
	address = late.toCallback("https://chatgpt.com/c/1")
	c.advance(transactionFor)
	if got := late.open(address); got.status != http.StatusBadRequest {
		t.Errorf("late: %+v", got)
	}
}

// TestFixation: a sign-in has an id that nobody knew before, whatever cookie came with
// it, and one person's does not outlive another's in the same browser.
func TestFixation(t *testing.T) {
	c := newClock()
	p := newTestProvider(t, c)
	s := newPortal(t, c, newWire(c), p)
	attacker := newBrowser(t, s)
	p.is("eve")
	attacker.open("https://chatgpt.com/")
	evesID := portalID(t, s, attacker)

	victim := newBrowser(t, s)
	for _, cookie := range attacker.jar[portalHost] { // planted, were it possible
		victim.keep(portalHost, []*http.Cookie{cookie})
	}
	p.is("ana")
	victim.client.UserAgent = "Firefox" // the cookie is bound, so that she signs in
	if got := victim.open("https://claude.ai/"); got.person != "ana" {
		t.Fatalf("%+v", got)
	}
	if portalID(t, s, victim) == evesID {
		t.Error("the id was there before")
	}
	p.is("eve")
	if got := attacker.open("https://chatgpt.com/x"); got.person != "eve" {
		t.Errorf("the attacker is %s", got.person)
	}
	p.is("ana")

	// Another person at the same browser.
	shared := newBrowser(t, s)
	shared.open("https://chatgpt.com/")
	anas := Strip(shared.cookies("chatgpt.com"))
	shared.jar[portalHost] = slices.DeleteFunc(shared.jar[portalHost], func(c *http.Cookie) bool { return c.Name == portalCookieName })
	p.is("bob")
	if got := shared.open("https://claude.ai/"); got.person != "bob" {
		t.Fatalf("%+v", got)
	}
	_, _, err := s.Find(t.Context(), anas, "chatgpt.com", anasLaptop)
	wantReason(t, "the first person", err, ReasonEnded)
}

func portalID(t *testing.T, s *SignIns, b *browser) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://sluice.internal/", nil)
	r.Header = b.cookies(portalHost)
	who, err := s.Person(r, b.client)
	if err != nil {
		t.Fatal(err)
	}
	return who.ID
}

// TestTabsSignIn: tabs that are restored together all end where they began, and all of
// their sign-ins end together.
func TestTabsSignIn(t *testing.T) {
	c := newClock()
	p := newTestProvider(t, c)
	s := newPortal(t, c, newWire(c), p)
	b := newBrowser(t, s)
	hosts := []string{"chatgpt.com", "claude.ai", "gemini.google.com", "copilot.microsoft.com"}
	var addresses []string
	for _, host := range hosts {
		addresses = append(addresses, b.toCallback("https://"+host+"/c/1"))
	}
	// They come back at once: none has the portal's cookie yet.
	for i, address := range addresses {
		before := slices.Clone(b.jar[portalHost])
		_, next := b.step(http.MethodGet, address)
		after := b.jar[portalHost]
		b.jar[portalHost] = before
		if got := b.open(next); got.person != "ana" || got.at.Host != hosts[i] {
			t.Errorf("%s: %+v", hosts[i], got)
		}
		b.jar[portalHost] = after
	}
	for _, host := range hosts {
		if got := b.open("https://" + host + "/c/2"); got.person != "ana" {
			t.Errorf("%s: %+v", host, got)
		}
	}
	if p.asked != len(hosts) {
		t.Errorf("asked %d times", p.asked)
	}
	b.header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
	if got, _ := b.step(http.MethodPost, s.portalURL(SignOutPath)); got.status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	for _, host := range hosts {
		sent := Strip(b.cookies(host))
		_, _, err := s.Find(t.Context(), sent, host, b.client)
		wantReason(t, host, err, ReasonEnded)
	}
}

// TestCookiesOfPortal: they cannot grow without bound.
func TestCookiesOfPortal(t *testing.T) {
	c := newClock()
	s := newPortal(t, c, newWire(c), newTestProvider(t, c))
	b := newBrowser(t, s)
	long := "https://chatgpt.com/c?x=" + strings.Repeat("y", maxURI-20)
	for range 50 {
		_, address := b.step(http.MethodGet, long)
		if got, _ := b.step(http.MethodGet, address); got.status != http.StatusSeeOther {
			t.Fatalf("%+v", got)
		}
	}
	under := 0
	for _, cookie := range b.jar[portalHost] {
		if isTransaction(cookie) {
			under++
		}
		line := cookie.String()
		if len(cookie.Name)+len(cookie.Value) > 4096 {
			t.Errorf("%s has %d bytes", cookie.Name, len(line))
		}
		for _, want := range []string{"__Host-sluice", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Max-Age="} {
			if !strings.Contains(line, want) || cookie.Domain != "" {
				t.Errorf("%s lacks %s", line, want)
			}
		}
	}
	if under != maxTransactions {
		t.Errorf("%d transactions", under)
	}
	if got := b.open(long); got.person != "ana" || got.at.String() != long {
		t.Errorf("%+v", got)
	}
	// A flood of what looks like ours is no way in, and costs little.
	b = newBrowser(t, s)
	b.header = http.Header{"Cookie": {strings.Repeat(portalCookieName+"=x; "+txCookiePrefix+"AAAAAAAA=y; ", 500)}}
	if got, next := b.step(http.MethodGet, s.portalURL(SignInPath)); got.status != http.StatusSeeOther || !strings.HasPrefix(next, "https://127.0.0.1") {
		t.Errorf("%+v", got)
	}
}

func TestSignOut(t *testing.T) {
	c := newClock()
	p := newTestProvider(t, c)
	store := newWire(c)
	s := newPortal(t, c, store, p)
	b := newBrowser(t, s)
	b.open("https://chatgpt.com/")
	if got, _ := b.step(http.MethodGet, s.portalURL(SignOutPath)); got.page.Button == nil || got.page.Button.Action != SignOutPath {
		t.Errorf("%+v", got)
	}
	for name, h := range map[string]http.Header{
		"another site":         {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://chatgpt.com"}},
		"a sibling":            {"Sec-Fetch-Site": {"same-site"}, "Origin": {"https://x.internal"}},
		"typed":                {"Sec-Fetch-Site": {"none"}},
		"twice":                {"Sec-Fetch-Site": {"same-origin", "cross-site"}},
		"old, another site":    {"Origin": {"https://evil.example"}},
		"old, an opaque one":   {"Origin": {"null"}},
		"old, over http":       {"Origin": {"http://sluice.internal"}},
		"old, and tells none":  {},
		"lies by its referrer": {"Referer": {"https://sluice.internal/sign-out"}},
	} {
		b.header = h
		if got, _ := b.step(http.MethodPost, s.portalURL(SignOutPath)); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	b.header = nil
	if got := b.open("https://chatgpt.com/"); got.person != "ana" || p.asked != 1 {
		t.Error("was signed out by another page")
	}

	b.header = http.Header{"Origin": {"https://sluice.internal"}}
	store.cut.Store(true)
	if got, _ := b.step(http.MethodPost, s.portalURL(SignOutPath)); got.status != http.StatusServiceUnavailable || got.page.Button == nil {
		t.Errorf("the store is down: %+v", got)
	}
	store.cut.Store(false)
	c.advance(pause)
	got, _ := b.step(http.MethodPost, s.portalURL(SignOutPath))
	if got.status != http.StatusOK || got.page.Title != pageOut.Title {
		t.Errorf("%+v", got)
	}
	_, _, err := s.Find(t.Context(), Strip(b.cookies("chatgpt.com")), "chatgpt.com", b.client)
	wantReason(t, "afterwards", err, ReasonEnded)
	b.header = nil
	if got := b.open("https://chatgpt.com/"); got.person != "ana" || p.asked != 2 {
		t.Errorf("signing in again: %+v, asked %d times", got, p.asked)
	}
	stranger := newBrowser(t, s)
	stranger.header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
	if got, _ := stranger.step(http.MethodPost, s.portalURL(SignOutPath)); got.status != http.StatusOK {
		t.Errorf("nobody: %+v", got)
	}
}

// TestProviderFaults: whatever the provider answers, nobody is signed in, nothing of it
// is shown, and the page says what to do.
func TestProviderFaults(t *testing.T) {
	const marker = "<script>alert(1)</script>"
	c := newClock()
	p := newTestProvider(t, c)
	store := newWire(c)
	s := newPortal(t, c, store, p)
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, tc := range map[string]struct {
		query  string
		token  http.HandlerFunc
		claims map[string]any
		status int
		title  string
	}{
		"cancelled":                   {query: "error=access_denied&error_description=" + url.QueryEscape(marker), status: 403, title: "The sign-in service refused"},
		"wants something":             {query: "error=interaction_required", status: 403, title: "The sign-in service refused"},
		"in trouble":                  {query: "error=server_error", status: 503, title: "The sign-in service does not answer"},
		"set up wrongly":              {query: "error=unauthorized_client", status: 403, title: "The sign-in service refused"},
		"an error of its own":         {query: "error=" + url.QueryEscape(marker), status: 403, title: "The sign-in service refused"},
		"no code":                     {query: "code=", status: 403, title: "You could not be signed in"},
		"code invented":               {query: "code=" + url.QueryEscape(marker), status: 403, title: "You could not be signed in"},
		"token endpoint down":         {token: says(502, marker), status: 503, title: "The sign-in service does not answer"},
		"nonsense":                    {token: says(200, marker), status: 503, title: "The sign-in service does not answer"},
		"no ID token":                 {token: says(200, `{"access_token":"x","token_type":"Bearer"}`), status: 503, title: "The sign-in service does not answer"},
		"client not accepted":         {token: says(401, `{"error":"invalid_client"}`), status: 503, title: "The sign-in service does not answer"},
		"another's ID token":          {claims: map[string]any{"aud": "payroll"}, status: 403, title: "You could not be signed in"},
		"answer to another":           {claims: map[string]any{"nonce": "x"}, status: 403, title: "You could not be signed in"},
		"expired":                     {claims: map[string]any{"exp": 1}, status: 403, title: "You could not be signed in"},
		"nobody":                      {claims: map[string]any{"sub": ""}, status: 403, title: "You could not be signed in"},
		"signed in in the year 30000": {claims: map[string]any{"auth_time": 900000000000}, status: 303},
	} {
		p.mu.Lock()
		p.token, p.claims = tc.token, tc.claims
		p.mu.Unlock()
		b := newBrowser(t, s)
		address := b.toCallback("https://chatgpt.com/c/1")
		if tc.query != "" {
			u, _ := url.Parse(address)
			q := u.Query()
			q.Del("code")
			address = s.portalURL(CallbackPath + "?" + q.Encode() + "&" + tc.query)
		}
		got, next := b.step(http.MethodGet, address)
		if got.status != tc.status || got.page.Title != tc.title || (next != "") != (tc.status == 303) {
			t.Errorf("%s: %d %q %s", name, got.status, got.page.Title, got.header.Get("X-Error"))
		}
		if tc.status == 303 {
			continue
		}
		for _, text := range append(got.page.Text, got.page.Title, got.header.Get("X-Error")) {
			if strings.Contains(text, "script") {
				t.Errorf("%s shows what the provider said: %q", name, text)
			}
		}
		if len(got.page.Text) == 0 || len(got.page.Links) != 1 || got.page.Links[0].Text != "Try again" {
			t.Errorf("%s: says nothing to do: %+v", name, got.page)
		}
		if slices.ContainsFunc(b.jar[portalHost], func(c *http.Cookie) bool { return c.Name == portalCookieName }) {
			t.Errorf("%s: signed in", name)
		}
		p.mu.Lock()
		p.token, p.claims = nil, nil
		p.mu.Unlock()
		if got = b.open(got.page.Links[0].URL); got.person != "ana" || got.at.Path != "/c/1" {
			t.Errorf("%s: tried again: %+v", name, got)
		}
	}
}

// TestProviderDown: a provider that cannot be found, and a store that cannot be asked.
func TestProviderDown(t *testing.T) {
	c := newClock()
	p := newTestProvider(t, c)
	store := newWire(c)
	s := newPortal(t, c, store, p)
	address := p.URL
	p.Close()
	got := newBrowser(t, s).open("https://chatgpt.com/c/1")
	if got.status != http.StatusServiceUnavailable || got.page.Title != "The sign-in service does not answer" || !strings.Contains(got.header.Get("X-Error"), address) {
		t.Errorf("%+v", got)
	}
	p = newTestProvider(t, c)
	s = newPortal(t, c, store, p)
	b := newBrowser(t, s)
	back := b.toCallback("https://chatgpt.com/c/1")
	store.cut.Store(true)
	if got, _ := b.step(http.MethodGet, back); got.status != http.StatusServiceUnavailable || got.page.Title != "Sign-ins cannot be looked up just now" {
		t.Errorf("%+v", got)
	}
}

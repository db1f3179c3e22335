package signin

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

// TestBeginAndReturn is the way of a browser, but for the portal.
func TestBeginAndReturn(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s := newRoad(t, c, store, nil)
	const host = "ab.chatgpt.com:8443"
	location, sent := begin(t, s, host, "/c/1?q=a%20b&x=//y", Cookies{})
	cookie := nonceCookie(sent.Nonces[0], 600).String()
	for _, want := range []string{"__Host-sluice-nonce=", "; Path=/", "; Max-Age=600", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("%s lacks %s", cookie, want)
		}
	}
	if n := store.writes.Load() + store.gets.Load(); n != 0 {
		t.Errorf("a stranger made %d calls of the store", n)
	}
	if u, err := url.Parse(location); err != nil || u.Scheme != "https" || u.Host != portalHost || u.Path != "/sign-in" || strings.Contains(location, "chatgpt") {
		t.Errorf("%s, %v", location, err)
	}
	e, err := s.create(t.Context(), ana(c), anasLaptop)
	if err != nil {
		t.Fatal(err)
	}
	back, err := s.handOff(t.Context(), openVisit(t, s, location), e)
	if err != nil {
		t.Fatal(err)
	}
	uri, ok := strings.CutPrefix(back, "https://"+host)
	if !ok || !strings.HasPrefix(uri, ReturnPath+"?code=") {
		t.Fatal(back)
	}
	location, cookies, err := s.Return(t.Context(), uri, sent, host, anasLaptop)
	if err != nil || location != "https://"+host+"/c/1?q=a%20b&x=//y" {
		t.Fatalf("%s, %v", location, err)
	}
	if len(cookies) != 2 || cookies[0].Name != surrogateCookieName || cookies[0].Domain != "chatgpt.com" || cookies[1].Name != nonceCookieName || cookies[1].MaxAge >= 0 {
		t.Errorf("%v", cookies)
	}
	who, id, err := s.Find(t.Context(), Cookies{Surrogates: []string{cookies[0].Value}}, host, anasLaptop)
	if err != nil || id != e.id || who.Sub != "u-17" {
		t.Errorf("%v", err)
	}
}

// TestReturnRefused: each way of using a code that is not one's own.
func TestReturnRefused(t *testing.T) {
	const host = "chatgpt.com"
	c := newClock()
	store := newWire(c)
	s := newRoad(t, c, store, nil)
	e, err := s.create(t.Context(), ana(c), anasLaptop)
	if err != nil {
		t.Fatal(err)
	}
	location, sent := begin(t, s, host, "/c/1", Cookies{})
	to := openVisit(t, s, location)
	code := func() string {
		back, err := s.handOff(t.Context(), to, e)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(back, "https://"+host)
	}
	elsewhere := anasLaptop
	elsewhere.UserAgent = "Firefox"
	good := code()
	flipped := []byte(good)
	flipped[len(flipped)-9] ^= 1
	for name, tc := range map[string]struct {
		uri    string
		sent   Cookies
		host   string
		client Client
		reason identity.Reason
	}{
		"another site":        {good, sent, "claude.ai", anasLaptop, ReasonDomain},
		"a host of the site":  {good, sent, "ab.chatgpt.com", anasLaptop, ReasonDomain},
		"another port":        {good, sent, "chatgpt.com:8443", anasLaptop, ReasonDomain},
		"another client":      {good, sent, host, anasDevice, ReasonClient},
		"another browser":     {good, sent, host, elsewhere, ReasonClient},
		"no nonce":            {good, Cookies{}, host, anasLaptop, ReasonBrowse},
		"another nonce":       {good, Cookies{Nonces: []string{newNonce()}}, host, anasLaptop, ReasonBrowse},
		"the nonce twice":     {good, Cookies{Nonces: []string{sent.Nonces[0], sent.Nonces[0]}}, host, anasLaptop, ReasonTwice},
		"a nonce planted":     {good, Cookies{Nonces: []string{"x", sent.Nonces[0]}}, host, anasLaptop, ReasonTwice},
		"a bit changed":       {string(flipped), sent, host, anasLaptop, ReasonSealed},
		"no code":             {ReturnPath, sent, host, anasLaptop, ReasonSealed},
		"empty code":          {ReturnPath + "?code=", sent, host, anasLaptop, ReasonSealed},
		"a visit as code":     {ReturnPath + "?code=" + s.sealText(visitName, to), sent, host, anasLaptop, ReasonSealed},
		"huge":                {ReturnPath + "?code=" + strings.Repeat("A", 64<<10), sent, host, anasLaptop, ReasonSealed},
		"another path":        {Prefix + "x", sent, host, anasLaptop, ReasonPath},
		"a path below":        {ReturnPath + "/x?code=x", sent, host, anasLaptop, ReasonPath},
		"the path, escaped":   {"/.well-known/sluice/%72eturn?code=x", sent, host, anasLaptop, ReasonPath},
		"no path":             {"*", sent, host, anasLaptop, ReasonPath},
		"nothing":             {"", sent, host, anasLaptop, ReasonPath},
		"a line feed":         {ReturnPath + "\r\nX: y?code=", sent, host, anasLaptop, ReasonPath},
		"the wrong surrogate": {good, Cookies{Surrogates: []string{"x"}}, host, anasLaptop, ReasonBrowse},
	} {
		location, cookies, err := s.Return(t.Context(), tc.uri, tc.sent, tc.host, tc.client)
		wantReason(t, name, err, tc.reason)
		if location != "" || cookies != nil {
			t.Errorf("%s: %s %v came with the error", name, location, cookies)
		}
	}
	// None of them has used the code up; one use does.
	if _, _, err := s.Return(t.Context(), good, sent, host, anasLaptop); err != nil {
		t.Errorf("the good one: %v", err)
	}
	_, _, err = s.Return(t.Context(), good, sent, host, anasLaptop)
	wantReason(t, "replayed", err, identity.ReasonCode)

	late := code()
	c.advance(codeFor)
	_, _, err = s.Return(t.Context(), late, sent, host, anasLaptop)
	wantReason(t, "after a minute", err, identity.ReasonCode)
	c.advance(clockSkew)
	_, _, err = s.Return(t.Context(), late, sent, host, anasLaptop)
	wantReason(t, "later", err, identity.ReasonExpired)

	over := code()
	if err := s.end(t.Context(), e.id); err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Return(t.Context(), over, sent, host, anasLaptop)
	wantReason(t, "signed out meanwhile", err, ReasonEnded)

	store.cut.Store(true)
	if _, err := s.handOff(t.Context(), to, e); !errors.Is(err, identity.ErrUnavailable) {
		t.Errorf("the store is down: %v", err)
	}
}

// TestReturnStoreDown: it cannot be known whether the code is good.
func TestReturnStoreDown(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s := newRoad(t, c, store, nil)
	e, _ := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	location, sent := begin(t, s, "chatgpt.com", "/", Cookies{})
	back, err := s.handOff(t.Context(), openVisit(t, s, location), e)
	if err != nil {
		t.Fatal(err)
	}
	store.cut.Store(true)
	location, cookies, err := s.Return(t.Context(), strings.TrimPrefix(back, "https://chatgpt.com"), sent, "chatgpt.com", anasLaptop)
	if !errors.Is(err, identity.ErrUnavailable) || location != "" || cookies != nil {
		t.Errorf("%s, %v, %v", location, cookies, err)
	}
}

// TestReturnUnknown: whether a tab that brings no nonce is signed in already cannot be
// told while the Store fails; that is no reason to say that its sign-in was not good.
func TestReturnUnknown(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s := newRoad(t, c, store, nil)
	e, sent := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	location, nonces := begin(t, s, "chatgpt.com", "/", Cookies{})
	back, err := s.handOff(t.Context(), openVisit(t, s, location), e)
	if err != nil {
		t.Fatal(err)
	}
	store.cut.Store(true)
	other := newRoad(t, c, store, nil) // that has seen nobody
	for name, sent := range map[string]Cookies{
		"no nonce":       sent,
		"two nonces":     {Surrogates: sent.Surrogates, Nonces: []string{nonces.Nonces[0], nonces.Nonces[0]}},
		"another's code": {Surrogates: sent.Surrogates, Nonces: []string{newNonce()}},
	} {
		if location, _, err := other.Return(t.Context(), strings.TrimPrefix(back, "https://chatgpt.com"), sent, "chatgpt.com", anasLaptop); !errors.Is(err, identity.ErrUnavailable) {
			t.Errorf("%s: %q, %v", name, location, err)
		}
	}
}

// TestOneReturns: of many who show a code at once, one gets in.
func TestOneReturns(t *testing.T) {
	c := newClock()
	s := newRoad(t, c, newWire(c), nil)
	e, _ := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	location, sent := begin(t, s, "chatgpt.com", "/", Cookies{})
	back, err := s.handOff(t.Context(), openVisit(t, s, location), e)
	if err != nil {
		t.Fatal(err)
	}
	var in atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, _, err := s.Return(t.Context(), strings.TrimPrefix(back, "https://chatgpt.com"), sent, "chatgpt.com", anasLaptop); err == nil {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("%d got in", in.Load())
	}
}

// TestTabs: several tabs of one site that begin together all come back, whichever is
// first, and a step back in the history is no dead end.
func TestTabs(t *testing.T) {
	c := newClock()
	s := newRoad(t, c, newWire(c), nil)
	const host = "chatgpt.com"
	e, err := s.create(t.Context(), ana(c), anasLaptop)
	if err != nil {
		t.Fatal(err)
	}
	var sent Cookies
	var backs []string
	for _, uri := range []string{"/c/1", "/c/2"} {
		var location string
		location, sent = begin(t, s, host, uri, sent)
		back, err := s.handOff(t.Context(), openVisit(t, s, location), e)
		if err != nil {
			t.Fatal(err)
		}
		backs = append(backs, strings.TrimPrefix(back, "https://"+host))
	}
	location, cookies, err := s.Return(t.Context(), backs[1], sent, host, anasLaptop)
	if err != nil || location != "https://chatgpt.com/c/2" || len(cookies) != 2 {
		t.Fatalf("%s, %v", location, err)
	}
	sent = Cookies{Surrogates: []string{cookies[0].Value}} // the nonce is gone
	location, cookies, err = s.Return(t.Context(), backs[0], sent, host, anasLaptop)
	if err != nil || location != "https://chatgpt.com/c/1" || cookies != nil {
		t.Errorf("the other tab: %s, %v, %v", location, cookies, err)
	}
	location, _, err = s.Return(t.Context(), backs[1], sent, host, anasLaptop)
	if err != nil || location != "https://chatgpt.com/" {
		t.Errorf("back in the history: %s, %v", location, err)
	}
}

func TestBeginKeepsNonce(t *testing.T) {
	c := newClock()
	s := newRoad(t, c, newWire(c), nil)
	good := newNonce()
	for name, tc := range map[string]struct {
		sent []string
		kept bool
	}{
		"one": {[]string{good}, true}, "two": {[]string{good, good}, false}, "none": {nil, false}, "short": {[]string{good[:20]}, false},
		"long": {[]string{good + "AA"}, false}, "odd": {[]string{"<script>alert(1)</script>"}, false}, "empty": {[]string{""}, false},
	} {
		_, cookies := s.Begin("chatgpt.com", "/", Cookies{Nonces: tc.sent}, anasLaptop)
		if len(cookies) != 1 || (cookies[0].Value == good) != tc.kept || !isNonce(cookies[0].Value) {
			t.Errorf("%s: %v", name, cookies)
		}
	}
}

func TestLocalURI(t *testing.T) {
	for _, uri := range []string{"/", "/c/1?a=b&c=%2F", "/a//b", "/x?next=https://evil.example", "/:x", "/?//", "/%0d%0a", "/a;b=c"} {
		if got := localURI(uri); got != uri {
			t.Errorf("%s becomes %s", uri, got)
		}
	}
	for _, uri := range []string{
		"", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/", "javascript:alert(1)", "evil", "*", "?x", "#x",
		"/a\r\nSet-Cookie: x=y", "/a\nb", "/a b", "/a\tb", "/a\x00", "/a#b", "/a\\b", "/\x7f", "/\u00e9", "/%zz", ReturnPath + "?code=x", Prefix + "x", "/.well-known/sluic%65/x",
		"/" + strings.Repeat("x", maxURI),
	} {
		if got := localURI(uri); got != "/" {
			t.Errorf("%q becomes %q", uri, got)
		}
	}
}

// FuzzReturn: wherever a browser came from and whatever it shows, it is sent to a path
// of the same host, and nobody gets in with a code that was not made for them.
func FuzzReturn(f *testing.F) {
	c := newClock()
	s := newRoad(f, c, newWire(c), nil)
	const host = "chatgpt.com"
	e, err := s.create(f.Context(), ana(c), anasLaptop)
	if err != nil {
		f.Fatal(err)
	}
	location, sent := begin(f, s, host, "/c/1", Cookies{})
	to := openVisit(f, s, location)
	for _, uri := range []string{"/c/1", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/?x", ""} {
		back, err := s.handOff(f.Context(), to, e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uri, strings.TrimPrefix(back, "https://"+host), sent.Nonces[0])
	}
	f.Add("/", ReturnPath+"?code=AAAA", "x")
	f.Fuzz(func(t *testing.T, begun, uri, nonce string) {
		location, _ := s.Begin(host, begun, Cookies{}, anasLaptop)
		to := openVisit(t, s, location)
		own := Cookies{Nonces: []string{newNonce()}}
		to.Nonce = hashNonce(own.Nonces[0])
		back, err := s.handOff(t.Context(), to, e)
		if err != nil {
			t.Fatal(err)
		}
		location, cookies, err := s.Return(t.Context(), strings.TrimPrefix(back, "https://"+host), own, host, anasLaptop)
		if err != nil || len(cookies) != 2 {
			t.Fatal(err)
		}
		wantOwnLocation(t, location, host)
		location, cookies, err = s.Return(t.Context(), uri, Cookies{Nonces: []string{nonce}}, host, anasLaptop)
		if err == nil {
			if nonce != sent.Nonces[0] {
				t.Fatalf("%q gets in with the nonce %q", uri, nonce)
			}
			wantOwnLocation(t, location, host)
		} else if location != "" || cookies != nil {
			t.Fatalf("%s %v came with the error", location, cookies)
		}
	})
}

// wantOwnLocation reads a location as a browser does.
func wantOwnLocation(t *testing.T, location, host string) {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil || u.Scheme != "https" || u.Host != host || u.User != nil || strings.ContainsAny(location, "\r\n\\") || !strings.HasPrefix(u.EscapedPath(), "/") {
		t.Fatalf("sent to %q", location)
	}
	h := http.Header{"Location": {location}}
	var wire strings.Builder
	if err := h.Write(&wire); err != nil || strings.Count(wire.String(), "\n") != 1 {
		t.Fatalf("%q", wire.String())
	}
}

// TestRoundAndRound: a browser that does not keep the surrogate is told so before it
// gives up by itself, which it does after 20 redirects. Who opens many pages at once, or
// one again later, is not.
func TestRoundAndRound(t *testing.T) {
	c := newClock()
	s := newPortal(t, c, newWire(c), newTestProvider(t, c))
	b := newBrowser(t, s)
	round := func(address string) (got seen, redirects int) {
		for ; redirects < 20; redirects++ {
			var next string
			if got, next = b.step(http.MethodGet, address); next == "" {
				return got, redirects
			}
			address = next
			delete(b.jar, ".chatgpt.com")
		}
		return got, redirects
	}
	got, redirects := round("https://chatgpt.com/c/1")
	if redirects == 20 || got.status != http.StatusForbidden || got.page.Title != pageRound("").Title {
		t.Errorf("%d %q after %d redirects", got.status, got.page.Title, redirects)
	}
	for i := range 20 {
		if got := b.open(fmt.Sprintf("https://chatgpt.com/c/2?%d", i)); got.person != "ana" {
			t.Fatalf("page %d: %+v", i, got)
		}
		delete(b.jar, ".chatgpt.com")
	}
	c.advance(backFor)
	if got := b.open("https://chatgpt.com/c/1"); got.person != "ana" {
		t.Errorf("later: %+v", got)
	}
}

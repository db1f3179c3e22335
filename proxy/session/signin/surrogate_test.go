package signin

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

func TestFind(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s, other := newRoad(t, c, store, nil), newRoad(t, c, store, nil)
	e, sent := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	want := ana(c)
	want.Expiry = c.Now().Add(8 * time.Hour)
	for name, s := range map[string]*SignIns{"this proxy": s, "another": other} {
		for _, host := range []string{"chatgpt.com", "ab.chatgpt.com", "ws.chatgpt.com:8443"} {
			got, id, err := s.Find(t.Context(), sent, host, anasLaptop)
			if diff := cmp.Diff(want, got); diff != "" || err != nil || id != e.id {
				t.Errorf("%s, %s: %v %s", name, host, err, diff)
			}
		}
	}
	if n := store.gets.Load(); n != 1 {
		t.Errorf("the store was asked %d times", n)
	}
	_, _, err := s.Find(t.Context(), Cookies{}, "chatgpt.com", anasLaptop)
	if !errors.Is(err, identity.ErrNoCredentials) || errors.Is(err, identity.ErrRejected) {
		t.Errorf("no cookie: %v", err)
	}
}

// TestSurrogateRefused: each way of using a cookie that is not one's own.
func TestSurrogateRefused(t *testing.T) {
	c := newClock()
	s := newRoad(t, c, newWire(c), nil)
	_, sent := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	_, pages := signIn(t, s, ana(c), anasLaptop, "github.io")
	_, local := signIn(t, s, ana(c), anasLaptop, "127.0.0.1:8443")
	_, device := signIn(t, s, ana(c), anasDevice, "chatgpt.com")
	stranger := newRoad(t, c, newWire(c), func(o *Options) { o.Secrets = [][32]byte{secretTwo} })
	_, foreign := signIn(t, stranger, ana(c), anasLaptop, "chatgpt.com")
	gone := newRoad(t, c, newWire(c), nil)
	_, lost := signIn(t, gone, ana(c), anasLaptop, "chatgpt.com")
	good := sent.Surrogates[0]
	flipped := []byte(good)
	flipped[len(flipped)/2] ^= 1
	portal := s.sealText("portal", map[string]string{"id": "x"})
	elsewhere := anasLaptop
	elsewhere.UserAgent = "Firefox"

	for name, tc := range map[string]struct {
		sent   []string
		host   string
		client Client
		reason identity.Reason // none: it is good
	}{
		"good":                          {sent.Surrogates, "chatgpt.com", anasLaptop, ""},
		"another site":                  {sent.Surrogates, "claude.ai", anasLaptop, ReasonDomain},
		"a site that ends like it":      {sent.Surrogates, "evilchatgpt.com", anasLaptop, ReasonDomain},
		"a site that begins like it":    {sent.Surrogates, "chatgpt.com.evil.example", anasLaptop, ReasonDomain},
		"the suffix above":              {sent.Surrogates, "com", anasLaptop, ReasonDomain},
		"no host":                       {sent.Surrogates, "", anasLaptop, ReasonDomain},
		"a public suffix itself":        {pages.Surrogates, "github.io", anasLaptop, ""},
		"a site on a public suffix":     {pages.Surrogates, "evil.github.io", anasLaptop, ReasonDomain},
		"an address":                    {local.Surrogates, "127.0.0.1", anasLaptop, ""},
		"an address, as a name's end":   {local.Surrogates, "1.127.0.0.1", anasLaptop, ReasonDomain},
		"another network":               {sent.Surrogates, "chatgpt.com", anasDevice, ReasonClient},
		"another browser":               {sent.Surrogates, "chatgpt.com", elsewhere, ReasonClient},
		"the device's, without it":      {device.Surrogates, "chatgpt.com", anasLaptop, ReasonClient},
		"sent twice":                    {[]string{good, good}, "chatgpt.com", anasLaptop, ReasonTwice},
		"one planted before":            {[]string{"x", good}, "chatgpt.com", anasLaptop, ReasonTwice},
		"one planted after, empty":      {[]string{good, ""}, "chatgpt.com", anasLaptop, ReasonTwice},
		"another fleet's":               {foreign.Surrogates, "chatgpt.com", anasLaptop, ReasonSealed},
		"not in the store":              {lost.Surrogates, "chatgpt.com", anasLaptop, ReasonEnded},
		"a bit changed":                 {[]string{string(flipped)}, "chatgpt.com", anasLaptop, ReasonSealed},
		"cut":                           {[]string{good[:len(good)-4]}, "chatgpt.com", anasLaptop, ReasonSealed},
		"longer":                        {[]string{good + "AAAA"}, "chatgpt.com", anasLaptop, ReasonSealed},
		"padded":                        {[]string{good + "="}, "chatgpt.com", anasLaptop, ReasonSealed},
		"quoted":                        {[]string{`"` + good + `"`}, "chatgpt.com", anasLaptop, ReasonSealed},
		"empty":                         {[]string{""}, "chatgpt.com", anasLaptop, ReasonSealed},
		"huge":                          {[]string{strings.Repeat("A", 64<<10)}, "chatgpt.com", anasLaptop, ReasonSealed},
		"a sealed value for the portal": {[]string{portal}, "chatgpt.com", anasLaptop, ReasonSealed},
	} {
		who, id, err := s.Find(t.Context(), Cookies{Surrogates: tc.sent}, tc.host, tc.client)
		if tc.reason == "" {
			if err != nil || !who.Authenticated {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantReason(t, name, err, tc.reason)
		if who.Authenticated || id != "" {
			t.Errorf("%s: an identity came with the error", name)
		}
	}

	c.advance(8*time.Hour - time.Second)
	if _, _, err := s.Find(t.Context(), sent, "chatgpt.com", anasLaptop); err != nil {
		t.Errorf("at its end: %v", err)
	}
	c.advance(time.Second)
	_, _, err := s.Find(t.Context(), sent, "chatgpt.com", anasLaptop)
	wantReason(t, "after its end", err, identity.ReasonExpired)
}

func TestSurrogateCookie(t *testing.T) {
	c := newClock()
	s := newRoad(t, c, newWire(c), nil)
	e, _ := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	for host, domain := range map[string]string{
		"chatgpt.com": "chatgpt.com", "ab.chatgpt.com:8443": "chatgpt.com", "gemini.google.com": "google.com", "x.co.uk": "x.co.uk",
		"my.app.vercel.app": "app.vercel.app", "vercel.app": "", "github.io": "", "com": "", "intranet": "", "127.0.0.1": "", "[2001:db8::1]:8443": "", "a.sluice.internal": "sluice.internal",
	} {
		cookie := s.surrogateCookie(e, host)
		line := cookie.String()
		if cookie.Domain != domain || !strings.HasPrefix(line, "__Secure-sluice=") {
			t.Errorf("%s: %s", host, line)
		}
		for _, want := range []string{"; Path=/", "; HttpOnly", "; Secure", "; SameSite=None", "; Max-Age=28800"} {
			if !strings.Contains(line, want) {
				t.Errorf("%s: %s lacks %s", host, line, want)
			}
		}
		if strings.Contains(line, "u-17") || strings.Contains(line, e.id) {
			t.Errorf("%s shows something", line)
		}
		if _, _, err := s.Find(t.Context(), Cookies{Surrogates: []string{cookie.Value}}, host, anasLaptop); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// TestFindTogether: of many who come when the store has to be asked, one asks.
func TestFindTogether(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s := newRoad(t, c, store, nil)
	_, sent := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	for range 5 {
		c.advance(seenFor)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, _, err := s.Find(t.Context(), sent, "chatgpt.com", anasLaptop); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	if n := store.gets.Load(); n > 10 {
		t.Errorf("asked %d times", n)
	}
}

// FuzzSurrogate: nothing is good on a site but what was made for it.
func FuzzSurrogate(f *testing.F) {
	c := newClock()
	s := newRoad(f, c, newWire(c), nil)
	e, sent := signIn(f, s, ana(c), anasLaptop, "chatgpt.com")
	_, other := signIn(f, s, bob(c), anasDevice, "claude.ai")
	good := sent.Surrogates[0]
	f.Add(good, "chatgpt.com")
	f.Add(other.Surrogates[0], "claude.ai")
	f.Add(good+"=", "chatgpt.com")
	f.Add(good[:40], "a.chatgpt.com")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, value, host string) {
		who, id, err := s.Find(t.Context(), Cookies{Surrogates: []string{value}}, host, anasLaptop)
		if err == nil && (value != good || id != e.id || who.Sub != "u-17" || !strings.HasSuffix("."+nameOf(host), ".chatgpt.com")) {
			t.Fatalf("%q is good on %q", value, host)
		}
		if err != nil && (who.Authenticated || id != "" || !errors.Is(err, identity.ErrRejected)) {
			t.Fatalf("%v", err)
		}
		// What browsers send is what was set.
		h := headerOf("a=b; " + surrogateCookieName + "=" + value)
		if found := Strip(h); !strings.ContainsAny(value, ";=") && (len(found.Surrogates) != 1 || found.Surrogates[0] != strings.Trim(value, blanks)) {
			t.Fatalf("%q is read as %q", value, found.Surrogates)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	c := newClock()
	s := newRoad(b, c, newWire(c), nil)
	_, sent := signIn(b, s, ana(c), anasLaptop, "chatgpt.com")
	b.Run("cached", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := s.Find(b.Context(), sent, "ab.chatgpt.com", anasLaptop); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("cached, from the header", func(b *testing.B) {
		b.ReportAllocs()
		line := "_ga=GA1.2.1; oai-did=0b3f; " + surrogateCookieName + "=" + sent.Surrogates[0] + "; __cf_bm=x"
		for b.Loop() {
			h := http.Header{"Cookie": []string{line}}
			if _, _, err := s.Find(b.Context(), Strip(h), "ab.chatgpt.com", anasLaptop); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("opened and asked for", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.surrogates.Purge()
			s.seen.Purge()
			if _, _, err := s.Find(b.Context(), sent, "ab.chatgpt.com", anasLaptop); err != nil {
				b.Fatal(err)
			}
		}
	})
}

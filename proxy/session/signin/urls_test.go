package signin

import (
	"errors"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

func TestRememberURL(t *testing.T) {
	c := newClock()
	store := newWire(c)
	one, two := newRoad(t, c, store, nil), newRoad(t, c, store, nil)
	anas, _ := signIn(t, one, ana(c), anasLaptop, "chatgpt.com")
	const upload = "https://files.oaiusercontent.com/f-1/raw?se=2026&sig=a%2Fb"
	if err := one.Remember(t.Context(), upload, anas.id, anas.Identity); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		url string
		c   Client
		ok  bool
	}{
		"same":              {upload, anasLaptop, true},
		"fragment":          {upload + "#x", anasLaptop, true},
		"default port":      {"https://FILES.oaiusercontent.com:443/f-1/raw?se=2026&sig=a%2Fb", anasLaptop, true},
		"blocks":            {upload + "&comp=block&blockid=AAA", anasLaptop, true},
		"another client":    {upload, anasDevice, false},
		"another path":      {"https://files.oaiusercontent.com/f-2/raw?se=2026&sig=a%2Fb", anasLaptop, false},
		"another signature": {"https://files.oaiusercontent.com/f-1/raw?se=2026&sig=a", anasLaptop, false},
		"no query":          {"https://files.oaiusercontent.com/f-1/raw", anasLaptop, false},
		"another host":      {"https://files.evil.example/f-1/raw?se=2026&sig=a%2Fb", anasLaptop, false},
		"another port":      {"https://files.oaiusercontent.com:8443/f-1/raw?se=2026&sig=a%2Fb", anasLaptop, false},
		"in clear":          {"http://files.oaiusercontent.com/f-1/raw?se=2026&sig=a%2Fb", anasLaptop, false},
		"not a URL":         {"::", anasLaptop, false},
		"huge":              {upload + strings.Repeat("x", maxAddress), anasLaptop, false},
	} {
		for proxy, s := range map[string]*SignIns{"this proxy": one, "another": two} {
			who, id, err := s.FindByURL(t.Context(), tc.url, tc.c)
			if tc.ok != (err == nil) || tc.ok && (id != anas.id || who.Sub != "u-17") {
				t.Errorf("%s, %s: %v", proxy, name, err)
			}
			if !tc.ok && !errors.Is(err, identity.ErrNoCredentials) && !errors.Is(err, identity.ErrRejected) {
				t.Errorf("%s, %s: %v", proxy, name, err)
			}
		}
	}
	if err := one.Remember(t.Context(), "wss://ws.chatgpt.com/p?t=1", anas.id, anas.Identity); err != nil {
		t.Fatal(err)
	}
	if _, _, err := two.FindByURL(t.Context(), "https://ws.chatgpt.com/p?t=1", anasLaptop); err != nil {
		t.Errorf("a socket: %v", err)
	}
	for _, address := range []string{"http://x.example/", "ftp://x.example/", "/path", "https://u:p@x.example/", "mailto:a@b"} {
		if err := one.Remember(t.Context(), address, anas.id, anas.Identity); err != nil {
			t.Errorf("%s: %v", address, err)
		}
		if _, _, err := one.FindByURL(t.Context(), address, anasLaptop); !errors.Is(err, identity.ErrNoCredentials) {
			t.Errorf("%s: %v", address, err)
		}
	}
	c.advance(urlFor)
	if _, _, err := two.FindByURL(t.Context(), upload, anasLaptop); !errors.Is(err, identity.ErrNoCredentials) {
		t.Errorf("after 15 minutes: %v", err)
	}
}

// TestRememberShared: an address that two people were given tells nothing of either.
func TestRememberShared(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s, other := newRoad(t, c, store, nil), newRoad(t, c, store, nil)
	anas, _ := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	anas2, _ := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	bobs, _ := signIn(t, s, bob(c), anasLaptop, "chatgpt.com")
	const address = "wss://ws.chatgpt.com/socket"
	for _, e := range []*entry{anas, anas2} {
		if err := s.Remember(t.Context(), address, e.id, e.Identity); err != nil {
			t.Fatal(err)
		}
	}
	if _, id, err := s.FindByURL(t.Context(), address, anasLaptop); err != nil || id != anas2.id {
		t.Errorf("the same person, later: %v", err)
	}
	if err := other.Remember(t.Context(), address, bobs.id, bobs.Identity); err != nil {
		t.Fatal(err)
	}
	c.advance(seenFor)
	for range 2 {
		_, _, err := s.FindByURL(t.Context(), address, anasLaptop)
		wantReason(t, "shared", err, ReasonShared)
		if err := s.Remember(t.Context(), address, anas.id, anas.Identity); err != nil { // it stays so
			t.Fatal(err)
		}
	}
}

func TestRememberBounds(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s := newRoad(t, c, store, nil)
	e, _ := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	before := store.writes.Load()
	for range 1000 {
		if err := s.Remember(t.Context(), "https://up.example/same", e.id, e.Identity); err != nil {
			t.Fatal(err)
		}
	}
	if n := store.writes.Load() - before; n != 1 {
		t.Errorf("one address was written %d times", n)
	}
	refused := 0
	for i := range 1000 {
		if err := s.Remember(t.Context(), "https://up.example/"+strings.Repeat("x", i), e.id, e.Identity); errors.Is(err, ErrTooMany) {
			refused++
		}
	}
	if n := store.writes.Load() - before; n > urlBudget || refused != 1001-urlBudget {
		t.Errorf("%d addresses were written, %d refused", n, refused)
	}
	c.advance(urlFor)
	if err := s.Remember(t.Context(), "https://up.example/later", e.id, e.Identity); err != nil {
		t.Error(err)
	}
	store.cut.Store(true)
	if err := s.Remember(t.Context(), "https://up.example/down", e.id, e.Identity); !errors.Is(err, identity.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if _, _, err := s.FindByURL(t.Context(), "https://up.example/down", anasLaptop); !errors.Is(err, identity.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

// TestUnknownURL: an address that nobody was given is looked up once in two seconds,
// and is known as soon as it is handed out here.
func TestUnknownURL(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s, other := newRoad(t, c, store, nil), newRoad(t, c, store, nil)
	e, _ := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	const address = "https://api.openai.com/v1/chat/completions"
	unknown := func(s *SignIns) {
		t.Helper()
		if _, _, err := s.FindByURL(t.Context(), address, anasLaptop); !errors.Is(err, identity.ErrNoCredentials) {
			t.Errorf("%v", err)
		}
	}
	before := store.gets.Load()
	for range 3 {
		for range 100 {
			unknown(s)
		}
		c.advance(urlUnknown)
	}
	if n := store.gets.Load() - before; n != 3 {
		t.Errorf("asked %d times", n)
	}
	unknown(s)
	unknown(other)
	if err := s.Remember(t.Context(), address, e.id, e.Identity); err != nil {
		t.Fatal(err)
	}
	if _, id, err := s.FindByURL(t.Context(), address, anasLaptop); err != nil || id != e.id {
		t.Errorf("handed out here: %v", err)
	}
	c.advance(urlUnknown)
	if _, id, err := other.FindByURL(t.Context(), address, anasLaptop); err != nil || id != e.id {
		t.Errorf("handed out elsewhere: %v", err)
	}
	c.advance(urlFor)
	unknown(s)
}

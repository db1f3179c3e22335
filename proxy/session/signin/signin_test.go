package signin

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that only the test moves.
type clock struct{ now atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.now.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.now.Load()) }
func (c *clock) advance(d time.Duration) { c.now.Add(int64(d)) }

// wire is a store that can fail, and counts what it is asked.
type wire struct {
	session.Store
	gets, writes atomic.Int64
	cut          atomic.Bool
}

func newWire(c *clock) *wire {
	return &wire{Store: session.NewMemory(session.MemoryOptions{Now: c.Now})}
}

func (w *wire) Get(ctx context.Context, key string) (session.Value, error) {
	w.gets.Add(1)
	if w.cut.Load() {
		return session.Value{}, session.ErrUnavailable
	}
	return w.Store.Get(ctx, key)
}

func (w *wire) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	w.writes.Add(1)
	if w.cut.Load() {
		return session.Value{}, session.ErrUnavailable
	}
	return w.Store.Put(ctx, key, old, data, ttl)
}

func (w *wire) Take(ctx context.Context, key string) (session.Value, error) {
	w.writes.Add(1)
	if w.cut.Load() {
		return session.Value{}, session.ErrUnavailable
	}
	return w.Store.Take(ctx, key)
}

var (
	secretOne, secretTwo = [32]byte{1}, [32]byte{2}

	anasLaptop = Client{Address: netip.MustParseAddr("10.1.2.3"), UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0"}
	anasDevice = Client{Certificate: strings.Repeat("ab", 32), Address: netip.MustParseAddr("10.1.2.3"), UserAgent: "Chrome/156"}
)

const portalHost = "sluice.internal"

// newRoad returns SignIns of which only the road's side is used.
func newRoad(t testing.TB, c *clock, store session.Store, change func(*Options)) *SignIns {
	t.Helper()
	p, err := identity.NewProvider(identity.ProviderOptions{Issuer: "https://id.corp.example", ClientID: "sluice"})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Providers: []*identity.Provider{p}, Store: store, Secrets: [][32]byte{secretOne}, PortalHost: portalHost, Now: c.Now}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ana(c *clock) identity.Identity {
	return identity.Identity{
		Authenticated: true, Method: identity.MethodOIDC, Issuer: "https://id.corp.example", Sub: "u-17", Name: "Ana", Groups: []string{"staff"},
		ACRS: []string{"c1"}, ACRSAt: map[string]time.Time{"c1": c.Now()}, Claims: map[string]any{"tid": "t", "oid": "o", "acct": true, "ver": 2.0},
	}
}

func bob(c *clock) identity.Identity {
	who := ana(c)
	who.Name, who.Sub, who.Claims = "Bob", "u-18", map[string]any{"tid": "t", "oid": "p"}
	return who
}

// signIn makes a sign-in and its surrogate on a host, as the portal and Return do.
func signIn(t testing.TB, s *SignIns, who identity.Identity, c Client, host string) (*entry, Cookies) {
	t.Helper()
	e, err := s.create(t.Context(), who, c)
	if err != nil {
		t.Fatal(err)
	}
	return e, Cookies{Surrogates: []string{s.surrogateCookie(e, host).Value}}
}

func wantReason(t *testing.T, name string, err error, want identity.Reason) {
	t.Helper()
	var r *identity.RejectedError
	if !errors.As(err, &r) || r.Reason != want {
		t.Errorf("%s: %v, want %s", name, err, want)
	}
}

func TestNew(t *testing.T) {
	_, err := New(Options{})
	for _, want := range []string{"no provider", "no store", "no secret", "portal's host"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	for _, host := range []string{"https://x", "x/y", "x:443", "u@x", "x?y"} {
		if _, err := New(Options{PortalHost: host}); err == nil || !strings.Contains(err.Error(), "portal's host") {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestClient(t *testing.T) {
	at := func(address, agent string) Client {
		return Client{Address: netip.MustParseAddr(address), UserAgent: agent}
	}
	for name, tc := range map[string]struct {
		a, b Client
		same bool
	}{
		"same":                     {at("10.1.2.3", "x"), at("10.1.2.3", "x"), true},
		"same /24":                 {at("10.1.2.3", "x"), at("10.1.2.250", "x"), true},
		"mapped":                   {at("10.1.2.3", "x"), at("::ffff:10.1.2.9", "x"), true},
		"other /24":                {at("10.1.2.3", "x"), at("10.1.3.3", "x"), false},
		"same /64":                 {at("2001:db8::1", "x"), at("2001:db8::ffff:1", "x"), true},
		"other /64":                {at("2001:db8::1", "x"), at("2001:db8:0:1::1", "x"), false},
		"other browser":            {at("10.1.2.3", "x"), at("10.1.2.3", "y"), false},
		"certificate, other place": {Client{Certificate: "aa", UserAgent: "x"}, Client{Certificate: "aa", Address: netip.MustParseAddr("10.9.9.9"), UserAgent: "y"}, true},
		"other certificate":        {Client{Certificate: "aa"}, Client{Certificate: "ab"}, false},
		"certificate left out":     {Client{Certificate: "aa", Address: netip.MustParseAddr("10.1.2.3")}, at("10.1.2.3", ""), false},
		"nothing is known":         {Client{UserAgent: "x"}, Client{UserAgent: "x"}, false},
		"long agents":              {at("10.1.2.3", strings.Repeat("x", 9000)), at("10.1.2.3", strings.Repeat("x", 9000)), true},
	} {
		if tc.b.is(tc.a.binding()) != tc.same || tc.a.is(tc.b.binding()) != tc.same {
			t.Errorf("%s: same is not %v", name, tc.same)
		}
	}
}

// TestRefresh: what another proxy noted is seen within 15 seconds, or when asked for.
// TestProviderTakenAway: whom a provider vouched for is nobody once it is not configured
// any more, on any proxy that shares the Store.
func TestProviderTakenAway(t *testing.T) {
	c := newClock()
	store := newWire(c)
	s := newRoad(t, c, store, nil)
	e, sent := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	other, err := identity.NewProvider(identity.ProviderOptions{Issuer: "https://id.other.example", ClientID: "sluice"})
	if err != nil {
		t.Fatal(err)
	}
	after := newRoad(t, c, store, func(o *Options) { o.Providers = []*identity.Provider{other} })
	_, _, err = after.Find(t.Context(), sent, "chatgpt.com", anasLaptop)
	wantReason(t, "the cookie", err, ReasonEnded)
	_, err = after.Again(t.Context(), e.id, anasLaptop)
	wantReason(t, "a stream", err, ReasonEnded)
	if _, _, err = s.Find(t.Context(), sent, "chatgpt.com", anasLaptop); err != nil {
		t.Errorf("where it is configured: %v", err)
	}
}

func TestRefresh(t *testing.T) {
	c := newClock()
	store := newWire(c)
	one, two := newRoad(t, c, store, nil), newRoad(t, c, store, nil)
	e, sent := signIn(t, one, ana(c), anasLaptop, "chatgpt.com")
	has := func(s *SignIns, context string) bool {
		who, _, err := s.Find(t.Context(), sent, "chatgpt.com", anasLaptop)
		if err != nil {
			t.Fatal(err)
		}
		_, ok := who.ACRSAt[context]
		return ok
	}
	if !has(two, "c1") || has(two, "c2") {
		t.Error("at first")
	}
	c.advance(10 * time.Second)
	fresh := ana(c)
	fresh.ACRS, fresh.ACRSAt, fresh.Groups = []string{"c2"}, map[string]time.Time{"c2": c.Now()}, []string{"staff", "new"}
	if err := one.note(t.Context(), e.id, fresh); err != nil {
		t.Fatal(err)
	}
	if !has(one, "c1") || !has(one, "c2") {
		t.Error("not seen at once on the same proxy")
	}
	if has(two, "c2") {
		t.Error("the store was asked")
	}
	who, err := two.Refresh(t.Context(), e.id, anasLaptop)
	if err != nil || !who.ACRSAt["c2"].Equal(c.Now()) || !who.ACRSAt["c1"].Equal(c.Now().Add(-10*time.Second)) || len(who.Groups) != 2 {
		t.Errorf("refreshed: %+v, %v", who, err)
	}
	if !who.Expiry.Equal(e.Expiry) || who.Person() != e.Identity.Person() {
		t.Errorf("%+v", who)
	}
	if !has(two, "c2") {
		t.Error("what was refreshed is not kept")
	}
	_, err = two.Refresh(t.Context(), e.id, anasDevice)
	wantReason(t, "another client", err, ReasonClient)
	_, err = two.Refresh(t.Context(), newID(), anasLaptop)
	wantReason(t, "no sign-in", err, ReasonEnded)
}

// TestEnd: an end is seen at once here, on other proxies within 15 seconds.
func TestEnd(t *testing.T) {
	c := newClock()
	store := newWire(c)
	one, two := newRoad(t, c, store, nil), newRoad(t, c, store, nil)
	e, sent := signIn(t, one, ana(c), anasLaptop, "chatgpt.com")
	find := func(s *SignIns) error {
		_, _, err := s.Find(t.Context(), sent, "chatgpt.com", anasLaptop)
		return err
	}
	if err := errors.Join(find(one), find(two)); err != nil {
		t.Fatal(err)
	}
	if err := one.end(t.Context(), e.id); err != nil {
		t.Fatal(err)
	}
	wantReason(t, "on this proxy", find(one), ReasonEnded)
	c.advance(seenFor - time.Second)
	if err := find(two); err != nil {
		t.Errorf("asked too often: %v", err)
	}
	c.advance(time.Second)
	wantReason(t, "on another", find(two), ReasonEnded)
	if err := two.note(t.Context(), e.id, ana(c)); !errors.Is(err, identity.ErrRejected) {
		t.Errorf("noted in what is over: %v", err)
	}
	wantReason(t, "afterwards", find(two), ReasonEnded)
}

// TestEndMeanwhile: an answer of the store that is older than the end is not kept.
func TestEndMeanwhile(t *testing.T) {
	c := newClock()
	s := newRoad(t, c, newWire(c), nil)
	e, sent := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
	epoch := s.epoch
	if err := s.end(t.Context(), e.id); err != nil {
		t.Fatal(err)
	}
	s.keep(e, epoch) // an answer that was under way
	_, _, err := s.Find(t.Context(), sent, "chatgpt.com", anasLaptop)
	wantReason(t, "afterwards", err, ReasonEnded)
}

// TestTogether is for the race detector: whatever happens at once, nobody is known by a
// sign-in that had ended before they asked.
func TestTogether(t *testing.T) {
	c := newClock()
	s := newRoad(t, c, newWire(c), nil)
	var all sync.WaitGroup
	for range 4 {
		e, sent := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
		var over atomic.Bool
		for range 4 {
			all.Go(func() {
				for range 200 {
					was := over.Load()
					_, _, err := s.Find(t.Context(), sent, "chatgpt.com", anasLaptop)
					if err == nil && was {
						t.Error("known after the end")
					}
					if err != nil && !errors.Is(err, identity.ErrRejected) {
						t.Error(err)
					}
					_, _ = s.Refresh(t.Context(), e.id, anasLaptop)
					_ = s.Remember(t.Context(), "https://up.example/"+e.id, e.id, e.Identity)
					_, _, _ = s.FindByURL(t.Context(), "https://up.example/"+e.id, anasLaptop)
				}
			})
		}
		all.Go(func() {
			for range 20 {
				if err := s.note(t.Context(), e.id, ana(c)); err != nil && !errors.Is(err, identity.ErrUnavailable) {
					t.Error(err)
				}
			}
			if err := s.end(t.Context(), e.id); err != nil {
				t.Error(err)
			}
			over.Store(true)
		})
	}
	all.Wait()
}

func TestStoreDown(t *testing.T) {
	for _, grace := range []time.Duration{0, time.Minute} {
		c := newClock()
		store := newWire(c)
		s := newRoad(t, c, store, func(o *Options) { o.Grace = grace })
		_, sent := signIn(t, s, ana(c), anasLaptop, "chatgpt.com")
		other := newRoad(t, c, store, nil)
		find := func(s *SignIns) error {
			who, _, err := s.Find(t.Context(), sent, "chatgpt.com", anasLaptop)
			if err != nil && who.Authenticated {
				t.Error("an identity came with the error")
			}
			return err
		}
		store.cut.Store(true)
		if err := find(s); err != nil {
			t.Errorf("what was seen: %v", err)
		}
		if err := find(other); !errors.Is(err, identity.ErrUnavailable) {
			t.Errorf("what was not seen: %v", err)
		}
		asked := store.gets.Load()
		c.advance(seenFor)
		for range 100 {
			if err := find(s); (err == nil) != (grace > 0) || err != nil && !errors.Is(err, identity.ErrUnavailable) {
				t.Fatalf("grace %v: %v", grace, err)
			}
		}
		if n := store.gets.Load() - asked; n != 1 {
			t.Errorf("a store that is down was asked %d times", n)
		}
		c.advance(grace)
		if err := find(s); !errors.Is(err, identity.ErrUnavailable) {
			t.Errorf("after the grace: %v", err)
		}
		store.cut.Store(false)
		c.advance(pause)
		if err := errors.Join(find(s), find(other)); err != nil {
			t.Errorf("mended: %v", err)
		}
	}
}

// TestRotation: what was sealed with the secret before is good; with one before that
// it is not.
func TestRotation(t *testing.T) {
	c := newClock()
	store := newWire(c)
	before := newRoad(t, c, store, func(o *Options) { o.Secrets = [][32]byte{secretOne} })
	during := newRoad(t, c, store, func(o *Options) { o.Secrets = [][32]byte{secretTwo, secretOne} })
	after := newRoad(t, c, store, func(o *Options) { o.Secrets = [][32]byte{secretTwo} })
	const host = "chatgpt.com"
	e, old := signIn(t, before, ana(c), anasLaptop, host)
	if _, _, err := during.Find(t.Context(), old, host, anasLaptop); err != nil {
		t.Errorf("the secret before: %v", err)
	}
	_, _, err := after.Find(t.Context(), old, host, anasLaptop)
	wantReason(t, "a secret that is gone", err, ReasonSealed)

	// A code that was made before the change is good after it.
	location, nonce := begin(t, before, host, "/c/1", Cookies{})
	code, err := before.handOff(t.Context(), openVisit(t, before, location), e)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := during.Return(t.Context(), strings.TrimPrefix(code, "https://"+host), nonce, host, anasLaptop); err != nil {
		t.Errorf("a code: %v", err)
	}
	if err := before.Remember(t.Context(), "https://up.example/1", e.id, e.Identity); err != nil {
		t.Fatal(err)
	}
	if _, _, err := during.FindByURL(t.Context(), "https://up.example/1", anasLaptop); err != nil {
		t.Errorf("an address: %v", err)
	}
	// What is noted seals the sign-in anew.
	if err := during.note(t.Context(), e.id, ana(c)); err != nil {
		t.Fatal(err)
	}
	sent := Cookies{Surrogates: []string{during.surrogateCookie(e, host).Value}}
	if _, _, err := after.Find(t.Context(), sent, host, anasLaptop); err != nil {
		t.Errorf("made anew: %v", err)
	}
}

// begin sends a browser to the portal, and returns the cookies that it has then.
func begin(t testing.TB, s *SignIns, host, uri string, sent Cookies) (string, Cookies) {
	t.Helper()
	location, cookies := s.Begin(host, uri, sent, anasLaptop)
	for _, cookie := range cookies {
		if cookie.Name == nonceCookieName {
			sent.Nonces = []string{cookie.Value}
		}
		if err := cookie.Valid(); err != nil || cookie.String() == "" {
			t.Errorf("%v: %v", cookie, err)
		}
	}
	return location, sent
}

func openVisit(t testing.TB, s *SignIns, location string) visit {
	t.Helper()
	_, sealed, ok := strings.Cut(location, "https://"+portalHost+"/sign-in?to=")
	var to visit
	if !ok || !s.openText(visitName, sealed, &to) {
		t.Fatalf("not the portal: %s", location)
	}
	return to
}

func headerOf(cookies ...string) http.Header { return http.Header{"Cookie": cookies} }

package signin

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

func upTo(s *SignIns, id string, acrs ...string) string {
	return s.StepUpURL(StepUp{SignIn: id, ACRS: acrs, Exchange: "x-42", Host: "chatgpt.com"}, anasLaptop)
}

func TestStepUp(t *testing.T) {
	c := newClock()
	p := newTestProvider(t, c)
	store := newWire(c)
	s, other := newPortal(t, c, store, p), newPortal(t, c, store, p)
	b := newBrowser(t, s)
	b.open("https://chatgpt.com/")
	sent := Strip(b.cookies("chatgpt.com"))
	who, id, err := s.Find(t.Context(), sent, "chatgpt.com", b.client)
	if err != nil || len(who.ACRS) != 0 {
		t.Fatalf("%+v, %v", who, err)
	}
	c.advance(time.Hour)

	// The provider does not confirm it: a page, and no second attempt for two minutes.
	got := b.open(upTo(s, id, "c2"))
	if got.status != http.StatusForbidden || got.page.Title != "That was not enough" || !strings.Contains(strings.Join(got.page.Text, " "), "(c2)") {
		t.Errorf("not confirmed: %+v", got)
	}
	asked := p.asked
	got = b.open(upTo(s, id, "c2"))
	if got.status != http.StatusTooManyRequests || p.asked != asked || !strings.Contains(strings.Join(got.page.Text, " "), "x-42") {
		t.Errorf("again: %+v", got)
	}
	if got = b.open(upTo(s, id, "c1", "c2")); got.page.Title != "That was not enough" {
		t.Errorf("another step: %+v", got)
	}
	c.advance(stepUpOnce)

	// Another person's token, and one who leaves in the middle.
	p.is("bob", "c2")
	if got = b.open(upTo(s, id, "c2")); got.status != http.StatusForbidden || got.page.Title != pageOtherPerson.Title {
		t.Errorf("another person: %+v", got)
	}
	c.advance(stepUpOnce)
	p.is("ana", "c2", "c3")
	b.toCallback(upTo(s, id, "c2"))
	if who, err = s.Refresh(t.Context(), id, b.client); err != nil || len(who.ACRS) != 0 {
		t.Errorf("on the way: %+v, %v", who, err)
	}
	c.advance(stepUpOnce)

	// It is confirmed: every site's cookie has it, here at once, elsewhere when asked.
	got = b.open(upTo(s, id, "c2"))
	if got.status != http.StatusOK || got.page.Title != "Done" || len(got.page.Links) != 1 || got.page.Links[0].URL != "https://chatgpt.com/" {
		t.Fatalf("confirmed: %+v", got)
	}
	who, _, err = s.Find(t.Context(), sent, "chatgpt.com", b.client)
	if err != nil || !slices.Equal(who.ACRS, []string{"c2"}) || !who.ACRSAt["c2"].Equal(c.Now()) {
		t.Errorf("%+v, %v", who, err)
	}
	if who, err = other.Refresh(t.Context(), id, b.client); err != nil || !slices.Equal(who.ACRS, []string{"c2"}) {
		t.Errorf("elsewhere: %+v, %v", who, err)
	}
	asked = p.asked
	if got := b.open(upTo(s, id, "c2")); got.page.Title != "Done" || p.asked != asked {
		t.Errorf("just done: %+v", got)
	}
	if portalID(t, s, b) != id {
		t.Error("a new sign-in was made")
	}

	// Both, one after the other, as the provider gives them.
	c.advance(time.Hour)
	if got := b.open(upTo(s, id, "c3", "c2")); got.page.Title != "Done" || p.asked != asked+2 {
		t.Errorf("both: %+v, asked %d times", got, p.asked-asked)
	}
	who, _, err = s.Find(t.Context(), sent, "chatgpt.com", b.client)
	if err != nil || !who.ACRSAt["c2"].Equal(c.Now()) || !who.ACRSAt["c3"].Equal(c.Now()) {
		t.Errorf("%+v, %v", who, err)
	}

	// One of them only.
	c.advance(time.Hour)
	if got := b.open(upTo(s, id, "c2", "c9")); got.page.Title != "That was not enough" || !strings.Contains(strings.Join(got.page.Text, " "), "(c9)") {
		t.Errorf("one of two: %+v", got)
	}
}

// TestStepUpTabs: of tabs that were signed in at once, all have what one has shown.
func TestStepUpTabs(t *testing.T) {
	c := newClock()
	p := newTestProvider(t, c)
	s := newPortal(t, c, newWire(c), p)
	b := newBrowser(t, s)
	hosts := []string{"chatgpt.com", "claude.ai"}
	first, second := b.toCallback("https://"+hosts[0]+"/"), b.toCallback("https://"+hosts[1]+"/")
	b.open(first)
	own := slices.DeleteFunc(b.jar[portalHost], func(c *http.Cookie) bool { return c.Name == portalCookieName })
	b.jar[portalHost] = own // as the second tab had it
	b.open(second)
	_, id, err := s.Find(t.Context(), Strip(b.cookies(hosts[0])), hosts[0], b.client)
	if err != nil || id == portalID(t, s, b) {
		t.Fatalf("one sign-in: %v", err)
	}
	p.is("ana", "c2")
	for _, at := range []string{portalID(t, s, b), id} { // whichever the link is of
		c.advance(time.Hour)
		if got := b.open(upTo(s, at, "c2")); got.page.Title != "Done" {
			t.Errorf("%+v", got)
		}
		for _, host := range hosts {
			who, _, err := s.Find(t.Context(), Strip(b.cookies(host)), host, b.client)
			if err != nil || !who.ACRSAt["c2"].Equal(c.Now()) {
				t.Errorf("%s: %+v, %v", host, who.ACRSAt, err)
			}
		}
	}
}

func TestStepUpMaxAge(t *testing.T) {
	c := newClock()
	p := newTestProvider(t, c)
	s := newPortal(t, c, newWire(c), p)
	b := newBrowser(t, s)
	b.open("https://chatgpt.com/")
	id := portalID(t, s, b)
	address := s.StepUpURL(StepUp{SignIn: id, ACRS: []string{"c2"}, MaxAge: 5 * time.Minute}, b.client)
	for _, tc := range []struct {
		age   any
		title string
	}{{c.Now().Add(-10 * time.Minute).Unix(), "That was not enough"}, {"", "That was not enough"}, {c.Now().Add(-4 * time.Minute).Unix(), "Done"}} {
		p.is("ana", "c2")
		p.mu.Lock()
		p.claims = map[string]any{"auth_time": tc.age}
		p.mu.Unlock()
		if got := b.open(address); got.page.Title != tc.title {
			t.Errorf("%v: %+v", tc.age, got)
		}
		if err := forgetGuard(t, s, id); err != nil {
			t.Fatal(err)
		}
	}
}

// forgetGuard lets the clock stand while an attempt is made again.
func forgetGuard(t *testing.T, s *SignIns, id string) error {
	t.Helper()
	e, err := s.load(t.Context(), id, 0)
	if err != nil {
		return err
	}
	_, err = s.store.Take(t.Context(), s.guardKey(ask{StepUp: StepUp{ACRS: []string{"c2"}}}, e))
	return err
}

// TestStepUpRefused: a link that is another's, is changed or leads to nobody.
func TestStepUpRefused(t *testing.T) {
	c := newClock()
	p := newTestProvider(t, c)
	store := newWire(c)
	s := newPortal(t, c, store, p)
	b := newBrowser(t, s)
	b.open("https://chatgpt.com/")
	id := portalID(t, s, b)
	good := upTo(s, id, "c2")
	writes := store.writes.Load()
	for name, tc := range map[string]struct {
		address string
		client  Client
		status  int
	}{
		"no link":        {s.portalURL(StepUpPath), anasLaptop, 400},
		"changed":        {good[:len(good)-5], anasLaptop, 400},
		"a visit":        {s.portalURL(StepUpPath + "?for=" + s.sealText(visitName, visit{})), anasLaptop, 400},
		"no contexts":    {upTo(s, id), anasLaptop, 400},
		"another client": {good, anasDevice, 403},
		"no sign-in":     {upTo(s, newID(), "c2"), anasLaptop, 403},
	} {
		own := newBrowser(t, s)
		own.client = tc.client
		if got, next := own.step(http.MethodGet, tc.address); got.status != tc.status || next != "" {
			t.Errorf("%s: %d %q", name, got.status, got.page.Title)
		}
	}
	if store.writes.Load() != writes {
		t.Error("strangers made writes")
	}
	c.advance(stepUpFor)
	if got, _ := b.step(http.MethodGet, good); got.status != http.StatusGone {
		t.Errorf("late: %d", got.status)
	}
	p.Close()
	fresh := newPortal(t, c, store, p) // that has not heard of the provider
	b.s = fresh
	if got := b.open(upTo(fresh, id, "c2")); got.status != http.StatusServiceUnavailable || store.writes.Load() != writes {
		t.Errorf("the provider is down: %+v, an attempt that was none is counted: %v", got, store.writes.Load() != writes)
	}
	gone := newPortal(t, c, store, newTestProvider(t, c))
	b.s = gone
	if got := b.open(upTo(gone, id, "c2")); got.status != http.StatusForbidden {
		t.Errorf("the provider is not configured any more: %+v", got)
	}
	store.cut.Store(true)
	c.advance(time.Minute)
	if got := b.open(upTo(gone, id, "c2")); got.status != http.StatusServiceUnavailable {
		t.Errorf("the store is down: %+v", got)
	}
	if _, err := gone.Refresh(t.Context(), id, anasLaptop); !errors.Is(err, identity.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

package activity_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

func newLog(t *testing.T, store session.Store, c *clock, secrets ...[32]byte) *activity.Log {
	t.Helper()
	l, err := activity.New(activity.Options{Store: store, Secrets: secrets, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// seen is a store that remembers what it was given.
type seen struct {
	session.Store
	mu   sync.Mutex
	text strings.Builder
	err  error
}

func (s *seen) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	s.mu.Lock()
	s.text.WriteString(key)
	s.text.Write(data)
	err := s.err
	s.mu.Unlock()
	if err != nil {
		return session.Value{}, err
	}
	return s.Store.Put(ctx, key, old, data, ttl)
}

func memory(c *clock) *session.Memory {
	return session.NewMemory(session.MemoryOptions{MaxBytes: 8 << 20, Now: c.Now})
}

func start() *clock { return &clock{now: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)} }

// TestNotice: a notice is found by the person it is for, for an hour, and answered once.
func TestNotice(t *testing.T) {
	c := start()
	l := newLog(t, memory(c), c, [32]byte{1})
	n := activity.Notice{Exchange: "e1", Time: c.Now(), Person: "ana", App: "Chat", Asks: []activity.Ask{{Rule: "r", Action: "coach"}}}
	if err := l.Post(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Notice(t.Context(), "e1", "ana"); err != nil || got.App != "Chat" || len(got.Asks) != 1 {
		t.Errorf("%+v %v", got, err)
	}
	for _, c := range [][2]string{{"e1", "bo"}, {"e1", ""}, {"e2", "ana"}, {"", ""}} {
		if _, err := l.Notice(t.Context(), c[0], c[1]); !errors.Is(err, activity.ErrNotFound) {
			t.Errorf("%v: %v", c, err)
		}
	}
	var answers sync.WaitGroup
	taken := make(chan struct{}, 10)
	for range 10 {
		answers.Go(func() {
			if l.Answered(t.Context(), "e1", "ana") == nil {
				taken <- struct{}{}
			}
		})
	}
	answers.Wait()
	if len(taken) != 1 {
		t.Errorf("answered %d times", len(taken))
	}
	if err := l.Post(t.Context(), activity.Notice{Exchange: "e3", Time: c.Now(), Person: "ana"}); err != nil {
		t.Fatal(err)
	}
	c.advance(time.Hour + time.Second)
	if _, err := l.Notice(t.Context(), "e3", "ana"); !errors.Is(err, activity.ErrNotFound) {
		t.Errorf("after an hour: %v", err)
	}
}

// TestManyNotices: of those of one person the latest are kept, and no more room is taken
// however many there are.
func TestManyNotices(t *testing.T) {
	c := start()
	store := memory(c)
	l := newLog(t, store, c, [32]byte{1})
	var room int64
	for i := range 500 {
		if err := l.Post(t.Context(), activity.Notice{Exchange: strconv.Itoa(i), Time: c.Now(), Person: "ana", App: strings.Repeat("x", 1000)}); err != nil {
			t.Fatal(err)
		}
		if i == 100 {
			room = store.Bytes()
		}
	}
	if got := store.Bytes(); got > room+1000 {
		t.Errorf("%d bytes are held, and were %d", got, room)
	}
	if _, err := l.Notice(t.Context(), "499", "ana"); err != nil {
		t.Error(err)
	}
	if _, err := l.Notice(t.Context(), "1", "ana"); !errors.Is(err, activity.ErrNotFound) {
		t.Errorf("the first: %v", err)
	}
}

// TestEvents: the latest hundred, the latest first, none lost when many are added at
// once by a few.
func TestEvents(t *testing.T) {
	c := start()
	l := newLog(t, memory(c), c, [32]byte{1})
	for i := range 120 {
		if err := l.Append(t.Context(), "ana", activity.Event{Exchange: strconv.Itoa(i), Done: activity.Redacted}); err != nil {
			t.Fatal(err)
		}
	}
	events, err := l.Events(t.Context(), "ana")
	if err != nil || len(events) != 100 || events[0].Exchange != "119" || events[99].Exchange != "20" {
		t.Fatalf("%d %v", len(events), err)
	}
	if events, err := l.Events(t.Context(), "bo"); err != nil || len(events) != 0 {
		t.Errorf("another's: %v %v", events, err)
	}
	var adding sync.WaitGroup
	for i := range 4 {
		adding.Go(func() {
			if err := l.Append(t.Context(), "cy", activity.Event{Exchange: strconv.Itoa(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	adding.Wait()
	if events, _ := l.Events(t.Context(), "cy"); len(events) != 4 {
		t.Errorf("%d of 4", len(events))
	}
}

// TestRotation: what was kept under the secret before is found, and goes on under the
// new one.
func TestRotation(t *testing.T) {
	c := start()
	store := memory(c)
	before := newLog(t, store, c, [32]byte{1})
	if err := errors.Join(before.Append(t.Context(), "ana", activity.Event{Exchange: "1"}), before.Post(t.Context(), activity.Notice{Exchange: "n", Time: c.Now(), Person: "ana"})); err != nil {
		t.Fatal(err)
	}
	now := newLog(t, store, c, [32]byte{2}, [32]byte{1})
	if err := now.Append(t.Context(), "ana", activity.Event{Exchange: "2"}); err != nil {
		t.Fatal(err)
	}
	if events, err := now.Events(t.Context(), "ana"); err != nil || len(events) != 2 {
		t.Errorf("%v %v", events, err)
	}
	if _, err := now.Notice(t.Context(), "n", "ana"); err != nil {
		t.Error(err)
	}
	if err := now.Answered(t.Context(), "n", "ana"); err != nil {
		t.Error(err)
	}
	other := newLog(t, store, c, [32]byte{3})
	if events, err := other.Events(t.Context(), "ana"); err != nil || len(events) != 0 {
		t.Errorf("with another secret: %v %v", events, err)
	}
}

// TestNothingInClear: what the store is given says nothing.
func TestNothingInClear(t *testing.T) {
	c := start()
	store := &seen{Store: memory(c)}
	l := newLog(t, store, c, [32]byte{1})
	_ = l.Post(t.Context(), activity.Notice{Exchange: "exchange-1", Time: c.Now(), Person: "person-1", App: "app-1"})
	_ = l.Append(t.Context(), "person-1", activity.Event{Exchange: "exchange-1", Reason: "reason-1"})
	for _, word := range []string{"exchange-1", "person-1", "app-1", "reason-1"} {
		if strings.Contains(store.text.String(), word) {
			t.Errorf("%s stands there in clear", word)
		}
	}
	store.err = session.ErrUnavailable
	if err := l.Post(t.Context(), activity.Notice{Exchange: "2"}); !errors.Is(err, session.ErrUnavailable) {
		t.Error(err)
	}
	if err := l.Append(t.Context(), "ana", activity.Event{}); !errors.Is(err, session.ErrUnavailable) {
		t.Error(err)
	}
}

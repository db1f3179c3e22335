package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
)

// TestActivityTakesNoRoom: what people are told of their prompts never fills the store
// without which no prompt goes through, and the latest of it is there.
func TestActivityTakesNoRoom(t *testing.T) {
	c := defaultConfig().Sessions
	c.Memory = 1 << 20
	s, err := openSessions(c, [][32]byte{{1}})
	if err != nil {
		t.Fatal(err)
	}
	const people = 2000
	for i := range people {
		event := activity.Event{Exchange: fmt.Sprint(i), Time: time.Now(), Done: activity.Blocked, Advice: strings.Repeat("Use the other one. ", 50)}
		if err := s.activity.Append(t.Context(), fmt.Sprint("person ", i), event); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		notice := activity.Notice{Exchange: fmt.Sprint(i), Time: time.Now(), Person: fmt.Sprint("person ", i), Subject: "somebody"}
		if err := s.activity.Post(t.Context(), notice); err != nil {
			t.Fatalf("notice %d: %v", i, err)
		}
	}
	account, err := s.ledger.Open(t.Context(), "somebody")
	if err != nil {
		t.Fatal(err)
	}
	defer account.Close()
	if err := account.Commit(t.Context(), ledger.Entry{Exchange: "e", App: "a", Prompts: 1}); err != nil {
		t.Fatal(err)
	}
	if account.Totals().Local || s.ledger.Waiting() != 0 {
		t.Error("the store did not take it")
	}
	last := fmt.Sprint("person ", people-1)
	if events, err := s.activity.Events(t.Context(), last); err != nil || len(events) != 1 {
		t.Errorf("the latest: %v, %v", events, err)
	}
	if _, err := s.activity.Notice(t.Context(), fmt.Sprint(people-1), last); err != nil {
		t.Errorf("the latest notice: %v", err)
	}
}

// TestStoreErrorsAreCounted: what a store could not answer is counted, and that another
// has written, or that the caller left, is not.
func TestStoreErrorsAreCounted(t *testing.T) {
	failed := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "errors"}, []string{"store", "call"})
	s := watchStore(session.NewMemory(session.MemoryOptions{MaxBytes: 1000}), "sessions", failed)
	left, cancel := context.WithCancel(t.Context())
	cancel()
	late, end := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer end()
	for _, c := range []struct {
		ctx  context.Context
		old  uint64
		size int
	}{{t.Context(), 0, 10}, {t.Context(), 7, 10}, {t.Context(), 0, 10}, {left, 0, 10}, {late, 0, 10}} {
		_, _ = s.Put(c.ctx, "k", c.old, make([]byte, c.size), time.Hour)
	}
	if _, err := s.Put(t.Context(), "large", 0, make([]byte, 2000), time.Hour); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if v, err := s.Get(t.Context(), "k"); err != nil || len(v.Data) != 10 {
		t.Errorf("%v, %v", v, err)
	}
	_, _ = s.Get(late, "k")
	_, _ = s.Take(late, "k")
	registry := prometheus.NewRegistry()
	registry.MustRegister(failed)
	families, err := registry.Gather()
	if err != nil || len(families) != 1 {
		t.Fatal(families, err)
	}
	got := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
	}
	if want := map[string]float64{"put": 2, "get": 1, "take": 1}; !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

// TestStrangers: after a restart without the store, people may let out as much as
// sessions.budget.strangers says, and by default nothing.
func TestStrangers(t *testing.T) {
	for _, strangers := range []int{0, 2} {
		c := defaultConfig().Sessions
		c.Store, c.Redis.URL, c.Budget.Strangers = "redis", "redis://127.0.0.1:1", strangers
		s, err := openSessions(c, [][32]byte{{1}})
		if err != nil {
			t.Fatal(err)
		}
		account, err := s.ledger.Open(t.Context(), "somebody")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			value := ledger.Value{Entity: "EMAIL_ADDRESS", Family: "pii", Sum: s.ledger.Sum("EMAIL_ADDRESS", fmt.Sprint(i))}
			err := account.Commit(t.Context(), ledger.Entry{Exchange: fmt.Sprint(i), App: "a", Prompts: 1, Values: []ledger.Value{value}})
			if i < strangers && err != nil || i >= strangers && !errors.Is(err, ledger.ErrBudget) {
				t.Errorf("%d for strangers, value %d: %v", strangers, i+1, err)
			}
		}
		if err := account.Commit(t.Context(), ledger.Entry{Exchange: "without", App: "a", Prompts: 1}); err != nil {
			t.Errorf("%d for strangers, a prompt without values: %v", strangers, err)
		}
		account.Close()
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
	c := defaultConfig()
	c.Sessions.Budget.Strangers = 6
	if err := c.validate(); err == nil || !strings.Contains(err.Error(), "sessions.budget.strangers") {
		t.Errorf("more for strangers than for others: %v", err)
	}
}

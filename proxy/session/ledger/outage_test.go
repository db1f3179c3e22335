package ledger

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

func budgeted(t testing.TB, store session.Store, now func() time.Time) *Ledger {
	return open(t, Options{Store: store, Now: now, OnError: OnErrorBudget, Budget: Budget{Prompts: 5, Values: 3, Strangers: 1}})
}

// try opens and commits, and returns the error of either.
func try(l *Ledger, subject string, e Entry) error {
	a, err := l.Open(context.Background(), subject)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Commit(context.Background(), e)
}

func TestOutageAndRecovery(t *testing.T) {
	clock, store := newClock(), newShelf()
	l, other := budgeted(t, store, clock.now), open(t, Options{Store: store, Now: clock.now})
	commit(t, l, "ann", Entry{Exchange: "before", App: "a", Prompts: 1, Values: numbered(l, "E", 1, 2)})

	store.down.Store(true)
	if got := totals(t, l, "ann"); !got.Local || got.Prompts != 1 || got.Exposure["E"].D30 != 2 {
		t.Errorf("what was known: got %+v", got)
	}
	for i := range 3 { // values that have left before cost nothing
		if err := try(l, "ann", Entry{Exchange: fmt.Sprint(i), App: "a", Prompts: 1, Values: numbered(l, "E", 1, 2, 3, 3, 4)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(l, "ann", Entry{Exchange: "2", App: "a", Prompts: 1}); err != nil {
		t.Errorf("the same exchange again: %v", err)
	}
	if err := try(l, "ann", Entry{Exchange: "x", App: "a", Prompts: 1, Values: numbered(l, "E", 5, 6)}); !errors.Is(err, ErrBudget) {
		t.Errorf("more values than the budget: %v", err)
	}
	for i := range 2 {
		if err := try(l, "ann", Entry{Exchange: fmt.Sprint("p", i), App: "a", Prompts: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(l, "ann", Entry{Exchange: "y", App: "a", Prompts: 1}); !errors.Is(err, ErrBudget) {
		t.Errorf("more prompts than the budget: %v", err)
	}
	if got := totals(t, l, "ann"); !got.Local || got.Prompts != 6 || got.Exposure["E"].D30 != 4 || l.Waiting() != 5 {
		t.Errorf("meanwhile: got %+v, %d wait", got, l.Waiting())
	}

	store.down.Store(false)
	commit(t, other, "ann", Entry{Exchange: "other", App: "a", Prompts: 1, Values: numbered(l, "E", 9)})
	clock.add(time.Minute)
	if got := totals(t, l, "ann"); got.Local || got.Prompts != 7 || got.Exposure["E"].D30 != 5 || l.Waiting() != 0 {
		t.Errorf("afterwards: got %+v, %d wait", got, l.Waiting())
	}
	if got := totals(t, other, "ann"); got.Prompts != 7 || got.Exposure["E"].D30 != 5 {
		t.Errorf("afterwards at another: got %+v", got)
	}
	store.down.Store(true)
	if err := try(l, "ann", Entry{Exchange: "z", App: "a", Prompts: 1, Values: numbered(l, "E", 11, 12, 13)}); err != nil {
		t.Errorf("another outage has a budget of its own: %v", err)
	}
}

func TestOutageOfStrangers(t *testing.T) {
	store := newShelf()
	l := budgeted(t, store, nil)
	store.down.Store(true)
	if err := try(l, "eve", Entry{Exchange: "1", App: "a", Prompts: 1, Values: numbered(l, "E", 1, 2)}); !errors.Is(err, ErrBudget) {
		t.Errorf("two values of a stranger: %v", err)
	}
	if err := try(l, "eve", Entry{Exchange: "2", App: "a", Prompts: 1, Values: numbered(l, "E", 1)}); err != nil {
		t.Errorf("one value of a stranger: %v", err)
	}
	if err := try(l, "eve", Entry{Exchange: "3", App: "a", Prompts: 1, Values: numbered(l, "E", 3)}); !errors.Is(err, ErrBudget) {
		t.Errorf("another value of a stranger: %v", err)
	}
}

// TestSourceCodeIsWork: a day of pasted code is counted, and spends nothing.
func TestSourceCodeIsWork(t *testing.T) {
	store := newShelf()
	l := open(t, Options{Store: store, OnError: OnErrorBudget, Budget: Budget{Prompts: 1000, Values: 3, Strangers: 1}})
	passages := func(entity string, from, to int) (values []Value) {
		for i := from; i < to; i++ {
			values = append(values, Value{entity, "code", l.Sum(entity, fmt.Sprint(i))})
		}
		return values
	}
	commit(t, l, "dev", Entry{Exchange: "1", App: "cursor", Values: passages("SOURCE_CODE", 0, 200)})
	if got := totals(t, l, "dev"); got.LeakScore != 0 || got.Exposure["SOURCE_CODE"].H24 < 200 {
		t.Errorf("got %+v", got)
	}
	store.down.Store(true)
	for i := range 20 {
		if err := try(l, "dev", Entry{Exchange: fmt.Sprint("down ", i), App: "cursor", Prompts: 1, Values: passages("SOURCE_CODE", 200+9*i, 209+9*i)}); err != nil {
			t.Fatalf("prompt %d while the store is away: %v", i, err)
		}
	}
	if err := try(l, "dev", Entry{Exchange: "marked", App: "cursor", Values: passages("PROPRIETARY_CODE", 0, 4)}); !errors.Is(err, ErrBudget) {
		t.Errorf("what bears the owner's mark is no mere work: %v", err)
	}
}

// TestOutageCountsOnce: what was written before its answer was lost is not written
// again from what waits.
func TestOutageCountsOnce(t *testing.T) {
	store := newShelf()
	l := budgeted(t, store, nil)
	store.lost.Store(1)
	if err := try(l, "ann", Entry{Exchange: "1", App: "a", Prompts: 1, Bytes: 5, Values: numbered(l, "E", 1)}); err != nil {
		t.Fatal(err)
	}
	if l.Waiting() != 1 {
		t.Fatalf("%d wait", l.Waiting())
	}
	if got := totals(t, l, "ann"); got.Local || got.Prompts != 1 || got.Bytes != 5 || got.Exposure["E"].D30 != 1 || l.Waiting() != 0 {
		t.Errorf("got %+v, %d wait", got, l.Waiting())
	}

	store.full.Store(true)
	if err := try(l, "ann", Entry{Exchange: "2", App: "a", Prompts: 1, Bytes: 5, Values: numbered(l, "E", 2)}); err != nil {
		t.Fatal(err)
	}
	store.full.Store(false)
	store.lost.Store(1) // the answer to writing what waits
	if got := totals(t, l, "ann"); !got.Local || l.Waiting() != 1 {
		t.Errorf("got %+v, %d wait", got, l.Waiting())
	}
	if got := totals(t, l, "ann"); got.Local || got.Prompts != 2 || got.Bytes != 10 || got.Exposure["E"].D30 != 2 || l.Waiting() != 0 {
		t.Errorf("got %+v, %d wait", got, l.Waiting())
	}
}

func TestOutageHonoursNoOneUsePermit(t *testing.T) {
	store := newShelf()
	l := budgeted(t, store, nil)
	ctx := context.Background()
	once, long := Use{"once", [16]byte{1}}, Use{"long", [16]byte{1}}
	for _, p := range []Permit{{Rule: "once", Prompt: once.Prompt}, {Rule: "long", Holding: true, Until: time.Now().Add(time.Hour)}} {
		if err := l.Grant(ctx, "ann", p); err != nil {
			t.Fatal(err)
		}
	}
	a := account(t, l, "ann")
	defer a.Close()
	if a.Permitted(once.Rule, once.Prompt) != Redacted {
		t.Fatal("not granted")
	}
	store.down.Store(true)
	if err := a.Commit(ctx, Entry{Exchange: "1", App: "a", Prompts: 1, Used: []Use{once}}); !errors.Is(err, ErrConflict) {
		t.Errorf("it was spent: %v", err)
	}
	if !a.Totals().Local || a.Permitted(once.Rule, once.Prompt) != Unanswered || a.Permitted(long.Rule, long.Prompt) != Redacted {
		t.Error("the account does not show it")
	}
	if err := a.Commit(ctx, Entry{Exchange: "1", App: "a", Prompts: 1, Used: []Use{long}}); err != nil {
		t.Errorf("one that holds: %v", err)
	}
}

func TestOutageOfWritesOnly(t *testing.T) {
	store := newShelf()
	l := budgeted(t, store, nil)
	store.full.Store(true)
	for i := range 5 {
		if err := try(l, "ann", Entry{Exchange: fmt.Sprint(i), App: "a", Prompts: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(l, "ann", Entry{Exchange: "x", App: "a", Prompts: 1}); !errors.Is(err, ErrBudget) {
		t.Errorf("a store that reads does not give a new budget: %v", err)
	}
}

func TestOutageIsBounded(t *testing.T) {
	store := newShelf()
	l := budgeted(t, store, nil)
	store.down.Store(true)
	for i := range maxWaiting {
		if err := try(l, "ann", Entry{Exchange: fmt.Sprint(i), App: "a", Blocked: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(l, "ann", Entry{Exchange: "x", App: "a", Blocked: 1}); !errors.Is(err, ErrBudget) {
		t.Errorf("one more than may wait: %v", err)
	}
	store.down.Store(false)
	store.lost.Store(3)
	for range 3 {
		if got := totals(t, l, "ann"); !got.Local {
			t.Fatalf("got %+v", got)
		}
	}
	if got := totals(t, l, "ann"); got.Local || got.Blocked24h != maxWaiting {
		t.Errorf("got %+v", got)
	}
}

func TestOutageEndedContextIsNoOutage(t *testing.T) {
	l := budgeted(t, newShelf(), nil)
	ctx, cancel := context.WithCancel(context.Background())
	a := account(t, l, "ann")
	cancel()
	if err := a.Commit(ctx, Entry{Exchange: "1", App: "a", Prompts: 1}); err == nil || l.Waiting() != 0 {
		t.Errorf("got %v, %d wait", err, l.Waiting())
	}
	a.Close()
}

func TestRunWritesWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		l := budgeted(t, store, nil)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			l.Run(ctx)
			close(done)
		}()
		store.down.Store(true)
		for i := range 20 {
			if err := try(l, fmt.Sprint("subject", i), Entry{Exchange: fmt.Sprint(i), App: "a", Prompts: 1}); err != nil {
				t.Fatal(err)
			}
		}
		gets := store.gets.Load()
		time.Sleep(3500 * time.Millisecond)
		if got := store.gets.Load() - gets; got != 3 || l.Waiting() != 20 {
			t.Errorf("asked a store that is down %d times in 3 seconds, %d wait", got, l.Waiting())
		}
		store.down.Store(false)
		time.Sleep(time.Second)
		if l.Waiting() != 0 {
			t.Errorf("%d wait", l.Waiting())
		}
		store.down.Store(true)
		if err := try(l, "last", Entry{Exchange: "last", App: "a", Prompts: 1}); err != nil {
			t.Fatal(err)
		}
		store.down.Store(false)
		cancel()
		<-done
		if l.Waiting() != 0 {
			t.Errorf("%d wait at the end", l.Waiting())
		}
		if got := totals(t, open(t, Options{Store: store}), "last"); got.Prompts != 1 {
			t.Errorf("got %+v", got)
		}
	})
}

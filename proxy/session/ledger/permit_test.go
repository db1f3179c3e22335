package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestPermitIsSpentOnce(t *testing.T) {
	store := newShelf()
	ledgers := []*Ledger{open(t, Options{Store: store}), open(t, Options{Store: store})}
	ctx := context.Background()
	use := Use{"pii.bulk", [16]byte{1}}
	if err := ledgers[0].Grant(ctx, "ann", Permit{Rule: use.Rule, Prompt: use.Prompt, AsIs: true}); err != nil {
		t.Fatal(err)
	}
	var passed atomic.Int32
	var wg sync.WaitGroup
	for i := range 50 {
		l := ledgers[i%2]
		wg.Go(func() {
			a, err := l.Open(ctx, "ann")
			if err != nil {
				t.Error(err)
				return
			}
			defer a.Close()
			for a.Permitted(use.Rule, use.Prompt) == AsIs {
				err := a.Commit(ctx, Entry{Exchange: fmt.Sprint(i), App: "chatgpt", Prompts: 1, Used: []Use{use}})
				if err == nil {
					passed.Add(1)
					return
				}
				if !errors.Is(err, ErrConflict) {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if passed.Load() != 1 {
		t.Errorf("%d passed", passed.Load())
	}
}

func TestPermits(t *testing.T) {
	clock := newClock()
	l := open(t, Options{Store: newShelf(), Now: clock.now})
	ctx := context.Background()
	mine, other := [16]byte{1}, [16]byte{2}
	grant := func(p Permit) {
		t.Helper()
		if err := l.Grant(ctx, "ann", p); err != nil {
			t.Fatal(err)
		}
	}
	want := func(rule string, prompt [16]byte, want Choice) {
		t.Helper()
		a := account(t, l, "ann")
		defer a.Close()
		if got := a.Permitted(rule, prompt); got != want {
			t.Errorf("%s %v: got %v, want %v", rule, prompt[0], got, want)
		}
	}
	grant(Permit{Rule: "once", Prompt: mine, AsIs: true})
	grant(Permit{Rule: "long", Holding: true, Until: clock.now().Add(time.Hour)})
	want("once", mine, AsIs)
	want("once", other, Unanswered)
	want("long", other, Redacted)
	want("never", mine, Unanswered)

	grant(Permit{Rule: "long", Prompt: mine, AsIs: true})
	want("long", mine, AsIs) // the one for this prompt first
	commit(t, l, "ann", Entry{Exchange: "1", App: "chatgpt", Used: []Use{{"long", mine}}})
	want("long", mine, Redacted)
	commit(t, l, "ann", Entry{Exchange: "2", App: "chatgpt", Used: []Use{{"long", mine}}})
	want("long", mine, Redacted)

	clock.add(-2 * time.Minute) // before it was granted, by more than clocks differ
	want("once", mine, Unanswered)
	clock.add(2 * time.Minute)
	want("once", mine, AsIs)
	clock.add(10 * time.Minute)
	want("once", mine, Unanswered)
	want("long", mine, Redacted)
	clock.add(time.Hour)
	want("long", mine, Unanswered)

	grant(Permit{Rule: "once", Prompt: mine, Until: clock.now().Add(100 * time.Hour)})
	clock.add(11 * time.Minute)
	want("once", mine, Unanswered)
	for i := range maxPermits {
		grant(Permit{Rule: fmt.Sprint(i), Holding: true, Until: clock.now().Add(time.Hour)})
	}
	if err := l.Grant(ctx, "ann", Permit{Rule: "more", Prompt: mine}); !errors.Is(err, ErrPermits) {
		t.Errorf("one more than may be: %v", err)
	}
	grant(Permit{Rule: "7", Holding: true, AsIs: true, Until: clock.now().Add(time.Hour)}) // takes the place of the other
	want("7", mine, AsIs)
	if err := l.Grant(ctx, "ann", Permit{Rule: "7", Holding: true, Until: clock.now()}); err == nil {
		t.Error("one that has ended was granted")
	}
}

// FuzzPermits grants, uses and waits as the input says, and compares with a model
// that knows when each permit ends.
func FuzzPermits(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 0x80, 0x41, 0x13, 0x55})
	f.Add([]byte("grant, use, use, wait, use"))
	f.Fuzz(func(t *testing.T, ops []byte) {
		type kind struct {
			use     Use
			holding bool
		}
		r, now := &record{}, newClock().at
		ends := map[kind]time.Time{}
		for i, op := range ops[:min(len(ops), 100)] {
			k := kind{use: Use{fmt.Sprint("rule", op>>2&1), [16]byte{op >> 3 & 1}}, holding: op>>4&1 == 1}
			stored := k
			if k.holding {
				stored.use.Prompt = [16]byte{}
			}
			switch op & 3 {
			case 0:
				next, err := r.grant(Permit{Rule: k.use.Rule, Prompt: k.use.Prompt, Holding: k.holding, Until: now.Add(time.Duration(op) * time.Minute)}, now)
				if (err == nil) != (op > 0) {
					t.Fatalf("%d: granted: %v", i, err)
				}
				if err == nil {
					r, ends[stored] = next, now.Add(time.Duration(op)*time.Minute)
					if !k.holding {
						ends[stored] = now.Add(min(time.Duration(op)*time.Minute, oneUse))
					}
				}
			case 1, 2:
				once, holding := kind{use: k.use}, kind{use: Use{Rule: k.use.Rule}, holding: true}
				want := ends[once].After(now) || ends[holding].After(now)
				next, err := r.with(Entry{Exchange: fmt.Sprint(i), Used: []Use{k.use, k.use}}, now)
				if (err == nil) != want {
					t.Fatalf("%d: used: %v, want %v", i, err, want)
				}
				if err == nil {
					r = next
					delete(ends, once)
				}
			case 3:
				now = now.Add(time.Duration(op) * time.Minute)
			}
			again, err := decode(r.encode(nil))
			if err != nil {
				t.Fatal(err)
			}
			r = again
		}
	})
}

// What an exchange has spent is given back once, to nobody else, and not after its time.
func TestGiveBack(t *testing.T) {
	clock := newClock()
	store := newShelf()
	l := open(t, Options{Store: store, Now: clock.now})
	ctx := context.Background()
	use := Use{"pii.bulk", [16]byte{1}}
	held := Use{"code.secret", [16]byte{1}}
	for _, p := range []Permit{{Rule: use.Rule, Prompt: use.Prompt, AsIs: true}, {Rule: held.Rule, Holding: true, Until: clock.now().Add(time.Hour)}} {
		if err := l.Grant(ctx, "ann", p); err != nil {
			t.Fatal(err)
		}
	}
	holds := func() (choice Choice, permits int) {
		t.Helper()
		a, err := l.Open(ctx, "ann")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		return a.Permitted(use.Rule, use.Prompt), len(a.record.permits)
	}
	send := func(exchange string) []Permit {
		t.Helper()
		a, err := l.Open(ctx, "ann")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if err := a.Commit(ctx, Entry{Exchange: exchange, App: "chatgpt", Prompts: 1, Used: []Use{use, held, use}}); err != nil {
			t.Fatal(err)
		}
		return a.Spent()
	}
	giveBack := func(exchange string, spent []Permit) {
		t.Helper()
		if err := l.GiveBack(ctx, "ann", exchange, spent); err != nil {
			t.Fatal(err)
		}
	}
	spent := send("first")
	if len(spent) != 1 || spent[0].Rule != use.Rule || !spent[0].AsIs {
		t.Fatalf("%v", spent)
	}
	giveBack("another", spent)
	if choice, _ := holds(); choice != Unanswered {
		t.Error("given back for an exchange that was not")
	}
	clock.add(time.Minute)
	giveBack("first", spent)
	giveBack("first", spent)
	if choice, permits := holds(); choice != AsIs || permits != 2 {
		t.Errorf("%v, %d permits", choice, permits)
	}
	again := send("second")
	giveBack("first", spent)
	if choice, _ := holds(); choice != Unanswered {
		t.Error("given back twice")
	}
	if len(again) != 1 || !again[0].Until.Equal(spent[0].Until) {
		t.Errorf("it was until %v, and is until %v", spent, again)
	}
	clock.add(10 * time.Minute)
	giveBack("second", again)
	if choice, permits := holds(); choice != Unanswered || permits != 1 {
		t.Errorf("after its time: %v, %d permits", choice, permits)
	}
	a, err := l.Open(ctx, "ann")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if n := a.Totals().Prompts; n != 2 {
		t.Errorf("%d prompts are counted", n)
	}
}

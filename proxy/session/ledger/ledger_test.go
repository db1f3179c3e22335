package ledger

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

// shelf is a store that a test can break.
type shelf struct {
	session.Store
	down atomic.Bool  // nothing is done
	full atomic.Bool  // nothing is written
	lost atomic.Int32 // Puts to come that are done, and answered with an error
	gets atomic.Int32
	puts atomic.Int32
}

func newShelf() *shelf { return &shelf{Store: session.NewMemory(session.MemoryOptions{})} }

func (s *shelf) Get(ctx context.Context, key string) (session.Value, error) {
	s.gets.Add(1)
	if s.down.Load() {
		return session.Value{}, session.ErrUnavailable
	}
	return s.Store.Get(ctx, key)
}

func (s *shelf) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	s.puts.Add(1)
	if s.down.Load() || s.full.Load() {
		return session.Value{}, session.ErrUnavailable
	}
	v, err := s.Store.Put(ctx, key, old, data, ttl)
	if err == nil && s.lost.Add(-1) >= 0 {
		return session.Value{}, session.ErrUnavailable
	}
	return v, err
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func open(t testing.TB, o Options) *Ledger {
	t.Helper()
	if o.Secrets == nil {
		o.Secrets = [][32]byte{{1}}
	}
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func account(t testing.TB, l *Ledger, subject string) *Account {
	t.Helper()
	a, err := l.Open(context.Background(), subject)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// commit writes one entry of a subject.
func commit(t testing.TB, l *Ledger, subject string, e Entry) {
	t.Helper()
	a := account(t, l, subject)
	defer a.Close()
	if err := a.Commit(context.Background(), e); err != nil {
		t.Fatal(err)
	}
}

func totals(t testing.TB, l *Ledger, subject string) Totals {
	t.Helper()
	a := account(t, l, subject)
	defer a.Close()
	return a.Totals()
}

func numbered(l *Ledger, entity string, n ...int) []Value {
	values := make([]Value, len(n))
	for i, n := range n {
		values[i] = Value{Entity: entity, Family: "pii", Sum: l.Sum(entity, fmt.Sprint(n))}
	}
	return values
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// model counts what a ledger should, without bounds.
type model struct {
	last map[[3]string]time.Time // entity, app, value
}

func (m *model) windows(now time.Time, entity, app string) Windows {
	in := func(length time.Duration) int {
		values := map[string]bool{}
		for key, at := range m.last {
			if key[0] == entity && (app == "" || key[1] == app) && !at.Before(now.Add(-length)) {
				values[key[2]] = true
			}
		}
		return len(values)
	}
	return Windows{in(time.Hour), in(24 * time.Hour), in(30 * 24 * time.Hour)}
}

func TestWindowsAreExact(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		clock, store := newClock(), newShelf()
		ledgers := []*Ledger{open(t, Options{Store: store, Now: clock.now}), open(t, Options{Store: store, Now: clock.now})}
		m := model{last: map[[3]string]time.Time{}}
		entities, apps := []string{"CREDIT_CARD", "EMAIL_ADDRESS", "US_SSN"}, []string{"chatgpt", "claude", "gemini"}
		for step := range 150 {
			l := ledgers[random.IntN(2)]
			app := apps[random.IntN(len(apps))]
			var values []Value
			for range random.IntN(4) {
				entity := entities[random.IntN(len(entities))]
				n := random.IntN(100)
				values = append(values, numbered(l, entity, n)...)
				m.last[[3]string{entity, app, fmt.Sprint(n)}] = clock.now()
			}
			a := account(t, l, "ann")
			after := a.With(app, values)
			if err := a.Commit(context.Background(), Entry{Exchange: fmt.Sprint(step), App: app, Prompts: 1, Values: values}); err != nil {
				t.Fatal(err)
			}
			got := a.Totals()
			a.Close()
			for _, entity := range entities {
				want := m.windows(clock.now(), entity, "")
				if got.Exposure[entity] != want || after.Exposure[entity] != want {
					t.Fatalf("seed %d step %d: %s: got %+v, foretold %+v, want %+v", seed, step, entity, got.Exposure[entity], after.Exposure[entity], want)
				}
				for _, app := range apps {
					if got, want := got.Apps[app][entity], m.windows(clock.now(), entity, app); got != want {
						t.Fatalf("seed %d step %d: %s at %s: got %+v, want %+v", seed, step, entity, app, got, want)
					}
				}
			}
			switch random.IntN(3) {
			case 0:
				clock.add(time.Duration(random.IntN(3600)) * time.Second)
			case 1:
				clock.add(time.Duration(random.IntN(48*3600)) * time.Second)
			}
		}
	}
}

// mixed is a hash that is quicker than Ledger.Sum (splitmix64).
func mixed(n int) uint64 {
	x := uint64(n+1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func TestBeyondTheListIsEstimated(t *testing.T) {
	for _, stream := range []struct{ values, each int }{{20_000, 60}, {1_000_000, 600}} {
		low, all := 0, 0
		for seed := range uint64(4) {
			random := rand.New(rand.NewPCG(seed, 2))
			clock := newClock()
			l := open(t, Options{Store: newShelf(), Now: clock.now})
			left := map[int]time.Time{}
			for step := range 400 {
				var values []Value
				for range random.IntN(stream.each) {
					n := random.IntN(stream.values)
					left[n] = clock.now()
					values = append(values, Value{Entity: "EMAIL_ADDRESS", Sum: Sum{mixed(n)}})
				}
				commit(t, l, "ann", Entry{Exchange: fmt.Sprint(step), App: fmt.Sprint("app", random.IntN(2)), Values: values})
				if step%20 == 0 {
					got := totals(t, l, "ann").Exposure["EMAIL_ADDRESS"]
					lengths := []time.Duration{time.Hour, 24 * time.Hour, 30 * 24 * time.Hour}
					var counts [3]int
					now := clock.now()
					for _, at := range left {
						for w, length := range lengths {
							if now.Sub(at) <= length {
								counts[w]++
							}
						}
					}
					for w, got := range []int{got.H1, got.H24, got.D30} {
						length, want := lengths[w], counts[w]
						estimate := float64(got)
						if want > maxValues {
							estimate /= 1 + standardError
							all++
							if got < want {
								low++
							}
						}
						if off := math.Abs(estimate - float64(want)); off > 4*standardError*float64(want) || want <= maxValues && got != want {
							t.Errorf("%d values, seed %d step %d: in %v: got %d, want %d", stream.values, seed, step, length, got, want)
						}
					}
				}
				clock.add(time.Duration(random.IntN(2*3600)) * time.Second)
			}
		}
		t.Logf("%d values: %d of %d estimates are low", stream.values, low, all)
		if low > all/4 {
			t.Errorf("%d values: %d of %d estimates are low", stream.values, low, all)
		}
	}
}

// TestLimitIsNeverPassed lets many prompts race for the last values that a limit
// leaves, in two processes.
func TestLimitIsNeverPassed(t *testing.T) {
	const limit = 37
	store := newShelf()
	ledgers := []*Ledger{open(t, Options{Store: store}), open(t, Options{Store: store})}
	var wg sync.WaitGroup
	var mu sync.Mutex
	left := map[int]bool{}
	for g := range 16 {
		l := ledgers[g%2]
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(g), 3))
			for i := range 20 {
				n := []int{random.IntN(1000), random.IntN(1000)}
				values := numbered(l, "CREDIT_CARD", n...)
				a, err := l.Open(context.Background(), "ann")
				if err != nil {
					t.Error(err)
					return
				}
				for a.With("chatgpt", values).Exposure["CREDIT_CARD"].D30 <= limit {
					err := a.Commit(context.Background(), Entry{Exchange: fmt.Sprint(g, "/", i), App: "chatgpt", Values: values})
					if err == nil {
						mu.Lock()
						left[n[0]], left[n[1]] = true, true
						mu.Unlock()
						break
					}
					if !errors.Is(err, ErrConflict) {
						t.Error(err)
						break
					}
				}
				a.Close()
			}
		})
	}
	wg.Wait()
	if len(left) > limit || len(left) < limit-1 {
		t.Errorf("%d values left, of at most %d", len(left), limit)
	}
	if got := totals(t, ledgers[0], "ann").Exposure["CREDIT_CARD"].D30; got != len(left) {
		t.Errorf("counted %d of %d values", got, len(left))
	}
	if len(ledgers[0].turns.held) != 0 {
		t.Error("turns are kept for nobody")
	}
}

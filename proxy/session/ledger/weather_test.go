package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

// weather is a store of which any call may fail, and any Put although it was done.
type weather struct {
	session.Store
	random *rand.Rand
	fair   bool
}

func (w *weather) bad() bool { return !w.fair && w.random.IntN(8) == 0 }

func (w *weather) Get(ctx context.Context, key string) (session.Value, error) {
	if w.bad() {
		return session.Value{}, session.ErrUnavailable
	}
	return w.Store.Get(ctx, key)
}

func (w *weather) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	if w.bad() {
		return session.Value{}, session.ErrUnavailable
	}
	v, err := w.Store.Put(ctx, key, old, data, ttl)
	if err == nil && w.bad() {
		return session.Value{}, session.ErrUnavailable
	}
	return v, err
}

// TestEachExchangeCountsOnce lets proxies, some with a new secret, some about to get
// it, write through a store that fails all the time, and counts in the end.
func TestEachExchangeCountsOnce(t *testing.T) {
	for _, secrets := range [][][][32]byte{
		{{before}, {before}, {before}},
		{{today, before}, {today, before}, {before, today}},
	} {
		for _, onError := range []OnError{OnErrorClosed, OnErrorBudget} {
			for seed := range uint64(20) {
				random := rand.New(rand.NewPCG(seed, 5))
				clock := newClock()
				store := &weather{Store: session.NewMemory(session.MemoryOptions{}), random: random}
				var ledgers []*Ledger
				for _, s := range secrets {
					ledgers = append(ledgers, open(t, Options{
						Store: store, Now: clock.now, Secrets: s, OnError: onError,
						Budget: Budget{Prompts: 1000, Values: 1000, Strangers: 1000},
					}))
				}
				left := map[int]bool{}
				const exchanges = 150
				for i := range exchanges {
					l := ledgers[random.IntN(len(ledgers))]
					n := random.IntN(100)
					left[n] = true
					e := Entry{Exchange: fmt.Sprint(i), App: "a", Prompts: 1, Bytes: 7, Values: numbered(l, "E", n)}
					for { // until it may be forwarded
						err := try(l, "ann", e)
						if err == nil {
							break
						}
						if !errors.Is(err, session.ErrUnavailable) && !errors.Is(err, ErrConflict) || errors.Is(err, session.ErrUnavailable) && onError == OnErrorBudget {
							t.Fatalf("%d: %v", i, err)
						}
					}
					clock.add(time.Second)
				}
				store.fair = true
				for _, l := range ledgers {
					l.settleAll(context.Background())
					if l.Waiting() != 0 {
						t.Errorf("%d wait", l.Waiting())
					}
				}
				for _, l := range ledgers {
					if got := totals(t, l, "ann"); got.Prompts != exchanges || got.Bytes != 7*exchanges || got.Exposure["E"].D30 != len(left) {
						t.Errorf("%s, %d secrets, seed %d: got %+v, want %d prompts and %d values", onError, len(secrets[0]), seed, got, exchanges, len(left))
					}
				}
			}
		}
	}
}

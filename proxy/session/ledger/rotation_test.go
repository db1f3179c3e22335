package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

var before, today = [32]byte{1}, [32]byte{2}

func TestRotation(t *testing.T) {
	store := newShelf()
	old := open(t, Options{Store: store, Secrets: [][32]byte{before}})
	ahead := open(t, Options{Store: store, Secrets: [][32]byte{before, today}})
	both := open(t, Options{Store: store, Secrets: [][32]byte{today, before}})
	done := open(t, Options{Store: store, Secrets: [][32]byte{today}})
	ctx := context.Background()

	commit(t, old, "ann", Entry{Exchange: "1", App: "a", Prompts: 1, Values: numbered(old, "E", 1, 2), Tail: &Tail{Text: "end"}})
	if err := old.Grant(ctx, "ann", Permit{Rule: "r", AsIs: true}); err != nil {
		t.Fatal(err)
	}
	commit(t, ahead, "ann", Entry{Exchange: "2", App: "b", Prompts: 1, Values: numbered(ahead, "E", 2)})
	if got := totals(t, both, "ann"); got.Prompts != 2 || got.Exposure["E"].D30 != 2 {
		t.Errorf("not found under the secret before: %+v", got)
	}
	commit(t, both, "ann", Entry{Exchange: "3", App: "a", Prompts: 1, Values: numbered(both, "E", 2, 3), Used: []Use{{Rule: "r"}}})
	commit(t, both, "ann", Entry{Exchange: "1", App: "a", Prompts: 1})
	if got := totals(t, both, "ann"); got.Prompts != 3 || got.Exposure["E"].D30 != 3 {
		t.Errorf("carried over: %+v", got)
	}
	if _, err := old.Open(ctx, "ann"); !errors.Is(err, ErrRecord) {
		t.Errorf("a proxy without today's secret: %v", err)
	}
	for i := range 3 { // proxies that have both in either order
		commit(t, ahead, "ann", Entry{Exchange: fmt.Sprint("ahead", i), App: "a", Prompts: 1, Values: numbered(ahead, "E", 3)})
		commit(t, both, "ann", Entry{Exchange: fmt.Sprint("both", i), App: "a", Prompts: 1, Values: numbered(both, "E", 1)})
	}
	if got := totals(t, done, "ann"); got.Prompts != 9 || got.Exposure["E"].D30 != 3 {
		t.Errorf("when it is done: %+v", got)
	}
	if a := account(t, done, "ann"); len(a.Tails()) != 1 || a.Permitted("r", [16]byte{}) != Unanswered {
		t.Error("tails or permits were not carried over")
	}
}

// TestRotationBegunTwice: a proxy that has only the secret before begins an account
// that there is already under today's.
func TestRotationBegunTwice(t *testing.T) {
	store := newShelf()
	old := open(t, Options{Store: store, Secrets: [][32]byte{before}})
	both := open(t, Options{Store: store, Secrets: [][32]byte{today, before}})
	commit(t, both, "ann", Entry{Exchange: "1", App: "a", Prompts: 1, Blocked: 1, Values: numbered(both, "E", upTo(140)...)})
	commit(t, old, "ann", Entry{Exchange: "2", App: "a", Prompts: 1, Blocked: 1, Values: numbered(old, "E", 1000)})
	for range 2 {
		if got := totals(t, both, "ann"); got.Prompts != 2 || got.Blocked24h != 2 || got.Exposure["E"].D30 < 135 {
			t.Errorf("got %+v", got)
		}
		commit(t, both, "ann", Entry{Exchange: "3", App: "a", Bytes: 1})
	}
}

// TestRotationCutOff fails each Put of a move in turn, done or not.
func TestRotationCutOff(t *testing.T) {
	for _, done := range []bool{false, true} {
		for which := range 2 {
			memory := session.NewMemory(session.MemoryOptions{})
			old := open(t, Options{Store: memory, Secrets: [][32]byte{before}})
			commit(t, old, "ann", Entry{Exchange: "1", App: "a", Prompts: 1, Values: numbered(old, "E", 1)})
			store := &cutting{Store: memory, at: which, done: done}
			both := open(t, Options{Store: store, Secrets: [][32]byte{today, before}})
			e := Entry{Exchange: "2", App: "a", Prompts: 1, Values: numbered(both, "E", 2)}
			if err := try(both, "ann", e); !errors.Is(err, session.ErrUnavailable) {
				t.Fatalf("put %d: %v", which, err)
			}
			commit(t, both, "ann", e)
			if got := totals(t, both, "ann"); got.Prompts != 2 || got.Exposure["E"].D30 != 2 {
				t.Errorf("put %d, done %v: got %+v", which, done, got)
			}
		}
	}
}

// cutting fails one Put.
type cutting struct {
	session.Store
	at   int
	done bool
}

func (c *cutting) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	if c.at--; c.at != -1 {
		return c.Store.Put(ctx, key, old, data, ttl)
	}
	if c.done {
		if _, err := c.Store.Put(ctx, key, old, data, ttl); err != nil {
			return session.Value{}, err
		}
	}
	return session.Value{}, session.ErrUnavailable
}

// TestRotationUnderRace: nothing is lost or counted twice while proxies with the
// secrets in either order write one account.
func TestRotationUnderRace(t *testing.T) {
	store := session.NewMemory(session.MemoryOptions{})
	ledgers := []*Ledger{
		open(t, Options{Store: store, Secrets: [][32]byte{today, before}}),
		open(t, Options{Store: store, Secrets: [][32]byte{today, before}}),
		open(t, Options{Store: store, Secrets: [][32]byte{before, today}}),
	}
	commit(t, ledgers[2], "ann", Entry{Exchange: "first", App: "a", Prompts: 1, Values: numbered(ledgers[2], "E", 0)})
	const writers, each = 9, 10
	var wg sync.WaitGroup
	for w := range writers {
		l := ledgers[w%len(ledgers)]
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 4))
			for i := range each {
				e := Entry{Exchange: fmt.Sprint(w, "/", i), App: "a", Prompts: 1, Values: numbered(l, "E", random.IntN(100))}
				for {
					err := try(l, "ann", e)
					if err == nil {
						break
					}
					if !errors.Is(err, ErrConflict) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	values := map[int]bool{0: true}
	for w := range writers {
		random := rand.New(rand.NewPCG(uint64(w), 4))
		for range each {
			values[random.IntN(100)] = true
		}
	}
	if got := totals(t, ledgers[0], "ann"); got.Prompts != 1+writers*each || got.Exposure["E"].D30 != len(values) {
		t.Errorf("got %d prompts and %d values, want %d and %d", got.Prompts, got.Exposure["E"].D30, 1+writers*each, len(values))
	}
}

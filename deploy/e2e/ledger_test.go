package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
)

// ledgersOn are those of two proxies on one Redis.
func ledgersOn(t testing.TB, server *RedisServer, timeout time.Duration) []*ledger.Ledger {
	t.Helper()
	var ledgers []*ledger.Ledger
	for range 2 {
		l, err := ledger.New(ledger.Options{
			Store:   openRedis(t, session.RedisOptions{URL: "redis://" + server.Addr, Timeout: timeout}),
			Secrets: [][32]byte{{1}}, OnError: ledger.OnErrorBudget, Budget: ledger.Budget{Prompts: 3, Values: 3},
		})
		if err != nil {
			t.Fatal(err)
		}
		ledgers = append(ledgers, l)
	}
	return ledgers
}

func card(l *ledger.Ledger, n int) []ledger.Value {
	return []ledger.Value{{Entity: "CREDIT_CARD", Family: "pci", Sum: l.Sum("CREDIT_CARD", fmt.Sprint(n))}}
}

// TestLedgerOnRedis: a limit and a one-use permit hold over two proxies, and Redis
// can read nothing of it.
func TestLedgerOnRedis(t *testing.T) {
	server := StartRedis(t)
	ledgers := ledgersOn(t, server, slow)
	const limit = 20
	permit := ledger.Permit{Rule: "pci.bulk", Prompt: [16]byte{1}, AsIs: true}
	if err := ledgers[0].Grant(t.Context(), "ann@corp.example", permit); err != nil {
		t.Fatal(err)
	}
	var left, permitted atomic.Int32
	var wg sync.WaitGroup
	for n := range 50 {
		l := ledgers[n%2]
		wg.Go(func() {
			a, err := l.Open(t.Context(), "ann@corp.example")
			if err != nil {
				t.Error(err)
				return
			}
			defer a.Close()
			for {
				e := ledger.Entry{Exchange: fmt.Sprint(n), App: "chatgpt", Prompts: 1, Tail: &ledger.Tail{App: "chatgpt", Text: "the end of a prompt"}}
				if a.With("chatgpt", card(l, n)).Exposure["CREDIT_CARD"].D30 <= limit {
					e.Values = card(l, n)
				}
				if a.Permitted(permit.Rule, permit.Prompt) == ledger.AsIs {
					e.Used = []ledger.Use{{Rule: permit.Rule, Prompt: permit.Prompt}}
				}
				err := a.Commit(t.Context(), e)
				if errors.Is(err, ledger.ErrConflict) {
					continue
				}
				if err != nil {
					t.Error(err)
				}
				left.Add(int32(len(e.Values)))
				permitted.Add(int32(len(e.Used)))
				return
			}
		})
	}
	wg.Wait()
	a, err := ledgers[1].Open(t.Context(), "ann@corp.example")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if got := a.Totals(); left.Load() != limit || permitted.Load() != 1 || got.Prompts != 50 || got.Exposure["CREDIT_CARD"].H1 != limit || got.Local {
		t.Errorf("%d values left, %d times permitted, counted %+v", left.Load(), permitted.Load(), got)
	}
	for key := range strings.FieldsSeq(server.Do(t, "--scan")) {
		value := server.Do(t, "GET", key)
		for _, known := range []string{"corp.example", "chatgpt", "CREDIT_CARD", "a prompt", "pci.bulk"} {
			if strings.Contains(key+value, known) {
				t.Errorf("Redis can read %q", known)
			}
		}
	}
}

// TestLedgerOutlivesRedis: while Redis does not answer a little may leave, and is
// counted once when it answers again.
func TestLedgerOutlivesRedis(t *testing.T) {
	server := StartRedis(t)
	ledgers := ledgersOn(t, server, 500*time.Millisecond)
	commit := func(l *ledger.Ledger, n int) error {
		a, err := l.Open(t.Context(), "ann")
		if err != nil {
			return err
		}
		defer a.Close()
		return a.Commit(t.Context(), ledger.Entry{Exchange: fmt.Sprint(n), App: "chatgpt", Prompts: 1, Values: card(l, n)})
	}
	if err := commit(ledgers[0], 0); err != nil {
		t.Fatal(err)
	}
	server.Pause()
	defer server.Resume()
	for n := 1; n <= 3; n++ {
		if err := commit(ledgers[0], n); err != nil {
			t.Fatal(err)
		}
	}
	if err := commit(ledgers[0], 4); !errors.Is(err, ledger.ErrBudget) {
		t.Errorf("more than the budget: %v", err)
	}
	if err := commit(ledgers[1], 5); !errors.Is(err, ledger.ErrBudget) {
		t.Errorf("a value of somebody whom this proxy does not know: %v", err)
	}
	server.Resume()

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		ledgers[0].Run(ctx)
		close(done)
	}()
	eventually(t, "what waited is written", func() bool { return ledgers[0].Waiting() == 0 })
	cancel()
	<-done
	a, err := ledgers[1].Open(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if got := a.Totals(); got.Local || got.Prompts != 4 || got.Exposure["CREDIT_CARD"].D30 != 4 {
		t.Errorf("counted %+v", got)
	}
}

package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
	"github.com/sluice-proxy/sluice/proxy/session"
)

// limited is a policy that lets ten addresses of a person out in a month, and lets
// everything else through.
var limited = map[string]string{
	"connect/all.rego": asking["connect/all.rego"],
	"request/month.rego": `package sluice.request.month

# METADATA
# title: Enough for this month
# labels: {rule: month.mail}
# custom: {severity: low, remediation: Wait.}
verdict contains {"id": "month.mail", "action": "block"} if input.session.exposure_after.EMAIL_ADDRESS.d30 > 10

# METADATA
# title: Cards stay here
# labels: {rule: month.card}
# custom: {severity: high, remediation: none}
verdict contains {"id": "month.card", "action": "redact", "redact": {"CREDIT_CARD"}} if "CREDIT_CARD" in input.content.found

# METADATA
# title: Keys stay here
# labels: {rule: month.key}
# custom: {severity: high, remediation: none}
verdict contains {"id": "month.key", "action": "block"} if input.content.families.secret.count > 0
`,
	"response/none.rego": "package sluice.response.none\n",
}

// fleet starts proxies that share a store.
func fleet(t *testing.T, n int, store session.Store, change func(*proxy.Parts)) []*proxytest.Proxy {
	t.Helper()
	var all []*proxytest.Proxy
	for range n {
		all = append(all, proxytest.Start(t, proxytest.Settings{
			Hosts: []string{host, "api.anthropic.com"}, Sanctioned: []string{"openai-api", "anthropic-api"}, Users: []string{"ana", "bo"},
			Policy: limited, Store: store, Change: change,
		}))
	}
	return all
}

func memory() *session.Memory {
	return session.NewMemory(session.MemoryOptions{MaxBytes: 64 << 20})
}

// TestSlowBleed: a little with each prompt adds up, over two proxies; a value that was
// sent before counts once, and another person has an account of their own.
func TestSlowBleed(t *testing.T) {
	all := fleet(t, 2, memory(), nil)
	for i := range 10 {
		if status, said, _ := sendAs(t, all[i%2], "ana", "m", fmt.Sprintf("Ask customer%d@example.org", i)); status != http.StatusOK {
			t.Fatalf("address %d: %d %s", i, status, said)
		}
	}
	if status, _, _ := sendAs(t, all[0], "ana", "m", "Ask customer3@example.org once more, and CUSTOMER7@example.org"); status != http.StatusOK {
		t.Errorf("known addresses: %d", status)
	}
	for i, p := range all {
		if status, _, received := sendAs(t, p, "ana", "m", "Ask customer10@example.org"); status != http.StatusForbidden || received != "" {
			t.Errorf("proxy %d, the eleventh: %d", i, status)
		}
	}
	if status, _, _ := sendAs(t, all[0], "bo", "m", "Ask customer10@example.org"); status != http.StatusOK {
		t.Errorf("another person: %d", status)
	}
	if status, _, _ := sendAs(t, all[0], "ana", "m", "hello"); status != http.StatusOK {
		t.Errorf("no address: %d", status)
	}
}

// TestParallelPrompts: of many prompts at once over two proxies, no more pass than the
// limit allows, and as many as it allows.
func TestParallelPrompts(t *testing.T) {
	all := fleet(t, 2, memory(), nil)
	var prompts sync.WaitGroup
	var through atomic.Int32
	for i := range 40 {
		prompts.Go(func() {
			if status, _, _ := sendAs(t, all[i%2], "ana", "m", fmt.Sprintf("Ask customer%d@example.org", i)); status == http.StatusOK {
				through.Add(1)
			}
		})
	}
	prompts.Wait()
	if through.Load() != 10 {
		t.Errorf("%d went through", through.Load())
	}
}

// TestCutOverPrompts: a value whose pieces come with several prompts is found when the
// last one comes.
func TestCutOverPrompts(t *testing.T) {
	key := "AKIA" + "Q3EGRFV5XJ" + "7TLP2K" // made up
	shout := "AKIA" + "QXEGRFVVXJ" + "7TLP2K"
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		text := make([]byte, n)
		for i := range text {
			text[i] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789"[r.IntN(58)]
		}
		return string(text)
	}
	long := "sk-" + "proj-" + random(74) + "T3Blbk" + "FJ" + random(74)
	for _, c := range []struct {
		name   string
		before []string
		last   string
		gone   string // what the origin must not get with the last
		block  bool
	}{
		{"a card in halves", []string{"The first half is 4111 1111"}, "and the rest 1111 1111, thanks", "1111 1111", false},
		{"a card in halves, bare", []string{"41111111"}, "11111111", "11111111", false},
		{"a card with hyphens", []string{"number: 4111-1111-"}, "1111-1111 is the end of it", "1111-1111", false},
		{"a card in quarters", []string{"4111", "then 1111", "then 1111"}, "then 1111", "1111", false},
		{"a key in halves", []string{"key = " + key[:11]}, "goes on with " + key[11:], key[11:], true},
		{"a key in halves, bare", []string{key[:7]}, key[7:], key[7:], true},
		{"a key in thirds", []string{"a " + key[:8], "b " + key[8:14]}, "c " + key[14:], key[14:], true},
		{"with prompts between", []string{"The first half is 4111 1111", "How are you?", "What is a proxy", "Tell me more", "Thanks a lot", "Good night"}, "and the rest 1111 1111", "1111 1111", false},
		{"a key whose rest looks like an address", []string{"a " + key[:11]}, "Write to " + key[11:] + "@example.org", key[11:], true},
		{"a key in thirds, among words", []string{"first " + key[:8] + " is it", "second " + key[8:14] + " is it"}, "third " + key[14:] + " is it", key[14:], true},
		{"a key whose first half has no digit", []string{"It begins with " + shout[:10] + " as I said before"}, "and ends with " + shout[10:] + " as you see", shout[10:], true},
		{"a long key, of which little comes first", []string{"It begins with " + long[:30] + " as I said"}, "and ends with " + long[30:] + " as you see", long[30:], true},
		{"with words between", []string{"first comes " + key[:11] + " and then something quite different about our holidays"}, "It was " + key[11:] + " that I meant", key[11:], true},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := fleet(t, 2, memory(), nil)
			for i, text := range c.before {
				if status, said, received := sendAs(t, all[i%2], "ana", "m", text); status != http.StatusOK || !strings.Contains(received, strings.Fields(text)[0]) {
					t.Fatalf("piece %d: %d %s", i, status, said)
				}
			}
			if status, _, received := sendAs(t, all[1], "bo", "m", c.last); status != http.StatusOK || !strings.Contains(received, c.gone) {
				t.Errorf("another person's: %d %q", status, received)
			}
			status, said, received := sendAs(t, all[1], "ana", "m", c.last)
			switch {
			case c.block && (status != http.StatusForbidden || received != ""):
				t.Errorf("%d %q %s", status, received, said)
			case !c.block && (status != http.StatusOK || strings.Contains(received, c.gone) || !strings.Contains(received, "[CREDIT_CARD_")):
				t.Errorf("%d %q", status, received)
			}
		})
	}
}

// TestNotCutOverPrompts: numbers and words of ordinary prompts do not become values.
func TestNotCutOverPrompts(t *testing.T) {
	p := fleet(t, 1, memory(), nil)[0]
	for i, text := range []string{
		"In 2024 we sold 41111 units", "and 2025 it was 52000, invoice 4711", "Call 030 1234567 on 2026-01-17",
		"version 1.2.3-rc4 of libfoo-2.so", "commit 3f786850e387550fdab836ed7e6dc881de23001b", "and then 89e6c98d92887913cadf06b2adb97f26cde4849b",
		"order 100200300400", "and 500600700800", "sha256 e3b0c44298fc1c149afbf4c8996fb924", "27ae41e4649b934ca495991b7852b855",
	} {
		if status, said, received := sendAs(t, p, "ana", "m", text); status != http.StatusOK || !strings.Contains(received, text) {
			t.Errorf("%d %q: %d %s", i, text, status, said)
		}
	}
}

// TestListsAreNotPieces: numbers of one length that stand together, orders and
// customers, are no halves of card numbers, though many two of them would be one.
func TestListsAreNotPieces(t *testing.T) {
	p := fleet(t, 1, memory(), nil)[0]
	r := rand.New(rand.NewPCG(1, 8))
	for i, n := range []int{3, 3, 3, 3, 3, 3, 3, 3, 40, 40, 40, 40} {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("%08d", 40_000_000+r.IntN(20_000_000))
		}
		text := "What about the orders " + strings.Join(list, ", ") + " please?"
		if status, _, received := sendAs(t, p, "ana", "m", text); status != http.StatusOK || !strings.Contains(received, text) {
			t.Errorf("prompt %d: %d %q", i, status, received)
		}
	}
	sendAs(t, p, "ana", "m", "It begins with 41111111.")
	if _, _, received := sendAs(t, p, "ana", "m", "Then 11111111, yes, 1111-1111."); strings.Contains(received, "1111") {
		t.Errorf("one number twice: %q", received)
	}
}

// TestReplacedIsNotRemembered: of a value that went out as a placeholder no piece is
// kept; what stands beside it is.
func TestReplacedIsNotRemembered(t *testing.T) {
	p := fleet(t, 1, memory(), nil)[0]
	if _, _, received := sendAs(t, p, "ana", "m", "Charge 4111 1111 1111 1111, order 4711"); !strings.Contains(received, "[CREDIT_CARD_") {
		t.Fatal(received)
	}
	account, err := p.Server.Parts().Ledger.Open(t.Context(), "person  ana")
	if err != nil {
		t.Fatal(err)
	}
	defer account.Close()
	tails := account.Tails()
	if len(tails) != 1 || strings.Contains(tails[0].Text, "1111") || !strings.Contains(tails[0].Text, "4711") {
		t.Errorf("%q", tails)
	}
}

// TestManyNumbers: a long table of numbers is not joined number by number.
func TestManyNumbers(t *testing.T) {
	p := fleet(t, 1, memory(), nil)[0]
	for i := range 4 {
		sendAs(t, p, "ana", "m", fmt.Sprintf("a 1234567%d, b 2345678%d, c 3456789%d, d 4567891%d", i, i, i, i))
	}
	var table strings.Builder
	for i := range 150_000 {
		fmt.Fprintf(&table, "%08d,", 12345670+i*7)
	}
	start := time.Now()
	status, said, _ := sendAs(t, p, "ana", "m", table.String())
	if took := time.Since(start); status != http.StatusOK || took > 5*time.Second {
		t.Errorf("%d after %v: %.100s", status, took, said)
	}
}

// TestTurnIsNotForEver: a prompt waits for those of the same person that are being
// decided, but not for ever, and nobody else waits for them.
func TestTurnIsNotForEver(t *testing.T) {
	p := fleet(t, 1, memory(), nil)[0]
	account, err := p.Server.Parts().Ledger.Open(t.Context(), "person  ana")
	if err != nil {
		t.Fatal(err)
	}
	if status, _, _ := sendAs(t, p, "bo", "m", "hello"); status != http.StatusOK {
		t.Errorf("another person: %d", status)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() { // so that the prompt does not wait longer than the test
		<-ctx.Done()
		account.Close()
	}()
	status, said, _ := sendAs(t, p, "ana", "m", "hello again")
	if status != http.StatusServiceUnavailable || !strings.Contains(said, "at the same time") || last(p.Completions(t))["reason"] != "session_busy" {
		t.Errorf("%d %s", status, said)
	}
}

// brokenStore is a store that fails, or answers late, when it is told to.
type brokenStore struct {
	session.Store
	down atomic.Bool
}

func (b *brokenStore) Get(ctx context.Context, key string) (session.Value, error) {
	if b.down.Load() {
		return session.Value{}, fmt.Errorf("%w: %w", session.ErrUnavailable, errors.New("refused"))
	}
	return b.Store.Get(ctx, key)
}

func (b *brokenStore) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	if b.down.Load() {
		return session.Value{}, fmt.Errorf("%w: %w", session.ErrUnavailable, errors.New("refused"))
	}
	return b.Store.Put(ctx, key, old, data, ttl)
}

// TestStoreDown: without the store nothing that is counted goes through, what is not
// counted does, and afterwards the count goes on where it was.
func TestStoreDown(t *testing.T) {
	store := &brokenStore{Store: memory()}
	p := fleet(t, 1, store, nil)[0]
	for i := range 9 {
		if status, _, _ := sendAs(t, p, "ana", "m", fmt.Sprintf("Ask customer%d@example.org", i)); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	store.down.Store(true)
	for _, text := range []string{"Ask customer9@example.org", "hello"} {
		status, said, received := sendAs(t, p, "ana", "m", text)
		if status != http.StatusServiceUnavailable || received != "" || !strings.Contains(said, "could not be looked up") {
			t.Errorf("%q: %d %q %s", text, status, received, said)
		}
	}
	refused := 0 // the completion of one that passed may come later than theirs
	for _, line := range p.Completions(t) {
		if line["reason"] == "session_unavailable" {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d recorded as refused", refused)
	}
	store.down.Store(false)
	for i, want := range []int{http.StatusOK, http.StatusForbidden} {
		if status, _, _ := sendAs(t, p, "ana", "m", fmt.Sprintf("Ask customer%d@example.org", 9+i)); status != want {
			t.Errorf("address %d: %d", 9+i, status)
		}
	}
}

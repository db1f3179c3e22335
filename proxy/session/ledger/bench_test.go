package ledger

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

// expose gives a subject values that are spread over five entities and three apps, in
// twenty prompts, and all else that a record may have.
func expose(t testing.TB, l *Ledger, subject string, values int) {
	entities := []string{"CREDIT_CARD", "EMAIL_ADDRESS", "US_SSN", "PHONE_NUMBER", "AWS_ACCESS_TOKEN"}
	apps := []string{"chatgpt", "claude", "gemini"}
	const prompts = 20
	for p := range prompts {
		var left []Value
		for n := p; n < values; n += prompts {
			left = append(left, numbered(l, entities[n/prompts%len(entities)], n)...)
		}
		commit(t, l, subject, Entry{
			Exchange: fmt.Sprint(subject, p), App: apps[p%len(apps)], Prompts: 1, Bytes: 2000, Values: left,
			Tail: &Tail{App: apps[p%len(apps)], Conversation: fmt.Sprintf("%036d", p%2), Text: strings.Repeat("the end of a prompt ", 12)},
		})
	}
}

func BenchmarkExchange(b *testing.B) {
	for _, values := range []int{0, 100, 10_000} {
		b.Run(fmt.Sprint(values, "values"), func(b *testing.B) {
			l := open(b, Options{Store: session.NewMemory(session.MemoryOptions{})})
			expose(b, l, "ann", values)
			ctx := context.Background()
			fresh := numbered(l, "CREDIT_CARD", 1, 1)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				a, err := l.Open(ctx, "ann")
				if err != nil {
					b.Fatal(err)
				}
				if a.Totals().Prompts == 0 {
					b.Fatal("nothing was counted")
				}
				err = a.Commit(ctx, Entry{Exchange: fmt.Sprint("benchmark", i), App: "chatgpt", Prompts: 1, Bytes: 2000, Values: fresh})
				a.Close()
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParts(b *testing.B) {
	l := open(b, Options{Store: session.NewMemory(session.MemoryOptions{})})
	expose(b, l, "ann", 100)
	a := account(b, l, "ann")
	now := time.Now()
	data := a.record.encode(nil)
	b.Logf("%d bytes", len(data))
	sealed := l.boxes[0].Seal("x", data)
	values := numbered(l, "CREDIT_CARD", 1, 5, 200)
	for name, run := range map[string]func(){
		"totals": func() { a.record.totals(now) },
		"with":   func() { a.With("chatgpt", values) },
		"encode": func() { data = a.record.encode(data[:0]) },
		"decode": func() { _, _ = decode(data) },
		"seal":   func() { l.boxes[0].Seal("x", data) },
		"open":   func() { _, _ = l.boxes[0].Open("x", sealed) },
		"key":    func() { l.boxes[0].Key("ledger", "ann") },
		"sum":    func() { l.Sum("CREDIT_CARD", "4111111111111111") },
		"next":   func() { _, _ = a.record.with(Entry{Exchange: "x", App: "chatgpt", Prompts: 1, Values: values}, now) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}

// TestMemoryOfManySubjects measures what a subject with a hundred values takes in the
// memory store, and what a hundred thousand would.
func TestMemoryOfManySubjects(t *testing.T) {
	const subjects = 500
	store := session.NewMemory(session.MemoryOptions{})
	l := open(t, Options{Store: store})
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range subjects {
		expose(t, l, fmt.Sprint("person", i, "@example.com"), 100)
	}
	known := heap()
	l.known.Purge()
	after := heap()
	each, cached := (after-before)/subjects, (known-after)/subjects
	all := each*100_000 + cached*maxKnown
	t.Logf("%d bytes a subject, %d more while it is known: %d MB for 100,000", each, cached, all>>20)
	if all > 500_000_000 {
		t.Errorf("100,000 subjects would take %d bytes", all)
	}
	runtime.KeepAlive(store)
}

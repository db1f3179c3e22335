package ledger

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

func TestTwoRoundTrips(t *testing.T) {
	store := newShelf()
	l := open(t, Options{Store: store})
	a := account(t, l, "ann")
	a.Totals()
	a.With("chatgpt", numbered(l, "E", 1))
	a.Permitted("rule", [16]byte{})
	a.Tails()
	if err := a.Commit(context.Background(), Entry{Exchange: "1", App: "chatgpt", Values: numbered(l, "E", 1)}); err != nil {
		t.Fatal(err)
	}
	a.Close()
	if store.gets.Load() != 1 || store.puts.Load() != 1 {
		t.Errorf("%d gets and %d puts", store.gets.Load(), store.puts.Load())
	}
}

func TestCountsAndScore(t *testing.T) {
	clock := newClock()
	l := open(t, Options{Store: newShelf(), Now: clock.now})
	for i, e := range []Entry{
		{App: "chatgpt", Prompts: 1, Bytes: 1000, Values: []Value{{"AWS_ACCESS_TOKEN", "secret", l.Sum("AWS_ACCESS_TOKEN", "a")}}},
		{App: "claude", Prompts: 1, Bytes: 500, Coached: 1},
		{App: "claude", Blocked: 1},
	} {
		e.Exchange = fmt.Sprint(i)
		commit(t, l, "ann", e)
	}
	got := totals(t, l, "ann")
	if got.Prompts != 2 || got.Bytes != 1500 || got.Coached24h != 1 || got.Blocked24h != 1 || got.LeakScore != 16 { // 100×20/120
		t.Errorf("got %+v", got)
	}
	clock.add(26 * time.Hour)
	if got = totals(t, l, "ann"); got.Prompts != 2 || got.Coached24h != 0 || got.Blocked24h != 0 || got.LeakScore != 4 { // 100×5/105
		t.Errorf("a day later: got %+v", got)
	}
	clock.add(31 * 24 * time.Hour)
	if got = totals(t, l, "ann"); got.Prompts != 0 || got.Bytes != 0 || got.LeakScore != 0 || len(got.Exposure) != 0 || len(got.Apps) != 0 {
		t.Errorf("a month later: got %+v", got)
	}
	if got = totals(t, l, "bob"); got.Prompts != 0 || len(got.Exposure) != 0 {
		t.Errorf("somebody else: got %+v", got)
	}
}

func TestExchangeCountsOnce(t *testing.T) {
	store := newShelf()
	l := open(t, Options{Store: store})
	e := Entry{Exchange: "1", App: "chatgpt", Prompts: 1, Bytes: 10, Values: numbered(l, "E", 1)}
	for range 3 {
		commit(t, l, "ann", e)
	}
	e.Values = numbered(l, "E", 1, 2) // more left under the same id after all
	commit(t, l, "ann", e)
	if got := totals(t, l, "ann"); got.Prompts != 1 || got.Bytes != 10 || got.Exposure["E"].H1 != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestLostAnswer(t *testing.T) {
	store := newShelf()
	l, other := open(t, Options{Store: store}), open(t, Options{Store: store})
	ctx := context.Background()
	use := Use{"rule", [16]byte{1}}
	if err := l.Grant(ctx, "ann", Permit{Rule: use.Rule, Prompt: use.Prompt}); err != nil {
		t.Fatal(err)
	}
	e := Entry{Exchange: "1", App: "chatgpt", Prompts: 1, Values: numbered(l, "E", 1), Used: []Use{use}}
	a := account(t, l, "ann")
	store.lost.Store(1)
	if err := a.Commit(ctx, e); !errors.Is(err, session.ErrUnavailable) {
		t.Fatalf("not known to be written: %v", err)
	}
	commit(t, other, "ann", Entry{Exchange: "2", App: "chatgpt", Prompts: 1})
	if err := a.Commit(ctx, e); err != nil {
		t.Errorf("written, and written over by another: %v", err)
	}
	if got := a.Totals(); got.Prompts != 2 {
		t.Errorf("got %+v", got)
	}

	e = Entry{Exchange: "3", App: "chatgpt", Prompts: 1}
	store.down.Store(true)
	if err := a.Commit(ctx, e); !errors.Is(err, session.ErrUnavailable) {
		t.Fatalf("not written: %v", err)
	}
	store.down.Store(false)
	commit(t, other, "ann", Entry{Exchange: "4", App: "chatgpt", Prompts: 1, Values: numbered(l, "E", 2)})
	if err := a.Commit(ctx, e); !errors.Is(err, ErrConflict) {
		t.Errorf("not written, and another was: %v", err)
	}
	if got := a.Totals(); got.Exposure["E"].D30 != 2 {
		t.Errorf("the account does not show it: %+v", got)
	}
	if err := a.Commit(ctx, e); err != nil {
		t.Error(err)
	}
	a.Close()
	if got := totals(t, other, "ann"); got.Prompts != 4 {
		t.Errorf("got %+v", got)
	}
	if err := a.Commit(ctx, e); err == nil {
		t.Error("a closed account was written")
	}
	a.Close()
}

func TestStoreDownIsClosed(t *testing.T) {
	store := newShelf()
	l := open(t, Options{Store: store})
	store.down.Store(true)
	if _, err := l.Open(context.Background(), "ann"); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("open: %v", err)
	}
	if err := l.Grant(context.Background(), "ann", Permit{Rule: "r"}); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("grant: %v", err)
	}
	if len(l.turns.held) != 0 {
		t.Error("the turn is still held")
	}
}

func TestTurnsWaitForTheContextOnly(t *testing.T) {
	l := open(t, Options{Store: newShelf()})
	a := account(t, l, "ann")
	account(t, l, "bob").Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := l.Open(ctx, "ann"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	a.Close()
	account(t, l, "ann").Close()
	if len(l.turns.held) != 0 {
		t.Error("turns are kept for nobody")
	}
}

func TestUnreadableRecordIsAnError(t *testing.T) {
	store := newShelf()
	l := open(t, Options{Store: store})
	ctx := context.Background()
	for name, data := range map[string][]byte{
		"nothing":         {},
		"noise":           []byte(strings.Repeat("x", 100)),
		"another's":       l.boxes[0].Seal("ledger:other", (&record{}).encode(nil)),
		"a newer version": l.boxes[0].Seal(l.boxes[0].Key("ledger", "ann"), []byte{version + 1}),
	} {
		key := l.boxes[0].Key("ledger", "ann")
		if _, err := store.Take(ctx, key); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Put(ctx, key, 0, data, time.Hour); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Open(ctx, "ann"); !errors.Is(err, ErrRecord) || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
		if err := l.Grant(ctx, "ann", Permit{Rule: "r"}); !errors.Is(err, ErrRecord) {
			t.Errorf("%s: grant: %v", name, err)
		}
	}
}

// TestTailLetsGo: a tail that is kept does not keep the prompt that it was cut from.
func TestTailLetsGo(t *testing.T) {
	l := open(t, Options{Store: newShelf()})
	before := heap()
	for i := range 16 {
		prompt := strings.Repeat("x", 4<<20)
		commit(t, l, fmt.Sprint(i), Entry{Exchange: fmt.Sprint(i), App: "chatgpt", Tail: &Tail{
			App: prompt[:7], Conversation: prompt[:9], Text: prompt[len(prompt)-60:],
		}})
	}
	if took := heap() - before; took > 8<<20 {
		t.Errorf("%d bytes are kept", took)
	}
	runtime.KeepAlive(l)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestTails(t *testing.T) {
	clock := newClock()
	l := open(t, Options{Store: newShelf(), Now: clock.now})
	for i := range 6 {
		commit(t, l, "ann", Entry{Exchange: fmt.Sprint(i), App: "chatgpt", Tail: &Tail{App: "chatgpt", Conversation: "c", Text: strings.Repeat("ä", 200) + fmt.Sprint(i)}})
		clock.add(time.Minute)
	}
	a := account(t, l, "ann")
	got := a.Tails()
	a.Close()
	if len(got) != 4 || got[0].Text != strings.Repeat("ä", 127)+"2" || got[3].Text[254:] != "5" || got[3].App != "chatgpt" || got[3].Conversation != "c" || !got[3].At.Equal(clock.now().Add(-time.Minute)) {
		t.Errorf("got %+v", got)
	}
	clock.add(24 * time.Hour)
	a = account(t, l, "ann")
	if got = a.Tails(); len(got) != 0 {
		t.Errorf("a day later: got %+v", got)
	}
	a.Close()
}

// TestBoundsCountTooMuch: what finds no list of its own is counted all the same.
func TestBoundsCountTooMuch(t *testing.T) {
	l := open(t, Options{Store: newShelf()})
	for i := range 200 {
		commit(t, l, "ann", Entry{Exchange: fmt.Sprint("a", i), App: fmt.Sprint("app", i), Prompts: 1, Values: numbered(l, "E", i, i+1)})
	}
	got := totals(t, l, "ann")
	if n := got.Exposure["E"].D30; n < 201 || n > 240 {
		t.Errorf("%d values are counted", n)
	}
	if len(got.Apps) != maxPairs+1 || got.Apps[Rest]["E"].D30 < 100 || got.Prompts != 200 {
		t.Errorf("%d apps, %+v at the rest, %d prompts", len(got.Apps), got.Apps[Rest], got.Prompts)
	}
	for i := range 100 {
		commit(t, l, "ann", Entry{Exchange: fmt.Sprint("b", i), App: "app0", Values: numbered(l, fmt.Sprint("E", i), i)})
	}
	a := account(t, l, "ann")
	defer a.Close()
	if n := len(a.record.lists); n > maxLists {
		t.Errorf("%d lists", n)
	}
	got = a.Totals()
	sum := 0
	for _, w := range got.Exposure {
		sum += w.D30
	}
	if sum < 301 || got.Exposure[Rest].D30 == 0 {
		t.Errorf("%d values are counted, %+v of the rest", sum, got.Exposure[Rest])
	}
	if after := a.With("app0", numbered(l, "E99", 99)); after.Exposure["E99"] != after.Exposure[Rest] || after.Exposure["E99"].D30 == 0 {
		t.Errorf("an entity of the rest is foretold as %+v", after.Exposure["E99"])
	}
}

func TestClockSetBack(t *testing.T) {
	clock := newClock()
	l := open(t, Options{Store: newShelf(), Now: clock.now})
	commit(t, l, "ann", Entry{Exchange: "1", App: "a", Prompts: 1, Blocked: 1, Values: numbered(l, "E", 1, 2)})
	want := totals(t, l, "ann")
	for i := range 100 {
		clock.add(-26 * time.Hour)
		commit(t, l, "ann", Entry{Exchange: fmt.Sprint("back", i), App: "a", Prompts: 1, Blocked: 1, Values: numbered(l, "E", 1)})
		want.Prompts++
		want.Blocked24h++
		if got := totals(t, l, "ann"); got.Prompts != want.Prompts || got.Blocked24h != want.Blocked24h || got.Exposure["E"] != (Windows{2, 2, 2}) {
			t.Fatalf("%d: got %+v", i, got)
		}
	}
	clock.add(100*26*time.Hour + 59*time.Minute)
	if got := totals(t, l, "ann").Exposure["E"]; got != (Windows{2, 2, 2}) {
		t.Errorf("put right: got %+v", got)
	}
	clock.add(2 * time.Minute)
	if got := totals(t, l, "ann").Exposure["E"]; got != (Windows{0, 2, 2}) {
		t.Errorf("after an hour: got %+v", got)
	}
}

// TestLongNames: the app may be a host that is in no catalogue.
func TestLongNames(t *testing.T) {
	l := open(t, Options{Store: newShelf()})
	host := strings.Repeat("h", 253)
	commit(t, l, "ann", Entry{
		Exchange: "1", App: host, Prompts: 1, Values: numbered(l, strings.Repeat("E", 255), 1),
		Tail: &Tail{App: host, Conversation: strings.Repeat("c", 1000), Text: strings.Repeat("t", 1000)},
	})
	l.known.Purge() // so that it is decoded
	if got := totals(t, l, "ann"); got.Apps[host][strings.Repeat("E", 255)].H1 != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestEntryIsChecked(t *testing.T) {
	l := open(t, Options{Store: newShelf()})
	a := account(t, l, "ann")
	defer a.Close()
	long := strings.Repeat("x", 256)
	for name, e := range map[string]Entry{
		"no id":       {},
		"negative":    {Exchange: "1", Prompts: -1},
		"long app":    {Exchange: "1", App: long},
		"long entity": {Exchange: "1", Values: []Value{{Entity: long, Sum: Sum{1}}}},
		"no entity":   {Exchange: "1", Values: []Value{{Sum: Sum{1}}}},
		"no sum":      {Exchange: "1", Values: []Value{{Entity: "E"}}},
		"long tail":   {Exchange: "1", Tail: &Tail{App: long}},
	} {
		if err := a.Commit(context.Background(), e); err == nil {
			t.Errorf("%s was committed", name)
		}
	}
	for name, o := range map[string]Options{
		"no store":      {Secrets: [][32]byte{{}}},
		"no secret":     {Store: newShelf()},
		"three secrets": {Store: newShelf(), Secrets: make([][32]byte, 3)},
		"on_error":      {Store: newShelf(), Secrets: make([][32]byte, 1), OnError: "open"},
		"budget":        {Store: newShelf(), Secrets: make([][32]byte, 1), Budget: Budget{Prompts: -1}},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

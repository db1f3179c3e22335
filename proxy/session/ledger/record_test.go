package ledger

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// full is a record that has something of everything.
func full(t testing.TB) *record {
	l := open(t, Options{Store: newShelf()})
	now := newClock().at
	r := &record{took: 7}
	for step := range 70 {
		tail := Tail{App: "chatgpt", Conversation: "c", Text: "the end"}
		var err error
		r, err = r.with(Entry{
			Exchange: fmt.Sprint(step), App: fmt.Sprint("app", step%3), Prompts: 1, Bytes: 100, Coached: step % 2, Blocked: 1,
			Values: numbered(l, fmt.Sprint("E", step%2), upTo(150)[step:]...), Tail: &tail,
		}, now)
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	for i := range 3 {
		var err error
		r, err = r.grant(Permit{Rule: fmt.Sprint("rule", i), AsIs: i == 0, Holding: i == 1, Until: now.Add(time.Minute)}, now)
		if err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// small is a record that has one of each, so that it is soon varied.
func small(t testing.TB) *record {
	now := newClock().at
	r, err := (&record{}).with(Entry{Exchange: "1", App: "a", Prompts: 1, Blocked: 1, Values: []Value{{"E", "pii", Sum{5}}}, Tail: &Tail{App: "a", Text: "end"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = r.grant(Permit{Rule: "r", AsIs: true}, now); err != nil {
		t.Fatal(err)
	}
	r.lists[0].older = sketched(nil, seen{9, r.at - 5})
	return r
}

func TestRecordComesBack(t *testing.T) {
	for name, r := range map[string]*record{"empty": {}, "full": full(t)} {
		got, err := decode(r.encode(nil))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got.totals(date(r.at)), r.totals(date(r.at))) {
			t.Errorf("%s: it means something else", name)
		}
		if again := got.encode(nil); string(again) != string(r.encode(nil)) {
			t.Errorf("%s: it is encoded otherwise the second time", name)
		}
	}
}

func TestRecordIsWholeOrRefused(t *testing.T) {
	data := full(t).encode(nil)
	for n := range data {
		if _, err := decode(data[:n]); !errors.Is(err, ErrRecord) {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(data), err)
		}
	}
	if _, err := decode(append(data[:len(data):len(data)], 0)); !errors.Is(err, ErrRecord) {
		t.Errorf("a byte more: %v", err)
	}
	newer := append([]byte{version + 1}, data[1:]...)
	if _, err := decode(newer); !errors.Is(err, ErrRecord) {
		t.Errorf("a newer version: %v", err)
	}
}

// FuzzRecord: what is accepted holds every bound, can be used, and is written again
// as something that means the same.
func FuzzRecord(f *testing.F) {
	f.Add((&record{}).encode(nil))
	f.Add(small(f).encode(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decode(data)
		if err != nil {
			if !errors.Is(err, ErrRecord) {
				t.Fatal(err)
			}
			return
		}
		now := date(r.at)
		again, err := decode(r.encode(nil))
		if err != nil {
			t.Fatalf("what was accepted is refused when written again: %v", err)
		}
		if !reflect.DeepEqual(again.totals(now), r.totals(now)) {
			t.Fatal("it means something else when written again")
		}
		next, err := r.with(Entry{Exchange: "x", App: "a", Prompts: 1, Bytes: 1, Coached: 1, Values: []Value{{Entity: "E", Sum: Sum{1, 2}}}, Tail: &Tail{Text: "t"}}, now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(next.encode(nil)); err != nil {
			t.Fatalf("after an exchange: %v", err)
		}
		if _, err := decode(r.merged(next).encode(nil)); err != nil {
			t.Fatalf("merged: %v", err)
		}
	})
}

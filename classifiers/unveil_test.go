package classifiers

import (
	"context"
	"errors"
	"testing"
)

// A disguised value has the same number in every process that has the key, and
// another without it.
func TestHiddenIsTheFleets(t *testing.T) {
	const want = 0xfe8ed0f613a392b7 // HMAC-SHA256 by another hand
	s := &Set{key: [32]byte{1}}
	if got := s.hidden("jo@example.org"); got != want {
		t.Errorf("%#x, want %#x", got, uint64(want))
	}
	for name, other := range map[string]uint64{
		"another key":   (&Set{key: [32]byte{2}}).hidden("jo@example.org"),
		"another value": s.hidden("bo@example.org"),
	} {
		if other == want {
			t.Errorf("%s: the same number", name)
		}
	}
}

// An error of the reserve ends the scan; what is not disguised asks for nothing.
func TestReserve(t *testing.T) {
	none := errors.New("no memory")
	ctx := WithReserve(context.Background(), func(int64) error { return none })
	set, err := New(Options{}, digitsFamily{})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := set.Classify(ctx, []Sample{{Text: "plain 1234"}}); err != nil || len(found) != 1 {
		t.Errorf("got %v, %v", found, err)
	}
	if found, err := set.Classify(ctx, []Sample{{Text: "wide １２３４"}}); !errors.Is(err, none) || found != nil {
		t.Errorf("got %v, %v", found, err)
	}
	var taken int64
	ctx = WithReserve(context.Background(), func(n int64) error { taken += n; return nil })
	if found, err := set.Classify(ctx, []Sample{{Text: "wide １２３４"}}); err != nil || len(found) != 1 || taken < 8 {
		t.Errorf("got %v, %v with %d bytes", found, err, taken)
	}
}

// digitsFamily finds runs of four digits.
type digitsFamily struct{}

func (digitsFamily) Describe() Description {
	return Description{Family: "digits", Entities: []string{"FOUR"}, Version: "1"}
}

func (digitsFamily) Classify(_ context.Context, v *View, found []Finding) ([]Finding, error) {
	for _, r := range v.Digits {
		if r.Len() == 4 {
			found = append(found, Finding{Entity: "FOUR", Rule: "four", Confidence: 1, Start: r.Start, End: r.End})
		}
	}
	return found, nil
}

package classifiers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// More kinds of bytes than there are classes: every anchor is found, and what only
// shares its classes is not.
func TestManyBytes(t *testing.T) {
	var anchors []string
	for c := 1; c < 256; c++ {
		if c < 'A' || c > 'Z' {
			anchors = append(anchors, string([]byte{'q', byte(c), 'q'}), string([]byte{'q', byte(c), 'r'}))
		}
	}
	anchors = append(anchors, "qAq\xfe\xff")
	a, err := newAutomaton([][]string{anchors})
	if err != nil {
		t.Fatal(err)
	}
	if n := 1 << a.shift; n > maxClasses {
		t.Errorf("%d classes", n)
	}
	for n, anchor := range anchors {
		hits := make([][]Hit, 1)
		a.scan(anchor, 0, len(anchor), 0, hits)
		found := slices.ContainsFunc(hits[0], func(h Hit) bool { return h.Anchor == n })
		others := slices.ContainsFunc(hits[0], func(h Hit) bool { return !equal(anchor[h.Start:h.End], anchors[h.Anchor]) })
		if !found || others {
			t.Errorf("%q: %v", anchor, hits[0])
		}
	}
}

// However many states there are, each anchor is found where it stands, and nothing else.
func TestManyStates(t *testing.T) {
	for _, n := range []int{10, 2_000, 12_000} {
		var anchors []string
		for i := range n {
			anchors = append(anchors, fmt.Sprintf("k%d-%d!", i*7919%100_003, i*104_729%99_991))
		}
		a, err := newAutomaton([][]string{{"-1"}, anchors})
		if err != nil {
			t.Fatal(err)
		}
		if few := n < 12_000; few != (a.wide == nil) || few == (a.narrow == nil) {
			t.Errorf("%d anchors: %d and %d entries", n, len(a.narrow), len(a.wide))
		}
		text := "K1-1 and " + strings.ToUpper(strings.Join(anchors, " k1-"))
		hits := make([][]Hit, 2)
		half := len(text) / 2 // a state leads from one block to the next
		a.scan(text, half, len(text), a.scan(text, 0, half, 0, hits), hits)
		if len(hits[1]) != n {
			t.Errorf("%d of %d anchors", len(hits[1]), n)
		}
		for i, h := range hits[1] {
			if h.Anchor != i || !strings.EqualFold(text[h.Start:h.End], anchors[i]) {
				t.Fatalf("anchor %d of %d: %v", i, n, h)
			}
		}
		if want := strings.Count(text, "-1"); len(hits[0]) != want {
			t.Errorf("%d of %d inside", len(hits[0]), want)
		}
	}
}

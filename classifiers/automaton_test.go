package classifiers

import (
	"slices"
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

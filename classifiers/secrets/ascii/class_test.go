package ascii

import (
	"strings"
	"testing"
)

// A class holds the bytes it was made of and no other.
func TestClass(t *testing.T) {
	const in = "az09_\xff"
	c := Of(in)
	for b := range 256 {
		if want := strings.IndexByte(in, byte(b)) >= 0; c.Has(byte(b)) != want {
			t.Errorf("%q: %v, want %v", byte(b), !want, want)
		}
	}
	if c.Size() != len(in) {
		t.Errorf("size %d, want %d", c.Size(), len(in))
	}
	c.Union(&Digit)
	if want := len(in) - len("09") + len(Digits); c.Size() != want || !c.Has('5') {
		t.Errorf("with all digits: size %d, want %d", c.Size(), want)
	}
}

// A run ends at the first other byte, at the limit, or with the text.
func TestRuns(t *testing.T) {
	const text = "ab12;345"
	for _, c := range []struct{ at, limit, run, back int }{
		{0, 9, 4, 0}, {0, 3, 3, 0}, {2, 0, 2, 2}, {4, 9, 4, 0}, {4, 1, 4, 3}, {5, 9, 8, 5}, {8, 9, 8, 5}, {8, 2, 8, 6},
	} {
		if got := Alnum.Run(text, c.at, c.limit); got != c.run {
			t.Errorf("run at %d, limit %d: %d, want %d", c.at, c.limit, got, c.run)
		}
		if got := Alnum.Back(text, c.at, c.limit); got != c.back {
			t.Errorf("back at %d, limit %d: %d, want %d", c.at, c.limit, got, c.back)
		}
	}
	if got := Alnum.Run(text, len(text)+1, 4); got != len(text)+1 {
		t.Errorf("behind the text: %d", got)
	}
	for i, want := range map[int]bool{-1: false, 0: true, 4: false, 7: true, 8: false} {
		if WordAt(text, i) != want {
			t.Errorf("word at %d: %v", i, !want)
		}
	}
}

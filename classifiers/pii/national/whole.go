package national

import (
	"math/bits"
	"strings"
)

// anyGroups is the length from which a number with two check digits or a date
// may be grouped in any way when it is all of a text.
const anyGroups = 11

// Whole looks for the number that is all of the text, space and separators
// apart.
func (x *Index) Whole(r *Row, text string) Match {
	start, stop := trim(text)
	n := r.readAll(text[start:stop])
	if n == 0 {
		return Match{}
	}
	best := Match{}
	for i := range x.byLength[n] {
		f := &x.byLength[n][i]
		k := &Kinds[f.kind]
		if k.Evidence == Spoken || r.odd&^f.odd != 0 || !f.fits(r.value[:n], r.letters) || k.Check != nil && !k.Check(r.value[:n]) {
			continue
		}
		switch {
		case k.Evidence == Strong && (r.letters == 0 || f.named):
		case k.Check == nil && r.cuts != f.cuts, k.Evidence == Grouped && r.cuts == 0:
			continue
		case r.letters != 0 && k.Evidence != Grouped: // a check character of many, or letters in fixed places
			if r.cuts&^f.cuts != 0 {
				continue
			}
		case r.cuts != f.cuts && r.cuts != 0 && (k.Evidence != Printed || n < anyGroups), counts(r.value[:n]):
			continue
		}
		if best.End == 0 || k.Evidence > Kinds[best.Kind].Evidence {
			best = Match{f.kind, start, stop, ByItself}
		}
	}
	return best
}

// readAll fills the row with all of text and returns how many characters that
// is: 0 when anything else stands in it. A text that begins with a plus sign is
// a telephone number, and one that is spaced out has no groups.
func (r *Row) readAll(text string) int {
	r.letters, r.small, r.cuts, r.spaces, r.odd = 0, 0, 0, 0, 0
	if len(text) > maxBytes || strings.HasPrefix(text, "+") {
		return 0
	}
	n := 0
	for i := 0; i < len(text); {
		c := text[i]
		if isDigit(c) || isLetter(c) {
			if n == maxLength {
				return 0
			}
			r.put(n, c)
			n++
			i++
			continue
		}
		size := separator(text, i)
		if size == 0 {
			if strings.IndexByte("+()[],:", c) < 0 {
				return 0
			}
			size = 1
		}
		if n > 0 {
			r.cuts |= 1 << n
			if odd(c) {
				r.odd |= 1 << n
			}
		}
		i += size
	}
	r.cuts &= 1<<n - 1
	r.odd &= r.cuts
	if bits.OnesCount64(r.cuts) == n-1 {
		r.cuts = 0
	}
	return n
}

func trim(text string) (start, stop int) {
	start, stop = 0, len(text)
	for start < stop && text[start] <= ' ' {
		start++
	}
	for stop > start && text[stop-1] <= ' ' {
		stop--
	}
	return start, stop
}

// counts tells whether seven digits count up: an example.
func counts(v []byte) bool {
	n := 1
	for i := 1; i < len(v) && n < 7; i++ {
		if v[i] == v[i-1]+1 {
			n++
		} else {
			n = 1
		}
	}
	return n == 7
}

func allSame(v []byte) bool {
	for _, c := range v {
		if c != v[0] {
			return false
		}
	}
	return true
}

package national

import (
	"math/bits"
	"strings"
)

const (
	maxLength = 36 // characters of a number, separators apart
	maxBytes  = 64 // bytes of a number as it is written
	maxGroups = 9
	maxPrefix = 5 // letters of a group in front of the digits
)

// Kinds are all kinds.
var Kinds = concat(north, south, americas, east, world)

func concat(lists ...[]Kind) []Kind {
	var all []Kind
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// A Match is a number of a kind.
type Match struct {
	Kind       int // index into Kinds
	Start, End int
	Proof      Proof
}

// Proof is what speaks for a number.
type Proof uint8

// The kinds of proof, the weakest first.
const (
	ByItself Proof = 1 + iota // it is all of the text
	ByWord                    // a word only
	ByDigit                   // a word, and check characters of a kind that is often met by chance
	ByForm                    // it is as it is printed, or has a form of its own
	BySpeech                  // a word, and check characters
)

// String says it in words.
func (p Proof) String() string {
	return [...]string{"", "check characters; it is all of the text", "a word nearby",
		"check characters often met by chance, and a word nearby", "its form", "check characters and a word nearby"}[p]
}

// form is one shape of a kind.
type form struct {
	kind    int
	letters uint64 // places of letters
	digits  uint64 // places of digits
	cuts    uint64 // places in front of which a separator may stand
	odd     uint64 // those where it may be an odd one
	literal string // with 0 where any character of the class may stand
	named   bool   // begins with the letters of its kind
	open    bool   // letters may stand in most places
}

// An Index finds numbers in text. It never changes and is safe for concurrent
// use.
type Index struct {
	byLength [maxLength + 1][]form
}

// NewIndex returns the index of Kinds.
func NewIndex() *Index {
	x := &Index{}
	for k := range Kinds {
		for _, shape := range strings.Split(Kinds[k].Shapes, "|") {
			f, n := parse(k, shape)
			x.byLength[n] = append(x.byLength[n], f)
		}
	}
	return x
}

// parse reads a shape and returns its length.
func parse(kind int, shape string) (form, int) {
	f := form{kind: kind}
	literal := make([]byte, 0, len(shape))
	for i := range len(shape) {
		bit := uint64(1) << len(literal)
		switch c := shape[i]; {
		case c == '#':
			f.digits |= bit
			literal = append(literal, 0)
		case c == '@':
			f.letters |= bit
			literal = append(literal, 0)
		case c == '*':
			literal = append(literal, 0)
		case isDigit(c):
			f.digits |= bit
			literal = append(literal, c)
		case isLetter(c):
			f.letters |= bit
			literal = append(literal, c)
		default:
			f.cuts |= bit
			if odd(c) {
				f.odd |= bit
			}
		}
	}
	f.cuts &= 1<<len(literal) - 1
	f.odd &= f.cuts
	f.literal = string(literal)
	f.open = 2*bits.OnesCount64(f.letters|f.digits) < len(literal)
	f.named = len(literal) > 2 && literal[0] != 0 && literal[1] != 0
	return f, len(literal)
}

// fits tells whether the value has the form's characters.
func (f *form) fits(v []byte, letters uint64) bool {
	if letters&f.digits != 0 || f.letters&^letters != 0 {
		return false
	}
	for i := range len(f.literal) {
		if f.literal[i] != 0 && f.literal[i] != v[i] {
			return false
		}
	}
	return true
}

// badCheck says more than that no word is nearby: it is told where one is.
const badCheck = "check characters are wrong"

// Near returns how far from a place the nearest word about the kind stands, in bytes,
// or -1 when none is near.
type Near func(kind, start, end int) int

// nearer is how much nearer its word must stand for a kind to be preferred to another
// that is told by a word, too: "passport number" and "passport" say the same.
const nearer = 12

// At looks for numbers that begin with, or a few letters in front of, the run of
// digits text[start:stop]. It returns the best match of the longest number, or one whose End is
// 0.
func (x *Index) At(r *Row, text string, start, stop int, near Near) Match {
	r.refused = Refusal{}
	token := wordStart(text, start)
	if token < 0 {
		return Match{}
	}
	if prefix := groupBefore(text, token); prefix < token {
		if m := x.from(r, text, prefix, near); m.End > 0 {
			return m
		}
	}
	return x.from(r, text, token, near)
}

// from looks for the longest number at start.
func (x *Index) from(r *Row, text string, start int, near Near) Match {
	r.read(text, start)
	for g := r.n - 1; g >= 0; g-- {
		e := r.ends[g]
		if joins(text, e.at) {
			continue
		}
		if m := x.judge(r, e, start, near); m.End > 0 {
			if strings.HasPrefix(text[m.End:], ")") && text[m.End-2] == '(' {
				m.End++
			}
			return m
		}
	}
	return Match{}
}

// judge looks for the best kind of the first characters of a row.
func (x *Index) judge(r *Row, e end, start int, near Near) (best Match) {
	mask := uint64(1)<<e.length - 1
	value, letters, cuts, spaces, odd := r.value[:e.length], r.letters&mask, r.cuts&mask, r.spaces&mask, r.odd&mask
	small := r.small & mask
	plain := small == 0 && !counts(value) && !allSame(value) // no identifier and no example: its form may speak

	nearest := 0 // bytes to the word of the best
	for i := range x.byLength[e.length] {
		f := &x.byLength[e.length][i]
		k := &Kinds[f.kind]
		if spaces&^f.cuts != 0 || odd&^f.odd != 0 || !f.fits(value, letters) || k.Evidence == Spoken && small != 0 && small != letters { // l2Reg
			continue
		}
		if k.Check != nil && !k.Check(value) {
			if r.Explain && near(f.kind, start, e.at) >= 0 {
				r.refused = Refusal{f.kind, start, e.at, badCheck}
			}
			continue
		}
		proof, away := Proof(0), near(f.kind, start, e.at)
		switch {
		case away >= 0:
			proof = ByWord
			switch {
			case k.Check != nil && k.Evidence == Spoken:
				proof = ByDigit
			case k.Check != nil:
				proof = BySpeech
			}
		case plain && k.Evidence == Strong && cuts&^f.cuts == 0 && (letters != 0 || !f.open),
			plain && k.Evidence == Printed && cuts == f.cuts && (cuts != 0 || f.named):
			proof = ByForm
		case r.Explain && r.refused.Why != badCheck:
			r.refused = Refusal{f.kind, start, e.at, "no word about it nearby, and not as it is printed"}
		}
		if proof > best.Proof || proof == ByWord && best.Proof == ByWord && away+nearer < nearest {
			best, nearest = Match{f.kind, start, e.at, proof}, away
		}
	}
	return best
}

// May tells quickly whether the run of digits text[start:stop] may belong to a
// number.
func May(text string, start, stop int) bool {
	return stop-start > 4 || goesOn(text, stop) || goesBack(text, start)
}

// goesOn tells whether a number may go on behind i, goesBack whether it may
// begin in front of i.
func goesOn(text string, i int) bool {
	if i >= len(text) {
		return false
	}
	if isLetter(text[i]) || isDigit(text[i]) {
		return true
	}
	size := sign(text, i)
	return size > 0 && i+size < len(text) && (isDigit(text[i+size]) || text[i+size]-'A' < 26)
}

func goesBack(text string, i int) bool {
	if i == 0 {
		return false
	}
	if isLetter(text[i-1]) {
		return true
	}
	return i > 1 && isLetter(text[i-2]) && (text[i-1] == ' ' || text[i-1] == '-')
}

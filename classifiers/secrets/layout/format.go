// Package layout tells by loops over bytes, without expressions, which bytes a token
// may be made of: Format is a small language for all of a token, Shape reads the
// beginning of a token off an expression, so that it need not run where a token
// cannot be.
//
// Offsets and lengths are of bytes. What is parsed never changes and is safe for
// concurrent use.
package layout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// A Format says which bytes a token is made of, piece by piece. It is the small
// language of formats.txt: expressions would do the same, but hundreds of them
// take a tenth of a second to compile, and these are compared by a loop.
//
// A pattern is literal text and runs in brackets: a letter for the class of the bytes
// and how many there are, as in ghp_[a36], [h8-12] or [b20-]. {uuid} stands for the
// form of RFC 9562, and (a|b) for alternatives, each of which makes a format.
type Format []Piece

// A Piece is literal text or a run of a class of bytes.
type Piece struct {
	Text     string       // literal when not empty
	Class    *ascii.Class // nil beside a literal
	Min, Max int          // bytes of the run; it has one or more
}

// longRun bounds a run that has no upper bound.
const longRun = 4096

// classes are the classes of bytes that formats name by a letter.
var classes = map[byte]*ascii.Class{
	'd': classFor(ascii.Digits), 'h': classFor("abcdef" + ascii.Digits), 'H': classFor("abcdefABCDEF" + ascii.Digits),
	'l': classFor(ascii.Lowers), 'n': classFor(ascii.Lowers + ascii.Digits), 'N': classFor(ascii.Uppers + ascii.Digits),
	'a': classFor(ascii.Alnums), 'w': classFor(ascii.Alnums + "_"),
	'b': classFor(ascii.Alnums + "_-"), 'B': classFor(ascii.Alnums + "+/"),
	'e': classFor(ascii.Alnums + "_-+/="), 'x': classFor(ascii.Alnums + "_-.="),
	's': classFor(ascii.Alnums + "_-%+"), 'r': classFor(ascii.Uppers + "234567"),
	'p': classFor(ascii.Alnums + "%"),
}

func classFor(s string) *ascii.Class {
	c := ascii.Of(s)
	return &c
}

// uuid is the form of RFC 9562, section 4.
const uuid = "[H8]-[H4]-[H4]-[H4]-[H12]"

// ParseAll reads a pattern: several formats when it has alternatives. An error quotes
// the pattern.
func ParseAll(pattern string) ([]Format, error) {
	if open := strings.IndexByte(pattern, '('); open >= 0 {
		end := strings.IndexByte(pattern[open:], ')')
		if end < 0 {
			return nil, fmt.Errorf("%q: no closing bracket", pattern)
		}
		var all []Format
		for alternative := range strings.SplitSeq(pattern[open+1:open+end], "|") {
			some, err := ParseAll(pattern[:open] + alternative + pattern[open+end+1:])
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
		return all, nil
	}
	f, err := Parse(strings.ReplaceAll(pattern, "{uuid}", uuid))
	return []Format{f}, err
}

// Parse reads a pattern that has neither alternatives nor {uuid}. An error quotes the
// pattern.
func Parse(pattern string) (Format, error) {
	var f Format
	for rest := pattern; rest != ""; {
		open := strings.IndexByte(rest, '[')
		if open != 0 {
			if open < 0 {
				open = len(rest)
			}
			f = append(f, Piece{Text: rest[:open]})
			rest = rest[open:]
			continue
		}
		end := strings.IndexByte(rest, ']')
		if end < 3 || classes[rest[1]] == nil {
			return nil, fmt.Errorf("%q: %q is no class with a length", pattern, rest)
		}
		p := Piece{Class: classes[rest[1]]}
		low, high, ranged := strings.Cut(rest[2:end], "-")
		var err error
		if p.Min, err = strconv.Atoi(low); err != nil {
			return nil, fmt.Errorf("%q: length: %w", pattern, err)
		}
		switch {
		case !ranged:
			p.Max = p.Min
		case high == "":
			p.Max = longRun
		default:
			if p.Max, err = strconv.Atoi(high); err != nil {
				return nil, fmt.Errorf("%q: length: %w", pattern, err)
			}
		}
		if p.Min < 1 || p.Max < p.Min {
			return nil, fmt.Errorf("%q: length %d to %d", pattern, p.Min, p.Max)
		}
		f = append(f, p)
		rest = rest[end+1:]
	}
	if len(f) == 0 {
		return nil, fmt.Errorf("%q: empty format", pattern)
	}
	return f, nil
}

// MinAnchor is the shortest literal that a format is looked for by.
const MinAnchor = 3

// Anchor returns the index of the piece that the format is looked for by: the first when it
// is a literal long enough, or else the longest literal; -1 when there is none.
func (f Format) Anchor() int {
	if len(f[0].Text) >= MinAnchor {
		return 0
	}
	best := -1
	for i, p := range f {
		if len(p.Text) >= MinAnchor && (best < 0 || len(p.Text) > len(f[best].Text)) {
			best = i
		}
	}
	return best
}

// A Fit says how a format matches.
type Fit int

// What At and Match return.
const (
	None  Fit = iota
	Glued     // letters or digits go on in front of the token or behind it
	Whole
)

// At matches the format where its piece n, a literal, stands at i, and returns where
// the token starts and ends, 0 and 0 when there is none. It ends where its bytes end: a longer run may be something else, unless
// the literal is one that nothing else has. So it is where the token is glued to
// a word in front of it.
func (f Format) At(text string, n, i int) (start, end int, fit Fit) {
	if !strings.HasPrefix(text[i:], f[n].Text) { // anchors ignore case
		return 0, 0, None
	}
	start = i
	for m := n - 1; m >= 0; m-- {
		p := &f[m]
		if p.Text != "" {
			if start -= len(p.Text); start < 0 || !strings.HasPrefix(text[start:], p.Text) {
				return 0, 0, None
			}
			continue
		}
		from := p.Class.Back(text, start, p.Max+1)
		if start-from < p.Min || start-from > p.Max && (m == 0 || f[m-1].Text == "") {
			return 0, 0, None
		}
		if start-from > p.Max {
			from = start - p.Max
		}
		start = from
	}
	end, behind := f[n+1:].Match(text, i+len(f[n].Text))
	front := Whole
	if start > 0 && ascii.Alnum.Has(text[start-1]) && ascii.Alnum.Has(text[start]) {
		front = Glued
	}
	marked := n == 0 && strings.Trim(f[n].Text, ascii.Alnums) != ""
	switch {
	case behind == None:
		return 0, 0, None
	case front == Whole && behind == Whole:
		return start, end, Whole
	case n > 0 || len(f[n].Text) < MinGlued, front == behind && len(f[n].Text) < 2*MinGlued, !marked && (behind == Glued || !f.fixed()):
		return 0, 0, None
	}
	return start, end, Glued
}

// MinGlued is the shortest literal that a token is told by where it is glued to
// something, and half of one where it is glued on both sides. One that other things
// may be made of, letters and digits, tells it only in front of a fixed number of
// bytes.
const MinGlued = 4

// maxLonger is by how many bytes a token may be longer than the format says: vendors
// make theirs longer.
const maxLonger = 64

// fixed reports whether all matches have one length.
func (f Format) fixed() bool {
	return !slices.ContainsFunc(f, func(p Piece) bool { return p.Min != p.Max })
}

// Match matches the pieces from i on and returns where they end, 0 when they do not fit.
func (f Format) Match(text string, i int) (int, Fit) {
	for n := range f {
		p := &f[n]
		if p.Text != "" {
			if !strings.HasPrefix(text[min(i, len(text)):], p.Text) {
				return 0, None
			}
			i += len(p.Text)
			continue
		}
		end := p.Class.Run(text, i, p.Max+1)
		switch {
		case end-i < p.Min:
			return 0, None
		case n+1 < len(f) && f[n+1].Text != "" && p.Class.Has(f[n+1].Text[0]):
			// The literal behind the run is made of the run's bytes.
			at := strings.Index(text[i+p.Min:min(i+p.Max+len(f[n+1].Text), len(text))], f[n+1].Text)
			if at < 0 {
				return 0, None
			}
			end = i + p.Min + at
		case n+1 < len(f) && f[n+1].Class != nil:
			end = min(end, i+p.Max)
		case end-i > p.Max && n+1 < len(f):
			return 0, None
		case end-i > p.Max:
			return p.Class.Run(text, end, maxLonger), Glued
		}
		i = end
	}
	if i < len(text) && ascii.Alnum.Has(text[i]) && ascii.Alnum.Has(text[i-1]) {
		return i, Glued
	}
	return i, Whole
}

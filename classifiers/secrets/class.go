package secrets

import (
	"math/bits"
	"regexp/syntax"
	"unicode"
)

// class is a set of bytes.
type class [4]uint64

func (c *class) add(b byte)      { c[b>>6] |= 1 << (b & 63) }
func (c *class) has(b byte) bool { return c[b>>6]>>(b&63)&1 != 0 }

func (c *class) union(d *class) {
	for i := range c {
		c[i] |= d[i]
	}
}

// of returns the class of the bytes of s, where a-z is written out: "az09" is
// not a range.
func of(s string) class {
	var c class
	for i := range len(s) {
		c.add(s[i])
	}
	return c
}

const (
	lowers = "abcdefghijklmnopqrstuvwxyz"
	uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

var (
	wordClass   = of(lowers + uppers + digits + "_")
	letterClass = of(lowers + uppers)
	digitClass  = of(digits)
	identClass  = of(lowers + uppers + digits + "_.-")
	base64Class = of(lowers + uppers + digits + "+/=")
	base64URL   = of(lowers + uppers + digits + "-_")
	hexClass    = of("abcdefABCDEF" + digits)
)

// run returns the end of the longest run of c in s that starts at i, looking
// at no more than limit bytes.
func (c *class) run(s string, i, limit int) int {
	end := len(s)
	if limit < end-i {
		end = i + limit
	}
	for i < end && c.has(s[i]) {
		i++
	}
	return i
}

// back returns the start of the longest run of c in s that ends at i, looking
// at no more than limit bytes.
func (c *class) back(s string, i, limit int) int {
	stop := max(i-limit, 0)
	for i > stop && c.has(s[i-1]) {
		i--
	}
	return i
}

// wordAt reports whether the byte at i exists and is of a word.
func wordAt(s string, i int) bool {
	return i >= 0 && i < len(s) && wordClass.has(s[i])
}

// maxShape bounds how many leading bytes of a pattern are compared by hand
// before its regular expression runs.
const maxShape = 40

// shape returns the classes that the first bytes of every match of re belong
// to: the part of a pattern that a loop can check. Its length is at most
// maxShape, and zero when the pattern begins with something of variable length.
func shape(re *syntax.Regexp) []class {
	s, _ := leading(re)
	if len(s) > maxShape {
		s = s[:maxShape]
	}
	return s
}

// leading returns the classes of the first bytes of re and whether they are
// all of it, so that what follows re starts right after them.
func leading(re *syntax.Regexp) ([]class, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText,
		syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return nil, true
	case syntax.OpLiteral:
		return literal(re)
	case syntax.OpCharClass:
		c, ascii := classOf(re.Rune)
		return []class{c}, ascii
	case syntax.OpCapture:
		return leading(re.Sub[0])
	case syntax.OpConcat:
		var all []class
		for _, sub := range re.Sub {
			s, exact := leading(sub)
			all = append(all, s...)
			if !exact || len(all) >= maxShape {
				return all, false
			}
		}
		return all, true
	case syntax.OpRepeat:
		return repeated(re)
	case syntax.OpPlus:
		s, _ := leading(re.Sub[0])
		return s, false
	case syntax.OpAlternate:
		return alternatives(re)
	default:
		return nil, false
	}
}

func literal(re *syntax.Regexp) ([]class, bool) {
	var all []class
	for _, r := range re.Rune {
		if r >= unicode.MaxASCII {
			return all, false
		}
		var c class
		c.add(byte(r))
		if re.Flags&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				if !foldsAlone(f) {
					c.add(byte(f))
				}
			}
		}
		all = append(all, c)
	}
	return all, true
}

// foldsAlone tells the two characters beyond ASCII that (?i) takes for letters of it,
// the long s and the Kelvin sign. No token has them, and with them a loop could not
// check what follows.
func foldsAlone(r rune) bool { return r == 'ſ' || r == '\u212a' }

// classOf turns rune ranges into a byte class. A class with runes beyond ASCII
// holds every high byte, and ends the exact part.
func classOf(ranges []rune) (class, bool) {
	var c class
	ascii := true
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1] && r < 0x80; r++ {
			c.add(byte(r))
		}
		if ranges[i+1] >= 0x80 && (ranges[i] != ranges[i+1] || !foldsAlone(ranges[i])) {
			ascii = false
		}
	}
	if !ascii {
		c[2], c[3] = ^uint64(0), ^uint64(0)
	}
	return c, ascii
}

func repeated(re *syntax.Regexp) ([]class, bool) {
	s, exact := leading(re.Sub[0])
	if !exact {
		if re.Min == 0 {
			return nil, false
		}
		return s, false
	}
	var all []class
	for range re.Min {
		all = append(all, s...)
		if len(all) >= maxShape {
			return all, false
		}
	}
	return all, re.Min == re.Max
}

func alternatives(re *syntax.Regexp) ([]class, bool) {
	all, exact := leading(re.Sub[0])
	for _, sub := range re.Sub[1:] {
		s, e := leading(sub)
		if len(s) != len(all) {
			exact = false
		}
		exact = exact && e
		all = all[:min(len(all), len(s))]
		for i := range all {
			all[i].union(&s[i])
		}
	}
	return all, exact
}

// size returns how many bytes are in the class.
func (c *class) size() int {
	n := 0
	for _, w := range c {
		n += bits.OnesCount64(w)
	}
	return n
}

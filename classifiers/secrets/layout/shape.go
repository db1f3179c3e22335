package layout

import (
	"regexp/syntax"
	"unicode"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// maxShape bounds how many leading bytes of a pattern are compared by hand
// before its regular expression runs.
const maxShape = 40

// Shape returns the classes that the first bytes of every match of re belong
// to: the part of a pattern that a loop can check. Its length is at most
// maxShape bytes, and zero when the pattern begins with something of variable length.
func Shape(re *syntax.Regexp) []ascii.Class {
	s, _ := leading(re)
	if len(s) > maxShape {
		s = s[:maxShape]
	}
	return s
}

// leading returns the classes of the first bytes of re and whether they are
// all of it, so that what follows re starts right after them.
func leading(re *syntax.Regexp) ([]ascii.Class, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText,
		syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return nil, true
	case syntax.OpLiteral:
		return literal(re)
	case syntax.OpCharClass:
		c, exact := classOf(re.Rune)
		return []ascii.Class{c}, exact
	case syntax.OpCapture:
		return leading(re.Sub[0])
	case syntax.OpConcat:
		var all []ascii.Class
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

func literal(re *syntax.Regexp) ([]ascii.Class, bool) {
	var all []ascii.Class
	for _, r := range re.Rune {
		if r >= unicode.MaxASCII {
			return all, false
		}
		var c ascii.Class
		c.Add(byte(r))
		if re.Flags&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				if !foldsAlone(f) {
					c.Add(byte(f))
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
func classOf(ranges []rune) (ascii.Class, bool) {
	var c ascii.Class
	exact := true
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1] && r < 0x80; r++ {
			c.Add(byte(r))
		}
		if ranges[i+1] >= 0x80 && (ranges[i] != ranges[i+1] || !foldsAlone(ranges[i])) {
			exact = false
		}
	}
	if !exact {
		for b := 0x80; b <= 0xff; b++ {
			c.Add(byte(b))
		}
	}
	return c, exact
}

func repeated(re *syntax.Regexp) ([]ascii.Class, bool) {
	s, exact := leading(re.Sub[0])
	if !exact {
		if re.Min == 0 {
			return nil, false
		}
		return s, false
	}
	var all []ascii.Class
	for range re.Min {
		all = append(all, s...)
		if len(all) >= maxShape {
			return all, false
		}
	}
	return all, re.Min == re.Max
}

func alternatives(re *syntax.Regexp) ([]ascii.Class, bool) {
	all, exact := leading(re.Sub[0])
	for _, sub := range re.Sub[1:] {
		s, e := leading(sub)
		if len(s) != len(all) {
			exact = false
		}
		exact = exact && e
		all = all[:min(len(all), len(s))]
		for i := range all {
			all[i].Union(&s[i])
		}
	}
	return all, exact
}

package people

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

type kind uint8

const (
	stop kind = iota
	number
	word
	code // a postcode with letters
	comma
	line
	dot
	open // a parenthesis
	shut
)

// A part is a piece of an address.
type part struct {
	kind       kind
	start, end int
	roles      role
	bits       uint8
	size       int // digits of a number, letters of a word
	capital    bool
	upper      bool
	mixed      bool // passWord
	close      bool // only a space, a hyphen or an apostrophe in front of it
	floor      bool // 3º, 2ª
}

func (q part) is(r role) bool { return q.roles&r != 0 }

// parts reads the text from the offset on.
func (s *scan) parts(i int, out []part) []part {
	next := sort.Search(len(s.words), func(k int) bool { return s.words[k].Start >= i })
	limit := min(len(s.text), i+240)
	near := true
	for i < limit && len(out) < cap(out) {
		c := s.text[i]
		for next < len(s.words) && s.words[next].Start < i {
			next++
		}
		p := part{start: i, end: i + 1, close: near}
		near = true
		switch {
		case c == '-' && s.at(i-1) == ' ' && s.at(i+1) == ' ':
			p.kind, near = comma, false
		case c == ' ' || c == '-' || c == '\'':
			i++
			continue
		case c == '\n' || c == '\r' && s.at(i+1) == '\n':
			for p.end < limit && strings.IndexByte("\r\n >?|*", s.text[p.end]) >= 0 {
				p.end++
			}
			if strings.Count(s.text[p.start:p.end], "\n") > 2 {
				return out
			}
			p.kind, near = line, false
		case c == ',' || c == ';' || c == '\t':
			p.kind, near = comma, false
		case c == '.', (c == ':' || c == '/') && len(out) > 0 && marked(out[len(out)-1], c):
			p.kind = dot
		case c == '(':
			p.kind = open
		case c == ')':
			p.kind = shut
		case isDigit(c) && ordinal(s.text[i:]) > 0:
			p.kind, p.end, p.capital = word, i+ordinal(s.text[i:]), true
			p.size = p.end - i
		case isDigit(c) || c-'A' < 26:
			n := postalLetters(s.text[i:])
			if n > 0 {
				p.kind, p.end = code, i+n
				break
			}
			if isDigit(c) && !s.asNumber(&p) || !isDigit(c) && (!s.asWord(&p, next) || s.digitsAt(p.end) > 3) { // B418954760
				return out
			}
		case c == '#':
			p.kind, p.roles = word, units|numberWords
		case c >= utf8.RuneSelf:
			if n := sign(s.text[i:]); n < 0 {
				i -= n
				continue
			} else if n > 0 {
				p.kind, p.end, p.roles = word, i+n, numberWords
			} else if !s.asWord(&p, next) {
				return out
			}
		case !s.asWord(&p, next):
			return out
		}
		out = append(out, p)
		i = p.end
	}
	return out
}

// digitsAt counts the digits at the offset.
func (s *scan) digitsAt(i int) (n int) {
	for n < 5 && isDigit(s.at(i+n)) {
		n++
	}
	return n
}

// asNumber reads a number into the part that begins with it.
func (s *scan) asNumber(p *part) bool {
	p.kind, p.end = number, numberEnd(s.text, p.start)
	for p.start+p.size < p.end && isDigit(s.text[p.start+p.size]) {
		p.size++
	}
	if rest := s.text[p.end:]; strings.HasPrefix(rest, "º") || strings.HasPrefix(rest, "ª") || strings.HasPrefix(rest, "°") {
		p.end, p.floor = p.end+2, true
	} else if strings.HasPrefix(rest, ".º") || strings.HasPrefix(rest, ".ª") {
		p.end, p.floor = p.end+3, true
	}
	return p.end >= len(s.text) || !isWordByte(s.text[p.end])
}

// asWord reads word k into the part, if it begins with it.
func (s *scan) asWord(p *part, k int) bool {
	w := s.word(k)
	if w.End == 0 || w.Start != p.start {
		return false
	}
	p.kind, p.end, p.roles = word, w.End, s.lexicon.roles.Of(w.Hash)
	p.bits, p.size = s.lexicon.word(w, s.text[w.Start:w.End]), w.End-w.Start
	p.mixed = w.Case == classifiers.Mixed && !mac(s.text[w.Start:w.End])
	p.capital, p.upper = w.Case != classifiers.Small || s.small, w.Case == classifiers.Upper || w.End-w.Start == 1 && w.Case == classifiers.Capital
	return true
}

// marked tells whether a colon or a slash behind a part is but the end of an
// abbreviation: No: 5, Kat:3, C/ Mayor.
func marked(p part, c byte) bool {
	if c == '/' {
		return p.size == 1 && p.is(streetBefore)
	}
	return p.kind == word && p.is(numberWords|units)
}

// sign is the length of a sign for numbers at the beginning of the text, less than 0
// for what parts nothing.
func sign(text string) int {
	switch {
	case strings.HasPrefix(text, "№"):
		return len("№")
	case strings.HasPrefix(text, "\u00a0"), strings.HasPrefix(text, "°"):
		return -2
	case strings.HasPrefix(text, "’"), strings.HasPrefix(text, "‘"):
		return -3
	}
	return 0
}

// ordinal is the length of 1st, 22nd, 40th at the beginning of the text, or 0.
func ordinal(text string) int {
	n := 0
	for n < len(text) && n < 4 && isDigit(text[n]) {
		n++
	}
	if n == 0 || n+2 > len(text) || n+2 < len(text) && isWordByte(text[n+2]) {
		return 0
	}
	switch text[n : n+2] {
	case "st", "nd", "rd", "th", "ST", "ND", "RD", "TH":
		return n + 2
	}
	return 0
}

// numberEnd is the end of a house number or a code: 12, 12a, 12/3, 12-14, 1234-567,
// 12-B, 5/II, 15bis.
func numberEnd(text string, i int) int {
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	for i+1 < len(text) && (text[i] == '-' || text[i] == '/') && isDigit(text[i+1]) {
		for i++; i < len(text) && isDigit(text[i]); i++ {
		}
	}
	behind := func(n int) bool { return i+n == len(text) || i+n < len(text) && !isWordByte(text[i+n]) }
	if i < len(text) && isLetter(text[i]) && behind(1) {
		return i + 1
	}
	if i+1 < len(text) && (text[i] == '-' || text[i] == '/') {
		n := 1
		for n < 5 && i+n < len(text) && strings.IndexByte("IVX", text[i+n]) >= 0 {
			n++
		}
		if n == 1 && isLetter(text[i+1]) {
			n = 2
		}
		if n > 1 && behind(n) {
			return i + n
		}
	}
	for _, suffix := range []string{"bis", "ter"} {
		if strings.HasPrefix(text[i:], suffix) && behind(len(suffix)) {
			return i + len(suffix)
		}
	}
	return i
}

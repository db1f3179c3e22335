package people

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

const (
	addressNeeds = 1.6 // evidence that an address needs
	streetWords  = 6   // words of a street's name
	tailSteps    = 10  // units, places and codes behind the street
)

// addresses tries each number as that of a house, a post box or a postcode.
func (s *scan) addresses() {
	done := 0
	first := 0
	for k, r := range s.digits {
		for first < len(s.words) && s.words[first].Start < r.Start {
			first++
		}
		if r.Start < done || r.Len() > 5 || s.inWord(r.Start, first) || strings.IndexByte(".-/:=@\\+%$€", s.at(r.Start-1)) >= 0 && r.Start > 0 {
			continue
		}
		if !s.beside(r, k+1, first) {
			continue
		}
		starts := [...]int{r.Start, s.back(r, first)}
		if s.in(s.word(first-1).Hash, boxes|units) {
			starts[0], starts[1] = starts[1], starts[0]
		}
		for _, start := range starts {
			if start < 0 {
				continue
			}
			if end := s.address(start); end > 0 {
				done = end
				break
			}
		}
		if done < r.End {
			done = max(done, s.postcode(r, first))
		}
	}
}

// inWord tells whether what starts at the offset goes on with a word. Words of scripts
// without spaces are one character.
func (s *scan) inWord(start, first int) bool {
	c := s.at(start - 1)
	if c < utf8.RuneSelf {
		return isWordByte(c)
	}
	w := s.word(first - 1)
	return w.End == start && w.End-w.Start != 3
}

// beside tells whether a word that may be part of an address stands next to a number.
func (s *scan) beside(r classifiers.Run, next int, first int) bool {
	for n := 0; n < 2 && next < len(s.digits) && s.digits[next].Start-r.End == 1 && s.at(r.End) == ' '; n++ {
		r.End = s.digits[next].End
		next++
	}
	if w := s.word(first); w.End > 0 && w.Start-r.End <= 3 && (w.Case != classifiers.Small || s.small || s.in(w.Hash, streetBefore)) {
		return true
	}
	w := s.word(first - 1)
	return w.End > 0 && r.Start-w.End <= 3 && (w.Case != classifiers.Small || s.small || s.in(w.Hash, streetBehind) || s.in(w.Hash, boxes) || s.in(w.Hash, codes) || w.Hash == wordIs)
}

// back is where the words in front of a number start that may be a street or a box; -1
// when there are none.
func (s *scan) back(r classifiers.Run, first int) int {
	start := -1
	for i, at := first-1, r.Start; i >= 0 && i > first-2-streetWords; i-- {
		w := s.words[i]
		gap := s.text[w.End:at]
		if len(gap) > 2 || strings.ContainsAny(gap, "\n,;:()\"") || gap == ". " && w.End-w.Start > 4 && i < first-1 {
			break
		}
		bits := s.lexicon.of(w.Hash)
		switch h := w.Hash; {
		case s.in(h, units) && at == r.Start:
			return w.Start
		case s.in(h, streetBefore), s.in(h, boxes), h == letterP && start >= 0:
			start = w.Start
		case s.in(h, particles) && w.Case == classifiers.Small:
		case w.Case == classifiers.Small && !s.small && !s.in(h, streetBehind):
			return start
		case bits&common != 0 && bits&(surname|place|given) == 0 && !s.in(h, streetBehind) && !s.in(h, directions):
			return start
		default:
			start = w.Start
		}
		at = w.Start
	}
	return start
}

// address reads what starts at the offset as an address. It returns the end of the one
// that it reports, or 0.
func (s *scan) address(start int) int {
	var room [48]part
	parts := s.parts(start, room[:0])
	p := parser{scan: s, parts: parts}
	rule, ok := p.street()
	if !ok && !p.ship() {
		return 0
	}
	if !ok {
		rule = "address-box"
	}
	p.tail()
	p.score += s.announced(start)
	end := p.end
	switch {
	case p.score < addressNeeds:
		s.Drop(rule, start, end, "not enough of an address")
		return 0
	case rule == "address-weak":
		s.add(Address, rule, sureAddress, start, end, "a name and a number, with what belongs to an address around it")
	default:
		s.add(Address, rule, sureAddress, start, end, "a street or a post box, with its number")
	}
	return end
}

var pin = classifiers.HashWord("pin")

// postcode reports a code by the word for it in front: zip code: 12345. It returns the
// end of what it reports, or 0.
func (s *scan) postcode(r classifiers.Run, first int) int {
	if r.Len() < 4 || isWordByte(s.at(r.End)) {
		return 0
	}
	for i := first - 1; i >= max(0, first-3) && r.Start-s.words[i].End <= 24; i-- {
		if !s.in(s.words[i].Hash, codes|codeLinks) {
			return 0
		}
		if s.words[i].Hash == pin && r.Len() != 6 {
			return 0 // of a card; India's postcodes have six digits
		}
		if s.in(s.words[i].Hash, codes) && strings.IndexByte(s.text[s.words[i].End:r.Start], '\n') < 0 {
			end := r.End
			if e := numberEnd(s.text, r.Start); e == end+5 && s.at(end) == '-' {
				end = e // ZIP+4
			}
			s.add(Address, "address-postcode", sureAddress, r.Start, end, "called a postcode")
			return end
		}
	}
	return 0
}

// announced weighs the words in front that speak of addresses.
func (s *scan) announced(start int) float64 {
	i := sort.Search(len(s.words), func(i int) bool { return s.words[i].Start >= start }) - 1
	for n := 0; n < 5 && i-n >= 0; n++ {
		w := s.words[i-n]
		if start-w.End > 48 {
			break
		}
		if s.in(w.Hash, addressWords) {
			return 1.2
		}
		if s.in(w.Hash, sending) {
			return 0.6
		}
	}
	return 0
}

type kind uint8

const (
	stop kind = iota
	number
	word
	comma
	line
	dot
)

// A part is a piece of an address.
type part struct {
	kind       kind
	start, end int
	hash       uint32
	bits       uint8
	size       int // digits of a number, letters of a word
	capital    bool
	upper      bool
	close      bool // only a space, a hyphen or an apostrophe in front of it
}

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
		case c == ' ' || c == '-' || c == '\'':
			i++
			continue
		case strings.HasPrefix(s.text[i:], "\u00a0"), strings.HasPrefix(s.text[i:], "’"):
			_, size := utf8.DecodeRuneInString(s.text[i:])
			i += size
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
		case c == '.':
			p.kind = dot
		case isDigit(c) && ordinal(s.text[i:]) > 0:
			p.kind, p.end, p.capital = word, i+ordinal(s.text[i:]), true
			p.size = p.end - i
		case isDigit(c):
			p.kind, p.end, p.size = number, numberEnd(s.text, i), 0
			for p.size = 0; i+p.size < p.end && isDigit(s.text[i+p.size]); p.size++ {
			}
			if p.end < len(s.text) && isWordByte(s.text[p.end]) {
				return out
			}
		case next < len(s.words) && s.words[next].Start == i:
			w := s.words[next]
			p.kind, p.end, p.hash = word, w.End, w.Hash
			p.bits, p.size = s.lexicon.word(w, s.text[w.Start:w.End]), w.End-w.Start
			p.capital, p.upper = w.Case != classifiers.Small || s.small, w.Case == classifiers.Upper || w.End-w.Start == 1 && w.Case == classifiers.Capital
		case c == '#':
			p.kind, p.hash = word, unitSign
		default:
			return out
		}
		out = append(out, p)
		i = p.end
	}
	return out
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

// numberEnd is the end of a house number or a code: 12, 12a, 12/3, 12-14, 1234-567.
func numberEnd(text string, i int) int {
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	for i+1 < len(text) && (text[i] == '-' || text[i] == '/') && isDigit(text[i+1]) {
		for i++; i < len(text) && isDigit(text[i]); i++ {
		}
	}
	if i < len(text) && isLetter(text[i]) && (i+1 == len(text) || !isWordByte(text[i+1])) {
		i++
	}
	return i
}

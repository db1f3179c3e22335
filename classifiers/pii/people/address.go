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
		if r.Start < done {
			continue
		}
		if c := s.at(r.Start - 1); c >= utf8.RuneSelf || c == ' ' && s.at(r.Start-2) >= utf8.RuneSelf {
			if end := s.eastern(r, first, done); end > 0 {
				done = end
				continue
			}
		}
		if r.Len() <= 2 && s.at(r.Start-1)-'A' < 26 {
			if start, end := s.cottage(r, done); end > 0 {
				s.add(Address, "address-street", sureAddress, start, end, "a street without a number, with its postcode")
				done = end
				continue
			}
		}
		if r.Len() > 5 || s.inWord(r.Start, first) || s.glued(r, first) || !s.beside(r, k+1, first) {
			continue
		}
		starts := [...]int{s.country(r.Start), s.back(r, first)}
		if s.in(s.word(first-1).Hash, boxes|units) {
			starts[0], starts[1] = starts[1], starts[0]
		}
		var best candidate
		for _, start := range starts {
			if start >= done && (start == 0 || s.text[start-1] >= utf8.RuneSelf || !isWordByte(s.text[start-1])) {
				if c := s.address(start); c.end > 0 && c.score > best.score {
					best = c
				}
			}
		}
		if best.end > 0 {
			done = s.report(best, done)
		}
		if done < r.End {
			done = max(done, s.postcode(r, first))
		}
	}
}

// glued tells whether what stands in front of a number makes it part of something else.
func (s *scan) glued(r classifiers.Run, first int) bool {
	c := s.at(r.Start - 1)
	if r.Start == 0 || strings.IndexByte(".-/:=@\\+%$€", c) < 0 {
		return false
	}
	w := s.word(first - 1)
	switch {
	case w.End != r.Start-1 || w.End == 0:
	case c == ':' || c == '.':
		return !s.in(w.Hash, numberWords|units)
	case c == '-':
		return s.country(r.Start) == r.Start
	}
	return true
}

// country is where the letters of a country begin that stand in front of a postcode:
// D-80331.
func (s *scan) country(at int) int {
	i := at - 1
	if s.at(i) != '-' {
		return at
	}
	for i > 0 && at-i < 4 && s.text[i-1]-'A' < 26 {
		i--
	}
	if n := at - 1 - i; n < 1 || n > 2 || i > 0 && s.text[i-1] < utf8.RuneSelf && isWordByte(s.text[i-1]) {
		return at
	}
	return i
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
	start := r.Start
	for n := 0; n < 3 && next < len(s.digits) && s.digits[next].Start-r.End == 1 && strings.IndexByte(" -/", s.at(r.End)) >= 0; n++ {
		r = s.digits[next]
		next++
	}
	if w := s.word(first); w.End > 0 && w.Start-r.End <= 3 && (w.Case != classifiers.Small || s.small || s.in(w.Hash, streetBefore|numberEnds) || w.Start == r.End && ordinal(s.text[r.Start:]) > 0) {
		return true
	}
	w := s.word(first - 1)
	return w.End > 0 && start-w.End <= 5 && (w.Case != classifiers.Small || s.small || s.in(w.Hash, streetBehind|boxes|codes|numberWords) || w.Hash == wordIs)
}

// A candidate is an address that was read.
type candidate struct {
	rule       string
	start, end int
	score      float64
}

// address reads what starts at the offset as an address.
func (s *scan) address(start int) candidate {
	var room [48]part
	p := parser{scan: s, parts: s.parts(start, room[:0])}
	rule, ok := p.read()
	if !ok {
		return candidate{}
	}
	c := candidate{rule, start, p.end, p.score + s.announced(start)}
	if c.score < addressNeeds {
		s.Drop(rule, start, c.end, "not enough of an address")
		return candidate{}
	}
	return c
}

// report reports an address that does not begin in front of from, and returns its end.
func (s *scan) report(c candidate, from int) int {
	why := "a street or a post box, with its number"
	if c.rule == "address-weak" {
		why = "a name and a number, with what belongs to an address around it"
	}
	s.add(Address, c.rule, sureAddress, s.front(c.start, from, c.rule == "address-box"), c.end, why)
	return c.end
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

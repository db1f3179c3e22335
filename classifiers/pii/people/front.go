package people

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// wordBefore is the last word that starts in front of the offset.
func (s *scan) wordBefore(at int) classifiers.Word {
	return s.word(sort.Search(len(s.words), func(i int) bool { return s.words[i].Start >= at }) - 1)
}

// intro skips what stands between a street and its number: a word or a sign for numbers,
// a comma. It returns the word in front of that and where what is skipped begins.
func (s *scan) intro(r classifiers.Run, first int) (i, at int) {
	i, at = first-1, r.Start
	w := s.word(i)
	if s.in(w.Hash, numberWords) && at-w.End <= 3 && strings.Trim(s.text[w.End:at], " .:°") == "" {
		i, at = i-1, w.Start
	} else {
		before := strings.TrimRight(s.text[max(0, at-6, w.End):at], " ")
		if rest, ok := strings.CutSuffix(before, "№"); ok {
			at -= len(s.text[max(0, at-6, w.End):at]) - len(rest)
		} else if rest, ok := strings.CutSuffix(before, "#"); ok {
			at -= len(s.text[max(0, at-6, w.End):at]) - len(rest)
		}
	}
	if i >= 0 {
		if gap := s.text[s.words[i].End:at]; len(gap) <= 4 && strings.IndexByte(gap, ',') >= 0 && strings.Trim(gap, " .,") == "" {
			at = s.words[i].End
		}
	}
	return i, at
}

// back is where the words in front of a number start that may be a street or a box; -1
// when there are none.
func (s *scan) back(r classifiers.Run, first int) int {
	last, at := s.intro(r, first)
	apart := at != r.Start // which only a street with a word for it may be from its number
	start, typed, halted := -1, false, false
	for i := last; i >= 0 && i > last-1-streetWords; i-- {
		w := s.words[i]
		gap := s.text[w.End:at]
		if len(gap) > 2 || gap == " -" || strings.ContainsAny(gap, "\n,;:()<>=|\"") || gap == ". " && w.End-w.Start > 4 && i < last && !s.in(w.Hash, streetBefore) {
			break
		}
		bits := s.lexicon.of(w.Hash)
		h := w.Hash
		if s.in(h, units) && i == last {
			return w.Start
		}
		switch {
		case s.in(h, streetBefore) && !s.in(h, streetBehind|streetVague) && w.Case == classifiers.Capital && w.End-w.Start > 2 && (start >= 0 || s.grid(r.End)) && !halted:
			return w.Start // nothing in front of Calle is part of it
		case s.in(h, streetBefore) && (!halted || w.End-w.Start > 1) && (w.Case != classifiers.Small || !s.in(h, streetOpen)), s.in(h, boxes) && !halted, w.End-w.Start == 1 && s.text[w.Start]|0x20 == 'p' && start >= 0 && !halted:
			start, typed = w.Start, true
		case s.in(h, streetOpen) && w.Case == classifiers.Capital:
			if start < 0 || s.text[w.End] == ' ' {
				start = w.Start
			}
			return s.only(start, typed || !apart)
		case s.in(h, particles) && w.Case == classifiers.Small, s.in(h, streetSmall) && w.Case == classifiers.Small && !s.small:
		case w.Case == classifiers.Small && !s.small && !s.in(h, streetBehind):
			return s.only(start, typed || !apart)
		case halted:
		case bits&common != 0 && bits&(surname|place|given) == 0 && !s.in(h, streetBehind|directions):
			if w.Case == classifiers.Small {
				return s.only(start, typed || !apart)
			}
			if start >= 0 && s.in(s.words[i+1].Hash, streetBehind) {
				start = w.Start // Gül Sok.
			}
			halted = true
			if start < 0 && i == last {
				start = s.plainStart(i)
			}
		default:
			typed = typed || s.in(h, streetBehind) || streetEnd(s.text[w.Start:w.End])
			start = w.Start
		}
		at = w.Start
	}
	return s.only(start, typed || !apart)
}

// grid tells whether the number that ends at the offset is the name of a street: Calle 72
// No. 10-34.
func (s *scan) grid(at int) bool {
	rest := strings.TrimLeft(s.text[at:min(len(s.text), at+6)], " ")
	return strings.HasPrefix(rest, "#") || strings.HasPrefix(rest, "No") || strings.HasPrefix(rest, "N°")
}

// only is start, or -1.
func (s *scan) only(start int, ok bool) int {
	if !ok {
		return -1
	}
	return start
}

// plainStart is where a street may begin whose name ends in word i, and is of words that
// say nothing: Nowy Świat 15/17.
func (s *scan) plainStart(i int) int {
	if i == 0 || s.words[i-1].Case != classifiers.Capital || s.gap(i-1) != " " {
		return -1
	}
	return s.words[i-1].Start
}

// segmentSize is how much of the text one piece of an address in front of the street
// may have.
const segmentSize = 64

// front is where an address begins whose street starts at the offset: with a flat, a
// place, or a street without a number in front of a post box. It does not begin in
// front of from.
func (s *scan) front(start, from int, box bool) int {
	if w := s.wordBefore(start); s.in(w.Hash, numberWords) && w.Start >= from && start-w.End <= 2 && strings.Trim(s.text[w.End:start], " .") == "" && s.Text[w.Start] != '#' {
		start = w.Start // No. 88 Jianguo Road
	}
	start = s.quarter(start, from)
	for range 3 {
		end := len(strings.TrimRight(s.text[from:start], " \n")) + from
		if end > from && s.text[end-1] == ',' {
			end--
		} else if end <= from || end == start || s.text[end-1] != '-' || s.at(end-2) != ' ' {
			break
		}
		var room [20]part
		lo := end
		for lo > from && lo > end-segmentSize && (isWordByte(s.text[lo-1]) || strings.IndexByte(" .-/'#", s.text[lo-1]) >= 0) {
			lo--
		}
		for lo < end && (!utf8.RuneStart(s.text[lo]) || lo > 0 && isWordByte(s.text[lo-1])) {
			lo++
		}
		parts := s.parts(lo, room[:0])
		n := 0
		for n < len(parts) && parts[n].start < end {
			n++
		}
		k := 0
		p := parser{scan: s, parts: parts[:n]}
		for k < n && !p.segment(k, box) {
			k++
		}
		if k == n {
			break
		}
		start = parts[k].start
	}
	return start
}

// quarter is where a part of a city begins that stands in front of a street: Cumhuriyet
// Mah. Gül Sok.
func (s *scan) quarter(start, from int) int {
	i := sort.Search(len(s.words), func(i int) bool { return s.words[i].Start >= start }) - 1
	w := s.word(i)
	if !s.in(w.Hash, quarters) || start-w.End > 3 || strings.Trim(s.text[w.End:start], " .,") != "" {
		return start
	}
	for n := 0; n < 3 && s.word(i-1).Case == classifiers.Capital && s.gap(i-1) == " " && s.words[i-1].Start >= from; n++ {
		i--
		start = s.words[i].Start
	}
	return start
}

// segment tells whether the parts from i on are a piece of an address that stands in
// front of the street.
func (p *parser) segment(i int, box bool) bool {
	q := p.at(i)
	end := len(p.parts)
	switch {
	case q.kind != word:
		return q.kind == number && end == i+1 && q.size <= 6 && q.size >= 4 && i == 0 // a postcode
	case q.is(units|districts) && q.size > 1:
		n := p.dots(i + 1)
		if p.at(n).is(numberWords) {
			n = p.dots(n + 1)
		}
		return p.at(n).kind == number && n+1 == end
	case q.size == 1 && q.upper && p.at(i+1).kind == number && p.at(i+1).close && p.at(i+1).start-q.end <= 1 && i+2 == end: // B-24
		return true
	case q.is(cityWords) && p.dots(i+1) > i+1:
		return p.capitals(p.dots(i+1), end)
	case box && q.capital && p.capitals(i, end) && end > i+1 && p.at(end-1).is(streetBehind) && !p.at(end-1).is(streetVague):
		return true
	case q.capital && q.bits&place != 0 && q.bits&given == 0 && p.capitals(i, end) && end-i <= 3:
		return true
	}
	return false
}

// capitals tells whether all parts are words with capitals.
func (p *parser) capitals(i, end int) bool {
	for k := i; k < end; k++ {
		if q := p.at(k); q.kind != word || !q.capital || k > i && !q.close || q.is(units) {
			return false
		}
	}
	return i < end
}

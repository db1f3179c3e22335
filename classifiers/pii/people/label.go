package people

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// What stands behind the name of a field, or in the column of a table whose heading is
// one, is a name as long as nothing in it speaks against that: Owner: Anna Schmidt.

const (
	quoteMarks = " \t\"'“”„«»*_`>[{("
	endMarks   = "\n\r\t,;|\"'<()]}/.—–-:"
	fieldNeeds = 0.6 // evidence that the words of a field need together when no sign stands in front
)

// labelled tells whether the name of a field stands in front of word i, with a sign or
// without.
func (s *scan) labelled(i int) (label, signed bool) {
	w := s.word(i - 1)
	gap := s.gap(i - 1)
	if i < 1 || len(gap) > 6 || strings.IndexByte(gap, '\n') >= 0 || !s.in(w.Hash, labels|names) {
		return false, false
	}
	if s.in(s.word(i-2).Hash, otherNames) && s.words[i-1].Start-s.words[i-2].End <= 1 {
		return false, false
	}
	switch strings.Trim(gap, quoteMarks) {
	case ":", "=", "-", "–", "：":
		return true, true
	case "":
		return true, strings.ContainsAny(gap, "\t>")
	}
	return false, false
}

// headed tells whether word i begins a cell of a table in a column of names.
func (s *scan) headed(i int) bool {
	c := s.at(s.words[i].Start - 1)
	if c == '"' {
		c = s.at(s.words[i].Start - 2)
	}
	if c == ' ' && s.at(s.words[i].Start-2) == '|' {
		c = '|'
	}
	if strings.IndexByte(",;\t|\n", c) < 0 || c == '\t' && strings.IndexByte("\t\n", s.at(s.words[i].Start-2)) >= 0 { // not what is indented
		return false
	}
	if s.columns.Text == "" {
		s.columns.Text = s.text
	}
	head := s.columns.Heading(s.words[i].Start)
	var room [6]classifiers.Word
	named := false
	for _, w := range classifiers.AppendWords(room[:0], head, 0, len(head)) {
		if s.in(w.Hash, otherNames) {
			return false
		}
		named = named || s.in(w.Hash, labels|names)
	}
	return named
}

// alone tells whether a name is all that stands in a field or in a cell.
func (s *scan) alone(t token) bool {
	label, signed := s.labelled(t.index)
	return (label && signed && s.in(s.words[t.index-1].Hash, labels) || s.headed(t.index)) && s.ends(t.End, true)
}

// field is how many tokens from run[k] on are the name of a person that fills a field or
// a cell, 0 when that is no person.
func (s *scan) field(run []token, k int) int {
	if s.small || run[k].particle && k+1 == len(run) {
		return 0
	}
	label, signed := s.labelled(run[k].index)
	if !label {
		if signed = s.headed(run[k].index); !signed {
			return 0
		}
	}
	n, end, sum, listed, said := 0, 0, 0.0, false, true // said: all of it means something else
	for k+n < len(run) && n < longestName {
		t := run[k+n]
		if s.in(t.Hash, things) || t.bits&common != 0 && t.bits&(given|surname) == 0 && !t.particle {
			return 0
		}
		said = said && (t.bits&common != 0 || t.initial || t.particle)
		listed = listed || t.bits&(given|surname) != 0
		sum += s.like(t)
		n++
		if !t.particle || t.Case != classifiers.Small {
			end = n
		}
	}
	first := run[k]
	if first.bits&(given|surname) == 0 && (run[k+n-1].initial || s.text[first.End] == '-' && n == 2) { // Startup C, Dublin-Agip
		return 0
	}
	if k+n < len(run) || end < 2 || said || sum < fieldNeeds && !signed || sum < -1 || sum < 0 && !listed || !s.ends(run[k+end-1].End, signed) {
		return 0
	}
	return end
}

// ends tells whether a field ends at the offset: with a sign, a line, or, when a sign
// stands in front of it, with anything but a further word.
func (s *scan) ends(at int, signed bool) bool {
	if at >= len(s.text) {
		return true
	}
	if strings.IndexByte(endMarks, s.text[at]) >= 0 || s.text[at] >= 0x80 {
		return true
	}
	return signed && s.text[at] == ' ' && !isLetter(s.at(at+1))
}

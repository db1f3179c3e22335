package pci

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// sequence is a row of digit groups with the same separator between them.
type sequence struct {
	view   *classifiers.View
	text   string
	groups [3 * maxGroups]classifiers.Run
	n      int
	total  int // digits
	sep    string
	full   bool // there was no room for more groups
	before int  // size of the group in front of the first, when an earlier part had one
	fresh  bool // nothing, or a card, stands in front of the next group
}

// separators that stand between the groups of a card: single characters, and a
// dash between two spaces. Characters without width are separators too: they do
// not hide a number.
const single = " -./_\t*+|"

var separators = []string{
	"  ", " - ", " \u2013 ", "%20", "&nbsp;", "\u00a0", "\u00ad", "\u00b7",
	"\u2007", "\u2009", "\u200b", "\u200c", "\u200d", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014",
	"\u2022", "\u202f", "\u2060", "\u2212", "\ufeff",
}

// joints are the separators that make one number of two runs of digits.
const joints = ".-_\u2010\u2011\u2012\u2013\u2014\u2212"

// separator returns the separator at text[i:] that a digit follows.
func separator(text string, i int) string {
	c := text[i]
	if i+1 < len(text) && isDigit(text[i+1]) && strings.IndexByte(single, c) >= 0 {
		return text[i : i+1]
	}
	if c != ' ' && c != '%' && c != '&' && c < 0x80 {
		return ""
	}
	for _, s := range separators {
		if s[0] == c && strings.HasPrefix(text[i:], s) && i+len(s) < len(text) && isDigit(text[i+len(s)]) {
			return s
		}
	}
	return ""
}

// read fills the sequence from its first group on.
func (s *sequence) read(first classifiers.Run) {
	s.groups[0], s.n, s.total, s.full = first, 1, first.Len(), false
	at := first.End
	if s.before == 0 && at < len(s.text) {
		s.sep = separator(s.text, at)
	}
	for s.sep != "" && at < len(s.text) && strings.HasPrefix(s.text[at:], s.sep) {
		start := at + len(s.sep)
		end := start
		for end < len(s.text) && end-start <= maxDigits && isDigit(s.text[end]) {
			end++
		}
		if end == start || end-start > maxDigits {
			break
		}
		if s.n == len(s.groups) {
			s.full = true
			break
		}
		s.groups[s.n] = classifiers.Run{Start: start, End: end}
		s.n++
		s.total += end - start
		at = end
	}
}

// sizeBefore is the size of the group in front of group i, or 0.
func (s *sequence) sizeBefore(i int) int {
	if i == 0 {
		return s.before
	}
	return s.groups[i-1].Len()
}

func (s *sequence) last() classifiers.Run { return s.groups[s.n-1] }

// runsBefore returns the runs of digits in the row of digits and separators in
// front of at, not farther back than 512 bytes.
func runsBefore(text string, at int) []classifiers.Run {
	lo := at
	for lo > 0 && at-lo < 512 {
		if c := text[lo-1]; isDigit(c) || strings.IndexByte(joints, c) >= 0 || strings.IndexByte(" /\t*+|%", c) >= 0 || c >= 0x80 {
			lo--
			continue
		}
		break
	}
	var runs []classifiers.Run
	for i := lo; i < at; {
		start := i
		for i < at && isDigit(text[i]) {
			i++
		}
		if i > start {
			runs = append(runs, classifiers.Run{Start: start, End: i})
		}
		i++
	}
	return runs
}

// printed tells whether groups i to n have sizes in which cards are printed.
func (s *sequence) printed(i, n int) bool {
	var sizes [5]byte
	if n-i >= len(sizes) {
		return false
	}
	for k := i; k <= n; k++ {
		sizes[k-i] = byte('0' + min(s.groups[k].Len(), 20))
	}
	switch string(sizes[:n-i+1]) {
	case "4444", "44443", "465", "464", "4443", "445", "6" + string(rune('0'+13)), "88":
		return true
	}
	return n == i
}

// embedded tells whether groups i to n stand inside a word, a fraction or an
// identifier, and not by themselves.
func (s *sequence) embedded(i, n int) bool {
	start, end := s.groups[i].Start, s.groups[n].End
	first := s.sizeBefore(i) == 0
	if first && s.gluedBefore(start) {
		return true
	}
	if s.sep == "." && (n == i && n+1 < s.n || i == 0 && n == 1 && s.n == 2 && !s.printed(i, n)) {
		return true // a fraction
	}
	if !first && n == i && strings.Contains(joints, s.sep) {
		return true // 1-4111111111111111: the second part of a number
	}
	if n+1 == s.n {
		return s.gluedAfter(end)
	}
	return false
}

func (s *sequence) gluedBefore(start int) bool {
	if start == 0 {
		return false
	}
	t := s.text
	switch c := t[start-1]; {
	case isLetter(c):
		// \n4111... is an escape in a quoted text, Visa4111... a word about cards.
		if start > 1 && t[start-2] == '\\' && strings.IndexByte("nrt", c) >= 0 {
			return false
		}
		w := start - 1
		for w > 0 && start-w < 12 && isLetter(t[w-1]) {
			w--
		}
		return w > 0 && (isDigit(t[w-1]) || t[w-1] == '-') || !prefixes.In(t[w:start])
	case isDigit(c):
		return true
	case c == '.':
		return start > 1 && isDigit(t[start-2])
	case c == '-' || c == '_':
		return mixed(t, start-2, -1)
	}
	return false
}

func (s *sequence) gluedAfter(end int) bool {
	t := s.text
	if end >= len(t) {
		return false
	}
	switch c := t[end]; {
	case isLetter(c) || isDigit(c):
		return true
	case c == '.':
		return end+1 < len(t) && isDigit(t[end+1]) // a fraction
	case c == '-' || c == '_':
		return mixed(t, end+1, 1)
	}
	return false
}

// prefixes are words that may touch a card number.
var prefixes = classifiers.NewWords("visa", "mastercard", "amex", "card", "cc", "ccn", "pan", "no", "nr", "number", "discover", "maestro", "jcb")

// mixed tells whether the word that starts at i in the given direction has both
// letters and digits, as parts of UUIDs and identifiers have.
func mixed(t string, i, step int) bool {
	letter, digit := false, false
	for n := 0; i >= 0 && i < len(t) && n < 32; i, n = i+step, n+1 {
		switch c := t[i]; {
		case isLetter(c):
			letter = true
		case isDigit(c):
			digit = true
		default:
			return letter && digit
		}
	}
	return letter && digit
}

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return c|0x20-'a' < 26 }

package pii

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

const (
	maxE164     = 15 // digits, ITU-T E.164
	minLocal    = 7
	maxGroups   = 8
	beforePhone = 40 // bytes in front of a number in which words may be about it
	afterPhone  = 16 // and behind it
)

// number is a row of digit groups that may be a telephone number.
type number struct {
	start, end int // with a plus sign or bracket in front
	groups     [maxGroups]classifiers.Run
	n          int
	digits     [maxE164 + 3]byte // with an international prefix 011
	total      int
	plus       bool // a plus sign stands in front
	brackets   bool // one group stands in brackets
	mark       byte // '-', '.', '/' when such a separator occurs, else ' ' or 0 for one group
	more       bool // digits go on behind the last group
}

// telephone tries the rules for telephone numbers at the run r: international
// ones by the table of calling codes, North American ones and those of other
// countries' common groupings by their form, all others by a word nearby.
func (s *scan) telephone(r classifiers.Run) {
	if r.Start < s.phoneEnd || r.Len() > maxE164 {
		return
	}
	var n number
	if !s.readNumber(&n, r) {
		return
	}
	switch {
	case n.plus:
		s.international(&n, 0)
	case s.international(&n, n.prefix()):
	case s.nanp(&n):
	case s.form(&n):
	default:
		s.byContext(&n)
	}
}

// readNumber reads the groups from r on.
func (s *scan) readNumber(n *number, r classifiers.Run) bool {
	n.start = r.Start
	open := false
	if s.at(n.start-1) == '(' {
		n.start--
		open = true
	}
	if c := s.at(n.start - 1); c == '+' {
		n.start--
		n.plus = true
		if s.at(n.start-1) == '(' {
			n.start--
			open = true
		}
	}
	switch c := s.at(n.start - 1); {
	case isEscape(s.text, n.start-1):
	case isAlnum(c), c == '_':
		return false
	case (c == '-' || c == '.') && isAlnum(s.at(n.start-2)), (c == '/' || c == ',') && isDigit(s.at(n.start-2)) && !n.plus:
		return false // part of something longer
	}
	for at := r.Start; ; {
		end := at
		for end < len(s.text) && isDigit(s.text[end]) && end-at <= maxE164 {
			end++
		}
		if n.n == maxGroups || n.total+end-at > len(n.digits) {
			n.more = true
			break
		}
		n.total += copy(n.digits[n.total:], s.text[at:end])
		n.groups[n.n] = classifiers.Run{Start: at, End: end}
		n.n++
		n.end = end
		next, mark, bracket, ok := s.gap(end, open)
		if bracket {
			n.brackets = true
			open = false
		}
		if !ok {
			break
		}
		if strings.IndexByte(s.text[end:next], '(') >= 0 {
			open = true
		}
		if mark != 0 && (n.mark == 0 || n.mark == ' ') {
			n.mark = mark
		}
		at = next
	}
	if last := n.groups[n.n-1]; n.n > 1 && s.at(last.Start-1) == '(' && s.at(last.Start-2) == ' ' { // 336 817 (2020)
		n.n--
		n.total -= last.Len()
		n.end, n.brackets = n.groups[n.n-1].End, false
	}
	if open && s.text[n.start] == '(' {
		n.start++ // a bracket of the sentence
	}
	switch c := s.at(n.end); {
	case isLetter(c) && !s.extension(n.end), c == '_', c == '@', c == '%':
		return false
	case c == '-' && isHex(s.at(n.end+1)) && isHex(s.at(n.end+2)) && !isLetter(s.at(n.end+3)):
		return false // a hardware address
	}
	return n.total >= minLocal-1
}

// gap reads what stands between two groups: spaces, one mark, brackets.
func (s *scan) gap(at int, open bool) (next int, mark byte, bracket, ok bool) {
	i := at
	for i < len(s.text) && i-at < 5 {
		c := s.text[i]
		switch {
		case isDigit(c):
			return i, mark, bracket, i > at
		case c == ' ' && (i == at || s.text[i-1] != ' '):
			if mark == 0 {
				mark = ' '
			}
		case (c == '-' || c == '.' || c == '/') && (mark == 0 || mark == ' '):
			mark = c
		case c == ')' && open:
			bracket, open = true, false
		case c == '(' && !open:
			open = true
		case strings.HasPrefix(s.text[i:], "\u00a0"):
			i++
			mark = ' '
		case strings.HasPrefix(s.text[i:], "\u202f"), strings.HasPrefix(s.text[i:], "\u2010"),
			strings.HasPrefix(s.text[i:], "\u2011"), strings.HasPrefix(s.text[i:], "\u2013"):
			mark = '-'
			if s.text[i+2] == 0xaf {
				mark = ' '
			}
			i += 2
		default:
			return i, mark, bracket, false
		}
		i++
	}
	return i, mark, bracket, false
}

// extension tells whether x12 or ext. 12 stands at offset at.
func (s *scan) extension(at int) bool {
	c := s.at(at) | 0x20
	return c == 'x' && isDigit(s.at(at+1)) || c == 'e' && at+3 <= len(s.text) && strings.EqualFold(s.text[at:at+3], "ext")
}

// prefix returns the length of an international prefix (00, 011) or -1.
func (n *number) prefix() int {
	switch {
	case n.digits[0] == '0' && n.digits[1] == '0' && n.digits[2] != '0':
		return 2
	case n.digits[0] == '0' && n.digits[1] == '1' && n.digits[2] == '1' && n.n > 1 && n.groups[0].Len() == 3:
		return 3
	}
	return -1
}

// international reads a number whose calling code begins after skip digits. It
// ends with the last group with which the country's numbers have a length that
// is in use.
func (s *scan) international(n *number, skip int) bool {
	if skip < 0 || n.total <= skip {
		return false
	}
	code, lo, hi := callingCode(string(n.digits[skip:min(skip+3, n.total)]))
	if code == 0 {
		return false
	}
	if skip > 0 && (n.n < 3 || n.mark != '-' && n.mark != '.' && n.mark != '/') && !s.nearPhone(n) {
		s.drop("phone-international", n, "no word about telephones and no plus sign")
		return false
	}
	if code == 1 && n.digits[skip] == '1' && n.total > skip+4 && (n.digits[skip+1] < '2' || n.plus && n.digits[skip+4] < '2') {
		return false
	}
	end, used := s.extent(n, skip, code, lo, hi)
	if end == 0 || end == n.end && n.more && n.n == 1 {
		s.drop("phone-international", n, "no length of that country's numbers")
		return false
	}
	near := s.nearPhone(n)
	switch {
	case used && (near || n.plus):
		s.take("phone-international", surePhone, n.start, end, "calling code, and in use in that country")
	case near || used, n.plus && (n.n > 1 || n.brackets):
		s.take("phone-international", sureDigits, n.start, end, "calling code and length")
	default:
		s.drop("phone-international", n, "not in use in that country")
		return false
	}
	return true
}

// extent returns where the number ends whose calling code is code digits behind
// the first skip: with the last group with which it is in use, or else with which
// it has one of the country's lengths.
func (s *scan) extent(n *number, skip, code, lo, hi int) (end int, used bool) {
	var national [maxE164 + 3]byte
	total, at := 0, 0 // of national; of n.digits
	for i := range n.n {
		g := n.groups[i]
		from := at
		at += g.Len()
		if g.Len() == 1 && s.text[g.Start] == '0' && i > 0 && s.at(g.Start-1) == '(' {
			continue // (0), dialled inside the country only
		}
		total += copy(national[total:], n.digits[max(from, min(at, skip+code)):at])
		if total < lo || total > hi {
			continue
		}
		in, _ := inUse(string(n.digits[skip:skip+code]), string(national[:total]))
		if in || !used {
			end, used = g.End, in
		}
	}
	return end, used
}

// nanp reads a North American number: area code and exchange begin with 2 to 9
// (NANPA), grouped 3-3-4 with marks or brackets, or with spaces or none and a
// word nearby. Near such a word the digits are taken as they are.
func (s *scan) nanp(n *number) bool {
	i := 0
	if n.groups[0].Len() == 1 && n.digits[0] == '1' && n.n > 3 {
		i = 1
	}
	if n.n < i+3 || n.groups[i].Len() != 3 || n.groups[i+1].Len() != 3 || n.groups[i+2].Len() != 4 {
		return false
	}
	if n.n > i+3 && s.gapMark(n, i+2) == n.mark && n.mark != ' ' {
		return false
	}
	end := n.groups[i+2].End
	strict := n.digits[i] >= '2' && n.digits[i+3] >= '2' && n.digits[i+1] != '9' &&
		(n.digits[i+1] != '1' || n.digits[i+2] != '1')
	near := s.nearPhone(n)
	switch {
	case near:
		s.take("phone-nanp", surePhone, n.start, end, "grouped like one, and a word about telephones nearby")
	case strict && (n.brackets || n.mark == '-' || n.mark == '.'):
		s.take("phone-nanp", sureGroups, n.start, end, "area code and exchange")
	default:
		return false
	}
	return true
}

// gapMark is the first byte behind group i.
func (s *scan) gapMark(n *number, i int) byte { return s.at(n.groups[i].End) }

// form reads a national number by the sizes of its groups.
func (s *scan) form(n *number) bool {
	if n.more || n.n < 2 || n.mark == '.' && n.n == 4 && !n.brackets {
		return false
	}
	var sizes [maxGroups]byte
	for i := range n.n {
		sizes[i] = byte('0' + min(n.groups[i].Len(), 9))
	}
	for _, f := range phoneForms {
		if f.Sizes != string(sizes[:n.n]) || !strings.HasPrefix(string(n.digits[:n.total]), f.Lead) ||
			strings.IndexByte(f.Then, n.digits[len(f.Lead)]) < 0 || f.Brackets && !n.brackets {
			continue
		}
		switch {
		case s.nearPhone(n):
			s.take("phone-national", surePhone, n.start, n.end, "grouped like one, and a word about telephones nearby")
			return true
		case isDigit(s.at(n.start-2)) && !isAlnum(s.at(n.start-1)) && s.at(n.start-1) >= ' ':
			return false // the end of a longer row
		}
		s.take("phone-national", sureGroups, n.start, n.end, "grouped like one")
		return true
	}
	return false
}

// byContext takes any row of digits near a word about telephones.
func (s *scan) byContext(n *number) {
	end, total := 0, 0
	for i := range n.n {
		g := n.groups[i]
		if total >= minLocal && (g.Len() >= minLocal || total+g.Len() > 13) {
			break
		}
		total += g.Len()
		end = g.End
	}
	if total < minLocal || total > 13 || end == n.end && n.more && n.n == 1 || n.date() || allSame(string(n.digits[:min(total, n.total)])) || n.round() {
		s.drop("phone-national", n, "a date, a round number, one digit repeated, or too long")
		return
	}
	if n.n > 2 && n.groups[0].Len() == 1 && n.groups[1].Len() == 1 {
		return // a row of digits
	}
	if n.n > 1 && n.groups[0].Len() > 7 || n.mark == '.' && n.n < 3 {
		return
	}
	switch head := s.enter().columns.Heading(n.start); {
	case s.phone.In(head):
		s.take("phone-national", sureDigits, n.start, end, "the heading of its column")
	case head != "" && !s.phone.In(s.line(n.start)):
		s.drop("phone-national", n, "the heading of its column speaks of no telephone")
	case s.nearPhone(n):
		s.take("phone-national", sureDigits, n.start, end, "a word about telephones nearby")
	default:
		s.drop("phone-national", n, "no word about telephones nearby")
	}
}

// line is what stands in front of an offset on its line, as far as words are near.
func (s *scan) line(at int) string {
	from := max(0, at-beforePhone)
	from += strings.LastIndexByte(s.text[from:at], '\n') + 1
	return s.text[from:at]
}

// date tells whether the groups look like a date or a span of years.
func (n *number) date() bool {
	if n.n == 2 && n.groups[0].Len() == 4 && n.groups[1].Len() == 4 {
		return n.year(0) && n.year(4)
	}
	if n.n < 3 {
		return n.total == 8 && n.n == 1 && n.year(0) && n.digits[4] <= '1' && n.digits[6] <= '3'
	}
	a, b, c := n.groups[0].Len(), n.groups[1].Len(), n.groups[2].Len()
	return a == 4 && b <= 2 && c <= 2 && n.year(0) || a <= 2 && b <= 2 && c == 4 && n.year(a+b)
}

// round tells whether all is zero behind the first digits: a limit, a sum.
func (n *number) round() bool {
	return n.n == 1 && len(strings.TrimRight(string(n.digits[:n.total]), "0")) <= 3
}

func (n *number) year(i int) bool {
	return n.digits[i] == '1' && n.digits[i+1] == '9' || n.digits[i] == '2' && n.digits[i+1] == '0'
}

func (s *scan) nearPhone(n *number) bool {
	return s.phone.Near(s.text, n.start, n.end, beforePhone, s.label(n.end))
}

// label is how far behind a number the words reach that may be about it: not to
// another line, nor to those in front of another number, unless a hyphen or brackets
// tie them to the first.
func (s *scan) label(end int) int {
	behind := s.text[end:min(len(s.text), end+afterPhone+8)]
	if i := strings.IndexByte(behind, '\n'); i >= 0 {
		return min(i, afterPhone)
	}
	if i := strings.IndexAny(behind, "+0123456789"); i >= 0 && behind[0] != '-' && strings.IndexByte(behind[:i], ')') < 0 {
		return 0
	}
	return afterPhone
}

func (s *scan) take(rule string, sure classifiers.Sure, start, end int, why string) {
	s.add(phone, rule, sure, start, end, why)
	s.phoneEnd = end
}

// drop tells why the candidate is none.
func (s *scan) drop(rule string, n *number, why string) { s.view.Drop(rule, n.start, n.end, why) }

// isEscape tells whether the letter at i belongs to an escape such as \n.
func isEscape(t string, i int) bool {
	return i > 0 && t[i-1] == '\\' && strings.IndexByte("nrt", t[i]) >= 0
}

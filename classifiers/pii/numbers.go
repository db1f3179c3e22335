package pii

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/pii/national"
)

// room is what looking for numbers needs and the next scan can use again.
type room struct {
	row     national.Row
	spoken  spoken
	near    national.Near
	columns classifiers.Columns
	title   string  // the heading of the column
	head    kindSet // of which it speaks
}

// under reads the heading of a column.
func (r *room) under(title string) {
	if r.title == title {
		return
	}
	r.title, r.head = title, kindSet{}
	words := spoken{lexicon: r.spoken.lexicon, text: title}
	words.read(0, len(title))
	for _, w := range words.seen {
		for i := range r.head {
			r.head[i] |= w.kinds[i]
		}
	}
}

func (c *Classifier) newRoom() any {
	r := &room{spoken: spoken{lexicon: c.lexicon}}
	r.near = func(kind, start, end int) int {
		away := r.spoken.near(kind, start, end)
		if away < 0 {
			if r.under(r.columns.Heading(start)); r.head.has(kind) {
				return numberBefore
			}
		}
		return away
	}
	return r
}

// enter takes a room for the scan, leave gives it back.
func (s *scan) enter() *room {
	if s.room == nil {
		s.room = s.rooms.Get().(*room)
		s.room.spoken.text, s.room.columns.Text = s.text, s.text
	}
	return s.room
}

func (s *scan) leave() {
	if r := s.room; r != nil {
		r.spoken = spoken{lexicon: s.lexicon, seen: r.spoken.seen[:0]}
		r.under("")
		r.columns = classifiers.Columns{}
		s.rooms.Put(r)
	}
}

// number looks for a number at the run r.
func (s *scan) number(r classifiers.Run) {
	if r.Start < s.numberEnd || !national.May(s.text, r.Start, r.End) {
		return
	}
	room := s.enter()
	room.row.Explain = s.view.Explaining()
	m := s.numbers.At(&room.row, s.text, r.Start, r.End, room.near)
	if m.Proof == national.ByWord && m.Start == r.Start && m.End == r.Start+len("2006-01-02") && s.numericDate(r) == m.End {
		s.view.Drop(s.ruleOf[m.Kind], m.Start, m.End, "a date") // on which a passport expires
		return
	}
	s.takeNumber(m)
	if no := room.row.Refused(); m.End == 0 && no.Why != "" {
		s.view.Drop(s.ruleOf[no.Kind], no.Start, no.End, no.Why)
	}
}

// maxNumber is the most bytes of a number that is all of a text.
const maxNumber = 64

// linking are the words that may stand between the word and the code.
var linking = classifiers.NewWords("code", "codes", "is", "ist", "est", "es", "id", "number", "no", "nr", "bic", "swift", "the", "der", "and", "und")

// swift reads the code of a bank, which may have no digit, behind the word that
// is the hit.
func (s *scan) swift(h classifiers.Hit) {
	if isAlnum(s.at(h.Start-1)) || isLetter(s.at(h.End)) {
		return
	}
	for at := h.End; at < len(s.text) && at < h.End+48; {
		start := at
		for at < len(s.text) && at-start < 12 && isAlnum(s.text[at]) && s.text[at]-'a' >= 26 {
			at++
		}
		if (at-start == 8 || at-start == 11) && !isAlnum(s.at(at)) && !isAlnum(s.at(start-1)) {
			if national.Bank(s.text[start:at]) {
				s.add(swift, "swift-code", sureForm, start, at, "the word for it in front")
				return
			}
			s.view.Drop("swift-code", start, at, "no country has it")
		}
		if at == start && isLetter(s.text[at]) || at > start && isLetter(s.text[start]) {
			at = start
			for isLetter(s.at(at)) && at-start < 12 {
				at++
			}
			if !linking.In(s.text[start:at]) {
				return
			}
		}
		if at == start {
			at++
		}
	}
}

// whole looks for the number that is all of a prompt. Elsewhere, in what a tool
// gave back or in a field of a file, a lone number is more often a key of a table.
func (s *scan) whole() {
	text := strings.TrimSpace(s.text)
	if len(text) > maxNumber {
		return
	}
	start := strings.Index(s.text, text)
	if s.view.Role != "prompt" {
		s.view.Drop("whole", start, start+len(text), "a lone number counts in a prompt only")
		return
	}
	if !s.wholePhone(text, start) {
		s.takeNumber(s.numbers.Whole(&s.enter().row, s.text))
	}
}

// wholePhone takes the digits of a mobile telephone behind a calling code, or a
// prefix 00, without a plus sign.
func (s *scan) wholePhone(text string, start int) bool {
	digits := strings.TrimPrefix(text, "00")
	if len(digits) < 10 || len(digits) > maxE164 || strings.TrimLeft(digits, "0123456789") != "" {
		return false
	}
	code, lo, hi := callingCode(digits)
	national := digits[code:]
	if code == 0 || len(national) < lo || len(national) > hi {
		return false
	}
	if _, mobile := inUse(digits[:code], national); !mobile || code == 1 && digits[0] == '1' {
		return false
	}
	s.take("phone-whole", sureItself, start, start+len(text), "in use in its country, and all of the text")
	return true
}

func (s *scan) takeNumber(m national.Match) {
	if m.End == 0 {
		return
	}
	entity := national.Kinds[m.Kind].Entity
	s.add(entity, rule(entity), sureNumber[m.Proof], m.Start, m.End, m.Proof.String())
	s.numberEnd = m.End
}

// rule is the name of the rule for an entity.
func rule(entity string) string { return strings.ReplaceAll(strings.ToLower(entity), "_", "-") }

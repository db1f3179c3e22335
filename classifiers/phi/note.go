package phi

import (
	"math/bits"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// What a note is worth, in the weights of words.
const (
	headingWeight = 30
	weakWeight    = 14
	personWeight  = 20
	measureWeight = 12
	enough        = 45 // the sum of a note that is reported
	sink          = 90 // how far the sum may fall before the note has ended
	maxHeading    = 5  // words
)

// care is a set of the ways in which a passage tells that somebody was cared for.
type care uint8

const (
	sections care = 1 << iota
	person
	told
	measured
	dosed
)

// note is a passage that is one so far. It begins with a word that weighs something,
// and everything in it only ever adds to what it shows, so that half a note in front
// of the edge of a block says nothing that the whole one does not.
type note struct {
	start, end int // to the last word that raised the sum
	sum, peak  int
	shown      care
	headings   int // strong ones twice
	terms      int // words of records of care
	negatives  int // of them that are said not to be there
}

// add lets a word count. A note that has ended is reported.
func (n *note) add(v *classifiers.View, found []classifiers.Finding, w classifiers.Word, weight int) []classifiers.Finding {
	if n.peak == 0 {
		if weight <= rest {
			return found
		}
		n.start = w.Start
	}
	n.sum += weight - rest
	switch {
	case n.sum > n.peak:
		n.peak, n.end = n.sum, w.End
	case n.sum <= 0 || n.sum < n.peak-sink:
		return n.close(v, found)
	}
	return found
}

// close reports the note where it is one and begins anew.
func (n *note) close(v *classifiers.View, found []classifiers.Finding) []classifiers.Finding {
	q := *n
	*n = note{}
	ways := bits.OnesCount8(uint8(q.shown))
	switch {
	case q.peak == 0:
	case q.peak < enough:
		v.Drop("note", q.start, q.end, "too little of a record of care")
	case ways < 2 && (q.headings < 3 || q.terms < 5):
		v.Drop("note", q.start, q.end, "medicine, but nobody's care")
	case q.terms < 3 && ways < 3:
		v.Drop("note", q.start, q.end, "headings without a record")
	default:
		v.Keep("note", q.start, q.end, "a record of care")
		found = append(found, classifiers.Finding{Entity: Note, Rule: "note", Confidence: sureNote.Confidence, Grade: sureNote.Grade, Start: q.start, End: q.end})
	}
	return found
}

// weigh tells what the i-th word weighs in a note and notes what it shows.
func (s *scan) weigh(i int, e *entry) int {
	w := s.words[i]
	weight := int(e.weight)
	n := &s.note
	if weight >= jargonWeight {
		n.terms++
		if s.before(i, 3, negation) {
			if n.negatives++; n.negatives > 1 { // one is a sentence
				n.shown |= told
			}
		}
	}
	if e.flags&tale != 0 || e.flags&deed != 0 && s.before(i, 4, past) {
		n.shown |= told
	}
	if e.flags&head != 0 {
		if size, f := s.heading(i); size > 0 {
			n.shown |= sections
			n.headings++
			if f&weak != 0 {
				return max(weight, weakWeight)
			}
			n.headings++
			return headingWeight
		}
	}
	if e.flags&verb != 0 && s.before(i, 2, patient) {
		n.shown |= person
		weight = max(weight, personWeight/2)
	}
	if w.Hash == postWord && i > 0 && s.words[i-1].Hash == statusWord {
		n.shown |= told
		weight = measureWeight
	}
	if e.flags&sex != 0 && s.aged(i) {
		n.shown |= person
		weight = max(weight, personWeight)
	}
	if e.flags&vital != 0 && s.valued(w.End) {
		n.shown |= measured
		weight = max(weight, measureWeight)
	}
	if e.flags&drug != 0 && s.dosage(i) {
		n.shown |= dosed
		weight = max(weight, measureWeight)
	}
	return weight
}

// before tells whether one of the n words in front of the i-th, in its sentence, has a
// flag.
func (s *scan) before(i, n int, f flags) bool {
	for j := i - 1; j >= max(0, i-n); j-- {
		w := s.words[j]
		if gap := s.text[w.End:min(s.words[j+1].Start, w.End+4)]; strings.ContainsAny(gap, ".\n;:") {
			return false
		}
		if e := s.dict.find(w.Hash); e != nil && e.flags&f != 0 {
			return true
		}
	}
	return false
}

// Words of stories ("status post appendectomy") and of ages: "54-year-old", "54 yo", "54-jährige Patientin", "patiente de 54 ans".
var (
	yearWord             = classifiers.HashWord("year")
	statusWord, postWord = classifiers.HashWord("status"), classifiers.HashWord("post")
	ages                 = map[uint32]bool{
		classifiers.HashWord("old"): true, classifiers.HashWord("yo"): true, classifiers.HashWord("jährige"): true, classifiers.HashWord("jähriger"): true,
		classifiers.HashWord("jährigen"): true, classifiers.HashWord("ans"): true, classifiers.HashWord("años"): true,
	}
)

// aged tells whether an age stands up to three words in front of the i-th, or behind.
func (s *scan) aged(i int) bool {
	for j := max(0, i-3); j < min(len(s.words), i+4); j++ {
		w := s.words[j]
		if j == i || !ages[w.Hash] {
			continue
		}
		at := w.Start
		if j > 0 && s.words[j-1].Hash == yearWord {
			at = s.words[j-1].Start
		}
		if at > 1 && (isDigit(s.text[at-1]) || isDigit(s.text[at-2])) {
			return true
		}
	}
	return false
}

// valued tells whether a number follows: "BP: 120/80", "pulse of 72".
func (s *scan) valued(at int) bool {
	rest := strings.TrimLeft(s.text[at:min(len(s.text), at+16)], " :=\t")
	for _, link := range [...]string{"is ", "of ", "was ", "von ", "de ", "à ", "rate "} {
		rest = strings.TrimPrefix(rest, link)
	}
	return len(rest) > 1 && isDigit(rest[0]) && (isDigit(rest[1]) || rest[1] == '/')
}

// heading tells how many words from the i-th on are a heading. It stands in capitals
// in front of a colon, comma or end of line, or at the beginning of a line in front
// of a colon or the line's end.
func (s *scan) heading(i int) (words int, f flags) {
	hash := uint32(0)
	loud := true
	for j := i; j < min(len(s.words), i+maxHeading); j++ {
		w := s.words[j]
		if j == i {
			hash = w.Hash
		} else {
			if w.Start-s.words[j-1].End > 2 {
				break
			}
			hash = join(hash, w.Hash)
		}
		loud = loud && (w.Case == classifiers.Upper || w.End-w.Start == 1)
		e := s.dict.find(hash)
		if e == nil || e.flags&heading == 0 {
			continue
		}
		after := strings.TrimLeft(s.text[w.End:min(len(s.text), w.End+12)], " *_")
		if strings.HasPrefix(after, "(") { // (ES)
			after = strings.TrimLeft(after[strings.IndexByte(after, ')')+1:], " ")
		}
		colon := strings.HasPrefix(after, ":")
		ends := after == "" || strings.IndexByte("\n\r", after[0]) >= 0 || strings.HasPrefix(after, `\n`)
		if loud && (colon || ends || after[0] == ',' || after[0] == '-') || (colon || ends) && s.begins(s.words[i].Start) && (j > i || e.flags&weak == 0 || colon) {
			words, f = j-i+1, e.flags
		}
	}
	return words, f
}

// begins tells whether a line begins at an offset, with signs of a list or heading.
func (s *scan) begins(at int) bool {
	before := strings.TrimRight(s.text[max(0, at-8):at], " \t#*_->•0123456789.)\"'")
	return before == "" || before[len(before)-1] == '\n' || strings.HasSuffix(before, `\n`)
}

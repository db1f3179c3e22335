package phi

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// prescribed reports the name of a drug, the i-th word, that stands beside a dose or
// says how it is given. A word that only ends like one needs the dose.
func (s *scan) prescribed(i int, named bool) {
	w := s.words[i]
	switch {
	case s.dosage(i):
		s.keep(Drug, "dose", sureDose, w.Start, w.End, "a dose stands beside it")
	case named && s.regimen(i):
		s.keep(Drug, "regimen", sureRegimen, w.Start, w.End, "how it is given stands beside it")
	default:
		s.view.Drop("drug", w.Start, w.End, "neither dose nor route")
	}
}

// dosage tells whether a dose stands up to four words behind the i-th or two in front
// of it, on its line: "metformin XR 500 mg", "10 mg of morphine".
func (s *scan) dosage(i int) bool {
	for j := max(0, i-3); j < min(len(s.words), i+6); j++ {
		w := s.words[j]
		if w.End-w.Start > 5 {
			continue
		}
		if e := s.dict.find(w.Hash); e == nil || e.flags&unit == 0 || !s.counted(w) {
			continue
		}
		if lo, hi := min(w.Start, s.words[i].Start), max(w.End, s.words[i].End); strings.IndexByte(s.text[lo:hi], '\n') < 0 {
			return true
		}
	}
	return false
}

// counted tells whether a number stands in front of a unit that is none of a
// concentration (mg/dl), as results of a laboratory are.
func (s *scan) counted(w classifiers.Word) bool {
	at := w.Start
	if at > 0 && (s.text[at-1] == ' ' || s.text[at-1] == '-') {
		at--
	}
	if at == 0 || !isDigit(s.text[at-1]) {
		return false
	}
	after := strings.ToLower(s.text[w.End:min(len(s.text), w.End+3)])
	return !strings.HasPrefix(after, "/d") && !strings.HasPrefix(after, "/l")
}

// regimen tells whether one of the next words says how the drug is given.
func (s *scan) regimen(i int) bool {
	for j := i + 1; j < min(len(s.words), i+6); j++ {
		w := s.words[j]
		if e := s.dict.find(w.Hash); e != nil && e.flags&given != 0 && !strings.ContainsAny(s.text[s.words[i].End:w.Start], "\n;.") {
			return true
		}
	}
	return false
}

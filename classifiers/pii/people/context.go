package people

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// context is the evidence of what stands around a name that the word is one. A name
// whose word last stands in front of it is a person.
func (s *scan) context(t token, last int) float64 {
	return s.before(t, last) + s.behind(t)
}

// before weighs what stands in front of a name.
func (s *scan) before(t token, last int) float64 {
	i := t.index - 1
	gap := s.gap(i)
	if i < 0 {
		return s.opening(t)
	}
	w := s.words[i]
	sum := 0.0
	switch trimmed := strings.Trim(gap, " \t\"'“”„«»*_`>"); {
	case i == last && (gap == ", " || gap == " & "):
		sum += 1.2
	case i-1 == last && last >= 0 && gap == " " && s.in(w.Hash, conjunctions):
		return 1.2
	case s.alone(t):
		return 2.5
	case trimmed == "" && !strings.Contains(gap, "\n"):
		h := w.Hash
		switch {
		case s.in(h, called), h == wordIs && s.in(s.word(i-1).Hash, names), s.in(s.word(i-1).Hash, pronounsI) && s.in(h, isBe):
			return 2
		case s.in(h, greetings):
			return 1.6
		case s.in(h, kin):
			return 1.4
		case s.in(h, speech):
			return 1
		case s.in(h, articles):
			return -1.5
		case s.in(h, with):
			sum += 0.3
		}
	case s.in(w.Hash, closings) && strings.Contains(gap, "\n"):
		return 2
	case strings.ContainsAny(gap, ".!?:;\n"):
		return s.opening(t)
	}
	return sum
}

// opening weighs that a name opens a sentence, where every word has a capital.
func (s *scan) opening(t token) float64 {
	if t.bits&given != 0 {
		return 0
	}
	return -0.3
}

// behind weighs what stands behind a name.
func (s *scan) behind(t token) float64 {
	i := t.index
	next := s.word(i + 1)
	gap := s.gap(i)
	sum := 0.0
	switch {
	case (gap == "'" || gap == "’" || gap == "\\'") && s.letter(next, 's'):
		sum += 0.3
		if s.gap(i+1) == " " && s.in(s.word(i+2).Hash, kin) {
			sum += 1.2
		}
	case gap == " " && s.in(next.Hash, speech) && next.Case == classifiers.Small:
		sum += 1.2
	case strings.HasPrefix(gap, ":") && (strings.ContainsAny(gap, "\"“«\\")) && (i == 0 || strings.Contains(s.gap(i-1), "\n")):
		return 1.5
	case gap == " " && s.in(next.Hash, conjunctions) && s.lexicon.of(s.word(i+2).Hash)&(given|common|place) == given && s.word(i+2).Case != classifiers.Small:
		sum += 0.8
	case gap == ", " && next.Case != classifiers.Small && s.lexicon.of(next.Hash)&(given|common|place) == given:
		sum += 0.8
	}
	if t.bits&(common|place) == 0 && s.pronoun(i+1) {
		sum += 0.8
	}
	return sum
}

// pronoun tells whether the words from i on, to the end of the next sentence, speak
// of a person.
func (s *scan) pronoun(i int) bool {
	for n := range 12 {
		w := s.word(i + n)
		if w.End == 0 {
			return false
		}
		if s.in(w.Hash, pronouns) && w.Case == classifiers.Small {
			return true
		}
	}
	return false
}

func (s *scan) letter(w classifiers.Word, c byte) bool {
	return w.End-w.Start == 1 && s.text[w.Start] == c
}

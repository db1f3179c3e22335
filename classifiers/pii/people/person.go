package people

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// A token is a word of a run, with what the lists say of it.
type token struct {
	classifiers.Word
	index    int // in scan.words
	bits     uint8
	initial  bool // one letter
	particle bool // van, de, bin ...
}

const (
	longestRun  = 10
	longestName = 6
	threshold   = 2.0 // evidence that a name alone needs
	greeted     = 1.4 // evidence of words that stand in front of nothing but names
)

// persons looks at every run of words with capitals. Words inside taken, addresses in
// the order of their places, are no persons.
func (s *scan) persons(taken []classifiers.Finding) {
	last := -1 // the last word of a person that was reported
	for i := 0; i < len(s.words); {
		if s.words[i].Case == classifiers.Small && !s.small {
			if s.text[s.words[i].Start] >= 0xD6 {
				i = s.uncased(i)
			} else {
				i++
			}
			continue
		}
		for len(taken) > 0 && taken[0].End <= s.words[i].Start {
			taken = taken[1:]
		}
		if len(taken) > 0 && taken[0].Start <= s.words[i].Start {
			i++
			continue
		}
		first := s.token(i)
		if first.bits == common && !s.in(first.Hash, titles|notBehind) || first.bits&given == 0 && s.in(first.Hash, greetings|closings) { // most words that open a sentence
			i++
			continue
		}
		var room [longestRun]token
		run := s.run(append(room[:0], first))
		for k := 0; k < len(run); {
			n, reported := s.name(run, k, last)
			n = min(max(1, n), len(run)-k)
			if reported {
				last = run[k+n-1].index
			}
			k += n
		}
		i = run[len(run)-1].index + 1
	}
}

// run appends the words behind the first that may be one name: words with capitals, and
// particles between them, with a space, a hyphen, an apostrophe or the point of an
// initial between two.
func (s *scan) run(out []token) []token {
	for len(out) < longestRun {
		j := out[len(out)-1].index
		if j+1 >= len(s.words) || !s.joined(out[len(out)-1], s.gap(j)) {
			break
		}
		k := j + 1
		for k < j+3 && s.in(s.word(k).Hash, particles) && s.words[k].Case == classifiers.Small && (s.gap(k) == " " || s.gap(k) == "'" || s.gap(k) == "’") {
			k++
		}
		if k >= len(s.words) || s.words[k].Case == classifiers.Small && !s.small || len(out)+k-j > longestRun {
			break
		}
		for j++; j <= k; j++ {
			t := s.token(j)
			t.particle = j < k || s.in(t.Hash, particles)
			out = append(out, t)
		}
	}
	return out
}

func (s *scan) token(i int) token {
	w := s.words[i]
	t := token{Word: w, index: i, bits: s.lexicon.word(w, s.text[w.Start:w.End]), initial: isInitial(s.text[w.Start:w.End])}
	if t.bits == 0 && (w.Case == classifiers.Mixed && mac(s.text[w.Start:w.End]) || w.Case != classifiers.Mixed && patronym(s.text[w.Start:w.End])) {
		t.bits = surname
	} else if w.Case == classifiers.Mixed && !mac(s.text[w.Start:w.End]) {
		t.bits = common
	}
	return t
}

func isInitial(w string) bool { return len(w) == 1 || len(w) == 2 && w[0] >= 0xC3 }

// mac tells McDonald and MacArthur.
func mac(w string) bool {
	for _, p := range []string{"Mc", "Mac"} {
		if rest, ok := strings.CutPrefix(w, p); ok && len(rest) > 2 && rest[0]-'A' < 26 && rest[1]-'a' < 26 {
			return true
		}
	}
	return false
}

// patronym tells a word that ends as surnames of its language do.
func patronym(w string) bool { return surnameEndings.end(w, 3) }

func (s *scan) joined(t token, gap string) bool {
	switch gap {
	case " ", "-", "\u00a0":
		return true
	case "'", "’":
		return t.initial || s.in(t.Hash, particles)
	case ". ", ".":
		return t.initial || s.in(t.Hash, titles|notBehind)
	}
	return false
}

// weak tells that a word means something else, too.
func (t token) weak() bool { return t.bits&(common|place) != 0 }

func (t token) firstName() bool { return t.bits&given != 0 && !t.weak() }
func (t token) lastName() bool  { return t.bits&surname != 0 && !t.weak() }

// like is the evidence of the word alone that it is a name.
func (s *scan) like(t token) float64 {
	switch {
	case t.initial || t.particle:
		return 0
	case t.End-t.Start < 3 && t.bits&given == 0:
		return -3
	case t.firstName() && s.syllable(t):
		return 0.8
	case t.firstName() && t.bits&frequent != 0:
		return 2.5
	case t.firstName():
		return 2
	case t.lastName():
		return 1
	case t.bits&(given|surname) != 0 && t.bits&(common|place) == place:
		return 0.5
	case t.bits&given != 0:
		return 0
	case t.bits&surname != 0:
		return -0.8
	case t.bits != 0 || t.Case == classifiers.Mixed:
		return -3
	}
	return max(-1.5, min(1, shape(s.text[t.Start:t.End])/2))
}

// syllable tells a name that is but a syllable, as Vietnamese has them: others are
// written the same.
func (s *scan) syllable(t token) bool {
	text := s.text[t.Start:t.End]
	n := 0
	for _, r := range text {
		if r >= 0x1E00 && r < 0x1F00 {
			return true
		}
		n++
	}
	return n <= 2
}

// name judges what starts at run[k], says how many tokens of the run that is, and
// whether it is a person.
func (s *scan) name(run []token, k, last int) (n int, reported bool) {
	first := run[k]
	titled, start, at := false, first.Start, first.index
	for s.in(first.Hash, titles) && k+1 < len(run) && !s.small && (k == 0 || titled || run[k-1].bits != 0) {
		titled = true
		k++
		first = run[k]
	}
	n = s.extent(run[k:], titled)
	field := false
	if !titled && n < len(run)-k {
		if m := s.field(run, k); m > n {
			n, field = m, true
		}
	}
	if n == 0 {
		return 0, false
	}
	end := run[k+n-1].End
	all := run[k+n-1].index - at + 1 // with the titles
	if !titled && !field {
		if m, e := s.inverted(run, k); e > 0 {
			s.add(Person, "person-name", sureName, start, e, "a surname, a comma and a first name")
			return m, true
		}
	}
	why := s.spoiled(run, k, n)
	switch {
	case field && (why == "" || why == allCapitals):
		s.add(Person, "person-field", sureField, start, end, "the name of a field in front, or above")
		return all, true
	case why != "":
		s.Drop("person-name", start, end, why)
		return all, false
	case titled && (first.bits&common == 0 && !first.initial || n > 1 || s.wordSurname(run, k)):
		s.add(Person, "person-title", sureTitle, start, end, "a title in front")
		return all, true
	case titled:
		return all, false
	case n > 1:
		s.add(Person, "person-name", sureName, start, end, "a first name and a surname")
		return all, true
	}
	like := s.like(first)
	if like <= -3 || s.small && like < 2.5 {
		return 1, false
	}
	if first.Case == classifiers.Upper && !s.small {
		like -= 1.5
	}
	around := s.context(first, last)
	switch {
	case like+around < threshold:
		s.Drop("person-given", start, end, "nothing around it speaks of a person")
		return 1, false
	case like >= threshold:
		s.add(Person, "person-given", sureGiven, start, end, "a first name")
	default:
		s.add(Person, "person-context", sureGiven, start, end, "what is around it speaks of a person")
	}
	return n, true
}

// extent is how many tokens from the first on are one name; 1 for what may be a name
// by itself, 0 for what starts none.
func (s *scan) extent(run []token, titled bool) int {
	first := run[0]
	switch {
	case first.particle && !titled && first.bits&frequent == 0:
		return 0
	case first.initial:
		return s.initials(run, titled || s.smallTitle(first.index-1))
	case s.small && (!first.firstName() || first.bits&frequent == 0):
		return s.pair(run)
	}
	n, names := 1, 0
	for n < len(run) && n < longestName && (s.follows(run[0], run[n], s.text[run[n].Start-1] == '-') || titled && n == 1 && (s.wordBehind(run) || s.unknownBehind(run))) {
		if !run[n].initial && !run[n].particle {
			names = n
		}
		n++
	}
	n = names + 1
	switch {
	case first.firstName() || titled && (first.bits&common == 0 || n > 1 && s.wordBehind(run)):
		return n
	case n == 1:
		return 1
	case first.bits&given != 0 && first.bits&place != 0 || first.bits&given != 0:
		// Mark Jensen, but not Mark Twice: all that is said of the second is that it is a name.
		if run[1].lastName() || run[1].firstName() || s.hard(run[names]) || run[names].bits == 0 && s.before(first, -1) >= greeted {
			return n
		}
		return 1
	}
	return max(1, s.pair(run))
}

// hard tells a word that no list has and that looks like nothing but a surname.
func (s *scan) hard(t token) bool {
	return t.lastName() || t.bits == 0 && t.Case == classifiers.Capital && s.like(t) > 0.7
}

// pair judges two names of which the first is not known as a first name: Nguyen Anna,
// Borna Horvat.
func (s *scan) pair(run []token) int {
	if len(run) < 2 || s.text[run[0].End] == '-' || run[1].initial || run[1].particle || run[0].weak() || run[0].Case == classifiers.Mixed {
		return 0
	}
	a, b := s.like(run[0]), s.like(run[1])
	both := a+b >= 1.6 && a >= 0.3 && b >= 0.3
	if s.small {
		both = run[0].bits&given != 0 && run[1].lastName() && run[1].End-run[1].Start > 3
		if run[0].firstName() && run[1].bits&surname != 0 && s.before(run[0], -1) >= 2 {
			return 2
		}
	}
	if both && !run[1].weak() {
		return 2
	}
	return 0
}

// follows tells whether t may be a further name of one who is called first.
func (s *scan) follows(first, t token, hyphen bool) bool {
	switch {
	case (t.bits&common != 0 || t.bits&(given|surname) == 0) && s.in(t.Hash, things):
		return false
	case hyphen && t.bits&(given|surname) == 0:
		return false
	case t.initial || t.particle:
		return true
	case t.Case == classifiers.Mixed && t.bits == 0:
		return false
	case t.bits&surname != 0 && t.bits&frequent != 0:
		return true
	case t.bits&common != 0:
		return t.bits&surname != 0 && first.bits&frequent != 0 && !first.weak()
	case t.bits&place != 0:
		return t.bits&surname != 0 || first.firstName() && t.bits&given != 0
	case t.bits&(given|surname) != 0:
		return true
	case s.small:
		return false
	}
	return t.End-t.Start > 2 && (t.Case == classifiers.Capital || first.Case == classifiers.Upper) && s.like(t) > -1
}

const allCapitals = "all capitals, and not all of it a name"

// spoiled says what makes run[k:k+n] something else than a person.
func (s *scan) spoiled(run []token, k, n int) string {
	first, last := run[k], run[k+n-1]
	for i := k + 1; i < min(len(run), k+n+2); i++ {
		if s.lexicon.known(run[i-1].Word, run[i].Word) || s.lexicon.known(first.Word, run[i].Word) {
			return "everybody knows the name"
		}
	}
	if k > 0 && s.lexicon.known(run[k-1].Word, first.Word) {
		return "everybody knows the name"
	}
	if k > 0 && s.in(run[k-1].Hash, notBehind) || n > 1 && s.in(first.Hash, weather) {
		return "part of another name"
	}
	if k == 0 && s.inStreet(first.index) {
		return "part of the name of a street"
	}
	if s.gap(last.index) == " " && s.in(s.word(last.index+1).Hash, things) {
		return "part of the name of a thing"
	}
	if k+n < len(run) && s.in(run[k+n].Hash, things) {
		return "part of the name of a thing"
	}
	switch c := s.at(first.Start - 1); {
	case c == ':' && s.at(first.Start-2) == ':':
		return "part of an identifier"
	case c == '-' && isWordByte(s.at(first.Start-2)):
		return "part of a word"
	case c == '.' && first.Start > 1 && isWordByte(s.at(first.Start-2)), isDigit(c), strings.IndexByte("_/@#$%&+<~^`", c) >= 0 && c != 0, c == '=' && (n == 1 || s.text[first.End] != ' '):
		return "part of an identifier"
	}
	switch c := s.at(last.End); {
	case c == '<' && s.at(last.End+1) == '/': // </name>
	case c == '(', isDigit(c), strings.IndexByte("_/@#$%&=+~^`<", c) >= 0 && c != 0, c == '.' && isWordByte(s.at(last.End+1)):
		return "part of an identifier"
	case (c == '\'' || c == '\xe2') && s.letter(s.word(last.index+1), 't') && s.gap(last.index) != " ":
		return "not a name but a verb"
	case n == 1 && s.eponym(last.index):
		return "what is called by the name"
	case n == 1 && s.gap(last.index) == " " && species(s.word(last.index+1), s.text) && s.lexicon.of(s.word(last.index+1).Hash) == 0:
		return "a genus, with the name of a species"
	case n == 1 && s.firm(first):
		return "the name of a firm"
	case n == 1 && verse(s.text[last.End:]):
		return "a book with chapter and verse"
	case s.in(last.Hash, months) && (c == '.' || c == ' ' && isDigit(s.at(last.End+1)) || s.at(first.Start-1) == ' ' && isDigit(s.at(first.Start-2))):
		return "a month"
	case c == '-' && n == 1 && isWordByte(s.at(last.End+1)):
		return "part of a word"
	case c == ':' && s.at(last.End+1) == ':':
		return "part of an identifier"
	}
	if first.Case == classifiers.Upper && n > 1 && !s.small {
		for _, t := range run[k : k+n] {
			if !t.initial && !t.particle && (t.bits&(given|surname) == 0 || t.weak()) {
				return allCapitals
			}
		}
	}
	return ""
}

// verse tells whether a text begins with the number of a chapter and of a verse: John
// 3:16.
func verse(text string) bool {
	i := 1
	for i < len(text) && i < 4 && isDigit(text[i]) {
		i++
	}
	return i > 1 && i+1 < len(text) && text[0] == ' ' && text[i] == ':' && isDigit(text[i+1])
}

func isWordByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c >= 0x80 }

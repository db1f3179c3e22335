package people

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// initials is how many tokens a name has that begins with initials: J. K. Smith, P. van
// der Berg, M. Jean-Baptiste Lefèvre. Behind a title they need no points.
func (s *scan) initials(run []token, titled bool) int {
	n := 0
	for n < len(run) && run[n].initial && (s.at(run[n].End) == '.' || titled && s.at(run[n].End) == ' ') {
		n++
	}
	last := n
	for last < len(run) && run[last].particle && run[last].Case == classifiers.Small {
		last++
	}
	if n == 1 && s.gap(run[0].index-1) == " " && s.in(s.word(run[0].index-1).Hash, lettered|counted) {
		return 0 // Vitamin C. Anna
	}
	if n == 0 || n > 3 || last >= len(run) || s.in(run[last].Hash, things) {
		return 0
	}
	t := run[last]
	if last == n && t.firstName() && n == 1 {
		if rest := s.extent(run[n:], false); rest > 1 {
			return n + rest
		}
	}
	if titled && !t.initial && t.End-t.Start > 2 && (last > n || t.bits&common == 0 || t.bits&surname != 0) {
		return last + 1
	}
	if t.bits&(surname|common) == surname || t.bits == 0 && s.like(t) > 0.3 || last > n && (t.bits&common == 0 || t.bits&surname != 0) {
		return last + 1
	}
	return 0
}

// wordSurname tells whether run[k], behind a title that is never the end of a sentence or
// of a street, is a surname that is a word as well: Mrs. Black.
func (s *scan) wordSurname(run []token, k int) bool {
	t := run[k]
	return s.wordOfName(t) && s.in(run[k-1].Hash, surnameTitles)
}

// wordOfName tells a word that is a surname as well, and makes no sentences.
func (s *scan) wordOfName(t token) bool {
	return t.Case == classifiers.Capital && t.End-t.Start > 2 && (t.bits&surname != 0 || s.in(t.Hash, surnameWords)) &&
		!s.in(t.Hash, articles|conjunctions|pronouns|pronounsI|with|isBe|titles|particles|called|things) && t.Hash != wordIs
}

// wordBehind tells whether, behind a title and a first name, run[1] is a surname that is a
// word as well: Dr. Hugo Strange.
func (s *scan) wordBehind(run []token) bool {
	t := run[1]
	return run[0].bits&given != 0 && s.wordOfName(t) && s.text[run[0].End:t.Start] == " "
}

// inStreet tells whether a word for streets stands in front of word i, with small words
// between or without.
func (s *scan) inStreet(i int) bool {
	for n := 1; n <= 3; n++ {
		w := s.word(i - n)
		if gap := s.gap(i - n); w.End == 0 || gap != " " && gap != ". " {
			return false
		}
		if s.in(w.Hash, streetBefore) {
			return !s.in(w.Hash, streetVague) && w.End-w.Start > 2
		}
		if w.Case != classifiers.Small || !s.in(w.Hash, particles|streetSmall) {
			return false
		}
	}
	return false
}

// smallTitle tells whether word i is a title that is written small: dhr. K. Oosterbaan.
func (s *scan) smallTitle(i int) bool {
	w := s.word(i)
	return w.End-w.Start > 1 && w.Case == classifiers.Small && s.in(w.Hash, titles) && (s.gap(i) == ". " || s.gap(i) == " ")
}

// unknownBehind tells whether, behind a title and a first name, run[1] is a word that no
// list has: it is the surname, whatever it looks like.
func (s *scan) unknownBehind(run []token) bool {
	t := run[1]
	return run[0].firstName() && t.bits == 0 && t.Case == run[0].Case && t.End-t.Start > 2 && s.text[run[0].End:t.Start] == " "
}

// inverted tells how many tokens of the run are a surname that is followed by a comma and
// first names, and where these end. Both together fill a line, a field or what stands
// between semicolons or brackets: Smith, John A.
func (s *scan) inverted(run []token, k int) (n, end int) {
	n = len(run) - k
	last := run[k+n-1]
	if n > 3 || !s.opens(run[k].Start) {
		return 0, 0
	}
	comma, slash := s.gap(last.index) == ", ", s.gap(last.index) == "/"
	if !comma && (!slash || last.Case != classifiers.Upper) {
		return 0, 0
	}
	for _, t := range run[k:] {
		if t.weak() && !t.particle && t.bits&surname == 0 || s.in(t.Hash, things) {
			return 0, 0
		}
	}
	var room [longestRun]token
	if last.index+1 >= len(s.words) || s.words[last.index+1].Case == classifiers.Small {
		return 0, 0
	}
	first := s.run(append(room[:0], s.token(last.index+1)))
	end = first[len(first)-1].End
	if slash { // of airlines: KOVALENKO/IRYNA MRS
		if i := first[len(first)-1]; len(first) < 2 || !s.in(i.Hash, titles) || i.Case != classifiers.Upper {
			return 0, 0
		}
		return n, end
	}
	shouted := first[0].bits == 0 && last.lastName() && last.Case == classifiers.Upper // NG, Siew Hong
	if len(first) > 3 || !first[0].firstName() && !shouted {
		return 0, 0
	}
	for _, t := range first {
		if t.bits&common != 0 && !t.initial {
			return 0, 0
		}
	}
	if s.at(end) == '.' && first[len(first)-1].initial {
		end++
	}
	if c := s.at(end); end < len(s.text) && strings.IndexByte("\n\r;|\"<)\t", c) < 0 && !strings.HasPrefix(s.text[end:], " (") && !strings.HasPrefix(s.text[end:], " -") {
		return 0, 0
	}
	return n, end
}

// opens tells whether a line, a field, or what stands behind a sign begins at the offset.
func (s *scan) opens(at int) bool {
	for at > 0 && s.text[at-1] == ' ' {
		at--
	}
	return at == 0 || strings.IndexByte("\n\r;|\">():\t*-", s.text[at-1]) >= 0
}

// firm tells whether an & joins a name to another one as those of firms are joined.
func (s *scan) firm(t token) bool {
	other := s.word(t.index + 1)
	if s.gap(t.index) != " & " {
		if other = s.word(t.index - 1); s.gap(t.index-1) != " & " {
			return false
		}
	}
	return !t.firstName() || other.Hash == t.Hash || s.lexicon.of(other.Hash)&given == 0
}

// eponym tells whether word i has an s and something that is called by names behind it.
func (s *scan) eponym(i int) bool {
	gap := s.gap(i)
	return (gap == "'" || gap == "’") && s.letter(s.word(i+1), 's') && s.gap(i+1) == " " && s.in(s.word(i+2).Hash, eponyms)
}

// species tells a word that looks like the second one of the name of a plant or an animal.
func species(w classifiers.Word, text string) bool {
	if w.Case != classifiers.Small || w.End-w.Start < 5 {
		return false
	}
	word := text[w.Start:w.End]
	for _, end := range [...]string{"us", "um", "is", "ii", "ae", "ens", "oides", "na", "ea", "ta", "ca", "lor", "sa", "ra", "la"} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

package people

import "github.com/sluice-proxy/sluice/classifiers"

// initials is how many tokens a name has that begins with initials: J. K. Smith, P. van
// der Berg, M. Jean-Baptiste Lefèvre.
func (s *scan) initials(run []token) int {
	n := 0
	for n < len(run) && run[n].initial && s.at(run[n].End) == '.' {
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

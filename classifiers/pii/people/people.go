package people

import (
	"slices"
	"sort"
	"sync"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Entities, with Presidio's names where it has one.
const (
	Person  = "PERSON"
	Address = "ADDRESS"
)

// revision is raised when the code of this package changes what is found.
const revision = "7"

// Version changes whenever what is found does.
func Version() string { return version() }

var version = sync.OnceValue(func() string {
	return classifiers.Fingerprint(revision, Rules, nameWords, placeWords, fieldWords, surnamesChina, surnamesJapan, surnamesKorea, compoundChina, compoundKorea, officesKorea, officesJapan, endsKorea, endsChina, notChina, compoundThai, notThai, fieldsHan, fieldsThai, surnameEnds, streetEnds, postalShapes, regionNames, unitsHan, regionsKorea, wordsFile, namesFile, shapeFile, famousFile)
})

// Rules are the rules by name.
var Rules = []string{"address-box", "address-eastern", "address-postcode", "address-street", "address-weak", "person-context", "person-eastern", "person-field", "person-given", "person-name", "person-title"}

// reach is how far in front of and behind a block the text is read.
const reach = 1024

// A Finder finds persons and addresses. It never changes and is safe for concurrent
// use.
type Finder struct{ lexicon *lexicon }

// New returns a Finder. The first one reads the embedded lists.
func New() *Finder { return &Finder{load()} }

// Find appends the persons and addresses that start in the block to found.
func (f *Finder) Find(v *classifiers.View, found []classifiers.Finding) []classifiers.Finding {
	s := scan{lexicon: f.lexicon, View: v, text: v.Text, words: v.Words, digits: v.Digits, found: found, lo: v.Lo, hi: v.Hi}
	if v.Lo > 0 || v.Hi < len(v.Text) {
		r := rooms.Get().(*room)
		defer rooms.Put(r)
		s.around(r)
	}
	s.small = s.noCapitals()
	from := len(found)
	s.addresses()
	if s.written() {
		slices.SortFunc(s.found[from:], func(a, b classifiers.Finding) int { return a.Start - b.Start })
	}
	s.persons(s.found[from:])
	return s.found
}

// scan is what one call remembers.
type scan struct {
	*classifiers.View
	lexicon *lexicon
	text    string
	words   []classifiers.Word // of the block and what is around it
	digits  []classifiers.Run  // the same
	small   bool               // the text has no capitals: all words are looked at
	lo, hi  int                // findings start here
	found   []classifiers.Finding
	columns classifiers.Columns // of the table around the word that is looked at
}

// room is for the words of a block and what is around it.
type room struct {
	words  []classifiers.Word
	digits []classifiers.Run
}

var rooms = sync.Pool{New: func() any { return new(room) }}

// around adds what stands next to the block. Its words begin in front of it.
func (s *scan) around(r *room) {
	from, to := s.edge(s.Lo-reach), s.edge(s.Hi+reach)
	first := sort.Search(len(s.words), func(i int) bool { return s.words[i].Start >= from })
	r.words = append(r.words[:0], s.words[first:]...)
	behind := s.Hi
	if n := len(r.words); n > 0 {
		behind = max(behind, r.words[n-1].End)
	}
	r.words = classifiers.AppendWords(r.words, s.text, behind, to)
	r.digits = append(runs(r.digits[:0], s.text, from, s.Lo), s.digits...)
	behind = s.Hi
	if n := len(r.digits); n > 0 {
		behind = max(behind, r.digits[n-1].End)
	}
	r.digits = runs(r.digits, s.text, behind, to)
	s.words, s.digits = r.words, r.digits
}

// edge moves i, which may lie outside the text, behind the word that it lies in.
// Words are cut where they are longer than names and streets.
func (s *scan) edge(i int) int {
	i = max(0, min(i, len(s.text)))
	for end := min(len(s.text), i+reach); i > 0 && i < end; i++ {
		if c := s.text[i]; utf8.RuneStart(c) && c < utf8.RuneSelf && !isLetter(c) {
			break
		}
	}
	for i < len(s.text) && !utf8.RuneStart(s.text[i]) {
		i++
	}
	return i
}

// runs appends the runs of digits that start in text[lo:hi].
func runs(out []classifiers.Run, text string, lo, hi int) []classifiers.Run {
	for i := lo; i < hi; i++ {
		if !isDigit(text[i]) {
			continue
		}
		start := i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		out = append(out, classifiers.Run{Start: start, End: i})
	}
	return out
}

// noCapitals tells whether the text around is written without capitals, in a script
// that has them.
func (s *scan) noCapitals() bool {
	cased := 0
	for i := range s.words {
		if s.words[i].Case != classifiers.Small {
			return false
		}
		if c := s.text[s.words[i].Start]; c < utf8.RuneSelf || c >= 0xC3 && c <= 0xD3 {
			cased++
		}
	}
	return cased > 2 && cased == len(s.words)
}

// add reports what stands at a place of the block, and why it is believed.
func (s *scan) add(entity, rule string, sure classifiers.Sure, start, end int, why string) {
	if start >= s.lo && start < s.hi {
		s.Keep(rule, start, end, why)
		s.found = append(s.found, classifiers.Finding{Entity: entity, Rule: rule, Confidence: sure.Confidence, Grade: sure.Grade, Start: start, End: end})
	}
}

// word returns word i, an empty one outside.
func (s *scan) word(i int) classifiers.Word {
	if i < 0 || i >= len(s.words) {
		return classifiers.Word{}
	}
	return s.words[i]
}

// gap is what stands between word i and the next one, or up to the end of what is
// read where there is none; at most 8 bytes of it.
func (s *scan) gap(i int) string {
	lo, hi := 0, len(s.text)
	if i >= 0 {
		lo = s.words[i].End
	}
	if i+1 < len(s.words) {
		hi = s.words[i+1].Start
	}
	if hi-lo > 8 {
		if i < 0 {
			lo = hi - 8
		} else {
			hi = lo + 8
		}
	}
	return s.text[lo:hi]
}

// at returns the byte at i, or 0 outside the text.
func (s *scan) at(i int) byte {
	if i < 0 || i >= len(s.text) {
		return 0
	}
	return s.text[i]
}

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return c|0x20-'a' < 26 }

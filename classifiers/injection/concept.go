package injection

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

const (
	// maxConcept is how many words may stand between two concepts that belong together.
	maxConcept = 8
	// maxObject is how far behind a concept a word belongs to it.
	maxObject = 3
)

// conceptSlots is a power of two, much larger than the number of words.
const conceptSlots = 1 << 12

// lexicon finds the concept of a hash: open addressing.
type lexicon [conceptSlots]struct {
	hash    uint32
	concept uint8 // plus one
}

var lexical = makeLexicon()

func makeLexicon() *lexicon {
	l := new(lexicon)
	for i, c := range concepts {
		_, list, _ := strings.Cut(c.words, ":")
		for _, word := range strings.Fields(list) {
			l.add(hashOf(word), i)
		}
	}
	return l
}

// hashOf is what a word of concepts is found by.
func hashOf(word string) uint32 {
	if _, ok := strings.CutSuffix(word, "*"); ok {
		return beginning(strings.ToLower(word))
	}
	words := classifiers.AppendWords(nil, word, 0, len(word))
	h := words[len(words)-1].Hash
	for i := len(words) - 2; i >= 0; i-- {
		h = run(h, words[i].Hash)
	}
	return h
}

// run is the hash of a word of characters in front of which another one stands.
func run(h, character uint32) uint32 { return scatter(h*0xcc9e2d51 + character) }

// maxRun is how many characters a word has at most in a script without spaces.
const maxRun = 8

func (l *lexicon) add(hash uint32, concept int) {
	at := hash % conceptSlots
	for l[at].concept != 0 && l[at].hash != hash {
		at = (at + 1) % conceptSlots
	}
	if l[at].concept == 0 {
		l[at].hash, l[at].concept = hash, uint8(concept+1)
	}
}

// of is the concept of a hash plus one, or 0.
func (l *lexicon) of(hash uint32) uint8 {
	for at := hash % conceptSlots; l[at].concept != 0; at = (at + 1) % conceptSlots {
		if l[at].hash == hash {
			return l[at].concept
		}
	}
	return 0
}

// triggers has a bit for each concept that is a trigger.
var triggers = func() (bits uint32) {
	for i, c := range concepts {
		if c.trigger {
			bits |= 1 << i
		}
	}
	return bits
}()

// isTrigger tells whether a word means one of triggers, or begins with a letter of
// another alphabet than the Latin or of Latin beyond ASCII: of what is written so the
// concepts know less. (Characters that are words by themselves begin with higher bytes.)
func isTrigger(text string, words []classifiers.Word, i int) bool {
	w := &words[i]
	c := lexical.of(w.Hash)
	if first := text[w.Start]; c == 0 && first >= utf8.RuneSelf {
		if first < 0xE1 { // up to U+0FFF
			return true
		}
		c = conceptOf(text, words, i, 0)
	}
	return c != 0 && triggers>>(c-1)&1 != 0
}

// conceptOf is the concept of a word plus one, or 0. start is the hash of its beginning,
// 0 without one.
func conceptOf(text string, words []classifiers.Word, i int, start uint32) uint8 {
	w := &words[i]
	if c := lexical.of(w.Hash); c != 0 {
		return c
	}
	if start != 0 {
		return lexical.of(start)
	}
	if text[w.Start] < utf8.RuneSelf {
		return 0
	}
	var c uint8
	h := w.Hash
	for n := 1; n < maxRun && i >= n && words[i-n].End == words[i-n+1].Start; n++ {
		h = run(h, words[i-n].Hash)
		if longer := lexical.of(h); longer != 0 {
			c = longer
		}
	}
	return c
}

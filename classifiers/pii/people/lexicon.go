package people

import (
	_ "embed"
	"encoding/binary"
	"strings"
	"sync"
	"unicode"

	"github.com/sluice-proxy/sluice/classifiers"
)

// What the lists say of a word. deploy/dictionary makes the files and knows the bits.
const (
	given    = 1 << iota // a first name
	surname              // a surname
	common               // a word that is written small in some language, or one that people write with a capital
	place                // a city, a state or a country
	frequent             // many people bear it
)

// words.bin has the words in the order of their HashWord: the distance from the one
// before as a varint, then a byte of bits.
//
//go:embed words.bin
var wordsFile []byte

// shape.bin has shapeSize signed weights in units of 1/shapeScale, the last one the bias.
//
//go:embed shape.bin
var shapeFile []byte

// names.txt has names that words.bin lacks, under [given] and [surname]; # begins a comment.
//
//go:embed names.txt
var namesFile string

// famous.bin has pairs of names as sorted little-endian values of pairOf.
//
//go:embed famous.bin
var famousFile []byte

const (
	shapeSize  = 8192
	shapeScale = 16
	slots      = 1 << 18
)

// A lexicon tells what is known of words. It never changes.
type lexicon struct {
	hashes [slots]uint32 // open addressing; the slot of an empty one has no bits
	bits   [slots]uint8
	famous map[uint32]struct{}
	roles  *classifiers.WordTable[role]
}

// load reads the embedded files once.
var load = sync.OnceValue(newLexicon)

func newLexicon() *lexicon {
	l := &lexicon{famous: make(map[uint32]struct{}, len(famousFile)/4), roles: rolesOf(nameWords, placeWords, fieldWords)}
	h := uint32(0)
	for data := wordsFile; len(data) > 0; {
		d, n := binary.Uvarint(data)
		if n <= 0 || n >= len(data) {
			panic("people: words.bin is broken")
		}
		h += uint32(d)
		i := h % slots
		for l.bits[i] != 0 {
			i = (i + 1) % slots
		}
		l.hashes[i], l.bits[i] = h, data[n]
		data = data[n+1:]
	}
	l.names(namesFile)
	for i := 0; i+4 <= len(famousFile); i += 4 {
		l.famous[binary.LittleEndian.Uint32(famousFile[i:])] = struct{}{}
	}
	return l
}

// names adds those of a text like names.txt, also without their marks.
func (l *lexicon) names(text string) {
	bit := uint8(0)
	for line := range strings.Lines(text) {
		switch line[0] {
		case '#':
		case '[':
			bit = given
			if strings.HasPrefix(line, "[surname]") {
				bit = surname
			}
		default:
			for w := range strings.FieldsSeq(line) {
				l.add(classifiers.HashWord(w), bit)
				if h, ok := unmarked(w); ok {
					l.add(h, bit)
				}
			}
		}
	}
}

// add adds bits to those of a word.
func (l *lexicon) add(hash uint32, bits uint8) {
	i := hash % slots
	for l.bits[i] != 0 && l.hashes[i] != hash {
		i = (i + 1) % slots
	}
	l.hashes[i] = hash
	l.bits[i] |= bits
}

// of returns the bits of the word with the hash, 0 for one that no list has.
func (l *lexicon) of(hash uint32) uint8 {
	for i := hash % slots; l.bits[i] != 0; i = (i + 1) % slots {
		if l.hashes[i] == hash {
			return l.bits[i]
		}
	}
	return 0
}

// word returns the bits of a word. What the lists do not have with its marks they may
// have without: Tânia, Péter.
func (l *lexicon) word(w classifiers.Word, text string) uint8 {
	bits := l.of(w.Hash)
	if bits != 0 || len(text) > 32 {
		return bits
	}
	h, marks := unmarked(text)
	if !marks {
		return 0
	}
	return l.of(h)
}

// unmarked returns the HashWord of a word in Latin letters without their marks. It tells
// whether it has some.
func unmarked(text string) (h uint32, marks bool) {
	h = 2166136261
	for _, r := range text {
		switch {
		case r >= 0xC0 && r < 0xC0+rune(len(plain)):
			r, marks = rune(plain[r-0xC0]), true
		case r >= 0x80:
			return 0, false
		}
		h = (h ^ uint32(unicode.ToLower(r))) * 16777619
	}
	return h, marks
}

// plain are the letters U+00C0 to U+017F without their marks.
const plain = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty" +
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll" +
	"lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"

// known tells whether everybody knows the person of that name.
func (l *lexicon) known(a, b classifiers.Word) bool {
	_, ok := l.famous[a.Hash*16777619+b.Hash]
	return ok
}

// endings are ends of words by their last byte.
type endings [256][]string

func newEndings(all []string) *endings {
	e := &endings{}
	for _, end := range all {
		c := end[len(end)-1]
		e[c] = append(e[c], end)
		if isLetter(c) {
			e[c-'a'+'A'] = append(e[c-'a'+'A'], end)
		}
	}
	return e
}

// end tells whether w has one of the ends, with at least so many bytes in front.
func (e *endings) end(w string, before int) bool {
	for _, end := range e[w[len(w)-1]] {
		if len(w) >= len(end)+before && strings.EqualFold(w[len(w)-len(end):], end) {
			return true
		}
	}
	return false
}

var (
	surnameEndings = newEndings(surnameEnds)
	streetEndings  = newEndings(streetEnds)
)

// shape is the logarithm of the odds that a word which no list has is a name, by
// its parts of two to four letters: a linear model, trained by deploy/dictionary.
func shape(word string) float64 {
	var letters [26]rune
	letters[0] = '^'
	n := 1
	for _, r := range word {
		if n == len(letters)-1 {
			return -1 // longer than names are
		}
		letters[n] = unicode.ToLower(r)
		n++
	}
	letters[n] = '$'
	n++
	sum := int(int8(shapeFile[shapeSize-1]))
	for i := range n {
		h := uint32(2166136261)
		for k := 0; k < 4 && i+k < n; k++ {
			h = (h ^ uint32(letters[i+k])) * 16777619
			if at := (h ^ h>>15) % shapeSize; k > 0 && at < shapeSize-1 {
				sum += int(int8(shapeFile[at]))
			}
		}
	}
	return float64(sum) / shapeScale
}

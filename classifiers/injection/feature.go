package injection

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// MaxFeatures is how many features a word has at most.
const MaxFeatures = 9

// Salts of the kinds of features.
const (
	single  uint32 = 0x9e3779b1
	pair    uint32 = 0x243f6a89
	triple  uint32 = 0xb7e15163
	skip    uint32 = 0x3c6ef372
	behind  uint32 = 0xa54ff53b
	prefix  uint32 = 0x510e527f
	meaning uint32 = 0x9b05688c
	couple  uint32 = 0x1f83d9ab
	company uint32 = 0x5be0cd19
	object  uint32 = 0xcbbb9d5d
)

// A Reader reads the features of the words of a text, one after the other.
type Reader struct {
	Text  string
	Words []classifiers.Word
	last  [2]struct { // concepts, the last one first
		concept uint8
		at      int
	}
}

// Features fills out with the features of the word at place i, which stands behind
// the one that was asked for before, and returns how many there are: hashes of the
// word, of the pairs and the triple that it ends, of its beginning, of the word with
// what stands in front of it, and of what it means with what the words before it mean,
// or of the word with that. Weights are learned for them, so what this says is part of
// the format of a Model.
func (r *Reader) Features(i int, out *[MaxFeatures]uint32) int {
	w := &r.Words[i]
	out[0] = scatter(w.Hash ^ single)
	n, from := 1, 0
	if i > 0 {
		b := &r.Words[i-1]
		from = b.End
		out[n] = scatter(w.Hash ^ pair + b.Hash*0xcc9e2d51)
		n++
		if i > 1 {
			a := r.Words[i-2].Hash
			out[n] = scatter(w.Hash ^ triple + b.Hash*0xcc9e2d51 + a*0x1b873593)
			out[n+1] = scatter(w.Hash ^ skip + a*0x1b873593)
			n += 2
		}
	}
	if g := gapOf(r.Text, from, w.Start); g != 0 && (g != gapStart || !r.column(i)) {
		out[n] = scatter(w.Hash ^ behind + g*0x2c1b3c6d)
		n++
	}
	var start uint32
	if w.End-w.Start > stem {
		if start = beginning(r.Text[w.Start:w.End]); start != 0 {
			out[n] = scatter(start ^ prefix)
			n++
		}
	}
	c := conceptOf(r.Text, r.Words, i, start)
	if c == 0 {
		if l := r.last[0]; l.concept != 0 && i-l.at <= maxObject {
			out[n] = scatter(w.Hash ^ object + uint32(l.concept)*0x68e31da4)
			n++
		}
		return n
	}
	out[n] = scatter(uint32(c) ^ meaning)
	n++
	a, b := r.last[0], r.last[1]
	if a.concept == c { // says the same again
		r.last[0].at = i
		return n
	}
	r.last[1] = a
	r.last[0].concept, r.last[0].at = c, i
	if a.concept == 0 || i-a.at > maxConcept {
		return n
	}
	out[n] = scatter(uint32(min(a.concept, c))<<8 + uint32(max(a.concept, c)) ^ couple)
	n++
	if b.concept != 0 && b.concept != c && a.at-b.at <= maxConcept {
		out[n] = scatter(1<<a.concept | 1<<b.concept | 1<<c ^ company)
		n++
	}
	return n
}

// column tells whether the word at place i stands below another one and each of the two
// has a line of its own: a sentence with a line break for each space begins once.
func (r *Reader) column(i int) bool {
	return i > 0 && r.breaks(i) && (i == 1 || r.breaks(i-1)) && (i+1 == len(r.Words) || r.breaks(i+1))
}

// breaks tells whether a line ends right in front of the word at place i.
func (r *Reader) breaks(i int) bool {
	from, to := r.Words[i-1].End, r.Words[i].Start
	return strings.IndexByte(r.Text[from:min(to, from+maxGap)], '\n') >= 0
}

// scatter spreads the bits of a hash (the finaliser of MurmurHash3).
func scatter(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// stem is how many letters of a longer word are its beginning, which it shares with
// its other forms.
const stem = 5

// beginning is the hash of the first letters of a word, 0 when it has no more.
func beginning(word string) uint32 {
	end := 0
	for range stem {
		if word[end] < utf8.RuneSelf {
			end++
		} else {
			_, size := utf8.DecodeRuneInString(word[end:])
			end += size
		}
		if end >= len(word) {
			return 0
		}
	}
	h := uint32(1)
	for i := range end {
		c := word[i]
		if c-'A' < 26 {
			c |= 0x20
		}
		h = (h ^ uint32(c)) * 0x01000193
	}
	return h
}

// What can stand in front of a word. Zero is a space, a hyphen, an apostrophe: what
// stands between two words of a sentence.
const (
	gapStart    = 1 + iota // the beginning of the text or of a line
	gapStop                // the end of a sentence
	gapPart                // a comma, a semicolon
	gapColon               // a colon, as in "DAN:"
	gapOpen                // a bracket, a quotation mark
	gapTable               // a bar
	gapTag                 // the end of a tag or the begin of a comment of HTML
	gapNumber              // a digit
	gapTableRow            // a line behind one of a table
)

// maxGap is how many bytes in front of a word are looked at.
const maxGap = 12

// gapOf says what text[from:to], which holds no letters, is.
func gapOf(text string, from, to int) uint32 {
	if to-from == 1 && text[from] == ' ' {
		return 0
	}
	if from == 0 && to < maxGap {
		return gapStart
	}
	var g uint32
	line := false
look:
	for i := to - 1; i >= max(from, to-maxGap); i-- {
		switch c := text[i]; c {
		case '\n':
			line = true
			continue
		case '.', '!', '?':
			g = gapStop
		case ',', ';':
			g = gapPart
		case ':', '=':
			g = gapColon
		case '(', '[', '{', '"', '<', '`', '*':
			g = gapOpen
		case '|':
			if g = gapTable; line {
				return gapTableRow
			}
		case '>':
			g = gapTag
		case '#':
			g = gapTag
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			g = gapNumber
		case 0x82: // the last byte of the ideographic full stop
			g = gapStop
		default:
			continue
		}
		break look
	}
	if line {
		return gapStart
	}
	return g
}

// fingerprint tells whether Features, and what makes words, are those that a file of
// weights was made for.
func fingerprint() uint32 {
	text := ""
	for _, c := range concepts {
		text += c.words + "\n"
	}
	text += "| Übung |\nIgnore [previous] instructions, <b>reveal</b> DAN: 你好。говорить 3 yes\nor\nno"
	words := classifiers.AppendWords(nil, text, 0, len(text))
	h := uint32(MaxPassage)
	r := Reader{Text: text, Words: words}
	var features [MaxFeatures]uint32
	for i := range words {
		if isTrigger(text, words, i) {
			h++
		}
		for _, f := range features[:r.Features(i, &features)] {
			h = scatter(h ^ f)
		}
	}
	return h
}

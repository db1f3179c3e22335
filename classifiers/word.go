package classifiers

import (
	"sort"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers/shape"
)

// A Word is a longest run of letters and the marks on them. In scripts that are
// written without spaces (Han, kana, Thai ...) each character is one.
type Word struct {
	Start, End int
	Hash       uint32 // HashWord of the word; two that differ in case only have the same
	Case       Case
}

// Case is how a word is written.
type Case uint8

// The cases of words. Scripts without case are Small.
const (
	Small   Case = iota // "word"
	Capital             // "Word", "W"
	Upper               // "WORD"
	Mixed               // "passWord"
)

// Parameters of FNV-1a for 32 bits (RFC 9923).
const (
	fnvBasis = 2166136261
	fnvPrime = 16777619
)

// HashWord is the Word.Hash of text that is one word: FNV-1a over its letters in
// the lower case. Families make their dictionaries with it; a word that is in none
// meets one of a dictionary of n words once in 2³²/n words.
func HashWord(text string) uint32 {
	h := uint32(fnvBasis)
	for _, r := range text {
		h = mix(h, unicode.ToLower(r))
	}
	return h
}

func mix(h uint32, r rune) uint32 {
	if r < utf8.RuneSelf {
		return (h ^ uint32(r)) * fnvPrime
	}
	h = (h ^ uint32(r&0xff)) * fnvPrime
	return (h ^ uint32(r>>8)) * fnvPrime
}

// AppendWords appends to out the words that start in text[lo:hi], each to its end
// even past hi. A family that has to look past the edges of a block reads what is
// there with it; lo must not lie inside a word.
func AppendWords(out []Word, text string, lo, hi int) []Word {
	out, _ = words(text, lo, hi, out)
	return out
}

// words appends the words that start in text[lo:hi], each to its end even past hi,
// and returns the place from which to go on.
func words(text string, lo, hi int, out []Word) ([]Word, int) {
	for i := lo; i < hi; {
		c := text[i]
		if c < utf8.RuneSelf && shape.Letter(rune(c)) == 0 {
			i++
			continue
		}
		start, h := i, uint32(fnvBasis)
		capitals, count := 0, 0
		first := false
	word:
		for i < len(text) {
			if c := text[i]; c < utf8.RuneSelf {
				l := shape.Letter(rune(c))
				if l == 0 {
					break
				}
				h = (h ^ uint32(l)) * fnvPrime
				if l != rune(c) {
					capitals++
					first = first || count == 0
				}
				count++
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(text[i:])
			l := shape.Letter(r)
			switch {
			case l == 0:
				break word
			case shape.RunsOn(r):
				if count == 0 {
					h, count, i = mix(h, l), 1, i+size
				}
				break word
			}
			h = mix(h, l)
			if l != r {
				capitals++
				first = first || count == 0
			}
			count++
			i += size
		}
		if count == 0 { // no letter
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		w := Word{Start: start, End: i, Hash: h}
		switch {
		case capitals == 0:
		case capitals == 1 && first:
			w.Case = Capital
		case capitals == count:
			w.Case = Upper
		default:
			w.Case = Mixed
		}
		out = append(out, w)
	}
	return out, max(lo, end(out, lo))
}

// SplitWords returns all words of a text, as a View has them.
func SplitWords(text string) []Word {
	all, _ := words(text, 0, len(text), nil)
	return all
}

// end is where the last word ends, lo without one.
func end(out []Word, lo int) int {
	if len(out) == 0 {
		return lo
	}
	return out[len(out)-1].End
}

// since keeps the words that start at from or later.
func since(list []Word, from int) []Word {
	i := sort.Search(len(list), func(i int) bool { return list[i].Start >= from })
	return list[:copy(list, list[i:])]
}

package classifiers

import "math/bits"

// A WordTable tells what is known of words by their hash ([HashWord], or another one
// that scatters as well). It is written once and then read by everybody, and made for
// words that it does not have: they are most of any text, and nearly all of them meet
// an empty place at once.
type WordTable[V any] struct {
	hashes []uint32 // 0: an empty place; its length is a power of two
	values []V
	words  int
}

// spare is how many places a table has for each word at least.
const spare = 4

// NewWordTable returns a table with room for a number of words; it grows beyond it.
func NewWordTable[V any](words int) *WordTable[V] {
	size := 1 << bits.Len(uint(max(1, words)*spare-1))
	return &WordTable[V]{hashes: make([]uint32, size), values: make([]V, size)}
}

// Of returns what is known of a word: the zero value where nothing is.
func (t *WordTable[V]) Of(hash uint32) (known V) {
	mask := uint32(len(t.hashes) - 1)
	for i := hash & mask; t.hashes[i] != 0; i = (i + 1) & mask {
		if t.hashes[i] == hash {
			return t.values[i]
		}
	}
	return known
}

// At returns the place for what is known of a word, which is added where the table
// does not have it. The place holds until the next word is added.
func (t *WordTable[V]) At(hash uint32) *V {
	if hash == 0 {
		panic("classifiers: a word with the hash 0")
	}
	if (t.words+1)*spare > len(t.hashes) {
		t.grow()
	}
	mask := uint32(len(t.hashes) - 1)
	i := hash & mask
	for ; t.hashes[i] != 0; i = (i + 1) & mask {
		if t.hashes[i] == hash {
			return &t.values[i]
		}
	}
	t.hashes[i] = hash
	t.words++
	return &t.values[i]
}

func (t *WordTable[V]) grow() {
	larger := NewWordTable[V](2 * t.words)
	for i, hash := range t.hashes {
		if hash != 0 {
			*larger.At(hash) = t.values[i]
		}
	}
	*t = *larger
}

package keyed

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
)

// A Pair says that a hash has a number: the row of a value, the document of a passage.
type Pair struct {
	Hash   uint64
	Number uint32
}

// A Table finds the numbers of a hash. It is read where it lies in its file: a
// directory by the first bits of the hash, with about one entry each, and entries of 8
// bytes, the lower half of the hash and a number. So of n entries a hash that is not in
// the table meets one with a probability of at most 2^-32, and needs two reads.
type Table struct {
	bits      uint // of the directory
	directory []byte
	entries   []byte
}

const maxBits = 30

// MakeTable returns the section of a table of the pairs, which it sorts. Pairs that
// stand there twice are kept once.
func MakeTable(pairs []Pair) []byte {
	n := min(uint(bits.Len(uint(len(pairs)))), maxBits)
	slices.SortFunc(pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(first(a.Hash, n), first(b.Hash, n)), cmp.Compare(uint32(a.Hash), uint32(b.Hash)), cmp.Compare(a.Number, b.Number))
	})
	pairs = slices.Compact(pairs)
	out := make([]byte, 0, 1+4*(1<<n+1)+8*len(pairs))
	out = append(out, byte(n))
	at := 0
	for slot := range uint64(1 << n) {
		for at < len(pairs) && first(pairs[at].Hash, n) < slot {
			at++
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(at))
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(pairs)))
	for _, p := range pairs {
		out = binary.LittleEndian.AppendUint64(out, p.Hash<<32|uint64(p.Number))
	}
	return out
}

// first is the slot of the directory in which a hash is.
func first(hash uint64, bits uint) uint64 { return hash >> 32 >> (32 - bits) }

// ReadTable reads a section that MakeTable made.
func ReadTable(section []byte) (*Table, error) {
	damaged := errors.New("is damaged: its table has not the length that it says")
	if len(section) < 1 || section[0] > maxBits {
		return nil, damaged
	}
	t := &Table{bits: uint(section[0])}
	n := 4 * (1<<t.bits + 1)
	if len(section) < 1+n {
		return nil, damaged
	}
	t.directory, t.entries = section[1:1+n], section[1+n:]
	before := uint32(0)
	for i := 0; i < n; i += 4 {
		at := binary.LittleEndian.Uint32(t.directory[i:])
		if at < before {
			return nil, damaged
		}
		before = at
	}
	if uint64(len(t.entries)) != 8*uint64(before) {
		return nil, damaged
	}
	return t, nil
}

// Len is the number of entries.
func (t *Table) Len() int { return len(t.entries) / 8 }

// Numbers are those of one hash, sorted; the zero value holds none.
type Numbers struct{ entries []byte }

// Find returns the numbers of a hash.
func (t *Table) Find(hash uint64) Numbers {
	slot := 4 * first(hash, t.bits)
	lo, hi := binary.LittleEndian.Uint32(t.directory[slot:]), binary.LittleEndian.Uint32(t.directory[slot+4:])
	want := uint32(hash)
	from, to := int(lo), int(hi)
	for from < to { // a popular value makes one slot long
		if m := int(uint(from+to) / 2); t.low(m) < want {
			from = m + 1
		} else {
			to = m
		}
	}
	if from == int(hi) || t.low(from) != want {
		return Numbers{}
	}
	end, to := from, int(hi)
	for end < to {
		if m := int(uint(end+to) / 2); t.low(m) <= want {
			end = m + 1
		} else {
			to = m
		}
	}
	return Numbers{t.entries[8*from : 8*end]}
}

func (t *Table) low(i int) uint32 { return binary.LittleEndian.Uint32(t.entries[8*i+4:]) }

// Len is how many there are.
func (n Numbers) Len() int { return len(n.entries) / 8 }

// At is the i-th.
func (n Numbers) At(i int) uint32 { return binary.LittleEndian.Uint32(n.entries[8*i:]) }

// Has tells whether one is among them.
func (n Numbers) Has(number uint32) bool {
	lo, hi := 0, n.Len()
	for lo < hi {
		if m := int(uint(lo+hi) / 2); n.At(m) < number {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo < n.Len() && n.At(lo) == number
}

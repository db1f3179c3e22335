package classifiers

import (
	"errors"
	"math"
	"math/bits"
)

// automaton is a dense Aho-Corasick automaton: for every state and every class
// of bytes the next state, failure links already followed. Bytes that occur in
// no anchor share class 0, ASCII capitals have the class of their small letter;
// so a row has some 64 columns in place of 256, and the rows that prose visits
// stay in the fast caches. States are numbered by depth, the shallow ones side
// by side.
type automaton struct {
	class [256]uint8
	shift uint8
	// table holds, at state<<shift|class, the next state's row (its number
	// shifted) with the lowest bit set when an anchor ends there.
	table []uint32
	first []uint32 // state to its first output; one more entry than states
	outs  []output
}

// output is an anchor of a family that ends in a state.
type output struct {
	family, anchor, length int32
}

var errTooManyAnchors = errors.New("anchors: too many")

// newAutomaton builds the automaton over the anchors of each family. Empty
// anchors are an error of the caller.
func newAutomaton(families [][]string) (*automaton, error) {
	a := &automaton{}
	classes := a.classify(families)
	a.shift = uint8(max(1, bits.Len(uint(classes-1))))
	stride := 1 << a.shift

	// The trie; 0 in next means none, since no edge leads back to the root.
	next := make([][]uint32, 1, 1024)
	next[0] = make([]uint32, stride)
	ends := make([][]output, 1, 1024)
	for f, anchors := range families {
		for n, anchor := range anchors {
			s := uint32(0)
			for i := range len(anchor) {
				c := a.class[anchor[i]]
				if next[s][c] == 0 {
					next[s][c] = uint32(len(next))
					next = append(next, make([]uint32, stride))
					ends = append(ends, nil)
				}
				s = next[s][c]
			}
			ends[s] = append(ends[s], output{int32(f), int32(n), int32(len(anchor))})
		}
	}
	if uint64(len(next))<<a.shift > math.MaxInt32 {
		return nil, errTooManyAnchors
	}
	a.complete(next, ends)
	return a, nil
}

// classify gives every byte that occurs in an anchor a class of its own.
func (a *automaton) classify(families [][]string) int {
	classes := 1
	for _, anchors := range families {
		for _, anchor := range anchors {
			for i := range len(anchor) {
				if c := lower(anchor[i]); a.class[c] == 0 {
					a.class[c] = uint8(classes)
					classes++
				}
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[lower(c)]
	}
	return classes
}

// complete follows the failure links in breadth-first order, numbers the states
// in that order and fills the table and the outputs.
func (a *automaton) complete(next [][]uint32, ends [][]output) {
	fail := make([]uint32, len(next))
	order := make([]uint32, 1, len(next)) // the root
	for i := 0; i < len(order); i++ {
		s := order[i]
		for c, t := range next[s] {
			if t == 0 {
				if s != 0 {
					next[s][c] = next[fail[s]][c]
				}
				continue
			}
			if s != 0 {
				fail[t] = next[fail[s]][c]
			}
			order = append(order, t)
		}
		if s != 0 {
			ends[s] = append(ends[s], ends[fail[s]]...)
		}
	}
	number := make([]uint32, len(next))
	for n, s := range order {
		number[s] = uint32(n)
	}
	a.table = make([]uint32, len(next)<<a.shift)
	a.first = make([]uint32, 1, len(next)+1)
	for n, s := range order {
		row := a.table[n<<a.shift : (n+1)<<a.shift]
		for c, t := range next[s] {
			row[c] = number[t] << a.shift
			if len(ends[t]) > 0 {
				row[c] |= 1
			}
		}
		a.outs = append(a.outs, ends[s]...)
		a.first = append(a.first, uint32(len(a.outs)))
	}
}

// scan reads text[lo:hi] from the given state (0 at the start of a text),
// appends to each family's hits and returns the state reached.
func (a *automaton) scan(text string, lo, hi int, state uint32, hits [][]Hit) uint32 {
	table := a.table
	for i := lo; i < hi; i++ {
		state = table[state&^1|uint32(a.class[text[i]])]
		if state&1 != 0 {
			n := state >> a.shift
			for _, o := range a.outs[a.first[n]:a.first[n+1]] {
				hits[o.family] = append(hits[o.family], Hit{int(o.anchor), i + 1 - int(o.length), i + 1})
			}
		}
	}
	return state
}

// digitRuns appends the runs of digits that start in text[lo:hi], each to its
// end even past hi, and returns the place from which to go on.
func digitRuns(text string, lo, hi int, runs []Run) ([]Run, int) {
	i := lo
	for i < hi {
		if text[i]-'0' > 9 {
			i++
			continue
		}
		start := i
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		runs = append(runs, Run{start, i})
	}
	return runs, i
}

func lower(c byte) byte {
	if c-'A' < 26 {
		c |= 0x20
	}
	return c
}

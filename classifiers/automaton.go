package classifiers

import (
	"cmp"
	"errors"
	"math"
	"math/bits"
	"slices"

	"github.com/sluice-proxy/sluice/classifiers/shape"
)

// automaton is a dense Aho-Corasick automaton: for every state and every class
// of bytes the next state, failure links already followed. Bytes that occur in
// no anchor share class 0, ASCII capitals have the class of their small letter;
// so a row has some 64 columns in place of 256, and the rows that prose visits
// stay in the fast caches. States are numbered by depth, the shallow ones side
// by side.
type automaton struct {
	class  [256]uint8
	shared [256]bool // the class is that of other bytes, too
	shift  uint8
	// A table holds, at state<<shift|class, the next state, shifted by one, with the
	// lowest bit set when an anchor ends there. Where the states are few enough it is
	// the narrow one: half as much memory to fill, and to read.
	narrow []uint16
	wide   []uint32
	first  []uint32 // state to its first output; one more entry than states
	outs   []output
}

// output is an anchor of a family that ends in a state.
type output struct {
	family, anchor, length int32
	compared               string // not empty: what the text must say
}

var errTooManyAnchors = errors.New("anchors: too many")

// newAutomaton builds the automaton over the anchors of each family. Empty
// anchors are an error of the caller.
func newAutomaton(families [][]string) (*automaton, error) {
	a := &automaton{}
	classes := a.classify(families)
	a.shift = uint8(max(1, bits.Len(uint(classes-1))))

	most := 1
	for _, anchors := range families {
		for _, anchor := range anchors {
			most += len(anchor)
		}
	}
	trie := make([]node, 1, most)
	for f, anchors := range families {
		for n, anchor := range anchors {
			at := uint32(0)
			for i := range len(anchor) {
				c := a.class[anchor[i]]
				to, ok := trie[at].edge(c)
				if !ok {
					to = uint32(len(trie))
					trie = append(trie, node{})
					trie[at].edges = append(trie[at].edges, edge{c, to})
				}
				at = to
			}
			trie[at].outs = append(trie[at].outs, output{int32(f), int32(n), int32(len(anchor)), a.compared(anchor)})
		}
	}
	if uint64(len(trie))<<a.shift > math.MaxInt32 {
		return nil, errTooManyAnchors
	}
	if len(trie) <= math.MaxUint16>>1 {
		a.narrow = fill[uint16](a, trie)
	} else {
		a.wide = fill[uint32](a, trie)
	}
	return a, nil
}

// node is a state of the trie while the automaton is made.
type node struct {
	edges []edge
	outs  []output
}

type edge struct {
	class uint8
	to    uint32
}

func (n *node) edge(class uint8) (uint32, bool) {
	for _, e := range n.edges {
		if e.class == class {
			return e.to, true
		}
	}
	return 0, false
}

// maxClasses keeps a row at 512 bytes. The anchors of many languages hold more kinds
// of bytes; the rarest share a class, and hits of anchors that hold them are compared.
const maxClasses = 128

// classify gives the bytes that occur in anchors classes of their own, the most
// frequent first.
func (a *automaton) classify(families [][]string) int {
	var count [256]int
	for _, anchors := range families {
		for _, anchor := range anchors {
			for i := range len(anchor) {
				count[shape.Lower(anchor[i])]++
			}
		}
	}
	var bytes []byte
	for c := range 256 {
		if count[c] > 0 {
			bytes = append(bytes, byte(c))
		}
	}
	slices.SortStableFunc(bytes, func(x, y byte) int { return cmp.Compare(count[y], count[x]) })
	for i, c := range bytes {
		a.class[c] = uint8(min(i+1, maxClasses-1))
		a.shared[c] = i+1 >= maxClasses-1 && len(bytes) >= maxClasses
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[shape.Lower(c)]
	}
	return min(len(bytes)+1, maxClasses)
}

// compared is the anchor when one of its bytes shares its class with others.
func (a *automaton) compared(anchor string) string {
	for i := range len(anchor) {
		if a.shared[shape.Lower(anchor[i])] {
			return anchor
		}
	}
	return ""
}

// fill numbers the states in breadth-first order and writes their rows: that of the
// state to which a failure leads, which is less deep and so is there already, with
// the state's own edges over it.
func fill[T uint16 | uint32](a *automaton, trie []node) []T {
	stride := 1 << a.shift
	table := make([]T, len(trie)<<a.shift)
	a.first = make([]uint32, 1, len(trie)+1)
	order := make([]uint32, 1, len(trie)) // the root
	fails := make([]uint32, 1, len(trie))
	ends := make([]bool, 1, len(trie)) // an anchor ends in the state
	for i := 0; i < len(order); i++ {
		n, fail := &trie[order[i]], fails[i]
		row := table[i<<a.shift:][:stride]
		a.outs = append(a.outs, n.outs...)
		if i > 0 {
			copy(row, table[fail<<a.shift:][:stride])
			a.outs = append(a.outs, a.outs[a.first[fail]:a.first[fail+1]]...)
		}
		a.first = append(a.first, uint32(len(a.outs)))
		for _, e := range n.edges {
			number, back := uint32(len(order)), uint32(row[e.class]>>1)
			order, fails = append(order, e.to), append(fails, back)
			ends = append(ends, len(trie[e.to].outs) > 0 || ends[back])
			row[e.class] = T(number) << 1
			if ends[number] {
				row[e.class] |= 1
			}
		}
	}
	return table
}

// scan reads text[lo:hi] from the given state (0 at the start of a text),
// appends to each family's hits and returns the state reached.
func (a *automaton) scan(text string, lo, hi int, state uint32, hits [][]Hit) uint32 {
	if a.wide != nil {
		return walk(a, a.wide, text, lo, hi, state, hits)
	}
	return walk(a, a.narrow, text, lo, hi, state, hits)
}

func walk[T uint16 | uint32](a *automaton, table []T, text string, lo, hi int, state uint32, hits [][]Hit) uint32 {
	shift := a.shift & 31
	for i := lo; i < hi; i++ {
		state = uint32(table[state>>1<<shift|uint32(a.class[text[i]])])
		if state&1 != 0 {
			a.report(text, i+1, state>>1, hits)
		}
	}
	return state
}

// report appends the anchors that end in a state, whose last byte stands before end.
func (a *automaton) report(text string, end int, state uint32, hits [][]Hit) {
	for _, o := range a.outs[a.first[state]:a.first[state+1]] {
		if o.compared != "" && !equal(text[end-int(o.length):end], o.compared) {
			continue
		}
		hits[o.family] = append(hits[o.family], Hit{int(o.anchor), end - int(o.length), end})
	}
}

// equal compares in any ASCII case.
func equal(a, b string) bool {
	for i := range len(a) {
		if shape.Lower(a[i]) != shape.Lower(b[i]) {
			return false
		}
	}
	return true
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

package fingerprint

const (
	gram   = 6 // words in a run
	window = 8 // neighbouring runs of which one is kept
	// within is how many words may stand between two kept runs of a passage: what was
	// put in or changed between them.
	within = 2 * (gram + window)
)

// A winnower is given the hashes of words and says which runs are kept.
type winnower struct {
	words [gram]uint64   // a ring
	runs  [window]uint64 // a ring of hashes
	sum   uint64
	n     int // words seen
	least int // the word that ends the kept run; 0: none
}

// base is odd: 2^64 over the golden ratio.
const base = 0x9E3779B97F4A7C15

// add takes the next word and returns the run that is kept because of it: the number of
// the word that ends it, counted from 1, and its hash. ok is false when it was returned
// before, and before there are enough words.
func (w *winnower) add(word uint32) (end int, run uint64, ok bool) {
	// The words' own hashes are spread, or sums of them would meet.
	spread := mix(uint64(word) + 1)
	oldest := &w.words[w.n%gram]
	w.sum = w.sum*base + spread - *oldest*power
	*oldest = spread
	w.n++
	if w.n < gram {
		return 0, 0, false
	}
	w.runs[w.n%window] = mix(w.sum)
	if w.n < gram+window-1 {
		return 0, 0, false
	}
	// The rightmost of the least.
	least := w.n
	for i := w.n - 1; i > w.n-window; i-- {
		if w.runs[i%window] < w.runs[least%window] {
			least = i
		}
	}
	if least == w.least {
		return 0, 0, false
	}
	w.least = least
	return least, w.runs[least%window], true
}

// power is base to the gram.
var power = func() uint64 {
	p := uint64(1)
	for range gram {
		p *= base
	}
	return p
}()

// mix spreads the bits of x (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

package sourcecode

import "math/bits"

// votes count what speaks for each language, four languages to a word: they are added
// for every line. What a line of maxLine bytes can bring stays below a lane's half.
type votes [(len(languages) + 3) / 4]uint64

const (
	laneBits = 16
	laneTops = 1<<15 | 1<<31 | 1<<47 | 1<<63
)

// vote gives a word's weight to its languages: the fewer, the more each.
func (v *votes) vote(langs uint32) {
	if langs == 0 {
		return
	}
	weight := uint64(24 / bits.OnesCount32(langs))
	for ; langs != 0; langs &= langs - 1 {
		l := bits.TrailingZeros32(langs)
		v[l/4] += weight << (l % 4 * laneBits)
	}
}

// add counts the votes of another one, too. Where a language has half of what can be
// counted, all are halved: who is ahead stays so.
func (v *votes) add(other *votes) {
	all := uint64(0)
	for i, n := range other {
		v[i] += n
		all |= v[i]
	}
	if all&laneTops != 0 {
		for i := range v {
			v[i] = v[i] >> 1 &^ laneTops
		}
	}
}

// language is the one with most votes.
func (v *votes) language() string {
	best, most := "unknown", uint64(0)
	for l, name := range languages {
		if n := v[l/4] >> (l % 4 * laneBits) & (1<<laneBits - 1); n > most {
			best, most = name, n
		}
	}
	return best
}

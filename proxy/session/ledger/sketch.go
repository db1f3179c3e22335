package ledger

import (
	"math"
	"math/bits"
	"slices"
)

// The sketch is a sliding HyperLogLog: HyperLogLog (Flajolet, Fusy, Gandouet and
// Meunier 2007) that remembers when each rank was seen, and keeps of each register
// what can still be the highest rank of some window that ends later (Chabchoub and
// Hébrail 2010). So one sketch answers for every window, and there is no sketch by
// hour and by day.
//
// With 512 registers the standard error is 1.04/√512 = 4.6 percent. Hashes have 64
// bits, so nothing corrects for their collisions; for small counts Ertl's estimator
// (2017, arXiv 1702.01284, algorithm 6) needs no table of biases, and no change from
// linear counting at some point.
//
// This is our own because no library has the sliding kind, and those for the plain
// kind take more code than this to build windows from.
const (
	precision = 9 // bits of the hash that choose the register
	slots     = 1 << precision
	maxRank   = 64 - precision + 1
	maxCells  = 8 // of a register
)

// A cell says that a rank was last seen in a register at a time. Those of a register
// stand in the order of their ranks, and the higher the rank the older it is.
type cell struct {
	at       uint32
	register uint16
	rank     uint8
}

func place(sum uint64) (register uint16, rank uint8) {
	rest := sum<<precision | 1<<(precision-1) // ends the count at maxRank
	return uint16(sum >> (64 - precision)), uint8(bits.LeadingZeros64(rest)) + 1
}

// sketched is a sketch with one value more. It writes to the sketch. A register that
// has no room for a cell more takes two that are closest in time for one, with the
// higher rank and the later time, so that it counts more, never less.
func sketched(cells []cell, v seen) []cell {
	register, rank := place(v.sum)
	return noted(cells, cell{at: v.at, register: register, rank: rank})
}

func noted(cells []cell, c cell) []cell {
	lo, _ := slices.BinarySearchFunc(cells, c.register, func(c cell, register uint16) int { return int(c.register) - int(register) })
	hi := lo
	for hi < len(cells) && cells[hi].register == c.register {
		hi++
	}
	var kept [maxCells + 1]cell
	n := 0
	added := false
	for _, old := range cells[lo:hi] {
		if old.rank >= c.rank && !added {
			if old.at >= c.at {
				return cells
			}
			kept[n], n, added = c, n+1, true
		}
		if old.rank > c.rank || old.at > c.at {
			kept[n], n = old, n+1
		}
	}
	if !added {
		kept[n], n = c, n+1
	}
	if n > maxCells {
		closest := 0
		for i := range n - 1 {
			if kept[i].at-kept[i+1].at < kept[closest].at-kept[closest+1].at {
				closest = i
			}
		}
		kept[closest+1].at = kept[closest].at
		n = copy(kept[closest:], kept[closest+1:n]) + closest
	}
	return slices.Replace(cells, lo, hi, kept[:n]...)
}

// registers are those of a plain HyperLogLog, for one window.
type registers [slots]uint8

func (r *registers) note(register uint16, rank uint8) { r[register] = max(r[register], rank) }

// count estimates how many different values were noted, and adds the standard error.
func (r *registers) count() int {
	var counts [maxRank + 1]int
	for _, rank := range r {
		counts[rank]++
	}
	z := slots * tau(1-float64(counts[maxRank])/slots)
	for k := maxRank - 1; k >= 1; k-- {
		z = (z + float64(counts[k])) / 2
	}
	z += slots * sigma(float64(counts[0])/slots)
	estimate := slots * slots / (2 * math.Ln2 * z)
	return int(math.Ceil(estimate * (1 + standardError)))
}

const standardError = 0.046

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		before := z
		z += x * y
		y += y
		if z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y /= 2
		z -= (1 - x) * (1 - x) * y
		if z == before {
			return z / 3
		}
	}
}

package layer

import (
	"math"
	"sort"
)

// A layer is the text that shows when one disguise is taken off the text above
// it, with the way back to that text's offsets.
type layer struct {
	text  string
	spans []span // in order

	aside  bool    // of readings
	stands []stand // what is certain in the text of which they are, in order
}

// A run is a part of a text.
type run struct{ start, end int }

// A stand is something certain in a text.
type stand struct {
	run
	goesOn int // see goesOn
}

// A span says where the text from at up to the next span comes from. With a unit
// each byte stands for that many bytes above, from lo on: 1 for what was copied,
// 3 for %34. Without, all of it comes from all of [lo, hi).
type span struct {
	at, lo, hi uint32
	unit       uint8
	kind       uint8 // in a layer of readings
	back       bool  // the first byte comes from the end of [lo, hi)
	blob       bool  // decoded as a whole: no part of it can be found above
}

// above returns the range above that text[start:end] comes from, and whether a
// blob is in it.
func (l *layer) above(start, end int) (lo, hi int, blob bool) {
	first, last := l.behind(start)-1, l.behind(end-1)
	lo = math.MaxInt
	for i, s := range l.spans[first:last] {
		from, to := int(s.lo), int(s.hi)
		if unit := int(s.unit); unit > 0 {
			a := max(0, start-int(s.at))
			b := (to - from) / unit
			if first+i == last-1 {
				b = end - int(s.at)
			}
			if s.back {
				from, to = to-b*unit, to-a*unit
			} else {
				from, to = from+a*unit, from+b*unit
			}
		}
		lo, hi, blob = min(lo, from), max(hi, to), blob || s.blob
	}
	return lo, hi, blob
}

// behind is the first span that begins behind an offset.
func (l *layer) behind(offset int) int {
	return sort.Search(len(l.spans), func(i int) bool { return int(l.spans[i].at) > offset })
}

// doubt tells what a value in a layer of readings must be to be more than a guess. It
// lies in one reading, over something that was put together or changed.
func (l *layer) doubt(start, end int) Doubt {
	parts, links, least := 0, 0, Never
	first := l.behind(start) - 1
	for _, s := range l.spans[first:l.behind(end-1)] {
		switch s.kind {
		case border:
			return Never
		case part:
			parts++
		case linked:
			links++
		case decoded: // for a value at its beginning a name may stand in front by chance
			least = min(least, Joined)
			if start > int(s.at) {
				least = Slight
			}
		case changed:
			least = min(least, Joined)
		case doubtful:
			least = min(least, Odd)
		}
	}
	if links > 1 && parts == 0 {
		least = min(least, Slight)
	}
	if parts+links > 1 {
		least = min(least, Joined)
	}
	return least
}

// taken tells whether something certain stands at a place of the text that was
// read. A whole value may take the place of its parts, but not with the beginning of
// another line.
func (l *layer) taken(lo, hi int, whole bool) bool {
	at := sort.Search(len(l.stands), func(i int) bool { return l.stands[i].end > lo })
	for ; at < len(l.stands) && l.stands[at].start < hi; at++ {
		if s := l.stands[at]; !whole || lo > s.start || hi < s.end || lo == s.start && (hi == s.end || hi < s.goesOn) {
			return true
		}
	}
	return false
}

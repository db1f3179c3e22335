package ledger

import (
	"cmp"
	"slices"
)

// A list is the values of one entity that left to one app.
type list struct {
	entity, app string
	family      string // the weightiest that was said
	values      []seen // by sum: the maxValues seen last
	older       []cell // the sketch of those that had to make room
}

// seen is a value, by its hash, and when it left last.
type seen struct {
	sum uint64
	at  uint32
}

func bySum(v seen, sum uint64) int { return cmp.Compare(v.sum, sum) }

func (l *list) find(sum uint64) (int, bool) { return slices.BinarySearchFunc(l.values, sum, bySum) }

// add notes that a value left. It writes to the slices of the list.
func (l *list) add(sum uint64, at uint32) {
	i, found := l.find(sum)
	if found {
		l.values[i].at = max(l.values[i].at, at)
		return
	}
	l.values = slices.Insert(l.values, i, seen{sum, at})
	if len(l.values) <= maxValues {
		return
	}
	oldest := 0
	for i, v := range l.values {
		if v.at < l.values[oldest].at {
			oldest = i
		}
	}
	v := l.values[oldest]
	l.values = slices.Delete(l.values, oldest, oldest+1)
	l.older = sketched(l.older, v)
}

// stale says whether something in the list was last seen before a time.
func (l *list) stale(first uint32) bool {
	return slices.ContainsFunc(l.values, func(v seen) bool { return v.at < first }) ||
		slices.ContainsFunc(l.older, func(c cell) bool { return c.at < first })
}

// pruned is the list without what was last seen before a time.
func (l list) pruned(first uint32) list {
	l.values = without(l.values, func(v seen) bool { return v.at < first })
	l.older = without(l.older, func(c cell) bool { return c.at < first })
	return l
}

// united appends the values of two lists, each once and when it was seen last, to
// an empty slice.
func united(to, a, b []seen) []seen {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].sum < b[0].sum:
			to, a = append(to, a[0]), a[1:]
		case a[0].sum > b[0].sum:
			to, b = append(to, b[0]), b[1:]
		default:
			to, a, b = append(to, seen{a[0].sum, max(a[0].at, b[0].at)}), a[1:], b[1:]
		}
	}
	return append(append(to, a...), b...)
}

// windows counts the different values in lists, which are all of one entity, since
// the beginning of each window, the shortest first. Values are those of all lists
// together.
func windows(lists []list, values []seen, starts [3]uint32) Windows {
	var n [3]int
	for _, v := range values {
		for w, start := range starts {
			if v.at >= start {
				n[w]++
			}
		}
	}
	for w, start := range starts {
		var sketch *registers
		for i := range lists {
			for _, c := range lists[i].older {
				if c.at < start {
					continue
				}
				if sketch == nil {
					sketch = countable(values, start)
				}
				sketch.note(c.register, c.rank)
			}
		}
		if sketch != nil {
			n[w] = max(n[w], sketch.count())
		}
		if w > 0 {
			n[w] = max(n[w], n[w-1])
		}
	}
	return Windows{n[0], n[1], n[2]}
}

// countable notes the values that were seen since a window began.
func countable(values []seen, start uint32) *registers {
	var r registers
	for _, v := range values {
		if v.at >= start {
			r.note(place(v.sum))
		}
	}
	return &r
}

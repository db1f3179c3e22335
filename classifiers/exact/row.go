package exact

import (
	"slices"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
)

const (
	// alone is how many bytes the one form of a value has at least that is found
	// without another of its row.
	alone = 6
	// mostNear bounds the values that are looked at around one.
	mostNear = 64

	// maxWork bounds how many rows are compared for one block of text, which takes some
	// 100 ms: a first name and a city of 600,000 customers stand in thousands of rows
	// each, and a text may be a list of them. A row that is looked up in all values
	// near costs costOfNear for each.
	maxWork    = 1 << 24
	costOfNear = 8
)

// A judgement says what becomes of a value.
type judgement uint8

const (
	alien   judgement = iota // no other value of its row is near
	crowded                  // values that a rule wants are near, too many to compare: not proven, and not let through
	met                      // the rest of a rule is near, in the same row
)

var confidence = [...]float64{crowded: 0.60, met: 0.99}

// judge reports the values that are enough by themselves, and those of which the rest
// of a rule stands near, in the same row.
func (l *list) judge(v *classifiers.View, hits []hit, found []classifiers.Finding) []classifiers.Finding {
	j := judge{list: l, hits: hits, judged: make([]judgement, len(hits)), work: maxWork}
	for i := range hits {
		if l.single>>hits[i].column&1 != 0 && hits[i].form >= alone {
			j.judged[i] = met
		}
	}
	// First what is not met yet, until it is, which is soon in a list of rows; then what
	// else those belong to that were.
	for i := range hits {
		if j.judged[i] != met {
			j.join(i, false)
		}
	}
	for i := range hits {
		if j.judged[i] == met {
			j.join(i, true)
		}
	}
	for i, h := range hits {
		f := classifiers.Finding{Entity: l.Entity, Rule: l.Name, Confidence: confidence[j.judged[i]], Start: h.start, End: h.end}
		switch {
		case h.start < v.Lo || h.start >= v.Hi: // another block's
		case j.judged[i] == met:
			v.Keep(l.Name, h.start, h.end, "stands in the index")
			found = append(found, f)
		case j.judged[i] == crowded:
			v.Keep(l.Name, h.start, h.end, "stands in the index, among too many others to compare their rows")
			found = append(found, f)
		default:
			v.Drop(l.Name, h.start, h.end, "no other value of its row is near")
		}
	}
	return found
}

// A judge compares the rows of the values of one block.
type judge struct {
	list   *list
	hits   []hit
	judged []judgement
	work   int // rows that may still be compared
	marks  *marks
}

// join judges the i-th value and those behind it by each rule: until it is met, or by
// all of its rows, for what else is near.
func (j *judge) join(i int, all bool) {
	first := &j.hits[i]
	near := j.hits[i : i+1]
	for n := i + 1; n < len(j.hits) && n-i < mostNear && j.hits[n].start-first.end <= j.list.Within; n++ {
		near = j.hits[i : n+1]
	}
	for _, rule := range j.list.joint {
		open := !all
		for n := range near {
			open = open || all && j.judged[i+n] != met && slices.Contains(rule, near[n].column)
		}
		if !open || len(near) < len(rule) || !slices.Contains(rule, first.column) {
			continue
		}
		others, rows := partners(rule, near)
		if rows == 0 {
			continue
		}
		j.compare(others, rows, func(row uint32) (more bool) {
			if j.work -= costOfNear * len(near); j.work < 0 || !complete(rule, near, row) {
				return true
			}
			j.mark(rule, i, near, met, func(h *hit) bool { return h.rows.Has(row) })
			return all
		}, first)
		if j.work < 0 {
			j.mark(rule, i, near, crowded, func(*hit) bool { return true })
		}
	}
}

// partners returns the values of the column of a rule that stands in the fewest rows,
// other than the first value's, and in how many. One in none is a rule that cannot be
// met.
func partners(rule []int, near []hit) (others []*hit, fewest int) {
	for _, column := range rule {
		if column == near[0].column {
			continue
		}
		group, rows := []*hit(nil), 0
		for n := range near {
			h := &near[n]
			if h.column == column && !slices.ContainsFunc(group, func(g *hit) bool { return g.hash == h.hash }) {
				group, rows = append(group, h), rows+h.rows.Len()
			}
		}
		if rows == 0 {
			return nil, 0
		}
		if others == nil || rows < fewest {
			others, fewest = group, rows
		}
	}
	return others, fewest
}

// compare tries the rows that a value has in common with the others, which stand in so
// many, as long as there is work left and try wants more.
func (j *judge) compare(others []*hit, rows int, try func(row uint32) (more bool), first *hit) {
	const search = 16                   // what it costs to look a row up among many
	if search*first.rows.Len() < rows { // there may be too many of the others to read
		for n := range first.rows.Len() {
			if j.work -= search; j.work < 0 || !try(first.rows.At(n)) {
				return
			}
		}
		return
	}
	direct := search*rows < first.rows.Len()
	if !direct {
		if j.work -= first.rows.Len(); j.work < 0 {
			return
		}
		j.marks = j.marks.of(first.rows)
	}
	for _, h := range others {
		if j.work -= h.rows.Len(); j.work < 0 {
			return
		}
		for n := range h.rows.Len() {
			if row := h.rows.At(n); (direct || j.marks.may(row)) && first.rows.Has(row) && !try(row) {
				return
			}
		}
	}
}

// mark judges the values near of a rule's columns that are meant.
func (j *judge) mark(rule []int, i int, near []hit, as judgement, meant func(*hit) bool) {
	for n := range near {
		if slices.Contains(rule, near[n].column) && meant(&near[n]) {
			j.judged[i+n] = max(j.judged[i+n], as)
		}
	}
}

// complete tells whether each column of a rule has a value of the row.
func complete(rule []int, near []hit, row uint32) bool {
	for _, column := range rule {
		if !slices.ContainsFunc(near, func(h hit) bool { return h.column == column && h.rows.Has(row) }) {
			return false
		}
	}
	return true
}

// marks is a set of rows that may hold others, too: it knows the low bits of each.
type marks [1 << 12]uint64

// of returns the marks of the rows, in the same memory when there is some.
func (m *marks) of(rows keyed.Numbers) *marks {
	if m == nil {
		m = new(marks)
	} else {
		*m = marks{}
	}
	for n := range rows.Len() {
		row := rows.At(n)
		m[row>>6%uint32(len(m))] |= 1 << (row & 63)
	}
	return m
}

func (m *marks) may(row uint32) bool { return m[row>>6%uint32(len(m))]>>(row&63)&1 != 0 }

package exact

import (
	"slices"

	"github.com/sluice-proxy/sluice/classifiers"
)

const (
	// alone is how many bytes the one form of a value has at least that is found
	// without another of its row.
	alone = 6
	// mostNear bounds the values that are looked at around one.
	mostNear   = 64
	confidence = 0.99
)

// judge reports the values that are enough by themselves, and those of which the rest
// of a rule stands near, in the same row.
func (l *list) judge(v *classifiers.View, hits []hit, found []classifiers.Finding) []classifiers.Finding {
	met := make([]bool, len(hits))
	for i := range hits {
		if l.single>>hits[i].column&1 != 0 && hits[i].form >= alone {
			met[i] = true
		}
		for _, rule := range l.joint {
			if slices.Contains(rule, hits[i].column) {
				l.join(rule, i, hits, met)
			}
		}
	}
	for i, h := range hits {
		switch {
		case h.start < v.Lo || h.start >= v.Hi: // another block's
		case met[i]:
			v.Keep(l.Name, h.start, h.end, "stands in the index")
			found = append(found, classifiers.Finding{Entity: l.Entity, Rule: l.Name, Confidence: confidence, Start: h.start, End: h.end})
		default:
			v.Drop(l.Name, h.start, h.end, "no other value of its row is near")
		}
	}
	return found
}

// join marks what meets a rule with the i-th value and those behind it.
func (l *list) join(rule []int, i int, hits []hit, met []bool) {
	first := &hits[i]
	near := hits[i : i+1]
	for n := i + 1; n < len(hits) && n-i < mostNear && hits[n].start-first.end <= l.Within; n++ {
		near = hits[i : n+1]
	}
	if len(near) < len(rule) {
		return
	}
	// The rows to try are those of the column with the fewest.
	var drive []*hit
	fewest := 0
	for _, column := range rule {
		group, rows := []*hit(nil), 0
		if column == first.column {
			group, rows = []*hit{first}, first.rows.Len()
		} else {
			for n := range near {
				h := &near[n]
				if h.column == column && !slices.ContainsFunc(group, func(g *hit) bool { return g.hash == h.hash }) {
					group, rows = append(group, h), rows+h.rows.Len()
				}
			}
		}
		if rows == 0 {
			return
		}
		if drive == nil || rows < fewest {
			drive, fewest = group, rows
		}
	}
	for _, h := range drive {
		for n := range h.rows.Len() {
			row := h.rows.At(n)
			if first.rows.Has(row) && complete(rule, near, row) {
				for m := range near {
					if slices.Contains(rule, near[m].column) && near[m].rows.Has(row) {
						met[i+m] = true
					}
				}
			}
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

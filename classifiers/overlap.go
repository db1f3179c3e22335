package classifiers

import (
	"cmp"
	"slices"
	"sort"
)

// resolve sorts the findings of one text and keeps one where several overlap.
// The preferred one is that of the higher band of grades (whole, likely, weak),
// then the longer, then that of the higher grade, then the more confident, then the
// earlier, then the first by name. So a private key keeps the token-like strings
// inside it from being reported, and a guess never displaces a checked value. The
// order is total: the result does not depend on the order in which families ran.
// Passages stay, and displace none.
func (s *Set) resolve(found []Finding) []Finding {
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(compareFindings(a, b), cmp.Compare(b.Grade, a.Grade), cmp.Compare(b.Confidence, a.Confidence))
	})
	found = slices.CompactFunc(found, func(a, b Finding) bool { return compareFindings(a, b) == 0 })
	found = s.join(found)
	out := found[:0]
	for i := 0; i < len(found); {
		// One cluster: findings joined by overlaps.
		end, n := found[i].End, i+1
		for n < len(found) && found[n].Start < end {
			end = max(end, found[n].End)
			n++
		}
		if n == i+1 {
			out = append(out, found[i])
		} else {
			out = append(out, s.cluster(found[i:n])...)
		}
		i = n
	}
	return out
}

// join makes one of passages that meet: a passage that goes over the edge of a block
// is found on both sides. The sorted findings stay sorted.
func (s *Set) join(found []Finding) []Finding {
	var open []int // indices into out: the last passage of each family and entity
	out := found[:0]
next:
	for _, f := range found {
		if s.wide(f) {
			for i, at := range open {
				p := &out[at]
				if p.Family != f.Family || p.Entity != f.Entity {
					continue
				}
				if p.End < f.Start {
					open[i] = len(out)
					out = append(out, f)
					continue next
				}
				if f.End-f.Start > p.End-p.Start {
					p.Rule = f.Rule
				}
				p.End, p.Confidence, p.Grade = max(p.End, f.End), max(p.Confidence, f.Confidence), max(p.Grade, f.Grade)
				continue next
			}
			open = append(open, len(out))
		}
		out = append(out, f)
	}
	return out
}

// cluster resolves overlapping findings. It returns a new slice.
func (s *Set) cluster(found []Finding) []Finding {
	ranked := slices.Clone(found)
	slices.SortFunc(ranked, preferred)
	var out []Finding
	kept := make([]Run, 0, len(ranked)) // disjoint, by start
	for _, f := range ranked {
		if s.wide(f) {
			out = append(out, f)
			continue
		}
		at := sort.Search(len(kept), func(i int) bool { return kept[i].End > f.Start })
		if at < len(kept) && kept[at].Start < f.End {
			continue
		}
		kept = slices.Insert(kept, at, Run{f.Start, f.End})
		out = append(out, f)
	}
	slices.SortFunc(out, compareFindings)
	return out
}

// wide tells whether a finding is a passage.
func (s *Set) wide(f Finding) bool {
	for i := range s.about {
		if s.about[i].Family == f.Family {
			return slices.Contains(s.about[i].Wide, f.Entity)
		}
	}
	return false
}

// preferred orders findings that overlap, the one to keep first.
func preferred(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(b.Grade.band(), a.Grade.band()),
		cmp.Compare(b.End-b.Start, a.End-a.Start),
		cmp.Compare(b.Grade, a.Grade),
		cmp.Compare(b.Confidence, a.Confidence),
		compareFindings(a, b),
	)
}

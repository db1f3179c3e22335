package classifiers

import (
	"cmp"
	"context"
	"slices"

	"github.com/sluice-proxy/sluice/classifiers/layer"
)

// A Candidate is a place that a family looked at, with what became of it.
type Candidate struct {
	Finding         // of a dropped one only family, rule and place are known
	Reported bool   // it is among the findings
	Why      string // what decided: a validator, a context word, a filter; it does not quote the text
}

// trace collects candidates while one text is explained.
type trace struct {
	candidates []Candidate
	family     string
}

// Explaining tells whether anybody wants to know about candidates: what it costs to
// say why need not be spent otherwise.
func (v *View) Explaining() bool { return v.trace != nil }

// Drop notes that rule looked at Text[start:end] and why it is not reported. It is
// free unless somebody wants an explanation.
func (v *View) Drop(rule string, start, end int, why string) { v.note(rule, start, end, why, false) }

// Keep notes what spoke for the finding of rule at Text[start:end].
func (v *View) Keep(rule string, start, end int, why string) { v.note(rule, start, end, why, true) }

func (v *View) note(rule string, start, end int, why string, reported bool) {
	if t := v.trace; t != nil && start >= 0 && start <= end && end <= len(v.Text) {
		f := Finding{Family: t.family, Rule: rule, Start: start, End: end}
		t.candidates = append(t.candidates, Candidate{Finding: f, Reported: reported, Why: why})
	}
}

// Explain classifies one text like Classify, past the cache, and also returns what
// the families looked at, in the order of the places: each finding with what spoke
// for it, where the family says so, and each candidate that was dropped.
func (s *Set) Explain(ctx context.Context, sample Sample) ([]Finding, []Candidate, error) {
	t := &trace{}
	found, err := s.scan(context.WithValue(ctx, traceKey{}, t), sample)
	if err != nil {
		return nil, nil, err
	}
	return found, t.settle(found), nil
}

type traceKey struct{}

// report puts what a family found in the place of what it said for it, which is among
// the candidates from n on.
func (t *trace) report(n int, found []Finding) {
	said := make(map[place]string)
	for _, c := range t.candidates[n:] {
		if p := placeOf(c.Finding); c.Reported {
			said[p] = cmp.Or(said[p], c.Why)
		}
	}
	kept := slices.DeleteFunc(t.candidates[n:], func(c Candidate) bool { return c.Reported })
	t.candidates = t.candidates[:n+len(kept)]
	for _, f := range found {
		t.candidates = append(t.candidates, Candidate{Finding: f, Reported: true, Why: said[placeOf(f)]})
	}
}

// place is what tells candidates apart.
type place struct {
	start, end   int
	family, rule string
}

func placeOf(f Finding) place { return place{f.Start, f.End, f.Family, f.Rule} }

// settle gives the findings what was said for them, and what was reported but is
// not among the findings its reason.
func (t *trace) settle(found []Finding) []Candidate {
	said := make(map[place]string)  // of what was reported
	settled := make(map[place]bool) // it is among the candidates already
	for _, c := range t.candidates {
		if p := placeOf(c.Finding); c.Reported {
			said[p] = cmp.Or(said[p], c.Why)
		}
	}
	var all []Candidate
	for _, f := range found {
		why, ok := said[placeOf(f)]
		if !ok {
			why = t.within(f)
		}
		all = append(all, Candidate{Finding: f, Reported: true, Why: why})
		settled[placeOf(f)] = true
	}
	for _, c := range t.candidates {
		p := placeOf(c.Finding)
		switch {
		case !c.Reported && !settled[p]: // or it was, in another layer
			all = append(all, c)
		case !c.Reported:
		case !settled[p]:
			c.Reported, c.Why = false, cmp.Or(said[p], "found")+"; another finding stands here"
			all = append(all, c)
			settled[p] = true
		}
	}
	slices.SortStableFunc(all, func(a, b Candidate) int { return compareFindings(a.Finding, b.Finding) })
	seen := make(map[Candidate]bool) // in another layer
	return slices.DeleteFunc(all, func(c Candidate) bool {
		again := seen[c]
		seen[c] = true
		return again
	})
}

// within is what was said for a part of a passage that is one of several.
func (t *trace) within(f Finding) string {
	for _, c := range t.candidates {
		if c.Reported && c.Family == f.Family && c.Rule == f.Rule && c.Start >= f.Start && c.End <= f.End {
			return c.Why
		}
	}
	return ""
}

// lift turns the candidates from n on, of a layer, into ones in the text.
func (t *trace) lift(n int, layers *layer.Stack) {
	if t == nil {
		return
	}
	for i := n; i < len(t.candidates); i++ {
		if c := &t.candidates[i]; c.Start < c.End {
			at := surface(c.Finding, layers)
			if c.Start, c.End = at.Start, at.End; c.Reported && !believed(c.Finding, at.Doubt) {
				c.Reported, c.Why = false, "only in a reading of the text, and not certain"
			}
		}
	}
}

func (t *trace) count() int {
	if t == nil {
		return 0
	}
	return len(t.candidates)
}

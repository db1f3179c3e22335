package proxy

import (
	"maps"
	"slices"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/policy"
)

// A tally counts distinct values by entity.
type tally map[string]*tallied

type tallied struct {
	entity     string
	family     string
	rule       string
	confidence float64
	values     map[string]struct{}
	splits     map[int]struct{} // values cut over several parts, counted once
	sealed     int              // the count, once the values are gone
	places     []classifiers.Finding
}

func newTally() tally { return tally{} }

func (t tally) add(f classifiers.Finding, value string) {
	e := t[f.Entity]
	if e == nil {
		e = &tallied{entity: f.Entity, family: f.Family, rule: f.Rule, values: map[string]struct{}{}}
		t[f.Entity] = e
	}
	if f.Split > 0 {
		if e.splits == nil {
			e.splits = map[int]struct{}{}
		}
		e.splits[f.Split] = struct{}{}
	} else {
		e.values[value] = struct{}{}
	}
	e.confidence = max(e.confidence, f.Confidence)
	e.places = append(e.places, f)
}

func (e *tallied) count() int {
	if e.values == nil {
		return e.sealed
	}
	return len(e.values) + len(e.splits)
}

// seal keeps the counts and lets go of the values.
func (t tally) seal() {
	for _, e := range t {
		e.sealed = e.count()
		e.values, e.splits = nil, nil
	}
}

// names lists the entities in order.
func (t tally) names() []string { return slices.Sorted(maps.Keys(t)) }

// ordered lists what was counted by entity, in order.
func (t tally) ordered() []*tallied {
	out := make([]*tallied, 0, len(t))
	for _, name := range t.names() {
		out = append(out, t[name])
	}
	return out
}

func (t tally) entities() map[string]policy.Entity {
	if len(t) == 0 {
		return nil
	}
	out := make(map[string]policy.Entity, len(t))
	for name, e := range t {
		out[name] = policy.Entity{Count: e.count(), Confidence: e.confidence, Family: e.family}
	}
	return out
}

func (t tally) families() map[string]policy.Family {
	if len(t) == 0 {
		return nil
	}
	out := map[string]policy.Family{}
	for _, e := range t {
		f := out[e.family]
		f.Count += e.count()
		out[e.family] = f
	}
	return out
}

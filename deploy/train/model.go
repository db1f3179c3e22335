package main

import (
	"math"

	"github.com/sluice-proxy/sluice/classifiers/injection"
)

// model is the learned weights in whole numbers; kinds come from the documents.
func (l *learner) model(all []*document) (*injection.Model, error) {
	unit := heaviest / math.MaxInt8
	kinds := l.kinds(all)
	m := injection.NewModel()
	for id, f := range l.names {
		value := int8(math.Round(l.weights[id] / unit))
		if value == 0 {
			continue
		}
		if err := m.Set(f, injection.Weight{Kind: kinds[id], Value: value}); err != nil {
			return nil, err
		}
	}
	m.Drift = int32(max(1, math.Round(l.drift/unit)))
	m.Drop = int32(max(1, math.Round(l.drop/unit)))
	m.Threshold = int32(max(1, math.Round(l.margin/unit)))
	m.Slope = 1 / float64(m.Threshold)
	m.Reach = int32(l.reach)
	return m, nil
}

// kinds says of each feature which kind of injection it occurs in most often.
func (l *learner) kinds(all []*document) []injection.Kind {
	counts := make([][injection.Kinds]float64, len(l.names))
	var total [injection.Kinds]float64
	for _, d := range all {
		if !d.positive || !d.knows {
			continue
		}
		total[d.kind] += d.weight
		l.turn++
		for _, ids := range l.row(d)[d.lo:d.hi] {
			for _, id := range ids {
				if l.seen[id] != l.turn {
					l.seen[id] = l.turn
					counts[id][d.kind] += d.weight
				}
			}
		}
	}
	out := make([]injection.Kind, len(l.names))
	for id, c := range counts {
		best, second := 0.0, 0.0
		for k := range injection.Kinds {
			switch share := c[k] / (total[k] + 20); {
			case share > best:
				best, second, out[id] = share, best, k
			case share > second:
				second = share
			}
		}
		if best < 2*second || best == 0 {
			out[id] = injection.Kinds // says nothing
		}
	}
	return out
}

// score is the best passage's, as the classifier would find it.
func score(m *injection.Model, d *document) int32 {
	lowest := *m
	lowest.Threshold = 1
	var best int32
	lowest.Passages(d.Text, d.words, func(p injection.Passage) { best = max(best, p.Score) })
	return best
}

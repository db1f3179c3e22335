package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/sluice-proxy/sluice/classifiers/injection"
)

// validate learns folds times without one part of the groups and scores that part: the
// scores are of documents that the weights do not come from, in units of the margin.
func validate(all []*document, folds int, o options) []float64 {
	scores := make([]float64, len(all))
	run := func(fold int) {
		var rest []*document
		for _, d := range all {
			if d.group%folds != fold {
				rest = append(rest, d)
			}
		}
		m := learn(rest, o).model(rest)
		for i, d := range all {
			if d.group%folds == fold {
				scores[i] = float64(score(m, d)) / float64(m.Threshold)
			}
		}
	}
	var wait sync.WaitGroup
	for fold := range folds {
		wait.Go(func() { run(fold) })
	}
	wait.Wait()
	return scores
}

// threshold is the lowest score that at most share of the innocent texts reach of the
// files whose names contain hard.
func threshold(all []*document, scores []float64, share float64, hard string) float64 {
	var negative []float64
	for i, d := range all {
		if !d.positive && strings.Contains(d.file, hard) {
			negative = append(negative, scores[i])
		}
	}
	slices.SortFunc(negative, func(a, b float64) int { return cmp.Compare(b, a) })
	if len(negative) == 0 {
		return 1
	}
	return negative[min(len(negative)-1, int(share*float64(len(negative))))] + 0.005
}

// curve prints the recall at several shares of innocent texts that are reported.
func curve(w io.Writer, all []*document, scores []float64, hard string) {
	for _, wrong := range []float64{0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02} {
		at, found, of := threshold(all, scores, wrong, hard), 0, 0
		for i, d := range all {
			if d.positive && d.Expand == 0 {
				of++
				if scores[i] >= at {
					found++
				}
			}
		}
		fmt.Fprintf(w, "at %.2f %% false ones: threshold %.3f, recall %.3f\n", 100*wrong, at, share(found, of))
	}
}

// calibrate fits Model.Slope and Offset (Platt, 1999) to scores of documents that were
// not learned from, positives and negatives counting as they are.
func calibrate(all []*document, scores []float64, from float64) (slope, offset float64) {
	slope = 1
	for range 4000 {
		var gs, gb, n float64
		for i, d := range all {
			if scores[i] < from/2 {
				continue
			}
			e := -sigmoid(slope*scores[i] + offset)
			if d.positive {
				e++
			}
			gs, gb, n = gs+e*scores[i], gb+e, n+1
		}
		slope, offset = max(slope+gs/max(n, 1), 0.1), offset+gb/max(n, 1)
	}
	return slope, offset
}

// table prints for each source how many documents reach the threshold.
func table(w io.Writer, all []*document, scores []float64, at float64) {
	type row struct{ pos, hit, neg, fall int }
	rows := map[string]*row{}
	for i, d := range all {
		for _, name := range []string{d.Source, "ALL"} {
			r := rows[name]
			if r == nil {
				r = &row{}
				rows[name] = r
			}
			hit := 0
			if scores[i] >= at {
				hit = 1
			}
			if d.positive {
				r.pos++
				r.hit += hit
			} else {
				r.neg++
				r.fall += hit
			}
		}
	}
	names := make([]string, 0, len(rows))
	for name := range rows {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(-cmp.Compare(min(rows[a].pos, 1), min(rows[b].pos, 1)), cmp.Compare(a, b))
	})
	fmt.Fprintf(w, "%-46s %6s %7s %7s %8s\n", "source", "pos", "recall", "neg", "false %")
	other := row{}
	for _, name := range names {
		r := rows[name]
		if r.pos == 0 && r.fall == 0 {
			other.neg += r.neg
			continue
		}
		fmt.Fprintf(w, "%-46.46s %6d %7.3f %7d %8.3f\n", name, r.pos, share(r.hit, r.pos), r.neg, 100*share(r.fall, r.neg))
	}
	fmt.Fprintf(w, "%-46s %6d %7s %7d %8.3f\n", "sources without a false one", 0, "", other.neg, 0.0)
}

func share(n, of int) float64 {
	if of == 0 {
		return math.NaN()
	}
	return float64(n) / float64(of)
}

// mistakes writes what was missed and what was found wrongly, worst first.
func mistakes(name string, all []*document, scores []float64, at float64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	order := make([]int, 0, len(all))
	for i, d := range all {
		if d.positive != (scores[i] >= at) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	out := json.NewEncoder(f)
	for _, i := range order {
		d := all[i]
		line := map[string]any{"score": scores[i] / at, "positive": d.positive, "source": d.Source, "text": d.Text}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return f.Close()
}

// write writes the weights.
func write(name string, m *injection.Model) error {
	file, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	return os.WriteFile(name, file, 0o644)
}

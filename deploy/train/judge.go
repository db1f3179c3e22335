package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sync"

	"github.com/sluice-proxy/sluice/classifiers/injection"
)

// A verdict is what weights that do not come from a document say of it.
type verdict struct {
	*document
	score float64 // in units of the margin
	fold  int
}

// validate learns folds times without one part of the documents and scores that part.
// The parts are of whole groups, or of documents when loose.
func validate(all []*document, folds int, loose bool, o options) ([]verdict, error) {
	out := make([]verdict, len(all))
	random := rand.New(rand.NewPCG(o.seed, 2))
	for i, d := range all {
		out[i] = verdict{document: d, fold: d.group % folds}
		if loose {
			out[i].fold = random.IntN(folds)
		}
	}
	run := func(fold int) error {
		var rest []*document
		for _, v := range out {
			if v.fold != fold {
				rest = append(rest, v.document)
			}
		}
		m, err := learn(rest, o).model(rest)
		if err != nil {
			return err
		}
		for i := range out {
			if out[i].fold == fold {
				out[i].score = float64(score(m, out[i].document)) / float64(m.Threshold)
			}
		}
		return nil
	}
	errs := make([]error, folds)
	var wait sync.WaitGroup
	for fold := range folds {
		wait.Go(func() { errs[fold] = run(fold) })
	}
	wait.Wait()
	return out, errors.Join(errs...)
}

// threshold is the lowest score that at most share of the innocent texts reach that are
// no examples and not in fold.
func threshold(all []verdict, share float64, fold int) float64 {
	var negative []float64
	for _, v := range all {
		if !v.positive && v.Expand == 0 && v.fold != fold {
			negative = append(negative, v.score)
		}
	}
	slices.SortFunc(negative, func(a, b float64) int { return cmp.Compare(b, a) })
	if len(negative) == 0 {
		return 1
	}
	return negative[min(len(negative)-1, int(share*float64(len(negative))))] + 0.005
}

// hits tells of each document whether it reaches the threshold of the other folds of
// others.
func hits(all, others []verdict, share float64) []bool {
	limits := map[int]float64{}
	out := make([]bool, len(all))
	for i, v := range all {
		if _, ok := limits[v.fold]; !ok {
			limits[v.fold] = threshold(others, share, v.fold)
		}
		out[i] = v.score >= limits[v.fold]
	}
	return out
}

// report prints what the verdicts are worth, with thresholds from others (nil: from the
// other folds of all).
func report(w io.Writer, name string, all, others []verdict, h how) error {
	if others == nil {
		others = all
	}
	fmt.Fprintf(w, "\n%s:\n", name)
	curve(w, all, others)
	hit := hits(all, others, h.wrong)
	table(w, all, hit)
	if h.mistake == "" {
		return nil
	}
	return mistakes(h.mistake, all, hit)
}

// curve prints what is found at several shares of innocent texts that are reported.
func curve(w io.Writer, all, others []verdict) {
	for _, wrong := range []float64{0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02} {
		var found, of, fall, calm int
		hit := hits(all, others, wrong)
		for i, v := range all {
			switch {
			case v.Expand > 0:
			case v.positive:
				of++
				found += count(hit[i])
			default:
				calm++
				fall += count(hit[i])
			}
		}
		fmt.Fprintf(w, "threshold for %.2f %% false ones: recall %.3f, false %.2f %%\n", 100*wrong, share(found, of), 100*share(fall, calm))
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// calibrate fits Model.Slope and Offset (Platt, 1999) to scores of documents that were
// not learned from, positives and negatives counting as they are.
func calibrate(all []verdict, from float64) (slope, offset float64) {
	slope = 1
	for range 4000 {
		var gs, gb, n float64
		for _, v := range all {
			if v.Expand > 0 || v.score < from/2 {
				continue
			}
			e := float64(count(v.positive)) - sigmoid(slope*v.score+offset)
			gs, gb, n = gs+e*v.score, gb+e, n+1
		}
		slope, offset = max(slope+gs/max(n, 1), 0.1), offset+gb/max(n, 1)
	}
	return slope, offset
}

// table prints for each source how many documents are hit.
func table(w io.Writer, all []verdict, hit []bool) {
	type row struct{ pos, hit, neg, fall int }
	rows := map[string]*row{}
	for i, v := range all {
		names := []string{v.Source, "all but examples"}
		if v.Expand > 0 {
			names = names[:1]
		}
		for _, name := range names {
			r := rows[name]
			if r == nil {
				r = &row{}
				rows[name] = r
			}
			if v.positive {
				r.pos++
				r.hit += count(hit[i])
			} else {
				r.neg++
				r.fall += count(hit[i])
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
func mistakes(name string, all []verdict, hit []bool) error {
	var wrong []verdict
	for i, v := range all {
		if v.positive != hit[i] {
			wrong = append(wrong, v)
		}
	}
	slices.SortFunc(wrong, func(a, b verdict) int { return cmp.Compare(b.score, a.score) })
	var lines bytes.Buffer
	out := json.NewEncoder(&lines)
	for _, v := range wrong {
		line := map[string]any{"score": v.score, "positive": v.positive, "source": v.Source, "text": v.Text}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return os.WriteFile(name, lines.Bytes(), 0o644)
}

// write writes the weights.
func write(name string, m *injection.Model) error {
	file, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	return os.WriteFile(name, file, 0o644)
}

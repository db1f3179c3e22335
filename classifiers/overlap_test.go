package classifiers_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// fixed reports what a test gives it.
func fixed(name string, wide bool, found ...classifiers.Finding) *words {
	f := family(name, name)
	if wide {
		f.about.Wide = f.about.Entities
	}
	for i := range found {
		found[i].Entity = f.about.Entities[0]
	}
	f.find = func(_ context.Context, _ *classifiers.View, out []classifiers.Finding) ([]classifiers.Finding, error) {
		return append(out, found...), nil
	}
	return f
}

func at(start, end int, confidence float64, rule string) classifiers.Finding {
	return classifiers.Finding{Start: start, End: end, Confidence: confidence, Rule: rule}
}

func TestOverlaps(t *testing.T) {
	for name, c := range map[string]struct {
		families []classifiers.Classifier
		want     []string
	}{
		"longer of two sure ones":    {[]classifiers.Classifier{fixed("a", false, at(0, 10, 0.85, "long")), fixed("b", false, at(2, 6, 0.99, "short"))}, []string{"long"}},
		"sure before a guess":        {[]classifiers.Classifier{fixed("a", false, at(0, 10, 0.6, "guess")), fixed("b", false, at(2, 6, 0.9, "sure"))}, []string{"sure"}},
		"same place":                 {[]classifiers.Classifier{fixed("a", false, at(0, 5, 0.85, "less")), fixed("b", false, at(0, 5, 0.95, "more"))}, []string{"more"}},
		"same everything":            {[]classifiers.Classifier{fixed("b", false, at(0, 5, 0.9, "second")), fixed("a", false, at(0, 5, 0.9, "first"))}, []string{"first"}},
		"touching":                   {[]classifiers.Classifier{fixed("a", false, at(0, 5, 0.9, "left"), at(5, 9, 0.9, "right"))}, []string{"left", "right"}},
		"a chain":                    {[]classifiers.Classifier{fixed("a", false, at(0, 5, 0.9, "1"), at(4, 12, 0.9, "2"), at(11, 16, 0.9, "3"))}, []string{"2"}},
		"a chain with a weak middle": {[]classifiers.Classifier{fixed("a", false, at(0, 5, 0.9, "1"), at(4, 12, 0.4, "2"), at(11, 16, 0.9, "3"))}, []string{"1", "3"}},
		"reported twice":             {[]classifiers.Classifier{fixed("a", false, at(0, 5, 0.9, "1"), at(0, 5, 0.9, "1"))}, []string{"1"}},
		"wide ones stand aside":      {[]classifiers.Classifier{fixed("a", true, at(0, 18, 1, "wide")), fixed("b", false, at(2, 6, 0.3, "value"))}, []string{"wide", "value"}},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				s := set(t, classifiers.Options{}, c.families...)
				found, err := s.Classify(context.Background(), prompts("0123456789 0123456789"))
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, f := range found {
					got = append(got, f.Rule)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
				slices.Reverse(c.families) // the order of the list does not matter
			}
		})
	}
}

func TestOverlapsDoNotDependOnOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var all []classifiers.Finding
		for range 1 + r.IntN(12) {
			start := r.IntN(18)
			all = append(all, at(start, start+1+r.IntN(20-start), float64(1+r.IntN(10))/10, string(rune('a'+r.IntN(5)))))
		}
		var first []classifiers.Finding
		for n := range 4 {
			found, err := set(t, classifiers.Options{}, fixed("w", false, slices.Clone(all)...)).Classify(context.Background(), prompts("0123456789 0123456789"))
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				first = found
			}
			if !slices.Equal(first, found) {
				t.Fatalf("%v\n%v", first, found)
			}
			for i := 1; i < len(found); i++ {
				if found[i].Start < found[i-1].End {
					t.Fatalf("overlap in %v", found)
				}
			}
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
	}
}

// A passage that goes over the edge of a block is one, and so is what a family says
// of two that meet.
func TestPassagesMeet(t *testing.T) {
	w := family("wide", "<")
	w.about.Wide, w.about.Words = w.about.Entities, true
	w.find = func(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
		var first, last *classifiers.Word // of the words "in"
		for i := range v.Words {
			if in := &v.Words[i]; in.Hash == classifiers.HashWord("in") {
				if first == nil {
					first = in
				}
				last = in
			}
		}
		if last != nil && last.End-first.Start > 5 {
			found = append(found, classifiers.Finding{Entity: "WIDE", Rule: "r", Confidence: 0.7, Start: first.Start, End: last.End})
		}
		return found, nil
	}
	s := set(t, classifiers.Options{}, w)
	for k := range 14 { // of "in in in in in" in front of the edge
		text := strings.Repeat("\n", 64<<10-k) + "in in in in in"
		found, err := s.Classify(context.Background(), prompts(text+strings.Repeat(" out", 32<<10)))
		if err != nil || len(found) != 1 || text[found[0].Start:found[0].End] != "in in in in in" {
			t.Errorf("%d bytes in front of the edge: %v, %v", k, found, err)
		}
	}
}

package classifiers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// The engine acts on the grade, however sure a finding is: which of two stays, and
// whether a value is put together from pieces of text, of messages, or of what somebody
// wrote backwards. A finding without a grade has that of its confidence.
func TestGrades(t *testing.T) {
	graded := func(name string, confidence float64, g classifiers.Grade, value string) classifiers.Classifier {
		f := family(name, value)
		f.find = func(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
			for _, h := range v.Hits {
				found = append(found, classifiers.Finding{Entity: f.about.Entities[0], Rule: name, Confidence: confidence, Grade: g, Start: h.Start, End: h.End})
			}
			return found, nil
		}
		return f
	}
	const value = "x7kq2mpv9rt4wz8yb3nc"
	pieces := prompts("it is "+value[:9], value[9:]+" all of it")
	glued := prompts(`key = "` + value[:9] + `" + "` + value[9:] + `"`)
	back := []byte(value)
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	backwards := prompts("so " + string(back) + " it is")
	for _, c := range []struct {
		confidence               float64
		grade                    classifiers.Grade
		pieces, glued, backwards bool
	}{
		{0.99, classifiers.Weak, false, false, false},
		{0.60, classifiers.Likely, false, true, false},
		{0.99, classifiers.Named, false, true, false},
		{0.60, classifiers.Whole, true, true, false},
		{0.60, classifiers.Marked, true, true, true},
		{0.60, classifiers.Proven, true, true, true},
		{0.49, classifiers.Ungraded, false, false, false},
		{0.79, classifiers.Ungraded, false, true, false},
		{0.80, classifiers.Ungraded, true, true, false},
		{0.90, classifiers.Ungraded, true, true, true},
	} {
		s := set(t, classifiers.Options{}, graded("a", c.confidence, c.grade, value))
		for name, text := range map[string]struct {
			samples []classifiers.Sample
			want    bool
		}{"pieces": {pieces, c.pieces}, "glued": {glued, c.glued}, "backwards": {backwards, c.backwards}} {
			found, err := s.Classify(context.Background(), text.samples)
			if err != nil || (len(found) > 0) != text.want {
				t.Errorf("%v of grade %d, %s: %s, %v", c.confidence, c.grade, name, show(text.samples, found), err)
			}
		}
	}

	for _, c := range []struct {
		a, b classifiers.Grade // of the surer and the less sure one, at the same place
		want string
	}{
		{classifiers.Likely, classifiers.Named, "b"},
		{classifiers.Named, classifiers.Proven, "b"},
		{classifiers.Whole, classifiers.Marked, "b"},
		{classifiers.Weak, classifiers.Likely, "b"},
		{classifiers.Whole, classifiers.Whole, "a"},
	} {
		s := set(t, classifiers.Options{}, graded("a", 0.9, c.a, value), graded("b", 0.5, c.b, value))
		found, err := s.Classify(context.Background(), prompts(value))
		if err != nil || len(found) != 1 || found[0].Rule != c.want {
			t.Errorf("grades %d and %d: %v, %v; want %s", c.a, c.b, found, err, c.want)
		}
	}

	s := set(t, classifiers.Options{}, graded("a", 0.9, classifiers.Proven+1, value))
	if _, err := s.Classify(context.Background(), prompts(value)); err == nil || !strings.Contains(err.Error(), "grade") {
		t.Errorf("a grade that there is not: %v", err)
	}
}

// Few say little, and nothing is certain.
func TestMeasured(t *testing.T) {
	for _, c := range []struct {
		correct, found int
		want           string
	}{{0, 0, "0.50"}, {1, 1, "0.67"}, {3, 5, "0.57"}, {46, 46, "0.98"}, {975, 1003, "0.97"}, {100000, 100000, "0.99"}, {0, 1000, "0.01"}} {
		if got := fmt.Sprintf("%.2f", classifiers.Measured(c.correct, c.found, classifiers.Whole).Confidence); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.correct, c.found, got, c.want)
		}
	}
}

package classifiers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// A family says why it kept and dropped; what lies in an encoded part and what
// loses against another finding is explained, too.
func TestExplain(t *testing.T) {
	explains := func(name string, confidence float64) classifiers.Classifier {
		f := family(name, "needle")
		f.find = func(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
			for _, h := range v.Hits {
				if h.Start > 0 && v.Text[h.Start-1] == '!' {
					v.Drop("r", h.Start, h.End, "behind a mark")
					continue
				}
				v.Keep("r", h.Start, h.End, "checksum")
				found = append(found, classifiers.Finding{Entity: f.about.Entities[0], Rule: "r", Confidence: confidence, Start: h.Start, End: h.End})
			}
			return found, nil
		}
		return f
	}
	s := set(t, classifiers.Options{}, explains("a", 0.9), explains("b", 0.6))
	text := "!needle, needle and %6eeedle"
	found, candidates, err := s.Explain(context.Background(), classifiers.Sample{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	if want, err := s.Classify(context.Background(), prompts(text)); err != nil || !slices.Equal(found, want) {
		t.Errorf("got %v, want %v, %v", found, want, err)
	}
	var got []string
	for _, c := range candidates {
		got = append(got, fmt.Sprintf("%s %s %v %s", c.Family, text[c.Start:c.End], c.Reported, c.Why))
	}
	want := []string{
		"a needle false behind a mark",
		"b needle false behind a mark",
		"a needle true checksum",
		"b needle false checksum; another finding stands here",
		"a %6eeedle true checksum",
		"b %6eeedle false checksum; another finding stands here",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

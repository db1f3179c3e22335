package classifiers_test

import (
	"slices"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

func TestAllowance(t *testing.T) {
	key := [32]byte{4}
	samples := []classifiers.Sample{{Text: "a@b.example c@d.example"}}
	mail := func(start, end int) classifiers.Finding {
		return classifiers.Finding{Family: classifiers.PII, Entity: "EMAIL_ADDRESS", Start: start, End: end}
	}
	found := []classifiers.Finding{mail(0, 11), mail(12, 23), {Family: classifiers.PII, Entity: "PHONE_NUMBER", Start: 0, End: 1}}
	hidden, split := mail(0, 11), mail(0, 11)
	hidden.Hidden, split.Split = 9, 1
	hash := classifiers.AllowHash(key, "EMAIL_ADDRESS", "a@b.example")
	if hash == classifiers.AllowHash(key, "PERSON", "a@b.example") || hash == classifiers.AllowHash([32]byte{}, "EMAIL_ADDRESS", "a@b.example") {
		t.Error("the hash is of the value alone")
	}
	byValue := classifiers.Allowed{Entity: "EMAIL_ADDRESS", Hash: hash}
	there := byValue
	there.Destinations = []string{"openai-api"}
	for name, c := range map[string]struct {
		entry classifiers.Allowed
		at    string
		in    []classifiers.Finding
		want  []classifiers.Finding
	}{
		"by value":             {byValue, "x", found, found[1:]},
		"at its destination":   {there, "openai-api", found, found[1:]},
		"at another":           {there, "claude", found, found},
		"at none":              {there, "", found, found},
		"by entity":            {classifiers.Allowed{Entity: "EMAIL_ADDRESS"}, "x", found, found[2:]},
		"disguised":            {byValue, "x", []classifiers.Finding{hidden}, []classifiers.Finding{hidden}},
		"cut":                  {byValue, "x", []classifiers.Finding{split}, []classifiers.Finding{split}},
		"disguised, by entity": {classifiers.Allowed{Entity: "EMAIL_ADDRESS"}, "x", []classifiers.Finding{hidden, split}, nil},
	} {
		before := slices.Clone(c.in)
		got := classifiers.NewAllowance(key, []classifiers.Allowed{c.entry}).Keep(c.in, samples, c.at)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if !slices.Equal(before, c.in) {
			t.Errorf("%s: what was given changed", name)
		}
	}
	var none *classifiers.Allowance
	if got := none.Keep(found, samples, "x"); !slices.Equal(got, found) {
		t.Errorf("no allowance: %v", got)
	}
}

func TestAtLeast(t *testing.T) {
	found := []classifiers.Finding{{Rule: "a", Confidence: .4}, {Rule: "b", Confidence: .5}, {Rule: "c", Family: classifiers.Injection, Confidence: .1}, {Rule: "d", Confidence: .9}}
	before := slices.Clone(found)
	for least, want := range map[float64]string{0: "abcd", .4: "abcd", .5: "bcd", .95: "c"} {
		got := ""
		for _, f := range classifiers.AtLeast(found, least) {
			got += f.Rule
		}
		if got != want {
			t.Errorf("%v: got %s, want %s", least, got, want)
		}
	}
	if !slices.Equal(found, before) {
		t.Error("the findings, which others share, were changed")
	}
}

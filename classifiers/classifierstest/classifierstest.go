// Package classifierstest is the test that every classifier family passes: its
// rules against true and false examples, and the contract of
// classifiers.Classifier against broken text, block edges, repetition and load.
package classifierstest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// A Rule is a rule of a family with what it must find and what it must not.
type Rule struct {
	Name   string
	Entity string
	True   []Example
	False  []Example // Value is not used; Why says what it is
}

// An Example is a text and the value in it that the rule is to find.
type Example struct {
	Text, Value string
	Why         string
}

// Rules runs the examples of all rules. Every name in names must have true and
// false examples: a rule does not land without both. A true example must give a
// finding of just that rule, entity and value; a false one no finding of the
// entity at all.
func Rules(t *testing.T, c classifiers.Classifier, names []string, rules []Rule) {
	t.Helper()
	set := NewSet(t, classifiers.Options{}, c)
	for _, name := range names {
		if !slices.ContainsFunc(rules, func(r Rule) bool { return r.Name == name }) {
			t.Errorf("rule %s has no examples", name)
		}
	}
	for _, r := range rules {
		if !slices.Contains(names, r.Name) {
			t.Errorf("examples for %s, which is no rule", r.Name)
		}
		if len(r.True) == 0 || len(r.False) == 0 {
			t.Errorf("rule %s needs true and false examples", r.Name)
		}
		for _, e := range r.True {
			t.Run(r.Name+"/true", func(t *testing.T) {
				for _, carrier := range []string{"%s", "Hello,\n%s\nthank you", "{\"content\":\"%s\"}", "前%s。"} {
					if carrier != "%s" && e.Why == "alone" {
						continue
					}
					text := fmt.Sprintf(carrier, e.Text)
					found := Classify(t, set, text)
					if !slices.ContainsFunc(found, func(f classifiers.Finding) bool {
						return f.Rule == r.Name && f.Entity == r.Entity && text[f.Start:f.End] == e.Value
					}) {
						t.Errorf("%q: want %s %q, got %s", text, r.Name, e.Value, Show(text, found))
					}
				}
			})
		}
		for _, e := range r.False {
			t.Run(r.Name+"/false", func(t *testing.T) {
				for _, f := range Classify(t, set, e.Text) {
					if f.Entity == r.Entity {
						t.Errorf("%q (%s): got %s", e.Text, e.Why, Show(e.Text, []classifiers.Finding{f}))
					}
				}
			})
		}
	}
}

// NewSet makes a Set or ends the test.
func NewSet(t testing.TB, opts classifiers.Options, c ...classifiers.Classifier) *classifiers.Set {
	t.Helper()
	set, err := classifiers.New(opts, c...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Classify classifies one text or ends the test.
func Classify(t testing.TB, set *classifiers.Set, text string) []classifiers.Finding {
	t.Helper()
	found, err := set.Classify(context.Background(), []classifiers.Sample{{Text: text, Role: "prompt"}})
	if err != nil {
		t.Fatalf("%.200q: %v", text, err)
	}
	return found
}

// Show writes findings with what they enclose, for messages of tests.
func Show(text string, found []classifiers.Finding) string {
	out := "["
	for _, f := range found {
		out += fmt.Sprintf(" %s/%s/%s(%.2f) %q", f.Family, f.Entity, f.Rule, f.Confidence, text[f.Start:f.End])
	}
	return out + " ]"
}

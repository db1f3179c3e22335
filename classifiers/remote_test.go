package classifiers_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/classifiers"
)

// elsewhere is a Remote that finds words, and does what a test wants otherwise.
type elsewhere struct {
	words   map[string]string // what each is
	version string
	fail    func(ctx context.Context) error
	change  func([][]classifiers.Finding) [][]classifiers.Finding

	mu    sync.Mutex
	asked []string
}

func (e *elsewhere) Describe() classifiers.Description {
	return classifiers.Description{Family: "elsewhere", Entities: []string{"PERSON", "PLACE", "A"}, Version: "1" + e.version}
}

func (e *elsewhere) Wants(role string) bool { return role == "prompt" }

func (e *elsewhere) Analyze(ctx context.Context, samples []classifiers.Sample) ([][]classifiers.Finding, error) {
	if e.fail != nil {
		if err := e.fail(ctx); err != nil {
			return nil, err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	found := make([][]classifiers.Finding, len(samples))
	for i, s := range samples {
		e.asked = append(e.asked, s.Text)
		for word, entity := range e.words {
			for at := 0; strings.Contains(s.Text[at:], word); at += len(word) {
				at += strings.Index(s.Text[at:], word)
				found[i] = append(found[i], classifiers.Finding{Entity: entity, Rule: "elsewhere", Confidence: .85, Start: at, End: at + len(word)})
			}
		}
	}
	if e.change != nil {
		found = e.change(found)
	}
	return found, nil
}

func (e *elsewhere) said() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer func() { e.asked = nil }()
	return strings.Join(e.asked, "|")
}

// shown is what was found, with its families and confidence.
func shown(samples []classifiers.Sample, found []classifiers.Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf("%d:%s.%s:%s", f.Sample, f.Family, f.Entity, samples[f.Sample].Text[f.Start:f.End]))
	}
	return strings.Join(out, " ")
}

// TestRemoteAdds shows that what is found elsewhere is added, stands back behind what a
// family found in the same place, and never takes a family's finding away.
func TestRemoteAdds(t *testing.T) {
	a, b := family("a", "ann", "key"), family("b", "token", "@")
	b.find = func(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
		for _, h := range v.Hits {
			found = append(found, classifiers.Finding{Entity: "B", Rule: "b", Confidence: .3, Start: h.Start, End: h.End})
		}
		return found, nil
	}
	wide := family("wide", "(")
	wide.about.Wide = []string{"WIDE"}
	wide.find = func(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
		for _, h := range v.Hits {
			found = append(found, classifiers.Finding{Entity: "WIDE", Rule: "w", Confidence: 1, Start: h.Start, End: len(v.Text)})
		}
		return found, nil
	}
	far := &elsewhere{words: map[string]string{
		"mary": "PERSON", "mary poppins": "PERSON", "ann": "A", "anna": "PERSON", "key": "PERSON", "ey": "PLACE", "token": "PERSON", "all of it token key": "PLACE", "paris": "PLACE",
	}}
	s := set(t, classifiers.Options{Remote: far}, a, b, wide)
	for _, c := range []struct {
		texts []string
		want  string
	}{
		{[]string{"nothing"}, ""},
		{[]string{"mary"}, "0:pii.PERSON:mary"},
		{[]string{"mary poppins"}, "0:pii.PERSON:mary poppins"},      // its own are resolved
		{[]string{"ann"}, "0:a.A:ann"},                               // the family's, once
		{[]string{"anna"}, "0:a.A:ann 0:pii.PERSON:anna"},            // more of it
		{[]string{"key"}, "0:a.A:key"},                               // the family's is surer
		{[]string{"token"}, "0:b.B:token 0:pii.PERSON:token"},        // surer than the family's, which stays
		{[]string{"(paris"}, "0:wide.WIDE:(paris 0:pii.PLACE:paris"}, // a passage is not in the way
		{[]string{"paris", "", "@ paris mary"}, "0:pii.PLACE:paris 2:b.B:@ 2:pii.PLACE:paris 2:pii.PERSON:mary"},
		{[]string{"all of it token key"}, "0:pii.PLACE:all of it token key 0:b.B:token 0:a.A:key"}, // and nothing is hidden
	} {
		samples := prompts(c.texts...)
		for i := range samples {
			samples[i].Apart = true
		}
		found, err := s.Classify(t.Context(), samples)
		if got := shown(samples, found); err != nil || got != c.want {
			t.Errorf("%q: got %q, want %q; %v", c.texts, got, c.want, err)
		}
	}
	if got := s.Entities(); !slices.Contains(got, classifiers.Entity{Family: "a", Name: "A"}) || !slices.Contains(got, classifiers.Entity{Family: classifiers.PII, Name: "PLACE"}) {
		t.Errorf("entities %v", got)
	}
}

// TestRemoteIsShown shows what is sent: texts of its roles that are not kept from it,
// in one call, and not again what it answered before.
func TestRemoteIsShown(t *testing.T) {
	far := &elsewhere{words: map[string]string{"mary": "PERSON"}}
	s := set(t, classifiers.Options{Remote: far, CacheBytes: 1 << 20}, family("a", "ann"))
	samples := []classifiers.Sample{
		{Text: "mary one", Role: "prompt"}, {Text: "mary two", Role: "other"}, {Text: "mary three", Role: "prompt", Local: true},
		{Text: "", Role: "prompt"}, {Text: "ann four", Role: "prompt"},
	}
	for _, step := range []struct{ asked, found string }{
		{"mary one|ann four", "0:pii.PERSON:mary 4:a.A:ann"},
		{"", "0:pii.PERSON:mary 4:a.A:ann"},
	} {
		found, err := s.Classify(t.Context(), samples)
		if got := shown(samples, found); err != nil || got != step.found {
			t.Errorf("found %q, want %q; %v", got, step.found, err)
		}
		if got := far.said(); got != step.asked {
			t.Errorf("asked about %q, want %q", got, step.asked)
		}
	}
	samples = append(samples, classifiers.Sample{Text: "mary new", Role: "prompt"})
	if _, err := s.Classify(t.Context(), samples); err != nil {
		t.Fatal(err)
	}
	if got := far.said(); got != "mary new" {
		t.Errorf("asked about %q", got)
	}
	other := set(t, classifiers.Options{Remote: &elsewhere{version: "2"}}, family("a", "ann"))
	none := set(t, classifiers.Options{}, family("a", "ann"))
	if s.Snapshot() == other.Snapshot() || s.Snapshot() == none.Snapshot() {
		t.Error("sets with another remote have one snapshot")
	}
}

// TestRemoteFails goes through what a Remote can do wrong. It fails the call, or, where
// it may fail, leaves the families' findings and is told; nothing is remembered.
func TestRemoteFails(t *testing.T) {
	one := func(f classifiers.Finding) func([][]classifiers.Finding) [][]classifiers.Finding {
		return func(all [][]classifiers.Finding) [][]classifiers.Finding {
			all[0] = []classifiers.Finding{f}
			return all
		}
	}
	good := classifiers.Finding{Entity: "PERSON", Rule: "r", Confidence: .5, Start: 0, End: 4}
	bad := func(change func(*classifiers.Finding)) func([][]classifiers.Finding) [][]classifiers.Finding {
		f := good
		change(&f)
		return one(f)
	}
	for name, far := range map[string]*elsewhere{
		"error":            {fail: func(context.Context) error { return errors.New("down") }},
		"panic":            {fail: func(context.Context) error { panic("mary is the secret") }},
		"too few":          {change: func(all [][]classifiers.Finding) [][]classifiers.Finding { return all[1:] }},
		"too many":         {change: func(all [][]classifiers.Finding) [][]classifiers.Finding { return append(all, nil) }},
		"outside":          {change: bad(func(f *classifiers.Finding) { f.End = 1000 })},
		"before":           {change: bad(func(f *classifiers.Finding) { f.Start = -1 })},
		"empty":            {change: bad(func(f *classifiers.Finding) { f.End = f.Start })},
		"inside character": {change: bad(func(f *classifiers.Finding) { f.End = 6 })},
		"undeclared":       {change: bad(func(f *classifiers.Finding) { f.Entity = "NONE" })},
		"confidence":       {change: bad(func(f *classifiers.Finding) { f.Confidence = 2 })},
	} {
		t.Run(name, func(t *testing.T) {
			samples := prompts("mary é ann", "ann")
			far.words = map[string]string{"mary": "PERSON"}
			must := set(t, classifiers.Options{Remote: far, CacheBytes: 1 << 20}, family("a", "ann"))
			if found, err := must.Classify(t.Context(), samples); err == nil || found != nil || strings.Contains(err.Error(), "mary") {
				t.Errorf("got %v, %v", found, err)
			}
			may := set(t, classifiers.Options{Remote: far, RemoteMayFail: true, CacheBytes: 1 << 20}, family("a", "ann"))
			var missed []string
			ctx := classifiers.WithMissed(t.Context(), func(name string, err error) { missed = append(missed, fmt.Sprint(name, err != nil)) })
			found, err := may.Classify(ctx, samples)
			if got := shown(samples, found); err != nil || got != "0:a.A:ann 1:a.A:ann" {
				t.Errorf("got %q, %v", got, err)
			}
			if !slices.Equal(missed, []string{"elsewheretrue"}) {
				t.Errorf("missed %v", missed)
			}
			far.fail, far.change = nil, nil
			for range 2 {
				if found, err = may.Classify(ctx, samples); err != nil || !strings.Contains(shown(samples, found), "PERSON:mary") {
					t.Errorf("afterwards %q, %v", shown(samples, found), err)
				}
			}
			if len(missed) != 1 {
				t.Errorf("missed %v", missed)
			}
		})
	}
}

// TestRemoteEnds shows that a call ends when its context does, that a family's failure
// does not wait for the Remote, and that a Remote may not lift the bound of findings.
func TestRemoteEnds(t *testing.T) {
	hang := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	broken := family("b", "x")
	broken.find = func(context.Context, *classifiers.View, []classifiers.Finding) ([]classifiers.Finding, error) {
		return nil, errors.New("broken")
	}
	start := time.Now()
	s := set(t, classifiers.Options{Remote: &elsewhere{fail: hang}, RemoteMayFail: true}, broken)
	if _, err := s.Classify(t.Context(), prompts("x")); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Error(err)
	}
	s = set(t, classifiers.Options{Remote: &elsewhere{fail: hang}, RemoteMayFail: true}, family("a", "x"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Classify(ctx, prompts("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	s = set(t, classifiers.Options{Remote: &elsewhere{words: map[string]string{"y ": "PERSON"}}, MaxFindings: 10}, family("a", "x"))
	if _, err := s.Classify(t.Context(), prompts(strings.Repeat("y x", 10))); !errors.Is(err, classifiers.ErrTooMany) {
		t.Error(err)
	}
	if _, err := classifiers.New(classifiers.Options{Remote: nameless{}}, family("a", "x")); err == nil {
		t.Error("a remote without a name is taken")
	}
}

type nameless struct{}

func (nameless) Describe() classifiers.Description { return classifiers.Description{} }

func (nameless) Wants(string) bool { return true }

func (nameless) Analyze(context.Context, []classifiers.Sample) ([][]classifiers.Finding, error) {
	return nil, nil
}

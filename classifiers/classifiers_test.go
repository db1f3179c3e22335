package classifiers_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// words finds its anchors wherever they stand, and does what a test wants then.
type words struct {
	about classifiers.Description
	find  func(ctx context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error)
}

func (w *words) Describe() classifiers.Description { return w.about }

func (w *words) Classify(ctx context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	if w.find != nil {
		return w.find(ctx, v, found)
	}
	for _, h := range v.Hits {
		found = append(found, classifiers.Finding{Entity: w.about.Entities[0], Rule: w.about.Anchors[h.Anchor], Confidence: 0.9, Start: h.Start, End: h.End})
	}
	return found, nil
}

func family(name string, anchors ...string) *words {
	return &words{about: classifiers.Description{Family: name, Entities: []string{strings.ToUpper(name)}, Anchors: anchors, Version: "1"}}
}

func set(t testing.TB, opts classifiers.Options, families ...classifiers.Classifier) *classifiers.Set {
	t.Helper()
	s, err := classifiers.New(opts, families...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func show(samples []classifiers.Sample, found []classifiers.Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf("%d:%s:%s#%d", f.Sample, f.Entity, samples[f.Sample].Text[f.Start:f.End], f.Split))
	}
	return strings.Join(out, " ")
}

func prompts(texts ...string) []classifiers.Sample {
	var all []classifiers.Sample
	for _, t := range texts {
		all = append(all, classifiers.Sample{Text: t, Role: "prompt"})
	}
	return all
}

func TestAnchors(t *testing.T) {
	s := set(t, classifiers.Options{}, family("a", "he", "she", "hers", "é"), family("b", "HIS", "@", "s"))
	for text, want := range map[string]string{
		"":               "",
		"nothing":        "",
		"ushers":         "0:B:s#0 0:A:hers#0", // longer than the she and the s that it overlaps
		"his é@":         "0:B:his#0 0:A:é#0 0:B:@#0",
		"sSs":            "0:B:s#0 0:B:S#0 0:B:s#0",
		"É":              "", // only ASCII letters fold
		"\xff\x00he\xe2": "0:A:he#0",
	} {
		samples := prompts(text)
		found, err := s.Classify(context.Background(), samples)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := show(samples, found); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// All hits of the automaton against a search for each anchor.
func TestAutomatonAgainstSearch(t *testing.T) {
	anchors := []string{"a", "ab", "bab", "bc", "bca", "c", "caa", "aaaa", "key", "secret_key", "ey", "y=\""}
	var got []string
	f := family("w", anchors...)
	f.find = func(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
		for _, h := range v.Hits {
			got = append(got, fmt.Sprint(h.Anchor, h.Start, h.End))
		}
		return found, nil
	}
	s := set(t, classifiers.Options{}, f)
	for _, unit := range []string{"abccab", "aaaaa", "bcaabab", "SECRET_KEY=\"", "x"} {
		text := strings.Repeat(unit+"z", 3) + strings.Repeat(unit, 20000)
		text = text[:min(len(text), 70_000)]
		var want []string
		folded := strings.ToLower(text)
		for n, a := range anchors {
			for i := 0; ; i++ {
				at := strings.Index(folded[i:], a)
				if at < 0 {
					break
				}
				i += at
				want = append(want, fmt.Sprint(n, i, i+len(a)))
			}
		}
		got = nil
		if _, err := s.Classify(context.Background(), prompts(text)); err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d hits, want %d", unit, len(got), len(want))
		}
	}
}

func TestDigitRuns(t *testing.T) {
	var got []string
	f := family("w", "x")
	f.find = func(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
		for _, r := range v.Digits {
			got = append(got, v.Text[r.Start:r.End])
			if r.Start < v.Lo || r.Start >= v.Hi {
				t.Errorf("run at %d outside [%d, %d)", r.Start, v.Lo, v.Hi)
			}
		}
		return found, nil
	}
	s := set(t, classifiers.Options{}, f)
	long := strings.Repeat("7", 200_000)
	for text, want := range map[string][]string{
		"":           nil,
		"1":          {"1"},
		"a12b-345 6": {"12", "345", "6"},
		strings.Repeat(" ", 65530) + "12345678901" + " 5": {"12345678901", "5"},
		long + "x1": {long, "1"},
	} {
		got = nil
		if _, err := s.Classify(context.Background(), prompts(text)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%.30q: got %.60q", text, got)
		}
	}
}

// Nothing that goes wrong may look like a clean text.
func TestFailures(t *testing.T) {
	boom := errors.New("boom")
	one := classifiers.Finding{Entity: "W", Rule: "r", Confidence: 1, Start: 0, End: 1}
	report := func(change func(*classifiers.Finding)) func(context.Context, *classifiers.View, []classifiers.Finding) ([]classifiers.Finding, error) {
		return func(_ context.Context, _ *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
			f := one
			change(&f)
			return append(found, f), nil
		}
	}
	type find = func(context.Context, *classifiers.View, []classifiers.Finding) ([]classifiers.Finding, error)
	const text = "é confidential text"
	for name, f := range map[string]find{
		"error": func(context.Context, *classifiers.View, []classifiers.Finding) ([]classifiers.Finding, error) {
			return nil, boom
		},
		"panic": func(_ context.Context, v *classifiers.View, _ []classifiers.Finding) ([]classifiers.Finding, error) {
			panic(v.Text)
		},
		"panic of the runtime": func(_ context.Context, v *classifiers.View, f []classifiers.Finding) ([]classifiers.Finding, error) {
			return append(f, f[len(v.Text)]), nil
		},
		"findings taken away": func(_ context.Context, _ *classifiers.View, _ []classifiers.Finding) ([]classifiers.Finding, error) {
			return nil, nil
		},
		"before the text":    report(func(f *classifiers.Finding) { f.Start = -1 }),
		"behind the text":    report(func(f *classifiers.Finding) { f.End = len(text) + 1 }),
		"empty":              report(func(f *classifiers.Finding) { f.End = 0 }),
		"inside a character": report(func(*classifiers.Finding) {}),
		"unknown entity":     report(func(f *classifiers.Finding) { f.End, f.Entity = 2, "X" }),
		"no confidence":      report(func(f *classifiers.Finding) { f.End, f.Confidence = 2, 0 }),
		"too much of it":     report(func(f *classifiers.Finding) { f.End, f.Confidence = 2, 1.5 }),
	} {
		t.Run(name, func(t *testing.T) {
			bad := family("w", "conf")
			bad.find = f
			s := set(t, classifiers.Options{CacheBytes: 1 << 20}, family("a", "confidential"), bad)
			for range 2 { // the second time, too: nothing of it is cached
				found, err := s.Classify(context.Background(), prompts("clean", text+strings.Repeat(" ", 200)))
				if err == nil || found != nil {
					t.Fatalf("got %v, %v", found, err)
				}
				if strings.Contains(err.Error(), "confidential") {
					t.Errorf("the error quotes the text: %v", err)
				}
			}
		})
	}
}

func TestCancelledInside(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	f := family("w", "x")
	f.find = func(_ context.Context, _ *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
		if calls++; calls == 2 {
			cancel()
		}
		return found, nil
	}
	s := set(t, classifiers.Options{CacheBytes: 1 << 20}, f)
	found, err := s.Classify(ctx, prompts(strings.Repeat("x", 1<<20)))
	if !errors.Is(err, context.Canceled) || found != nil || calls != 2 {
		t.Errorf("got %v, %v after %d blocks", found, err, calls)
	}
	if s.CacheStats().Entries != 0 {
		t.Error("an unfinished scan was cached")
	}
}

func TestTooMany(t *testing.T) {
	s := set(t, classifiers.Options{MaxFindings: 10, CacheBytes: 1 << 20}, family("w", "x"))
	if found, err := s.Classify(context.Background(), prompts(strings.Repeat("x ", 10))); err != nil || len(found) != 10 {
		t.Errorf("got %d, %v", len(found), err)
	}
	for _, samples := range [][]classifiers.Sample{
		prompts(strings.Repeat("x ", 11)),
		prompts(strings.Repeat("x ", 6), strings.Repeat("x ", 5)),
		prompts(strings.Repeat("x ", 200_000)),
	} {
		if found, err := s.Classify(context.Background(), samples); !errors.Is(err, classifiers.ErrTooMany) || found != nil {
			t.Errorf("got %d, %v", len(found), err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	broken := func(change func(*classifiers.Description)) []classifiers.Classifier {
		f := family("w", "x")
		change(&f.about)
		return []classifiers.Classifier{f}
	}
	for name, families := range map[string][]classifiers.Classifier{
		"none":         nil,
		"twice":        {family("a", "x"), family("a", "y")},
		"no name":      broken(func(d *classifiers.Description) { d.Family = "" }),
		"no entities":  broken(func(d *classifiers.Description) { d.Entities = nil }),
		"no passage":   broken(func(d *classifiers.Description) { d.Wide = []string{"Y"} }),
		"empty entity": broken(func(d *classifiers.Description) { d.Entities = []string{""} }),
		"no version":   broken(func(d *classifiers.Description) { d.Version = "" }),
		"empty anchor": broken(func(d *classifiers.Description) { d.Anchors = []string{""} }),
	} {
		if s, err := classifiers.New(classifiers.Options{}, families...); err == nil || s != nil {
			t.Errorf("%s: got %v, %v", name, s, err)
		}
	}
}

func TestSnapshot(t *testing.T) {
	base := set(t, classifiers.Options{}, family("a", "x"), family("b", "y"))
	if again := set(t, classifiers.Options{Key: [32]byte{9}, CacheBytes: 5000}, family("a", "x"), family("b", "y")); again.Snapshot() != base.Snapshot() {
		t.Error("the same rules have two snapshots")
	}
	newer := family("b", "y")
	newer.about.Version = "2"
	for name, s := range map[string]*classifiers.Set{
		"anchor":  set(t, classifiers.Options{}, family("a", "x"), family("b", "z")),
		"version": set(t, classifiers.Options{}, family("a", "x"), newer),
		"fewer":   set(t, classifiers.Options{}, family("a", "x")),
	} {
		if s.Snapshot() == base.Snapshot() {
			t.Errorf("%s: the snapshot is the same", name)
		}
	}
	want := []classifiers.Entity{{Family: "a", Name: "A"}, {Family: "b", Name: "B"}}
	if got := base.Entities(); !slices.Equal(got, want) {
		t.Errorf("entities %v", got)
	}
}

func TestType(t *testing.T) {
	for _, c := range []struct {
		f    classifiers.Finding
		want string
	}{
		{classifiers.Finding{Family: classifiers.Secret, Entity: "JWT"}, "secret.JWT"},
		{classifiers.Finding{Family: classifiers.PCI, Entity: "CREDIT_CARD"}, "CREDIT_CARD"},
	} {
		if got := c.f.Type(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestNormal(t *testing.T) {
	for _, c := range [][4]string{
		{"pci", "CREDIT_CARD", "4111-1111 1111.1111", "4111111111111111"},
		{"pii", "US_SSN", "536 22 1047", "536221047"},
		{"pii", "PHONE_NUMBER", " +1 (415) 555-0132", "+14155550132"},
		{"pii", "PHONE_NUMBER", "(415) 555-0132", "4155550132"},
		{"pii", "EMAIL_ADDRESS", "Nadia@Brightfield.Example ", "nadia@brightfield.example"},
		{"pii", "EMAIL_ADDRESS", "nadia%40brightfield.example", "nadia@brightfield.example"},
		{"pci", "IBAN_CODE", "de89 3704-0044 0532 0130 00", "DE89370400440532013000"},
		{"pii", "IP_ADDRESS", "2001:0DB8:0:0::1", "2001:db8::1"},
		{"pii", "IP_ADDRESS", "::ffff:203.0.113.7", "203.0.113.7"},
		{"pii", "IP_ADDRESS", "not one", "not one"},
		{"pii", "PERSON", "Zoë  van-Dijk", "ZOËVANDIJK"},
		{"pii", "UK_NINO", "ab 12 34 56 c", "AB123456C"},
		{"secret", "JWT", " Aa ", "Aa"},
		{"code", "SOURCE_CODE", " a = b ", "a = b"},
		{"phi", "CLINICAL_NOTE", " BP 120/80. ", "BP 120/80."},
		{"phi", "UK_NHS", "943 476 5919", "9434765919"},
	} {
		f := classifiers.Finding{Family: c[0], Entity: c[1]}
		if got := f.Normal(c[2]); got != c[3] {
			t.Errorf("%s %q: got %q, want %q", c[1], c[2], got, c[3])
		}
	}
}

// TestWithFamilies shows that only the named families are asked, and that what they
// find alone is not remembered.
func TestWithFamilies(t *testing.T) {
	s := set(t, classifiers.Options{CacheBytes: 1 << 20}, family("a", "needle"), family("b", "thread"))
	samples := prompts("needle and thread " + strings.Repeat("hay ", 100))
	for _, c := range []struct {
		ctx  context.Context
		want string
	}{
		{classifiers.WithFamilies(context.Background(), "b"), "0:B:thread#0"},
		{context.Background(), "0:A:needle#0 0:B:thread#0"},
		{classifiers.WithFamilies(context.Background(), "a"), "0:A:needle#0"},
	} {
		found, err := s.Classify(c.ctx, samples)
		if got := show(samples, found); err != nil || got != c.want {
			t.Errorf("got %s, %v, want %s", got, err, c.want)
		}
	}
}

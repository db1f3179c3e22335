package secrets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
	"github.com/sluice-proxy/sluice/classifiers/secrets/layout"
)

// draw makes a value of a format, every run as long as it may at least be.
func draw(r *rand.Rand, f layout.Format) string {
	var b strings.Builder
	for _, p := range f {
		if p.Text != "" {
			b.WriteString(p.Text)
			continue
		}
		var bytes []byte
		for c := range 128 {
			if p.Class.Has(byte(c)) && (c != '=' && c != '-' && c != '.' && c != '%' && c != '+' && c != '/' && c != '_') {
				bytes = append(bytes, byte(c))
			}
		}
		for range p.Min {
			b.WriteByte(bytes[r.IntN(len(bytes))])
		}
	}
	return b.String()
}

// acted is the least confidence that is acted on unless the configuration says
// otherwise: TestPlaceholders looks at what is below it.
const acted = 0.5

func findAll(t *testing.T, s *classifiers.Set, text string) []classifiers.Finding {
	t.Helper()
	found, err := s.Classify(context.Background(), []classifiers.Sample{{Text: text}})
	if err != nil {
		t.Fatal(err)
	}
	return classifiers.AtLeast(found, acted)
}

func covered(found []classifiers.Finding, start, end int) bool {
	return slices.ContainsFunc(found, func(f classifiers.Finding) bool { return f.Start <= start && f.End >= end })
}

func wholeSet(t *testing.T) (*Classifier, *classifiers.Set) {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := classifiers.New(classifiers.Options{}, c)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// Every format finds what is made after it, in any surroundings, and not what
// is too short, too monotonous or an example.
func TestFormats(t *testing.T) {
	c, s := wholeSet(t)
	if len(c.tokens) < 250 {
		t.Errorf("%d formats", len(c.tokens))
	}
	for i := range c.tokens {
		n := &c.tokens[i]
		r := rand.New(rand.NewPCG(uint64(i), 7))
		value := draw(r, n.format)
		for !n.random(value) {
			value = draw(r, n.format)
		}
		for _, carrier := range []string{"%s", "see \"%s\".", "export A=%s\n", "x: '%s',", "名%s。"} {
			text := fmt.Sprintf(carrier, value)
			if at := strings.Index(text, value); !covered(findAll(t, s, text), at, at+len(value)) {
				t.Errorf("%s: missed %q", n.rule.id, text)
			}
		}
		place := strings.Index(value, n.format[n.anchor].Text)
		if start, end, fit := n.format.At(value, n.anchor, place); fit != layout.Whole || start != 0 || end != len(value) {
			t.Errorf("%s: %q: %d to %d, %v", n.rule.id, value, start, end, fit)
		}
		if start, end, fit := n.format.At(value[:len(value)-1], n.anchor, place); fit != layout.None {
			t.Errorf("%s: %q without its last byte: %d to %d", n.rule.id, value, start, end)
		}
		dull := strings.Map(func(c rune) rune {
			switch {
			case c >= '0' && c <= '9':
				return '1'
			case c >= 'A' && c <= 'Z':
				return 'A'
			}
			return c
		}, n.format[0].Text) + strings.Repeat("x", 4)
		if n.random(dull) && n.anchor == 0 {
			t.Errorf("%s: %q is believed", n.rule.id, dull)
		}
	}
}

// A token of which the literal says enough is found when somebody puts a letter in front
// of it or behind it, and so is one that has become longer; words in its form are not.
func TestGluedTokens(t *testing.T) {
	c, s := wholeSet(t)
	marked := 0
	for i := range c.tokens {
		n := &c.tokens[i]
		literal := n.format[0].Text
		if n.ordinary || n.anchor != 0 || len(literal) < layout.MinGlued || strings.Trim(literal, ascii.Alnums) == "" {
			continue
		}
		marked++
		r := rand.New(rand.NewPCG(uint64(i), 11))
		value := draw(r, n.format)
		for !n.random(value) {
			value = draw(r, n.format)
		}
		carriers := []string{"take x%s now", "take 0%s", "名Q%s。", "password%s", "here%s", "pk_%s"}
		if last := n.format[len(n.format)-1]; last.Class != nil && ascii.Alnum.Has(value[len(value)-1]) {
			carriers = append(carriers, "take %sx now", "%s0")
			if len(literal) >= 2*layout.MinGlued {
				carriers = append(carriers, "take x%sx now")
			}
		}
		for _, carrier := range carriers {
			text := fmt.Sprintf(carrier, value)
			at := strings.Index(text, value)
			if !slices.ContainsFunc(findAll(t, s, text), func(f classifiers.Finding) bool { // another format may begin or end inside: live_ in cal_live_
				return min(f.End, at+len(value))-max(f.Start, at) >= len(value)/2
			}) {
				t.Errorf("%s: missed in %q", n.rule.id, text)
			}
		}
	}
	if marked < 150 {
		t.Errorf("%d formats with a literal that says enough", marked)
	}
	for _, text := range []string{
		"atask_live_migration_of_the_old_database", "the_hvs.description_of_the_service_level_agreements",
		"key_cc99a10483df4ef70a55ca2ea8e7b033", "session_kR8s2LmQ9xVbT4nZ7yWc", "region_aB3dE5gH7jK9mN1pQ3sT5vX7", "info_kR8s2LmQ9xVbT4nZ7yWc3fGh5JkL7mNp9QrS", "paragraphs_1f3e5d7c9b", "hotkey_live_3Kd9sLq0PzX7vBn2Mw8RtY",
		"axoxb-this-is-not-a-token-but-a-sentence", "xghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	} {
		for _, f := range findAll(t, s, text) {
			t.Errorf("%q: found %q by %s", text, text[f.Start:f.End], f.Rule)
		}
	}
}

func TestTablesAreChecked(t *testing.T) {
	for _, text := range []string{"a b", "a tok[q1] c", "a [h4] c", "a (b c"} {
		if _, err := loadTokens(text + "\n"); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	for _, text := range []string{"Name", "ab", "name=[q1]"} {
		if _, err := loadVendors(text + "\n"); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

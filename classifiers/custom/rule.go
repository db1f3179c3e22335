package custom

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// A Rule is an expression that is tried around the places of anchors, and only there.
type Rule struct {
	Name       string   `yaml:"name"`
	Entity     string   `yaml:"entity"`
	Pattern    string   `yaml:"pattern"`    // RE2; what is found is its first group, or all of it
	Anchors    []string `yaml:"anchors"`    // strings near every match, in any ASCII case
	Reach      int      `yaml:"reach"`      // bytes on either side of an anchor; 0: 64
	Check      string   `yaml:"check"`      // luhn, mod97 or mod11-2, over what is found; "": none
	Near       Near     `yaml:"near"`       // also wanted
	Confidence float64  `yaml:"confidence"` // 0: 0.8
	Positives  []string `yaml:"positives"`  // texts in which it finds something
	Negatives  []string `yaml:"negatives"`  // and nothing

	pattern *regexp.Regexp
	near    *classifiers.Words
}

const (
	maxReach  = 512
	minAnchor = 2
)

func (c *checker) rule(r *Rule, path []any) {
	c.named(path, r.Name, r.Entity)
	in := func(key string) []any { return append(slices.Clip(path), key) }
	before := len(c.errs)
	var err error
	switch r.pattern, err = regexp.Compile(r.Pattern); {
	case r.Pattern == "":
		c.fail(path, "wants a pattern")
	case err != nil:
		c.fail(in("pattern"), "%w", err)
	case r.pattern.MatchString(""):
		c.fail(in("pattern"), "matches the empty text")
	}
	if len(r.Anchors) == 0 {
		c.fail(path, "wants anchors: strings of which one stands near every match, so that the pattern is not tried everywhere")
	}
	for i, a := range r.Anchors {
		if len(a) < minAnchor {
			c.fail(append(in("anchors"), i), "%q is shorter than %d bytes and stands everywhere", a, minAnchor)
		}
	}
	if r.Reach < 0 || r.Reach > maxReach {
		c.fail(in("reach"), "%d is not between 1 and %d bytes", r.Reach, maxReach)
	}
	if _, ok := checks[r.Check]; !ok {
		c.fail(in("check"), "%q is none of luhn, mod97, mod11-2", r.Check)
	}
	c.near(in("near"), &r.Near, &r.near)
	c.confidence(in("confidence"), &r.Confidence)
	if len(r.Positives) == 0 || len(r.Negatives) == 0 {
		c.fail(path, "wants positives and negatives: texts in which it finds something, and nothing")
	}
	if len(c.errs) == before {
		c.examples(r, in)
	}
}

// examples runs those of one rule.
func (c *checker) examples(r *Rule, in func(string) []any) {
	set, err := classifiers.New(classifiers.Options{}, NewRules([]Rule{*r}))
	if err != nil {
		c.fail(in("anchors"), "%w", err)
		return
	}
	finds := func(key string, i int, text string) bool {
		found, err := set.Classify(context.Background(), []classifiers.Sample{{Text: text}})
		if err != nil {
			c.fail(append(in(key), i), "%w", err)
		}
		return len(found) > 0
	}
	for i, text := range r.Positives {
		if !finds("positives", i, text) {
			c.fail(append(in("positives"), i), "the rule does not find anything here")
		}
	}
	for i, text := range r.Negatives {
		if finds("negatives", i, text) {
			c.fail(append(in("negatives"), i), "the rule finds something here")
		}
	}
}

// near checks and compiles the words that must stand near.
func (c *checker) near(path []any, n *Near, compiled **classifiers.Words) {
	c.within(append(slices.Clip(path), "within"), n.Within)
	if n.Within == 0 {
		n.Within = 100
	}
	if len(n.Words) > 0 {
		*compiled = classifiers.NewWords(n.Words...)
	}
}

// Rules is the custom family.
type Rules struct {
	about classifiers.Description
	rules []Rule
	of    []int // the rule of an anchor
}

// NewRules returns the family of rules that were read from a File.
func NewRules(rules []Rule) *Rules {
	c := &Rules{rules: rules, about: classifiers.Description{Family: classifiers.Custom, Version: classifiers.Fingerprint("1", rules)}}
	for i, r := range rules {
		if !slices.Contains(c.about.Entities, r.Entity) {
			c.about.Entities = append(c.about.Entities, r.Entity)
		}
		for _, a := range r.Anchors {
			c.about.Anchors = append(c.about.Anchors, a)
			c.of = append(c.of, i)
		}
	}
	return c
}

// Describe implements classifiers.Classifier.
func (c *Rules) Describe() classifiers.Description { return c.about }

// Classify implements classifiers.Classifier.
func (c *Rules) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	if len(v.Hits) == 0 {
		return found, nil
	}
	windows := make([]classifiers.Run, len(c.rules)) // those that still grow
	for _, h := range v.Hits {
		i := c.of[h.Anchor]
		r, w := &c.rules[i], &windows[i]
		reach := cmp.Or(r.Reach, 64)
		lo, hi := v.Window(h.Start, h.End, reach, reach)
		if lo > w.End { // windows that meet are one: no byte is read twice, however many anchors there are
			found = r.try(v, *w, found)
			w.Start = lo
		}
		w.Start, w.End = min(w.Start, lo), max(w.End, hi)
	}
	for i := range c.rules {
		found = c.rules[i].try(v, windows[i], found)
	}
	return found, nil
}

// try looks for the pattern in a window around anchors. A match that its edge may have
// cut is none.
func (r *Rule) try(v *classifiers.View, w classifiers.Run, found []classifiers.Finding) []classifiers.Finding {
	lo, hi := w.Start, w.End
	if lo == hi {
		return found
	}
	for _, m := range r.pattern.FindAllStringSubmatchIndex(v.Text[lo:hi], -1) {
		if m[0] == 0 && lo > 0 || m[1] == hi-lo && hi < len(v.Text) {
			continue
		}
		start, end := lo+m[0], lo+m[1]
		if len(m) > 2 && m[2] >= 0 {
			start, end = lo+m[2], lo+m[3]
		}
		switch {
		case start == end:
		case !checks[r.Check](v.Text[start:end]):
			v.Drop(r.Name, start, end, "the check digits are wrong")
		case r.near != nil && !r.near.Near(v.Text, start, end, r.Near.Within, r.Near.Within):
			v.Drop(r.Name, start, end, "none of the words is near")
		default:
			v.Keep(r.Name, start, end, "matches the pattern")
			found = append(found, classifiers.Finding{Entity: r.Entity, Rule: r.Name, Confidence: r.Confidence, Start: start, End: end})
		}
	}
	return found
}

// checks are what a rule can ask of the digits that it finds.
var checks = map[string]func(string) bool{"": func(string) bool { return true }, "luhn": luhn, "mod97": mod97, "mod11-2": mod11}

// luhn is ISO/IEC 7812-1 annex B, over the digits of s.
func luhn(s string) bool {
	sum, n := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		d := int(s[i]) - '0'
		if d < 0 || d > 9 {
			continue
		}
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		n++
	}
	return n > 1 && sum%10 == 0
}

// mod97 is ISO/IEC 7064 MOD 97-10 over the letters and digits of s, the check digits
// at the end.
func mod97(s string) bool {
	rest, n := 0, 0
	for _, r := range strings.ToUpper(s) {
		switch {
		case r >= '0' && r <= '9':
			rest = (rest*10 + int(r-'0')) % 97
		case r >= 'A' && r <= 'Z':
			rest = (rest*100 + int(r-'A') + 10) % 97
		default:
			continue
		}
		n++
	}
	return n > 2 && rest == 1
}

// mod11 is ISO/IEC 7064 MOD 11-2 over the digits of s, X being 10 at the end.
func mod11(s string) bool {
	sum, n, ended := 0, 0, false
	for _, r := range strings.ToUpper(s) {
		d := int(r - '0')
		if r == 'X' {
			d = 10
		} else if d < 0 || d > 9 {
			continue
		}
		if ended {
			return false
		}
		sum, ended = (sum*2+d)%11, r == 'X'
		n++
	}
	return n > 1 && sum == 1
}

// Families returns what the file's own lists make: none, one or both families.
func (f *File) Families() (families []classifiers.Classifier) {
	if len(f.Keywords) > 0 {
		families = append(families, NewKeywords(f.Keywords))
	}
	if len(f.Rules) > 0 {
		families = append(families, NewRules(f.Rules))
	}
	return families
}

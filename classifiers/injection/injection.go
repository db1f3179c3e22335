package injection

import (
	"context"
	_ "embed" // the weights
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// revision is raised when the code of this package changes what is found.
const revision = "4"

// entity is the only one.
const entity = "INJECTION"

//go:embed weights.bin
var weights []byte

// Classifier is the family of prompt injection. It never changes and is safe for
// concurrent use.
type Classifier struct {
	model *Model
	sum   string
	words sync.Pool // of *[]classifiers.Word
}

// New returns the family with the weights that ship. It fails when they are broken.
func New() (*Classifier, error) {
	m := new(Model)
	if err := m.UnmarshalBinary(weights); err != nil {
		return nil, err
	}
	return &Classifier{model: m, sum: classifiers.Fingerprint(revision, weights)}, nil
}

// With returns the family with a model of one's own, which must not be changed
// afterwards.
func With(m *Model) (*Classifier, error) {
	file, err := m.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return &Classifier{model: m, sum: classifiers.Fingerprint(revision, file)}, nil
}

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description {
	return classifiers.Description{
		Family:   classifiers.Injection,
		Entities: []string{entity},
		Anchors:  hiding,
		Version:  c.sum,
		Words:    true,
		Wide:     []string{entity},
	}
}

// Rules lists the rules by name.
func (c *Classifier) Rules() []string {
	rules := []string{hidden}
	for k := range Kinds {
		rules = append(rules, k.String())
	}
	slices.Sort(rules)
	return rules
}

const (
	// margin is how many bytes around its block are read, so that a passage over the
	// edge of two blocks is one.
	margin = 4 << 10
	// near is how many words may stand between two passages that are one.
	near = 40
)

// Classify implements classifiers.Classifier.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	found = c.concealed(v, found)
	words := v.Words
	if v.Lo > 0 || v.Hi < len(v.Text) {
		room, _ := c.words.Get().(*[]classifiers.Word)
		if room == nil {
			room = new([]classifiers.Word)
		}
		defer c.words.Put(room)
		words = around(v, (*room)[:0])
		*room = words
	}
	t := tally{c: c, v: v, words: words, found: found, from: len(found)}
	c.model.Passages(v.Text, words, t.add)
	t.flush()
	t.odd = true
	c.respelled(v.Text, words, t.add)
	t.flush()
	if v.Explaining() {
		c.below(v, words)
	}
	return t.found, nil
}

// below notes the passages of the block that have at least half of what is reported.
func (c *Classifier) below(v *classifiers.View, words []classifiers.Word) {
	half := *c.model
	half.Threshold /= 2
	half.Passages(v.Text, words, func(p Passage) {
		if start := words[p.First].Start; p.Score < c.model.Threshold && start >= v.Lo && start < v.Hi {
			v.Drop(p.Kind().String(), start, words[p.Last].End, p.why(c.model, false))
		}
	})
}

// A tally makes findings of passages.
type tally struct {
	c     *Classifier
	v     *classifiers.View
	words []classifiers.Word
	found []classifiers.Finding
	from  int     // what was found before
	last  Passage // the last one, with those that were joined to it
	peak  int     // where its first part is highest: that block reports it
	odd   bool    // the words are read in another way
}

// add takes a passage that lies behind the last one.
func (t *tally) add(p Passage) {
	if t.last.Score > 0 && p.First-t.last.Last <= near {
		t.last.Last, t.last.Score = max(t.last.Last, p.Last), max(t.last.Score, p.Score) // as sure as the surer one
		for k := range t.last.Kinds {
			t.last.Kinds[k] += p.Kinds[k]
		}
		return
	}
	t.flush()
	t.last, t.peak = p, t.words[p.Last].Start
}

// flush reports the last passage if it is this block's.
func (t *tally) flush() {
	p := t.last
	t.last = Passage{}
	if p.Score == 0 || t.peak < t.v.Lo || t.peak >= t.v.Hi {
		return
	}
	f := classifiers.Finding{
		Entity: entity, Rule: p.Kind().String(), Confidence: t.c.model.Confidence(p.Score),
		Start: t.words[p.First].Start, End: t.words[p.Last].End,
	}
	if t.odd && slices.ContainsFunc(t.found[t.from:], func(g classifiers.Finding) bool { return g.Start < f.End && f.Start < g.End }) {
		return
	}
	if t.v.Explaining() {
		t.v.Keep(f.Rule, f.Start, f.End, p.why(t.c.model, t.odd))
	}
	t.found = append(t.found, f)
}

// why says what spoke for a passage.
func (p Passage) why(m *Model, odd bool) string {
	why := fmt.Sprintf("%d words score %.1f times the threshold", p.Last-p.First+1, float64(p.Score)/float64(m.Threshold))
	for k := range Kinds {
		if p.Kinds[k] > 0 {
			why += fmt.Sprintf(", %s %d", k, p.Kinds[k])
		}
	}
	if odd {
		why += "; spelled with digits for letters or with spaces between them"
	}
	return why
}

// around appends the words of the block and those next to it to out.
func around(v *classifiers.View, out []classifiers.Word) []classifiers.Word {
	lo := max(0, v.Lo-margin)
	for lo > 0 && lo < v.Lo && (v.Text[lo] > ' ' || !utf8.RuneStart(v.Text[lo])) {
		lo++
	}
	out = classifiers.AppendWords(out, v.Text, lo, v.Lo)
	for len(out) > 0 && len(v.Words) > 0 && out[len(out)-1].End > v.Words[0].Start { // a word that reaches into the block
		out = out[:len(out)-1]
	}
	out = append(out, v.Words...)
	from := v.Hi
	if n := len(out); n > 0 {
		from = max(from, out[n-1].End)
	}
	return classifiers.AppendWords(out, v.Text, from, min(len(v.Text), from+margin))
}

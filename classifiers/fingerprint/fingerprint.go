package fingerprint

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
)

const (
	defaultWords = 30
	// LeastWords is the shortest passage that can be asked for: two kept runs.
	LeastWords = gram + window - 1 + window + 1
	sure       = 150 // words of a copy that is as sure as it gets
)

// A List is a file of fingerprints and what is reported of it.
type List struct {
	Name   string // the rule that findings bear
	Entity string
	Data   *Data
	Words  int // of the shortest copy that is always found; 0: 30
}

// Data is a file that was read. It never changes.
type Data struct {
	About
	key   *keyed.Key
	table *keyed.Table
	tag   string
}

// Open reads a file that Index wrote.
func Open(name string, key *keyed.Key) (*Data, error) {
	d := &Data{key: key}
	f, err := key.Open(name, keyed.Documents, version, &d.About)
	if err != nil {
		return nil, err
	}
	d.tag = hex.EncodeToString(f.Tag[:])
	if len(f.Sections) != 1 {
		err = errors.New("is damaged: it has not one table")
	} else {
		d.table, err = keyed.ReadTable(f.Sections[0])
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// Classifier is the fingerprint family.
type Classifier struct {
	about classifiers.Description
	lists []List
}

// New returns the family. It fails when a list asks for passages of fewer than
// LeastWords.
func New(lists []List) (*Classifier, error) {
	c := &Classifier{about: classifiers.Description{Family: classifiers.Document, Words: true}}
	var version []any
	for _, l := range lists {
		if l.Words == 0 {
			l.Words = defaultWords
		}
		if l.Words < LeastWords {
			return nil, fmt.Errorf("%s: words is %d, and at least %d", l.Name, l.Words, LeastWords)
		}
		c.lists = append(c.lists, l)
		if !slices.Contains(c.about.Entities, l.Entity) {
			c.about.Entities = append(c.about.Entities, l.Entity)
		}
		version = append(version, l.Name, l.Entity, l.Words, l.Data.tag)
	}
	c.about.Wide = c.about.Entities
	c.about.Version = classifiers.Fingerprint("1", version...)
	return c, nil
}

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description { return c.about }

// A passage is a row of runs of one document so far: the numbers of its first and last
// word, and how many runs were kept.
type passage struct {
	document    uint32
	first, last int
	runs        int
}

// Classify implements classifiers.Classifier. The words in front of the block are read
// again, so that a passage over its edge is found whole or in parts that meet.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	if len(v.Words) < LeastWords {
		return found, nil
	}
	var open map[int][]passage // by list; a clean text has none
	var w winnower
	for i := range v.Words {
		end, run, ok := w.add(v.Words[i].Hash)
		if !ok {
			continue
		}
		for n := range c.lists {
			l := &c.lists[n]
			documents := l.Data.table.Find(l.Data.key.Sum64(run))
			if documents.Len() > 0 && open == nil {
				open = map[int][]passage{}
			}
			for m := range documents.Len() {
				open[n], found = l.extend(v, open[n], passage{documents.At(m), end - gram, end - 1, 1}, found)
			}
		}
	}
	for n := range c.lists {
		for _, p := range open[n] {
			found = c.lists[n].close(v, p, found)
		}
	}
	return found, nil
}

// extend adds a run to the passage of its document, or begins one with it, and closes
// those that lie behind.
func (l *List) extend(v *classifiers.View, open []passage, next passage, found []classifiers.Finding) ([]passage, []classifiers.Finding) {
	kept := open[:0]
	joined := false
	for _, p := range open {
		switch {
		case next.last-p.last > within:
			found = l.close(v, p, found)
			continue
		case p.document == next.document:
			p.last, joined = next.last, true
			p.runs++
		}
		kept = append(kept, p)
	}
	if !joined {
		kept = append(kept, next)
	}
	return kept, found
}

// close reports a passage that is long enough. A copy begins and ends up to a window
// of words beside the runs that are kept of it.
func (l *List) close(v *classifiers.View, p passage, found []classifiers.Finding) []classifiers.Finding {
	start, end := v.Words[p.first].Start, v.Words[p.last].End
	words := p.last - p.first + 1
	if need := (l.Words - (gram + window - 1) + window) / window; p.runs < need || words < l.Words-2*(window-1) {
		if p.runs > 1 {
			v.Drop(l.Name, start, end, "too few words of the document")
		}
		return found
	}
	v.Keep(l.Name, start, end, "copied from a document of the index")
	confidence := 0.9 + 0.09*float64(min(words, sure))/sure
	return append(found, classifiers.Finding{Entity: l.Entity, Rule: l.Name, Confidence: confidence, Start: start, End: end})
}

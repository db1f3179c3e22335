package classifiers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers/layer"
)

// ErrTooMany is the error of a call that would have returned more findings than
// Options.MaxFindings.
var ErrTooMany = errors.New("too many findings")

// Options are what a Set needs besides its families.
type Options struct {
	Key         [32]byte // secret of the cache's hash and of Finding.Hidden; its own, not used elsewhere
	CacheBytes  int64    // memory for cached findings, and a quarter of it besides for those of Remote; 0: no cache
	MaxFindings int      // findings in one call, more is ErrTooMany; 0: 100,000

	Remote        Remote // is shown texts too; nil: none
	RemoteMayFail bool   // then the findings of the families stand alone and the function of WithMissed is called; else the call fails
}

const (
	// engine is raised when the engine itself changes what is found.
	engine             = "7"
	defaultMaxFindings = 100_000
	// block is how much of a text is read between two looks at the context.
	block = 64 << 10
	// lookback is how far in front of a block its words begin.
	lookback = 4 << 10
	// maxScratch is how many findings a scan leaves room for to the next one.
	maxScratch = 1024
)

// A Set is a list of families that classify together. It never changes and is
// safe for concurrent use.
type Set struct {
	families []Classifier
	about    []Description
	entities []map[string]bool
	machine  *automaton
	snapshot string
	max      int
	key      [32]byte
	cache    *cache  // nil: none
	words    bool    // a family reads them
	remote   *remote // nil: none
	scratch  sync.Pool
}

// New returns the Set of the given families. It fails when two bear one name,
// when a description is not complete, and with no families at all.
func New(opts Options, families ...Classifier) (*Set, error) {
	s := &Set{families: families, max: opts.MaxFindings, key: opts.Key}
	if s.max <= 0 {
		s.max = defaultMaxFindings
	}
	if len(families) == 0 {
		return nil, errors.New("classifiers: new set: no families")
	}
	h := sha256.New()
	fmt.Fprintf(h, "sluice classifiers %s\n", engine)
	anchors := make([][]string, len(families)+1)
	anchors[len(families)] = layer.Cues
	for i, f := range families {
		d := f.Describe()
		if err := d.check(s.about); err != nil {
			return nil, fmt.Errorf("classifiers: new set: family %q: %w", d.Family, err)
		}
		s.about = append(s.about, d)
		anchors[i] = d.Anchors
		s.words = s.words || d.Words
		known := make(map[string]bool)
		for _, e := range d.Entities {
			known[e] = true
		}
		s.entities = append(s.entities, known)
		fmt.Fprintf(h, "%s\n", Fingerprint("", d))
	}
	var err error
	if opts.Remote != nil {
		if s.remote, err = s.newRemote(opts); err != nil {
			return nil, fmt.Errorf("classifiers: new set: remote %q: %w", opts.Remote.Describe().Family, err)
		}
		fmt.Fprintf(h, "remote %s\n", Fingerprint("", s.remote.about))
	}
	s.snapshot = hex.EncodeToString(h.Sum(nil)[:16])
	if s.machine, err = newAutomaton(anchors); err != nil {
		return nil, fmt.Errorf("classifiers: new set: %w", err)
	}
	if opts.CacheBytes > 0 {
		if s.cache, err = newCache(opts.Key, s.snapshot, opts.CacheBytes); err != nil {
			return nil, fmt.Errorf("classifiers: new set: %w", err)
		}
	}
	if s.remote != nil && opts.CacheBytes > 0 {
		if s.remote.cache, err = newCache(opts.Key, "remote "+s.snapshot, opts.CacheBytes/4); err != nil {
			return nil, fmt.Errorf("classifiers: new set: %w", err)
		}
	}
	s.scratch.New = func() any { return &scratch{hits: make([][]Hit, len(anchors))} }
	return s, nil
}

// Snapshot names the rules of all families: the same text under the same
// snapshot has the same findings.
func (s *Set) Snapshot() string { return s.snapshot }

// Entities lists what the Set can find, sorted by family and name.
func (s *Set) Entities() []Entity {
	var all []Entity
	if s.remote != nil {
		for name, family := range s.remote.family {
			all = append(all, Entity{family, name})
		}
	}
	for _, d := range s.about {
		for _, e := range d.Entities {
			all = append(all, Entity{d.Family, e})
		}
	}
	slices.SortFunc(all, func(a, b Entity) int {
		return compareFindings(Finding{Family: a.Family, Entity: a.Name}, Finding{Family: b.Family, Entity: b.Name})
	})
	return slices.Compact(all)
}

// CacheStats tells how the findings cache is doing since the Set was made.
func (s *Set) CacheStats() CacheStats { return s.cache.stats() }

// Classify runs all families over all samples and returns the findings in the
// order of their places. One error fails the call and no findings are returned:
// an unfinished scan cannot look like a clean one. Errors never quote the text;
// [ErrTooMany], [layer.ErrNested] and [layer.ErrExpands] can be told.
// A Remote is asked at the same time, and waited for.
func (s *Set) Classify(ctx context.Context, samples []Sample) ([]Finding, error) {
	if s.remote != nil {
		return s.together(ctx, samples)
	}
	return s.classify(ctx, samples)
}

// classify is Classify without a Remote.
func (s *Set) classify(ctx context.Context, samples []Sample) ([]Finding, error) {
	var all []Finding
	for i := range samples {
		found, err := s.one(ctx, samples[i])
		if err != nil {
			return nil, fmt.Errorf("classifiers: sample %d: %w", i, err)
		}
		if len(all)+len(found) > s.max {
			return nil, fmt.Errorf("classifiers: sample %d: %w", i, ErrTooMany)
		}
		all = slices.Grow(all, len(found))
		for _, f := range found {
			f.Sample = i
			all = append(all, f)
		}
	}
	all, err := s.split(ctx, samples, all)
	if err != nil {
		return nil, fmt.Errorf("classifiers: neighbouring samples: %w", err)
	}
	return all, nil
}

type familiesKey struct{}

// WithFamilies returns a context with which Classify asks the named families only, of
// text that the caller put together: nothing more is put together in it. Nothing is
// remembered of such a call.
func WithFamilies(ctx context.Context, names ...string) context.Context {
	return context.WithValue(ctx, familiesKey{}, names)
}

func familiesOf(ctx context.Context) []string {
	names, _ := ctx.Value(familiesKey{}).([]string)
	return names
}

// one classifies a text by itself, through the cache. The result is shared and
// must not be written to.
func (s *Set) one(ctx context.Context, sample Sample) ([]Finding, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.cache == nil || len(sample.Text) < cacheFrom || familiesOf(ctx) != nil {
		return s.scan(ctx, sample)
	}
	key := s.cache.key(sample)
	if found, ok := s.cache.get(key); ok {
		return found, nil
	}
	found, err := s.scan(ctx, sample)
	if err != nil {
		return nil, err
	}
	s.cache.add(key, found)
	return found, nil
}

// scratch is what a scan needs and the next one can use again.
type scratch struct {
	hits  [][]Hit
	runs  []Run
	words []Word
	found []Finding
	view  View // of the family that is asked

	layers layer.Stack
}

// scan reads a text and what is disguised in it.
func (s *Set) scan(ctx context.Context, sample Sample) ([]Finding, error) {
	w := s.scratch.Get().(*scratch)
	defer func() {
		w.view = View{} // the text is not kept
		s.scratch.Put(w)
	}()
	found, err := s.unveil(ctx, sample, w)
	if err != nil {
		return nil, err
	}
	if len(found) > s.max {
		return nil, ErrTooMany
	}
	return found, nil
}

// match reads a text block by block. The findings are w's: they hold until it is
// used again.
func (s *Set) match(ctx context.Context, sample Sample, w *scratch) ([]Finding, error) {
	found := w.found[:0]
	w.words = w.words[:0]
	text := sample.Text
	state, digit, word := uint32(0), 0, 0
	trace, _ := ctx.Value(traceKey{}).(*trace)
	only := familiesOf(ctx)
	asked := func(i int) bool { return only == nil || slices.Contains(only, s.about[i].Family) }
	needs := s.words && (only == nil || slices.ContainsFunc(s.about, func(d Description) bool { return d.Words && slices.Contains(only, d.Family) }))
	for lo := 0; lo < len(text); lo += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+block, len(text))
		for i := range w.hits {
			w.hits[i] = w.hits[i][:0]
		}
		state = s.machine.scan(text, lo, hi, state, w.hits)
		for _, h := range w.hits[len(s.families)] {
			w.layers.Cue(h.Anchor, h.Start)
		}
		w.runs, digit = digitRuns(text, max(lo, digit), hi, w.runs[:0])
		if needs {
			w.words, word = words(text, max(lo, word), hi, since(w.words, lo-lookback))
		}
		for i := range s.families {
			if !asked(i) {
				continue
			}
			if trace != nil {
				trace.family = s.about[i].Family
			}
			w.view = View{Text: text, Role: sample.Role, Lo: lo, Hi: hi, Hits: w.hits[i], Digits: w.runs, Words: w.words, trace: trace}
			from, seen := len(found), trace.count()
			var err error
			if found, err = s.run(ctx, i, &w.view, found); err != nil {
				return nil, err
			}
			if err = s.admit(i, text, found, from); err != nil {
				return nil, err
			}
			if trace != nil {
				trace.report(seen, found[from:])
			}
			if len(found) > s.max {
				if found = s.resolve(found); len(found) > s.max {
					return nil, ErrTooMany
				}
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if cap(found) <= maxScratch {
		w.found = found[:0]
	}
	return s.resolve(found), nil
}

// run calls one family and makes a panic in it an error.
func (s *Set) run(ctx context.Context, i int, v *View, found []Finding) (out []Finding, err error) {
	defer func() {
		if p := recover(); p != nil {
			// The value of a panic may quote the text; a runtime error does not.
			if re, ok := p.(runtime.Error); ok {
				err = fmt.Errorf("family %s: panic: %w", s.about[i].Family, re)
			} else {
				err = fmt.Errorf("family %s: panic with a %T", s.about[i].Family, p)
			}
		}
	}()
	if out, err = s.families[i].Classify(ctx, v, found); err != nil {
		return nil, fmt.Errorf("family %s: %w", s.about[i].Family, err)
	}
	if len(out) < len(found) {
		return nil, fmt.Errorf("family %s: took findings away", s.about[i].Family)
	}
	return out, nil
}

// admit checks what a family reported from found[from] on and signs it with the
// family's name.
func (s *Set) admit(i int, text string, found []Finding, from int) error {
	for n := from; n < len(found); n++ {
		f := &found[n]
		if problem := f.check(text, s.entities[i]); problem != "" {
			return fmt.Errorf("family %s: rule %s: %s", s.about[i].Family, f.Rule, problem)
		}
		f.Family, f.Sample, f.Split, f.Hidden = s.about[i].Family, 0, 0, 0
		f.Grade = cmp.Or(f.Grade, gradeOf(f.Confidence))
	}
	return nil
}

// check says what is wrong with a finding in text of one of the declared entities.
func (f *Finding) check(text string, declared map[string]bool) string {
	switch {
	case f.Start < 0 || f.End <= f.Start || f.End > len(text):
		return "offsets outside the text"
	case inCharacter(text, f.Start) || inCharacter(text, f.End):
		return "offsets inside a character"
	case !declared[f.Entity]:
		return "entity " + f.Entity + " is not declared"
	case !(f.Confidence > 0 && f.Confidence <= 1):
		return "confidence outside (0, 1]"
	case f.Grade > Proven:
		return "no such grade"
	}
	return ""
}

// inCharacter tells whether offset i cuts a well-formed UTF-8 character. Bytes
// that are not UTF-8 can be cut anywhere.
func inCharacter(text string, i int) bool {
	if i <= 0 || i >= len(text) || utf8.RuneStart(text[i]) {
		return false
	}
	for j := i - 1; j >= max(0, i-3); j-- {
		if utf8.RuneStart(text[j]) {
			_, size := utf8.DecodeRuneInString(text[j:])
			return size > i-j
		}
	}
	return false
}

// check says what is missing in a description, given those before it.
func (d Description) check(before []Description) error {
	switch {
	case d.Family == "":
		return errors.New("no name")
	case d.Version == "":
		return errors.New("no version")
	case len(d.Entities) == 0:
		return errors.New("no entities")
	case slices.Contains(d.Entities, ""):
		return errors.New("an entity without a name")
	case slices.Contains(d.Anchors, ""):
		return errors.New("an empty anchor")
	case slices.ContainsFunc(d.Wide, func(e string) bool { return !slices.Contains(d.Entities, e) }):
		return errors.New("a passage that is no entity")
	case slices.ContainsFunc(before, func(b Description) bool { return b.Family == d.Family }):
		return errors.New("stands in the list twice")
	}
	return nil
}

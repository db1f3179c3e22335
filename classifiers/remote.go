package classifiers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sort"
)

// A Remote is an engine outside this program that is shown texts as they stand, such
// as a Microsoft Presidio analyzer. It adds to what the families find, and takes
// nothing away.
//
// It is used by many goroutines at a time.
type Remote interface {
	// Describe says what it is: Family is its name, for errors and rules, and
	// Entities all that it may report. Version changes whenever it is asked
	// otherwise. The other fields are not used.
	Describe() Description

	// Wants tells whether texts of a role are to be shown to it.
	Wants(role string) bool

	// Analyze returns the findings of each sample, in the order of the samples, with
	// Entity, Rule, Confidence, Start and End, and Grade if it likes. They may overlap. An error says that
	// not all of them are known, and must not quote a text. It returns soon when ctx
	// ends, and keeps no text.
	Analyze(ctx context.Context, samples []Sample) ([][]Finding, error)
}

// remote is a Remote in a Set.
type remote struct {
	Remote
	about    Description
	declared map[string]bool
	family   map[string]string // of each entity
	mayFail  bool
	cache    *cache // nil: none
}

// newRemote takes the Remote of the options. An entity that a family of the Set finds
// too belongs to that family, so that a rule of policy need not know who found it;
// others are personal data.
func (s *Set) newRemote(opts Options) (*remote, error) {
	r := &remote{
		Remote: opts.Remote, about: opts.Remote.Describe(), mayFail: opts.RemoteMayFail,
		declared: map[string]bool{}, family: map[string]string{},
	}
	if err := r.about.check(nil); err != nil {
		return nil, err
	}
	for _, e := range r.about.Entities {
		r.declared[e], r.family[e] = true, PII
		if i := slices.IndexFunc(s.about, func(d Description) bool { return slices.Contains(d.Entities, e) }); i >= 0 {
			r.family[e] = s.about[i].Family
		}
	}
	return r, nil
}

type missedKey struct{}

// WithMissed returns a context with which Classify tells when its findings are those
// of the families alone, because the Remote of that name could not look at all
// samples. It is called at most once for a call of Classify, before that returns.
func WithMissed(ctx context.Context, missed func(remote string, err error)) context.Context {
	return context.WithValue(ctx, missedKey{}, missed)
}

// together classifies with the families, and has the Remote look at what it has not
// seen yet in the meantime.
func (s *Set) together(ctx context.Context, samples []Sample) ([]Finding, error) {
	r := s.remote
	more, unseen := r.seen(samples)
	asking, stop := context.WithCancel(ctx)
	defer stop()
	asked := make(chan error, 1)
	if len(unseen) == 0 {
		asked <- nil
	} else {
		go func() { asked <- r.ask(asking, samples, unseen, more) }() // waited for below
	}
	all, err := s.classify(ctx, samples)
	if err != nil {
		stop()
	}
	switch missed := <-asked; {
	case err != nil:
		return nil, err
	case missed == nil:
	case ctx.Err() != nil:
		return nil, fmt.Errorf("classifiers: remote %s: %w", r.about.Family, ctx.Err())
	case !r.mayFail:
		return nil, fmt.Errorf("classifiers: remote %s: %w", r.about.Family, missed)
	default:
		if tell, ok := ctx.Value(missedKey{}).(func(string, error)); ok {
			tell(r.about.Family, missed)
		}
	}
	return s.merge(all, more)
}

// seen returns what is known of the samples already, and the indices of those that
// are to be asked for.
func (r *remote) seen(samples []Sample) (found [][]Finding, unseen []int) {
	found = make([][]Finding, len(samples))
	for i, sample := range samples {
		if sample.Local || sample.Text == "" || !r.Wants(sample.Role) {
			continue
		}
		if r.cache != nil {
			var ok bool
			if found[i], ok = r.cache.get(r.cache.key(sample)); ok {
				continue
			}
		}
		unseen = append(unseen, i)
	}
	return found, unseen
}

// ask fills in what the Remote finds in the unseen samples: in all of them, or in
// none. Only what it did answer is cached.
func (r *remote) ask(ctx context.Context, samples []Sample, unseen []int, found [][]Finding) (err error) {
	defer func() {
		if p := recover(); p != nil {
			// The value of a panic may quote the text; a runtime error does not.
			if re, ok := p.(runtime.Error); ok {
				err = fmt.Errorf("panic: %w", re)
			} else {
				err = fmt.Errorf("panic with a %T", p)
			}
		}
	}()
	shown := make([]Sample, len(unseen))
	for n, i := range unseen {
		shown[n] = samples[i]
	}
	answers, err := r.Analyze(ctx, shown)
	if err != nil {
		return err
	}
	if len(answers) != len(shown) {
		return errors.New("not one answer for each sample")
	}
	for n := range answers {
		if err := r.admit(shown[n].Text, answers[n]); err != nil {
			return err
		}
	}
	for n, i := range unseen {
		found[i] = answers[n]
		if r.cache != nil {
			r.cache.add(r.cache.key(shown[n]), answers[n])
		}
	}
	return nil
}

// admit checks findings and signs them.
func (r *remote) admit(text string, found []Finding) error {
	for n := range found {
		f := &found[n]
		if problem := f.check(text, r.declared); problem != "" {
			return errors.New(problem)
		}
		f.Family, f.Sample, f.Split, f.Hidden = r.family[f.Entity], 0, 0, 0
		f.Grade = cmp.Or(f.Grade, gradeOf(f.Confidence))
	}
	return nil
}

// merge adds the Remote's findings of each sample to those of the families, which are
// in order. Of its own that overlap, resolve keeps the preferred ones. One that a
// finding of a family covers stands back when that says the same, or is preferred;
// otherwise both stand, so that nobody outside can hide what a family found.
func (s *Set) merge(all []Finding, more [][]Finding) ([]Finding, error) {
	var added []Finding
	at := 0 // in all
	for i, found := range more {
		for at < len(all) && all[at].Sample < i {
			at++
		}
		if len(found) == 0 {
			continue
		}
		var open []Finding // of the families: they begin before here, and may not have ended
		for _, f := range s.resolve(slices.Clone(found)) {
			f.Sample = i
			for ; at < len(all) && all[at].Sample == i && all[at].Start <= f.Start; at++ {
				open = append(open, all[at])
			}
			open = slices.DeleteFunc(open, func(o Finding) bool { return o.End <= f.Start })
			if !slices.ContainsFunc(open, func(o Finding) bool {
				return o.End >= f.End && !s.wide(o) && (o.Entity == f.Entity || preferred(o, f) < 0)
			}) {
				added = append(added, f)
			}
		}
	}
	if len(added) == 0 {
		return all, nil
	}
	if len(all)+len(added) > s.max {
		return nil, ErrTooMany
	}
	all = append(all, added...)
	sort.SliceStable(all, func(i, j int) bool {
		return cmp.Or(compareFindings(all[i], all[j]), cmp.Compare(all[i].Hidden, all[j].Hidden)) < 0
	})
	return all, nil
}

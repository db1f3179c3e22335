package classifiers

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"

	"github.com/sluice-proxy/sluice/classifiers/layer"
)

type reserveKey struct{}

// WithReserve returns a context with which Classify asks before it takes memory
// for what is disguised in a text. An error of reserve ends the call and is in its
// error. The caller gives all of it back when the call has returned.
func WithReserve(ctx context.Context, reserve func(n int64) error) context.Context {
	return context.WithValue(ctx, reserveKey{}, reserve)
}

// unveiling is the search in one text and in what is disguised in it.
type unveiling struct {
	*Set
	sample Sample
	w      *scratch

	plain, open, blobs []Finding // what was found: as the text stands, in layers of it, and of those in blobs
}

// unveil classifies a text and what is disguised in it, layer by layer. Findings that
// come out of one blob have the same place, and lie over what else is found there.
func (s *Set) unveil(ctx context.Context, sample Sample, w *scratch) ([]Finding, error) {
	u := unveiling{Set: s, sample: sample, w: w}
	reserve, _ := ctx.Value(reserveKey{}).(func(int64) error)
	err := w.layers.Peel(sample.Text, familiesOf(ctx) == nil, reserve, func(text string) error { return u.look(ctx, text) })
	if err != nil {
		return nil, err
	}
	if len(u.open)+len(u.blobs) == 0 {
		return u.plain, nil
	}
	return s.settle(s.resolve(append(u.plain, u.open...)), u.blobs), nil
}

// look classifies the text or a layer of it.
func (u *unveiling) look(ctx context.Context, text string) error {
	layers := &u.w.layers
	trace, _ := ctx.Value(traceKey{}).(*trace)
	seen := trace.count()
	found, err := u.match(ctx, Sample{Text: text, Role: u.sample.Role}, u.w)
	depth := layers.Depth()
	if err != nil && depth > 0 {
		return fmt.Errorf("layer %d: %w", depth, err)
	} else if err != nil {
		return err
	}
	for _, f := range found {
		if f.Grade >= Whole && !u.wide(f) {
			layers.Certain(f.Start, f.End)
		}
	}
	if depth == 0 {
		u.plain = slices.Clone(found)
		return nil
	}
	trace.lift(seen, layers)
	for _, f := range found {
		lifted, at := u.lift(f, text)
		switch {
		case at.Doubt > layer.None && (!believed(f, at.Doubt) || u.wide(f)):
		case at.Blob:
			u.blobs = append(u.blobs, lifted)
		default:
			u.open = append(u.open, lifted)
		}
	}
	if len(u.open)+len(u.blobs) > u.max {
		return ErrTooMany
	}
	return nil
}

// lift turns a finding in a layer into one in the text.
func (u *unveiling) lift(f Finding, text string) (Finding, layer.Place) {
	value := text[f.Start:f.End]
	at := surface(f, &u.w.layers)
	f.Start, f.End = at.Start, at.End
	if u.sample.Text[f.Start:f.End] != value {
		f.Hidden = u.hidden(f.Normal(value))
	}
	return f, at
}

// surface is where a finding in a layer stands in the text. A part of a secret may look
// like one, and gives way to it.
func surface(f Finding, layers *layer.Stack) layer.Place {
	return layers.Surface(f.Start, f.End, f.Family == Secret)
}

// believed tells whether a finding in a layer is more than a guess.
func believed(f Finding, doubt layer.Doubt) bool {
	switch doubt {
	case layer.None:
		return true
	case layer.Slight:
		return f.Grade >= Likely
	case layer.Joined:
		return f.Grade >= Whole
	case layer.Odd:
		return f.Grade >= Marked
	}
	return false
}

// hidden is the number of a value that is disguised: a keyed hash, so that all
// proxies with the key count the value once.
func (s *Set) hidden(value string) uint64 {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte("hidden\x00" + value))
	return binary.LittleEndian.Uint64(mac.Sum(nil)) | 1
}

// settle adds the findings of blobs to those that were resolved, which do not
// overlap. One that says what is said of all its place already is left out, as
// is one that a lower layer shows again.
func (s *Set) settle(resolved, blobs []Finding) []Finding {
	slices.SortFunc(blobs, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End),
			cmp.Compare(a.Family, b.Family), cmp.Compare(a.Entity, b.Entity),
			cmp.Compare(a.Hidden, b.Hidden),
			cmp.Compare(b.Grade, a.Grade), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Rule, b.Rule),
		)
	})
	blobs = slices.CompactFunc(blobs, func(a, b Finding) bool {
		return a.Start == b.Start && a.End == b.End && a.Entity == b.Entity && a.Hidden == b.Hidden
	})
	all, of := resolved, make(map[string][]Finding) // by entity: no two of one overlap
	for _, f := range resolved {
		of[f.Entity] = append(of[f.Entity], f)
	}
	for _, f := range blobs {
		same := of[f.Entity]
		at := sort.Search(len(same), func(i int) bool { return same[i].End > f.Start })
		if at == len(same) || same[at].Start > f.Start || f.End > same[at].End {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b Finding) int { return cmp.Or(compareFindings(a, b), cmp.Compare(a.Hidden, b.Hidden)) })
	return all
}

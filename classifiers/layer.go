package classifiers

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"unsafe"
)

var (
	// ErrNested is the error of a text in which encodings stand inside each other
	// deeper than is followed.
	ErrNested = errors.New("encodings nested too deep")
	// ErrExpands is the error of a text whose encoded parts grow beyond what is
	// read.
	ErrExpands = errors.New("encoded parts expand beyond the limit")
)

const (
	// maxLayers is how many layers are taken off, readings apart. Escapes of escapes (%2525,
	// &amp;amp;, \\\\u) are one.
	maxLayers = 8
	// A text may have layers of roomFactor times its length and roomBase bytes in
	// all, what was packed in it included.
	roomFactor = 16
	roomBase   = 4 << 20
	maxRoom    = 1 << 31 // spans hold 32 bits
	spanBatch  = 64      // spans that room is taken for at a time
)

// A layer is the text that shows when one disguise is taken off the text above
// it, with the way back to that text's offsets.
type layer struct {
	text  string
	spans []span // in order

	aside  bool    // of readings
	stands []stand // what is certain in the text of which they are, in order
}

// A stand is something certain in a text.
type stand struct {
	Run
	goesOn int // see goesOn
}

// A span says where the text from at up to the next span comes from. With a unit
// each byte stands for that many bytes above, from lo on: 1 for what was copied,
// 3 for %34. Without, all of it comes from all of [lo, hi).
type span struct {
	at, lo, hi uint32
	unit       uint8
	kind       uint8 // in a layer of readings
	back       bool  // the first byte comes from the end of [lo, hi)
	blob       bool  // decoded as a whole: no part of it can be found above
}

// above returns the range above that text[start:end] comes from, and whether a
// blob is in it.
func (l *layer) above(start, end int) (lo, hi int, blob bool) {
	first, last := l.behind(start)-1, l.behind(end-1)
	lo = math.MaxInt
	for i, s := range l.spans[first:last] {
		from, to := int(s.lo), int(s.hi)
		if unit := int(s.unit); unit > 0 {
			a := max(0, start-int(s.at))
			b := (to - from) / unit
			if first+i == last-1 {
				b = end - int(s.at)
			}
			if s.back {
				from, to = to-b*unit, to-a*unit
			} else {
				from, to = from+a*unit, from+b*unit
			}
		}
		lo, hi, blob = min(lo, from), max(hi, to), blob || s.blob
	}
	return lo, hi, blob
}

// behind is the first span that begins behind an offset.
func (l *layer) behind(offset int) int {
	return sort.Search(len(l.spans), func(i int) bool { return int(l.spans[i].at) > offset })
}

// A peel makes a layer of src. It takes no memory before the first difference.
type peel struct {
	src     string
	out     []byte
	spans   []span
	done    int // src up to here is in out
	tried   int // and up to here was looked at for what may be long
	changed bool
	room    *room
	err     error // there was no room
}

// room is what layers may take.
type room struct {
	left    int               // bytes
	reserve func(int64) error // asked for them; nil: nobody
}

func roomFor(ctx context.Context, text string) room {
	reserve, _ := ctx.Value(reserveKey{}).(func(int64) error)
	return room{min(roomFactor*len(text)+roomBase, maxRoom), reserve}
}

type reserveKey struct{}

// WithReserve returns a context with which Classify asks before it takes memory
// for what is disguised in a text. An error of reserve ends the call and is in its
// error. The caller gives all of it back when the call has returned.
func WithReserve(ctx context.Context, reserve func(n int64) error) context.Context {
	return context.WithValue(ctx, reserveKey{}, reserve)
}

// unit puts one byte in place of src[lo:hi].
func (p *peel) unit(lo, hi int, c byte) {
	p.keep(lo)
	s := span{lo: uint32(lo), hi: uint32(hi)}
	if hi-lo < 256 {
		s.unit = uint8(hi - lo)
	}
	p.add(s, "")
	p.out = append(p.out, c)
	p.done = hi
}

// replace puts text in place of src[lo:hi].
func (p *peel) replace(lo, hi int, text string, blob bool) {
	p.keep(lo)
	if text != "" {
		p.add(span{lo: uint32(lo), hi: uint32(hi), blob: blob}, text)
	}
	p.done = hi
}

// keep copies src up to offset to.
func (p *peel) keep(to int) {
	if !p.changed {
		p.changed = true
		p.grow(len(p.src))
		if p.err == nil {
			p.out = make([]byte, 0, len(p.src))
		}
	}
	if p.done < to {
		p.add(span{lo: uint32(p.done), hi: uint32(to), unit: 1}, p.src[p.done:to])
		p.done = to
	}
}

func (p *peel) add(s span, text string) {
	s.at = uint32(len(p.out))
	if n := len(p.spans); n > 0 && s.unit > 0 && p.spans[n-1].unit == s.unit && p.spans[n-1].hi == s.lo && s.kind == 0 && p.spans[n-1].kind == 0 {
		p.spans[n-1].hi = s.hi
	} else {
		if n%spanBatch == 0 {
			p.grow(spanBatch * int(unsafe.Sizeof(s)))
		}
		p.spans = append(p.spans, s)
	}
	p.out = append(p.out, text...)
}

// grow takes room for n bytes.
func (p *peel) grow(n int) bool {
	switch {
	case p.err != nil:
	case n > p.room.left:
		p.err = ErrExpands
	default:
		p.room.left -= n
		if p.room.reserve != nil {
			p.err = p.room.reserve(int64(n))
		}
	}
	return p.err == nil
}

// layer is what was made: nil when src is as it looks.
func (p *peel) layer() (*layer, error) {
	if p.err != nil {
		return nil, p.err
	}
	if !p.changed {
		return nil, nil
	}
	p.keep(len(p.src))
	return &layer{text: unsafe.String(unsafe.SliceData(p.out), len(p.out)), spans: p.spans}, nil // out is not written to again
}

// unveiling is the search for what is disguised in one text.
type unveiling struct {
	*Set
	sample Sample
	w      *scratch

	open, blobs []Finding // what was found
}

// unveil classifies what is disguised in a text, layer by layer, and returns all
// findings, plain being those of the text as it stands. Findings that come out
// of one blob have the same place, and lie over what else is found there.
func (s *Set) unveil(ctx context.Context, sample Sample, w *scratch, plain []Finding) ([]Finding, error) {
	w.room = roomFor(ctx, sample.Text)
	u := unveiling{Set: s, sample: sample, w: w}
	if err := u.peel(ctx, sample.Text, plain, w.above[:0], 0); err != nil {
		return nil, err
	}
	if len(u.open)+len(u.blobs) == 0 {
		return plain, nil
	}
	return s.settle(s.resolve(append(plain, u.open...)), u.blobs), nil
}

// peel takes the layers off a text, in which was found what is given, until there
// are none, and makes the readings of each.
func (u *unveiling) peel(ctx context.Context, text string, found []Finding, above []*layer, depth int) error {
	if len(above) == 0 || !above[len(above)-1].aside {
		if err := u.read(ctx, text, found, above, depth); err != nil {
			return err
		}
	}
	for step, last := 0, -1; step <= last+2; step++ { // until neither does anything
		var l *layer
		var err error
		if step%2 == 0 {
			l, err = fold(text, &u.w.room)
		} else {
			l, err = decode(text, &u.w.room)
		}
		if err != nil {
			return err
		}
		if l == nil {
			continue
		}
		last, text = step, l.text
		above = append(above, l) // what the caller has is in front
		if found, err = u.match(ctx, above); err != nil {
			return err
		}
		if err := u.read(ctx, text, found, above, depth); err != nil {
			return err
		}
	}
	return nil
}

// read makes the readings of a text that was matched last.
func (u *unveiling) read(ctx context.Context, text string, found []Finding, above []*layer, depth int) error {
	if depth == maxAsides || familiesOf(ctx) != nil {
		return nil
	}
	l, err := aside(text, u.w, depth)
	if l == nil || err != nil {
		return err
	}
	l.stands = l.stands[:0]
	for _, f := range found {
		if !u.wide(f) && f.Grade >= Whole {
			l.stands = append(l.stands, stand{Run{f.Start, f.End}, goesOn(text, f.End)})
		}
	}
	above = append(above, l) // what the caller has is in front
	if found, err = u.match(ctx, above); err != nil {
		return err
	}
	return u.peel(ctx, l.text, found, above, depth+1)
}

// match classifies the lowest layer. What it found there holds until w is used again.
func (u *unveiling) match(ctx context.Context, above []*layer) ([]Finding, error) {
	taken := 0
	for _, l := range above {
		taken += btoi(!l.aside)
	}
	if taken > maxLayers {
		return nil, ErrNested
	}
	trace, _ := ctx.Value(traceKey{}).(*trace)
	seen := trace.count()
	found, err := u.Set.match(ctx, Sample{Text: above[len(above)-1].text, Role: u.sample.Role}, u.w)
	if err != nil {
		return nil, fmt.Errorf("layer %d: %w", len(above), err)
	}
	trace.lift(seen, above)
	for _, f := range found {
		lifted, at := u.lift(f, above, u.sample.Text)
		switch {
		case at.read && (!at.believed || u.wide(f)):
		case at.blob:
			u.blobs = append(u.blobs, lifted)
		default:
			u.open = append(u.open, lifted)
		}
	}
	if len(u.open)+len(u.blobs) > u.max {
		return nil, ErrTooMany
	}
	return found, nil
}

// hidden is the number of a value that is disguised: a keyed hash, so that all
// proxies with the key count the value once.
func (s *Set) hidden(value string) uint64 {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte("hidden\x00" + value))
	return binary.LittleEndian.Uint64(mac.Sum(nil)) | 1
}

// surfaced is where something in a layer stands in the text.
type surfaced struct {
	start, end int
	blob       bool // it comes out of a blob
	read       bool // it comes out of a reading
	believed   bool // of which it is more than a guess
}

// lift turns a finding in the lowest layer into one in the text.
func (s *Set) lift(f Finding, above []*layer, text string) (Finding, surfaced) {
	value := above[len(above)-1].text[f.Start:f.End]
	at := surface(f, above)
	f.Start, f.End = at.start, at.end
	if text[f.Start:f.End] != value {
		f.Hidden = s.hidden(f.Normal(value))
	}
	return f, at
}

// surface is where a finding in the lowest layer stands in the text.
func surface(f Finding, above []*layer) surfaced {
	at := surfaced{f.Start, f.End, false, false, true}
	for _, l := range slices.Backward(above) {
		lo, hi, blob := l.above(at.start, at.end)
		if l.aside {
			at.read = true
			at.believed = at.believed && l.believed(at.start, at.end, f.Grade) && !l.taken(lo, hi, f.Family == Secret)
		}
		at.start, at.end, at.blob = lo, hi, at.blob || blob
	}
	return at
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

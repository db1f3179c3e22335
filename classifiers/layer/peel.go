package layer

import (
	"errors"
	"unsafe"
)

// ErrExpands is the error of a text whose encoded parts grow beyond what is
// read.
var ErrExpands = errors.New("encoded parts expand beyond the limit")

const (
	// A text may have layers of roomFactor times its length and roomBase bytes in
	// all, what was packed in it included.
	roomFactor = 16
	roomBase   = 4 << 20
	maxRoom    = 1 << 31 // spans hold 32 bits
	spanBatch  = 64      // spans that room is taken for at a time
)

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

func roomFor(text string, reserve func(int64) error) room {
	return room{min(roomFactor*len(text)+roomBase, maxRoom), reserve}
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

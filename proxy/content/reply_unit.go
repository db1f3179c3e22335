package content

import (
	"fmt"
	"slices"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

// unit is one record on its way.
type unit struct {
	raw      []byte                      // as it came, framing included
	m        *Message                    // its parts; nil: nothing to read
	runs     []run                       // parts that continue a channel
	edits    []Edit                      // of parts that stand for themselves
	wrap     func(payload []byte) []byte // puts the framing around an edited payload
	loose    bool                        // text that may be cut anywhere
	bars     bool                        // may not go on
	event    string                      // name of the event, for the format
	protobuf protobufness
	ends     []scope // of the texts before it that need not wait for more
	doc      jsondoc.Document
}

// run is a part that continues a channel.
type run struct {
	part       int
	channel    *channel
	start, end int64 // in the channel's text
	again      bool  // it repeats what was there already
	closes     bool  // nothing of the channel follows
	fixed      bool  // it begins in an earlier record: no edit can be made in it
}

// outer are the parts of which others show the inside: those are read instead.
func (u *unit) outer() map[int32]bool {
	var outer map[int32]bool
	for _, l := range u.m.locs {
		if l.parent >= 0 {
			if outer == nil {
				outer = map[int32]bool{}
			}
			outer[l.parent] = true
		}
	}
	return outer
}

// free reports whether no text of the unit is held.
func (u *unit) free() bool {
	return !u.bars && !slices.ContainsFunc(u.runs, func(x run) bool { return x.end > x.channel.hold })
}

// seal is the unit's bytes with its edits made.
func (r *Reply) seal(u *unit) ([]byte, error) {
	edits := u.edits
	r.edited += len(edits)
	for _, x := range u.runs {
		x.channel.passed = max(x.channel.passed, x.end)
		for i := range x.channel.edits {
			e := &x.channel.edits[i]
			start, end := max(e.start, x.start), min(e.end, x.end)
			if start >= end {
				continue
			}
			if x.fixed {
				return nil, fmt.Errorf("edit what came in slices: %w", ErrCannotRewrite)
			}
			edit := Edit{Part: x.part, Start: int(start - x.start), End: int(end - x.start)}
			if !e.put || x.again {
				edit.Text = e.text
			}
			if !e.put {
				e.put = true
				r.edited++
			}
			edits = append(edits, edit)
		}
	}
	if len(edits) == 0 {
		return u.raw, nil
	}
	w, err := rewrite(u.m, edits)
	if err != nil {
		return nil, err
	}
	if u.wrap == nil {
		return w.Body, nil
	}
	return u.wrap(w.Body), nil
}

// cut parts a text at the place from which it is held. It reports false when
// nothing of it may go on. The first part stays in the queue's front, with the
// rest behind it.
func (r *Reply) cut(u *unit) bool {
	if !u.loose || len(u.runs) != 1 {
		return false
	}
	x := u.runs[0]
	if x.channel.hold <= x.start {
		return false
	}
	at := int(x.channel.hold - x.start)
	place := []codec.Change{{Start: at, End: at}}
	l := u.m.locs[0]
	raw := string(u.raw)
	if l.codec != codec.Plain {
		l.codec.Ranges(raw, place)
	}
	if place[0].Start <= 0 || place[0].Start >= len(raw) {
		return false
	}
	head, tail := textUnit(raw[:place[0].Start], l.codec), textUnit(raw[place[0].Start:], l.codec)
	mid := x.start + int64(len(head.m.Parts[0].Text))
	if mid > x.channel.hold {
		return false // inside a character
	}
	head.runs = []run{{channel: x.channel, start: x.start, end: mid}}
	tail.runs = []run{{channel: x.channel, start: mid, end: x.end}}
	r.queue = append([]*unit{head, tail}, r.queue[1:]...)
	*u = *head
	r.queue[0] = u
	return true
}

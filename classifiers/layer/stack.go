package layer

import (
	"errors"
	"slices"
)

// ErrNested is the error of a text in which encodings stand inside each other
// deeper than is followed.
var ErrNested = errors.New("encodings nested too deep")

const (
	// maxLayers is how many layers are taken off, readings apart. Escapes of escapes (%2525,
	// &amp;amp;, \\\\u) are one.
	maxLayers = 8
	// deepest is how many layers lie on each other at most, one too many included.
	deepest = maxLayers + 1 + maxAsides
	// maxKept is how many spans, or certain places, a Stack keeps room for.
	maxKept = 1024
)

// A Stack is a text and the layers that were taken off it to come to the one that is
// looked at. The zero Stack is ready, and worth using again: it keeps memory for the
// next text.
type Stack struct {
	room    room
	cues    cued  // in the text that is looked at
	certain []run // there
	sides   [maxAsides]side
	space   [deepest]*layer
	above   []*layer // of space
}

// Peel calls look with a text, then with each of its layers. In look, Cue and Certain
// are to be called for what is seen, and Depth and Surface tell where. Layers of readings
// are made when readings is set. Before memory is taken reserve is asked for that many
// bytes, unless it is nil; whoever gave them has them back when Peel returns. The first
// error, of look and reserve too, ends it.
func (s *Stack) Peel(text string, readings bool, reserve func(n int64) error, look func(text string) error) error {
	defer func() { s.room, s.space, s.above = room{}, [deepest]*layer{}, nil }()
	s.room = roomFor(text, reserve)
	if err := s.show(text, s.space[:0], look); err != nil {
		return err
	}
	depth := 0
	if !readings {
		depth = maxAsides
	}
	return s.peel(text, s.space[:0], depth, look)
}

// Depth is how many layers were taken off.
func (s *Stack) Depth() int { return len(s.above) }

// Cue tells that one of Cues begins at an offset of the text that is looked at. They are
// told in the order of their ends.
func (s *Stack) Cue(index, start int) { s.cues.add(index, start) }

// Certain tells that a value stands in the text that is looked at, and certainly: no
// other reading of the place is believed. Values are told in the order of their places
// and do not overlap.
func (s *Stack) Certain(start, end int) { s.certain = append(s.certain, run{start, end}) }

// peel takes the layers off a text that was shown, until there are none, and makes the
// readings of each.
func (s *Stack) peel(text string, above []*layer, depth int, look func(string) error) error {
	if len(above) == 0 || !above[len(above)-1].aside {
		if err := s.read(text, above, depth, look); err != nil {
			return err
		}
	}
	for step, last := 0, -1; step <= last+2; step++ { // until neither does anything
		var l *layer
		var err error
		if step%2 == 0 {
			l, err = fold(text, &s.room)
		} else {
			l, err = decode(text, &s.room)
		}
		if err != nil {
			return err
		}
		if l == nil {
			continue
		}
		last, text = step, l.text
		above = append(above, l) // what the caller has is in front
		if err := s.show(text, above, look); err != nil {
			return err
		}
		if err := s.read(text, above, depth, look); err != nil {
			return err
		}
	}
	return nil
}

// read makes the readings of the text that was shown last.
func (s *Stack) read(text string, above []*layer, depth int, look func(string) error) error {
	if depth == maxAsides {
		return nil
	}
	l, err := s.aside(text, depth)
	if l == nil || err != nil {
		return err
	}
	l.stands = l.stands[:0]
	for _, r := range s.certain {
		l.stands = append(l.stands, stand{r, goesOn(text, r.end)})
	}
	above = append(above, l) // what the caller has is in front
	if err := s.show(l.text, above, look); err != nil {
		return err
	}
	return s.peel(l.text, above, depth+1, look)
}

// show has a text looked at.
func (s *Stack) show(text string, above []*layer, look func(string) error) error {
	taken := 0
	for _, l := range above {
		taken += btoi(!l.aside)
	}
	if taken > maxLayers {
		return ErrNested
	}
	s.above = above
	s.cues.clear()
	if s.certain = s.certain[:0]; cap(s.certain) > maxKept {
		s.certain = nil
	}
	return look(text)
}

// A Place is where something in a layer stands in the text.
type Place struct {
	Start, End int   // bytes
	Blob       bool  // it comes out of what was decoded as a whole, and all of that is its place
	Doubt      Doubt // of its being there
}

// Doubt is how little speaks for a value in a layer: what it must be told by to be more
// than a guess.
type Doubt uint8

// Doubts in their order.
const (
	None   Doubt = iota // no reading was made: believed
	Slight              // put together by what links the pieces, or decoded as a whole: believed when something speaks for it
	Joined              // put together otherwise, or changed as the text says: believed when it says by itself where it begins and ends
	Odd                 // changed, and nothing says that it should be: believed when it stands where nothing else does
	Never               // something certain stands there, or nothing was put together or changed: not believed
)

// Surface tells where text[start:end], which is not empty, of the text that is looked at
// stands in the text that was given to Peel. A whole value may take the place of certain
// ones that are its parts.
func (s *Stack) Surface(start, end int, whole bool) Place {
	at := Place{Start: start, End: end}
	for _, l := range slices.Backward(s.above) {
		lo, hi, blob := l.above(at.Start, at.End)
		if l.aside {
			at.Doubt = max(at.Doubt, l.doubt(at.Start, at.End))
			if at.Doubt < Never && l.taken(lo, hi, whole) {
				at.Doubt = Never
			}
		}
		at.Start, at.End, at.Blob = lo, hi, at.Blob || blob
	}
	return at
}

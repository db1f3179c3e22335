package codec

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Change replaces a range of bytes.
type Change struct {
	Start, End int
	Text       string
}

// Changes turns changes of a text, in order and without overlap, into changes of
// the bytes raw that it was decoded from. It reports false when the character set
// has no such character.
func (c Codec) Changes(raw, text string, changes []Change) ([]Change, bool) {
	switch c {
	case Number:
		return []Change{{0, len(raw), `"` + EscapeJSON(Splice(text, changes)) + `"`}}, true
	case Base64:
		encoding := base64.StdEncoding
		if strings.ContainsAny(raw, "-_") {
			encoding = base64.URLEncoding
		}
		return []Change{{0, len(raw), encoding.EncodeToString([]byte(Splice(text, changes)))}}, true
	}
	out := slices.Clone(changes)
	if raw != text {
		c.Ranges(raw, out)
	}
	for i := range out {
		encoded, ok := c.encode(out[i].Text)
		if !ok {
			return nil, false
		}
		out[i].Text = encoded
	}
	return out, true
}

// Changes turns changes of the text into changes of the bytes, as [Codec.Changes]
// does.
func (s *Source) Changes(changes []Change) ([]Change, bool) {
	out, ok := s.Codec.Changes(s.Raw[s.Mark:], s.Text, changes)
	Shift(out, s.Mark)
	return out, ok
}

// Shift moves changes by a number of bytes.
func Shift(changes []Change, by int) {
	for i := range changes {
		changes[i].Start += by
		changes[i].End += by
	}
}

// Ranges maps ranges of the decoded text, in order, in place to the bytes of raw
// that make them. A range that begins or ends inside a character is widened to all of it.
func (c Codec) Ranges(raw string, ranges []Change) {
	i, at := 0, 0 // bytes of raw and of the text that are behind
	for k := range ranges {
		start, end := ranges[k].Start, ranges[k].End
		for i < len(raw) {
			r, n := c.Unit(raw[i:])
			if at+utf8.RuneLen(r) > start {
				break
			}
			i, at = i+n, at+utf8.RuneLen(r)
		}
		ranges[k].Start = i
		for i < len(raw) && at < end {
			r, n := c.Unit(raw[i:])
			i, at = i+n, at+utf8.RuneLen(r)
		}
		ranges[k].End = i
	}
}

// Merge orders changes and joins those that overlap. Two views of the same bytes
// (a string, and the same with its inner escapes undone) may both be edited: the
// wider change stands, and where neither holds the other both texts do.
func Merge(changes []Change) []Change {
	slices.SortStableFunc(changes, func(a, b Change) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	var out []Change
	for _, c := range changes {
		last := len(out) - 1
		if last < 0 || c.Start >= out[last].End {
			out = append(out, c)
			continue
		}
		if c.End > out[last].End {
			out[last].Text += c.Text
			out[last].End = c.End
		}
	}
	return out
}

// Splice makes changes, which are in order and do not overlap.
func Splice(s string, changes []Change) string {
	if len(changes) == 0 {
		return s
	}
	return string(AppendSpliced(make([]byte, 0, SplicedSize(s, changes)), s, changes))
}

// SplicedSize is the length of what Splice returns.
func SplicedSize(s string, changes []Change) int {
	size := len(s)
	for _, c := range changes {
		size += len(c.Text) - (c.End - c.Start)
	}
	return size
}

// AppendSpliced appends s with changes made to out.
func AppendSpliced(out []byte, s string, changes []Change) []byte {
	at := 0
	for _, c := range changes {
		out = append(out, s[at:c.Start]...)
		out = append(out, c.Text...)
		at = c.End
	}
	return append(out, s[at:]...)
}

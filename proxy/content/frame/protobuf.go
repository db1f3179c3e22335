package frame

import (
	"bytes"
	"errors"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds of a protobuf message. protobuf's own libraries stop at 100 levels.
const (
	maxNesting = 64
	maxFields  = 1 << 18
)

// Errors of Fields and Splice.
var (
	ErrProtobuf = errors.New("protobuf: malformed message")
	ErrBounds   = errors.New("protobuf: nested too deep or too many fields")
	ErrPlace    = errors.New("protobuf: change outside of strings")
)

// Sort says what a Field holds, as far as the wire shows.
type Sort byte

// The sorts.
const (
	String Sort = iota // UTF-8 text
	Number             // a varint
	Bytes              // neither text nor a message
)

// A Field is a value of a message at any depth. Start and End are offsets into
// the whole message; of a string they are those of its text. Path is made of the
// field numbers on the way to it: fields of one path are the same field.
type Field struct {
	Sort       Sort
	Start, End int
	Value      uint64 // of a Number
	Path       uint64
}

// Fields lists the values of a message whose schema is unknown. The wire does not
// tell a string from a message: what is one by its bytes is listed as such, and
// what may be both is listed as text and, in the next places, as its fields.
func Fields(message []byte) ([]Field, error) {
	w := &walker{}
	if !w.walk(message, 0, 0, 1) {
		if w.bounds {
			return nil, ErrBounds
		}
		return nil, ErrProtobuf
	}
	return w.fields, nil
}

type walker struct {
	fields []Field
	steps  int
	bounds bool
}

// walk lists the fields of one message, which begins at base. It reports false
// when it is none; then nothing is listed.
func (w *walker) walk(message []byte, base, depth int, path uint64) bool {
	if depth > maxNesting {
		w.bounds = true
		return false
	}
	before := len(w.fields)
	for at := 0; at < len(message); {
		if w.steps++; w.steps > maxFields {
			w.bounds = true
		}
		f, n := next(message[at:])
		if n < 0 || w.bounds || !w.value(f, message[at+f.start:at+f.end], base+at+f.start, depth, path*pathBase+f.tag) {
			w.fields = w.fields[:before]
			return false
		}
		at += n
	}
	return true
}

// pathBase is a prime, so that paths of different fields differ in practice.
const pathBase = 1_000_003

// value lists one field.
func (w *walker) value(f field, content []byte, at, depth int, path uint64) bool {
	switch f.kind {
	case protowire.VarintType:
		w.fields = append(w.fields, Field{Number, at, at + len(content), f.number, path})
	case protowire.StartGroupType:
		return w.walk(content, at, depth+1, path)
	case protowire.BytesType:
		if len(content) == 0 {
			return true
		}
		place := len(w.fields)
		nested := w.walk(content, at, depth+1, path)
		switch {
		case w.bounds:
			return false
		case utf8.Valid(content) && (!nested || isPrintable(content)):
			w.fields = slices.Insert(w.fields, place, Field{Sort: String, Start: at, End: at + len(content), Path: path})
		case !nested:
			w.fields = append(w.fields, Field{Sort: Bytes, Start: at, End: at + len(content), Path: path})
		}
	}
	return true
}

// field is a field on the wire: where its content stands after the tag, and
// after the length where it has one.
type field struct {
	kind       protowire.Type
	start, end int
	tag        uint64 // its field number
	number     uint64 // its value, of a varint
}

// next reads the first field of b and returns its length, negative when there is
// no well-formed one.
func next(b []byte) (field, int) {
	number, kind, tag := protowire.ConsumeTag(b)
	if tag < 0 {
		return field{}, tag
	}
	f := field{kind: kind, start: tag, tag: uint64(number)}
	var n int
	switch kind {
	case protowire.VarintType:
		f.number, n = protowire.ConsumeVarint(b[tag:])
	case protowire.Fixed32Type:
		n = 4
	case protowire.Fixed64Type:
		n = 8
	case protowire.BytesType:
		length, size := protowire.ConsumeVarint(b[tag:])
		if size < 0 || length > uint64(len(b)-tag-size) {
			return field{}, -1
		}
		f.start = tag + size
		n = int(length)
	case protowire.StartGroupType:
		// Deprecated, but read by every parser: fields up to an end tag.
		content, size := protowire.ConsumeGroup(number, b[tag:])
		if size < 0 {
			return field{}, -1
		}
		f.end = tag + len(content)
		return f, tag + size
	default:
		return field{}, -1
	}
	f.end = f.start + n
	if n < 0 || f.end > len(b) {
		return field{}, -1
	}
	return f, f.end
}

// isPrintable reports whether text has no control characters but white space:
// tags and lengths of a message mostly are some.
func isPrintable(s []byte) bool {
	return bytes.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }) < 0
}

// A Change replaces a range of a message's bytes.
type Change struct {
	Start, End int
	Text       string
}

// Splice makes changes, which are in order and do not overlap, inside strings of
// a message, and mends every length around them. What may be a string and a
// message is taken for a message where the changes fit its strings.
func Splice(message []byte, changes []Change) ([]byte, error) {
	out, ok := splice(message, 0, 0, changes)
	if !ok {
		return nil, ErrPlace
	}
	return out, nil
}

// splice rebuilds one message that begins at base. It reports false when the
// message is none or a change is not inside one of its strings.
func splice(message []byte, base, depth int, changes []Change) ([]byte, bool) {
	if depth > maxNesting {
		return nil, false
	}
	var out []byte
	for at := 0; at < len(message); {
		f, n := next(message[at:])
		if n < 0 {
			return nil, false
		}
		start, end := base+at+f.start, base+at+f.end
		inside := 0
		for inside < len(changes) && changes[inside].End <= end {
			if changes[inside].Start < start {
				return nil, false
			}
			inside++
		}
		switch {
		case inside == 0:
			out = append(out, message[at:at+n]...)
		case f.kind == protowire.BytesType:
			content := message[at+f.start : at+f.end]
			mended, ok := splice(content, start, depth+1, changes[:inside])
			if !ok {
				mended = spliceText(content, start, changes[:inside])
			}
			_, _, tag := protowire.ConsumeTag(message[at:])
			out = append(out, message[at:at+tag]...)
			out = protowire.AppendBytes(out, mended)
		case f.kind == protowire.StartGroupType:
			content := message[at+f.start : at+f.end]
			mended, ok := splice(content, start, depth+1, changes[:inside])
			if !ok {
				return nil, false
			}
			out = append(out, message[at:at+f.start]...)
			out = append(out, mended...)
			out = append(out, message[at+f.end:at+n]...)
		default:
			return nil, false
		}
		changes = changes[inside:]
		at += n
	}
	return out, len(changes) == 0
}

func spliceText(text []byte, base int, changes []Change) []byte {
	var out []byte
	at := 0
	for _, c := range changes {
		out = append(out, text[at:c.Start-base]...)
		out = append(out, c.Text...)
		at = c.End - base
	}
	return append(out, text[at:]...)
}

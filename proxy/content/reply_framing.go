package content

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// framing cuts a reply into records.
type framing interface {
	// next cuts the first record off b and tells how many bytes it took; 0: more
	// are needed. last says that none will come: then the rest is a record.
	next(b []byte, last bool) (*unit, int, error)
}

// bare is a record in which there is nothing to read.
func bare(raw []byte) *unit { return &unit{raw: bytes.Clone(raw)} }

// payloadUnit is a record whose text is payload.
func payloadUnit(raw []byte, payload string, wrap func([]byte) []byte) *unit {
	return &unit{raw: bytes.Clone(raw), m: &Message{plain: codec.Source{Raw: payload, Text: payload}}, wrap: wrap}
}

// textUnit is a record of plain text that may be cut anywhere.
func textUnit(raw string, c codec.Codec) *unit {
	if c == codec.Plain && !utf8.ValidString(raw) {
		c = codec.Lossy
	}
	return &unit{raw: []byte(raw), loose: true, m: &Message{
		plain:   codec.Source{Raw: raw, Text: raw},
		Extract: Extract{Parts: []Part{{Text: c.Decode(raw), Role: RoleReply}}},
		locs:    []loc{{end: uint32(len(raw)), parent: fromBody, codec: c}},
	}}
}

// guessedFraming looks at the first bytes, because many services give streams
// another type than their own: what begins like an event stream is one, what
// begins like JSON is JSON, and all else is text.
type guessedFraming struct {
	label string // of the character set
	limit int
	found framing
}

// eventFields are the beginnings of an event stream's lines.
var eventFields = []string{"data:", "event:", "id:", "retry:", ":"}

func (f *guessedFraming) next(b []byte, last bool) (*unit, int, error) {
	if f.found != nil {
		return f.found.next(b, last)
	}
	c, ok := codec.Charset(f.label)
	if !ok {
		return nil, 0, errCharset
	}
	if told, mark := codec.Marked(string(b[:min(len(b), 4)])); mark > 0 {
		c = told
	}
	start := strings.TrimLeft(strings.TrimPrefix(string(b[:min(len(b), 1<<10)]), "\xef\xbb\xbf"), " \t\r\n\x1e")
	switch {
	case c != codec.Plain:
		f.found = &textFraming{codec: c}
	case start == "" && !last && len(b) < 1<<10:
		return nil, 0, nil
	case start != "" && (start[0] == '{' || start[0] == '['):
		f.found = &jsonFraming{limit: f.limit}
	default:
		f.found = &textFraming{}
		for _, field := range eventFields {
			if strings.HasPrefix(start, field) {
				f.found = &eventFraming{limit: f.limit}
			} else if !last && strings.HasPrefix(field, start) {
				f.found = nil
				return nil, 0, nil // too short to tell
			}
		}
	}
	return f.found.next(b, last)
}

// textFraming takes what there is, up to the last whole character.
type textFraming struct{ codec codec.Codec }

func (f *textFraming) next(b []byte, last bool) (*unit, int, error) {
	n := wholeText(f.codec, b, last)
	if n == 0 {
		return nil, 0, nil
	}
	return textUnit(string(b[:n]), f.codec), n, nil
}

// wholeText is how much of b ends with a whole character of a codec.
func wholeText(c codec.Codec, b []byte, last bool) int {
	n := len(b)
	if last {
		return n
	}
	switch c {
	case codec.UTF16LE, codec.UTF16BE:
		return max(0, n&^1-2) // it may be half of a pair
	case codec.UTF32LE, codec.UTF32BE:
		return n &^ 3
	case codec.JSON: // an escape is up to 12 bytes
		if at := bytes.LastIndexByte(b[max(0, n-12):], '\\'); at >= 0 {
			n = max(0, n-12) + at
		}
	}
	for k := 1; k <= min(n, utf8.UTFMax); k++ {
		if utf8.RuneStart(b[n-k]) {
			if !utf8.FullRune(b[n-k : n]) {
				n -= k
			}
			break
		}
	}
	return n
}

// eventFraming cuts an event stream (HTML Standard section 9.2).
type eventFraming struct {
	limit int
	seen  int  // bytes that were searched for the end of the event
	long  bool // in an event that is read as text because it is too long
}

func (f *eventFraming) next(b []byte, last bool) (*unit, int, error) {
	end := endOfEvent(b, max(0, f.seen-2))
	if end < 0 && !last {
		f.seen = len(b)
		if !f.long && len(b) <= f.limit {
			return nil, 0, nil
		}
		n := wholeText(codec.JSON, b, false)
		if n == 0 {
			return nil, 0, nil
		}
		f.long, f.seen = true, 0
		return textUnit(string(b[:n]), codec.JSON), n, nil
	}
	if end < 0 {
		end = len(b)
	}
	f.seen = 0
	if end == 0 {
		return nil, 0, nil
	}
	if f.long {
		f.long = false
		return textUnit(string(b[:end]), codec.JSON), end, nil
	}
	return readEvent(b[:end]), end, nil
}

// endOfEvent is the place behind the first blank line of b, searching from a
// byte of it on; -1 when there is none. A line ends in LF, CR or CRLF. An event
// that ends in CR does not wait for the LF, which then begins the next one.
func endOfEvent(b []byte, from int) int {
	for i := from; i < len(b); {
		n := bytes.IndexAny(b[i:], "\r\n")
		if n < 0 {
			return -1
		}
		i += n
		first := i == 0
		i += lineEnd(b[i:])
		if first {
			return i
		}
		if i < len(b) {
			if n := lineEnd(b[i:]); n > 0 {
				return i + n
			}
		}
	}
	return -1
}

// lineEnd is the length of the line end at the start of b.
func lineEnd(b []byte) int {
	switch {
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		return 2
	case len(b) > 0 && (b[0] == '\r' || b[0] == '\n'):
		return 1
	}
	return 0
}

// readEvent makes a record of an event. Its text is its data, lines joined by LF.
func readEvent(raw []byte) *unit {
	var data []string
	var name string
	for line := range eventLines(raw) {
		field, value := eventField(line)
		switch field {
		case "data":
			data = append(data, value)
		case "event":
			name = value
		}
	}
	if data == nil {
		return bare(raw)
	}
	u := payloadUnit(raw, strings.Join(data, "\n"), nil)
	kept := u.raw
	u.wrap = func(payload []byte) []byte { return editEvent(kept, payload) }
	u.event = name
	return u
}

// eventLines are the lines of an event with their ends.
func eventLines(raw []byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for len(raw) > 0 {
			n := bytes.IndexAny(raw, "\r\n")
			if n < 0 {
				n = len(raw)
			}
			n += lineEnd(raw[n:])
			if !yield(string(raw[:n])) {
				return
			}
			raw = raw[n:]
		}
	}
}

// eventField is the name and value of a line.
func eventField(line string) (name, value string) {
	line = strings.TrimPrefix(strings.TrimRight(line, "\r\n"), "\xef\xbb\xbf")
	name, value, _ = strings.Cut(line, ":")
	return name, strings.TrimPrefix(value, " ")
}

// editEvent puts other data into an event; its other lines stay.
func editEvent(raw, payload []byte) []byte {
	var out []byte
	put := false
	for line := range eventLines(raw) {
		if name, _ := eventField(line); name != "data" {
			out = append(out, line...)
			continue
		}
		if put {
			continue
		}
		put = true
		end := line[len(strings.TrimRight(line, "\r\n")):]
		for text := range strings.SplitSeq(string(payload), "\n") {
			out = fmt.Appendf(out, "data: %s%s", text, end)
		}
	}
	return out
}

// jsonFraming cuts a sequence of JSON texts: one document, lines, or the objects
// of one array, each a record. What is too long is read as text.
type jsonFraming struct {
	limit  int
	seen   int // bytes that were read of the record
	depth  int
	quoted bool
	escape bool
	array  bool // inside a top-level array of objects
	long   bool
	text   bool // it is no JSON after all
}

func (f *jsonFraming) next(b []byte, last bool) (*unit, int, error) {
	if f.text {
		return (&textFraming{}).next(b, last)
	}
	if f.depth == 0 && !f.quoted && f.seen == 0 && !f.long {
		if u, n, done := f.between(b, last); done {
			return u, n, nil
		}
	}
	end := f.scan(b)
	switch {
	case end < 0 && last && len(b) > 0:
		return textUnit(string(b), codec.JSON), len(b), nil // cut short
	case end < 0 && (f.long || len(b) > f.limit):
		n := wholeText(codec.JSON, b, false)
		if n == 0 {
			return nil, 0, nil
		}
		f.long, f.seen = true, f.seen-n
		return textUnit(string(b[:n]), codec.JSON), n, nil
	case end < 0:
		return nil, 0, nil
	}
	f.seen = 0
	if f.long {
		f.long = false
		return textUnit(string(b[:end]), codec.JSON), end, nil
	}
	end += lineEnd(b[end:]) // a client reads by lines
	return payloadUnit(b[:end], string(b[:end]), nil), end, nil
}

// between handles what stands between records. done says that it made one, or
// that more bytes are needed.
func (f *jsonFraming) between(b []byte, last bool) (u *unit, n int, done bool) {
	for n < len(b) && (strings.IndexByte(" \t\r\n\x1e", b[n]) >= 0 || f.array && b[n] == ',') {
		n++
	}
	switch {
	case n > 0:
		return bare(b[:n]), n, true
	case len(b) == 0:
		return nil, 0, true
	case f.array && b[0] == ']':
		f.array = false
		return bare(b[:1]), 1, true
	case b[0] == '{':
		return nil, 0, false
	case b[0] == '[' && !f.array:
		k := 1
		for k < len(b) && strings.IndexByte(" \t\r\n", b[k]) >= 0 {
			k++
		}
		switch {
		case k == len(b) && !last:
			return nil, 0, true
		case k < len(b) && b[k] == '{':
			f.array = true
			return bare(b[:k]), k, true
		}
		return nil, 0, false
	case b[0] == '[':
		return nil, 0, false
	}
	f.text = true
	n = wholeText(codec.Plain, b, last)
	if n == 0 {
		return nil, 0, true
	}
	return textUnit(string(b[:n]), codec.Plain), n, true
}

// scan reads on in the record and returns the place behind its end, -1 when that
// is not here.
func (f *jsonFraming) scan(b []byte) int {
	for i := f.seen; i < len(b); i++ {
		c := b[i]
		switch {
		case f.escape:
			f.escape = false
		case f.quoted && c == '\\':
			f.escape = true
		case c == '"':
			f.quoted = !f.quoted
		case f.quoted:
		case c == '{' || c == '[':
			f.depth++
		case c == '}' || c == ']':
			if f.depth--; f.depth <= 0 {
				f.depth = 0
				return i + 1
			}
		}
	}
	f.seen = len(b)
	return -1
}

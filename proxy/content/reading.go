package content

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/coding"
	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

const (
	maxParts      = 1 << 18
	maxIdentifier = 512 // bytes; longer is no identifier
	minSealed     = 64  // bytes; shorter is not sealed by a provider
	partBytes     = 64  // of memory for a part and its place, as allocation rounds it up
	unreadBytes   = 32  // of memory for one of Message.unread, likewise
)

// origins of a part's text.
const (
	fromBody   = -1
	fromQuery  = -2
	fromHeader = -3 // seen, but not rewritable
	fromField  = -4 // and below: the value of the head's field fromField-parent
)

// loc is where a part's text stands: in the body's text, in the query, or in
// the text of another part.
type loc struct {
	start, end uint32
	parent     int32 // index of a part, or an origin
	codec      codec.Codec
}

// reading is one run of Read. Errors stick: the first ends the reading.
type reading struct {
	m      *Message
	h      *Head
	lim    Limits
	doc    jsondoc.Document
	inner  inner // where doc stands, when it is inside another text
	parts  []Part
	locs   []loc
	role   Role // RoleOther makes every part other
	old    bool // what is added now was said before the last turn
	ctype  string
	param  map[string]string
	form   func(name, value string) Role // of a field of a multipart body; nil: all have the same
	lines  bool                          // files in a multipart body may be requests, one a line
	sliced *slicedEvent                  // what is read came in slices; nil: at once
	err    error
}

func newReading(h *Head, body []byte, lim Limits) *reading {
	m := &Message{head: h, body: body, query: h.RawQuery, truncated: h.Truncated, lim: lim}
	m.Kind, m.Format = KindOther, generic
	return &reading{m: m, h: h, lim: lim, inner: inner{part: fromBody}}
}

// inner is a text inside that of a part, from a byte of it on.
type inner struct {
	part  int32 // or fromBody
	start uint32
}

// at is the place of a range of the text that is read.
func (r *reading) at(start, end uint32, c codec.Codec) loc {
	return loc{start: r.inner.start + start, end: r.inner.start + end, parent: r.inner.part, codec: c}
}

// read runs the stages of Read.
func (r *reading) read() error {
	r.m.format = find(r.h)
	r.m.Anonymous = isAnonymous(r.h)
	r.m.locked = isSigned(r.h)
	r.headers()
	if err := r.open(); err != nil {
		return err
	}
	auth := r.h.Role == "auth"
	switch {
	case auth:
		r.role = RoleOther
		r.m.Kind = KindSignIn
		r.walkBody()
	case r.m.format != nil:
		r.m.Format, r.m.Matched = r.m.format.Name, true
		r.m.format.Request(r)
	case r.h.Role == "upload" && len(r.m.body) > 0:
		r.m.Kind = KindUpload
		r.walkBodyAs(RoleFile)
	case len(r.m.body) > 0 && isAPICall(r.h):
		r.readAPICall()
	case HasFormat(r.h.Wire):
		r.role = RoleOther
		r.walkBody()
	default:
		r.walkBody()
		if len(r.parts) > 0 || len(r.m.Opaque) > 0 {
			r.m.Kind = KindPrompt
		}
	}
	r.readQuery()
	r.readHead()
	r.undoInner()
	return r.err
}

// open undoes content coding and character set.
func (r *reading) open() error {
	if values := r.h.Header["Content-Type"]; len(values) > 1 {
		return fmt.Errorf("content type: %w: more than one", ErrMalformed)
	} else if len(values) == 1 {
		r.ctype, r.param = mediaType(values[0])
	}
	name, err := coding.Of(r.h.Header)
	if err != nil {
		return err
	}
	var raw string
	if name != "" {
		raw, err = coding.Expand(name, r.m.body, r.lim.coding(), r.h.Truncated)
	} else {
		raw = unsafe.String(unsafe.SliceData(r.m.body), len(r.m.body)) // nobody writes to it any more
	}
	if err != nil {
		return err
	}
	if uint64(len(raw)) >= 1<<31 {
		return fmt.Errorf("read body: %w", ErrBomb)
	}
	if slices.Contains(protobufTypes, r.ctype) {
		r.encrypted()
		r.m.plain = codec.Source{Raw: raw, Text: raw}
		return nil
	}
	if strings.HasPrefix(r.ctype, "multipart/") { // each part has its own
		r.m.plain = codec.Source{Raw: raw, Text: raw}
		return nil
	}
	r.m.plain, err = decodeText(raw, r.param["charset"], r.lim.reserve)
	return err
}

// decodeText decodes text in the character set that a label names, or another
// where the bytes say so.
func decodeText(raw, label string, reserve func(int64) error) (codec.Source, error) {
	claimed, ok := codec.Charset(label)
	if !ok {
		return codec.Source{}, errCharset
	}
	return codec.Read(raw, claimed, reserve)
}

var errCharset = fmt.Errorf("character set: %w: not known", ErrEncoding)

// fail keeps the first error.
func (r *reading) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// add makes a part. Of a text that came in slices it is what the last one brought.
func (r *reading) add(role Role, text string, l loc) {
	if text == "" || r.err != nil {
		return
	}
	if r.role == RoleOther {
		role = RoleOther
	}
	if r.sliced != nil {
		r.addSliced(role, text, l)
		return
	}
	r.put(role, text, l)
}

// put makes a part.
func (r *reading) put(role Role, text string, l loc) {
	if text == "" || r.err != nil {
		return
	}
	if len(r.parts) == cap(r.parts) {
		grown := max(16, 2*cap(r.parts))
		if grown > maxParts {
			r.fail(fmt.Errorf("read body: %w: too many strings", ErrMalformed))
			return
		}
		if err := r.lim.reserve(int64(grown) * partBytes); err != nil {
			r.fail(err)
			return
		}
		r.parts = append(make([]Part, 0, grown), r.parts...)
		r.locs = append(make([]loc, 0, grown), r.locs...)
	}
	r.parts = append(r.parts, Part{Text: text, Role: role, Old: r.old})
	r.locs = append(r.locs, l)
}

// decode is the text of raw, with its memory reserved.
func (r *reading) decode(c codec.Codec, raw string) string {
	if c == codec.Plain {
		return raw
	}
	if err := r.lim.reserve(int64(c.Size(raw))); err != nil {
		r.fail(err)
		return ""
	}
	return c.Decode(raw)
}

// addSpan makes a part of bytes of the body's text.
func (r *reading) addSpan(role Role, start, end int) {
	raw, c := r.m.plain.Text[start:end], codec.Plain
	if !utf8.ValidString(raw) {
		c = codec.Lossy
	}
	r.add(role, r.decode(c, raw), r.at(uint32(start), uint32(end), c))
}

// opaque notes that something could not be read: what it is, and its bytes, as far as
// those are the same when the same is sent again.
func (r *reading) opaque(name, data string) {
	if !slices.Contains(r.m.Opaque, name) {
		r.m.Opaque = append(r.m.Opaque, name)
	}
	if data == "" {
		return
	}
	if err := r.lim.reserve(unreadBytes); err != nil {
		r.fail(err)
		return
	}
	r.m.unread = append(r.m.unread, data)
}

// tool notes the name of a tool on offer.
func (r *reading) tool(name string) {
	if name != "" && len(r.m.Tools) < 1<<12 && !slices.Contains(r.m.Tools, name) {
		r.m.Tools = append(r.m.Tools, name)
	}
}

// file notes a file.
func (r *reading) file(f File) {
	if len(r.m.Files) < 1<<12 {
		r.m.Files = append(r.m.Files, f)
	}
}

// undoInner adds, for each part that is a JSON object or array with escapes in
// it, the strings that look different inside. One level is undone. What is not
// quite JSON gets the same for everything between quotes.
func (r *reading) undoInner() {
	r.role = RolePrompt // each view has the role of what it shows
	for i := range len(r.parts) {
		text := r.parts[i].Text
		if !looksNested(text) || r.err != nil {
			continue
		}
		r.old = r.parts[i].Old
		inner, err := scanJSON(text, true, r.h.Truncated, r.lim.reserve)
		if errors.Is(err, ErrMalformed) {
			r.undoQuoted(i)
			continue
		}
		if err != nil {
			r.fail(err)
			return
		}
		for _, n := range inner.Nodes {
			if n.Kind == '"' && n.Escaped() {
				r.addInner(i, int(n.Start), int(n.End))
			}
		}
	}
}

// scanJSON scans JSON, or any number of texts of it; of a truncated one the end may
// be missing.
func scanJSON(text string, many, truncated bool, reserve func(int64) error) (jsondoc.Document, error) {
	return scanJSONFrom(text, 0, many, truncated, reserve)
}

// scanJSONFrom scans what stands in text from start on.
func scanJSONFrom(text string, start int, many, truncated bool, reserve func(int64) error) (jsondoc.Document, error) {
	doc, err := jsondoc.Scan(text, jsondoc.Options{From: start, Many: many, Truncated: truncated, Reserve: reserve})
	if err == nil {
		return doc, nil
	}
	var syntax *jsondoc.SyntaxError
	if errors.As(err, &syntax) {
		return doc, fmt.Errorf("scan JSON: %w: %w", ErrMalformed, err)
	}
	return doc, fmt.Errorf("scan JSON: %w", err)
}

// looksNested reports whether text may be JSON in which escapes hide something.
func looksNested(text string) bool {
	return strings.IndexByte(text, '\\') >= 0 && looksJSON(text)
}

// looksJSON reports whether text may be a JSON object or array.
func looksJSON(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	return text != "" && (text[0] == '{' || text[0] == '[')
}

// undoQuoted is undoInner for text that does not parse.
func (r *reading) undoQuoted(part int) {
	text := r.parts[part].Text
	start, escaped := -1, false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			if start >= 0 && escaped {
				r.addInner(part, start, i)
			}
			start, escaped = i+1, false
		}
	}
	if start >= 0 && start < len(text) && escaped {
		r.addInner(part, start, len(text))
	}
}

func (r *reading) addInner(part, start, end int) {
	text := r.decode(codec.JSON, r.parts[part].Text[start:end])
	r.add(r.parts[part].Role, text, loc{start: uint32(start), end: uint32(end), parent: int32(part), codec: codec.JSON})
}

// plainWord reports whether s is a word that names something in a program: up to
// 40 letters, with _ - . between them, and not so many in a mix of capitals and
// small letters that they may be base64. It cannot hold what detectors look for.
func plainWord(s string) bool {
	run, capitals, small := 0, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			small++
			run++
		case c >= 'A' && c <= 'Z':
			if i > 0 && s[i-1] >= 'A' && s[i-1] <= 'Z' {
				capitals++
			}
			run++
		case c == '_' || c == '-' || c == '.' || c == '$':
			run, capitals, small = 0, 0, 0
		default:
			return false
		}
		if run >= minBlob && capitals > 0 && small > 0 {
			return false
		}
	}
	return len(s) <= 40
}

// minBlob is the length from which letters can be base64 of what detectors look
// for: classifiers look into no shorter ones.
const minBlob = 15

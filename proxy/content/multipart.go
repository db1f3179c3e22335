package content

import (
	"fmt"
	"mime"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

const maxPartHeader = 16 << 10

// readMultipart reads a body of multipart/form-data (RFC 7578) and of other
// multipart types (RFC 2046). Text fields have the given role; parts with a file
// name are files.
func (r *reading) readMultipart(role Role) {
	text := r.m.plain.Text
	if text == "" {
		return
	}
	boundary := r.param["boundary"]
	if boundary == "" || len(boundary) > 70 {
		r.fail(fmt.Errorf("read multipart: %w: no boundary", ErrMalformed))
		return
	}
	start, closed := -1, false
	at := 0
	for !closed {
		begin, next, last := delimiter(text, at, boundary)
		if begin < 0 {
			break
		}
		if start < 0 {
			r.blankOrText(role, 0, begin)
		} else {
			r.multipartPart(role, start, begin)
		}
		start, at, closed = next, next, last
	}
	switch {
	case closed:
		r.blankOrText(role, start, len(text))
	case !r.h.Truncated:
		r.fail(fmt.Errorf("read multipart: %w: cut short", ErrMalformed))
	case start >= 0:
		r.multipartPart(role, start, len(text))
	}
}

// delimiter finds the next boundary line from at on: where the text before it
// ends, where the line ends, and whether it is the last. begin is -1 when there
// is none.
func delimiter(text string, at int, boundary string) (begin, next int, last bool) {
	mark := "--" + boundary
	for {
		n := strings.Index(text[at:], mark)
		if n < 0 {
			return -1, 0, false
		}
		begin = at + n
		at = begin + len(mark)
		if begin > 0 && text[begin-1] != '\n' {
			continue
		}
		next = at
		if strings.HasPrefix(text[next:], "--") {
			next, last = next+2, true
		}
		end := len(text)
		if n := strings.IndexByte(text[next:], '\n'); n >= 0 {
			end = next + n + 1
		}
		if strings.TrimSpace(text[next:end]) != "" {
			last = false
			continue // a longer boundary
		}
		next = end
		if begin > 0 {
			begin--
			if begin > 0 && text[begin-1] == '\r' {
				begin--
			}
		}
		return begin, next, last
	}
}

// blankOrText reads what stands outside the parts, which servers skip but which
// is sent all the same.
func (r *reading) blankOrText(role Role, start, end int) {
	if start < end && strings.TrimSpace(r.m.plain.Text[start:end]) != "" {
		r.rawText(role, start, end, "")
	}
}

// multipartPart reads one part, header and content.
func (r *reading) multipartPart(role Role, start, end int) {
	if start > end {
		return
	}
	header, body := partHeader(r.m.plain.Text[start:end])
	if len(header) > maxPartHeader {
		r.fail(fmt.Errorf("read multipart: %w: header too long", ErrMalformed))
		return
	}
	var kind, label, name, file string
	isFile := false
	for line := range unfold(header) {
		key, value, ok := strings.Cut(line, ":")
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		switch {
		case key == "":
		case !ok:
			r.fail(fmt.Errorf("read multipart: %w: bad header", ErrMalformed))
		case key == "content-disposition":
			_, param, err := mime.ParseMediaType(value)
			if err != nil {
				r.add(role, value, loc{parent: fromHeader})
			}
			name = param["name"]
			file, isFile = param["filename"]
		case key == "content-type":
			var param map[string]string
			kind, param = mediaType(value)
			label = param["charset"]
		case key == "content-transfer-encoding":
			switch strings.ToLower(value) {
			case "7bit", "8bit", "binary":
			default: // RFC 7578 section 4.7 forbids it, and servers do not agree on it
				r.fail(fmt.Errorf("read multipart: %w: transfer encoding", ErrEncoding))
			}
		default:
			r.add(role, value, loc{parent: fromHeader})
		}
	}
	if !plainWord(strings.TrimSuffix(name, "[]")) {
		r.add(role, name, loc{parent: fromHeader})
	}
	if r.form != nil && !isFile {
		role = r.form(name, r.m.plain.Text[start+body:end])
	}
	if isFile {
		role = RoleFile
		r.add(role, file, loc{parent: fromHeader})
		r.file(File{Name: file, Type: kind, Bytes: int64(end - start - body)})
	}
	r.partBody(role, start+body, end, kind, label)
}

// partBody reads the content of a part: text, or opaque.
func (r *reading) partBody(role Role, start, end int, kind, label string) {
	raw := r.m.plain.Text[start:end]
	if r.lines && role == RoleFile && label == "" && r.readLines(start, end) {
		return
	}
	if codec.IsText(raw) || isTextType(kind) || strings.HasPrefix(raw, "\xff\xfe") || strings.HasPrefix(raw, "\xfe\xff") {
		r.rawText(role, start, end, label)
		return
	}
	r.opaque(opaqueName(kind), raw)
}

// rawText adds a range of the body as text in a character set.
func (r *reading) rawText(role Role, start, end int, label string) {
	s, err := decodeText(r.m.plain.Text[start:end], label, r.lim.reserve)
	if err != nil {
		r.fail(err)
		return
	}
	if !codec.IsText(s.Text) {
		r.opaque("binary", r.m.plain.Text[start:end])
	}
	start += s.Mark
	if s.Codec == codec.Plain {
		r.addSpan(role, start, end)
		return
	}
	r.add(role, s.Text, loc{start: uint32(start), end: uint32(end), parent: fromBody, codec: s.Codec})
}

// partHeader splits a part after the first empty line: its header and the offset
// of its content.
func partHeader(text string) (string, int) {
	for at := 0; at <= len(text); {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			break
		}
		if strings.TrimRight(text[at:at+n], "\r") == "" {
			return text[:at], at + n + 1
		}
		at += n + 1
	}
	return text, len(text)
}

// unfold yields the lines of a header; a line that begins with white space
// belongs to the one before it.
func unfold(header string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		line := ""
		for next := range strings.Lines(header) {
			next = strings.TrimRight(next, "\r\n")
			if next != "" && (next[0] == ' ' || next[0] == '\t') {
				line += " " + strings.TrimSpace(next)
				continue
			}
			if line != "" && !yield(line) {
				return
			}
			line = next
		}
		if line != "" {
			yield(line)
		}
	}
}

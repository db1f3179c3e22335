package content

import (
	"errors"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// generic is the name that stands in Extract.Format when no format matched.
const generic = "generic"

// walkBody is the generic walker: it reads a body of any kind as a prompt.
func (r *reading) walkBody() { r.walkBodyAs(RolePrompt) }

// walkBodyAs reads JSON (one text or several), forms, multipart and plain text.
// What the body is counts for more than what its type says, because servers do
// not look at the type either. What is none of these is opaque.
func (r *reading) walkBodyAs(role Role) {
	text := r.m.plain.Text
	switch {
	case text == "":
	case strings.HasPrefix(r.ctype, "multipart/"):
		r.readMultipart(role)
	case slices.Contains(protobufTypes, r.ctype) && r.walkProtobuf(role):
	case r.walkJSON(role):
		if r.ctype == formType && strings.ContainsAny(text, "%+") {
			r.readForm(role) // a server that believes the type reads it so
		}
	case r.ctype == formType:
		r.readForm(role)
	case !codec.IsText(text):
		r.walkBinary(role)
	default:
		r.walkText(role)
	}
}

const formType = "application/x-www-form-urlencoded"

// walkJSON walks JSON objects and arrays. It reports false when the body is
// something else.
func (r *reading) walkJSON(role Role) bool {
	text := strings.TrimLeft(r.m.plain.Text, " \t\r\n\x1e")
	if text == "" || text[0] != '{' && text[0] != '[' && text[0] != '"' {
		return false
	}
	doc, err := scanJSON(r.m.plain.Text, true, r.h.Truncated, r.lim.reserve)
	if errors.Is(err, ErrMalformed) {
		return false
	}
	if err != nil {
		r.fail(err)
		return true
	}
	r.doc = doc
	for n := 0; n < len(doc.Nodes); n = int(doc.Nodes[n].Next) {
		r.walk(role, n)
	}
	return true
}

// walkText reads the whole body as one part.
func (r *reading) walkText(role Role) {
	if r.m.plain.Codec == codec.Plain {
		r.addSpan(role, 0, len(r.m.plain.Text))
		return
	}
	r.add(role, r.m.plain.Text, loc{end: uint32(len(r.m.plain.Text)), parent: fromBody, codec: codec.Plain})
}

// walkBinary notes an opaque body. When it claims to be text, what can be read
// of it is read too.
func (r *reading) walkBinary(role Role) {
	switch {
	case r.ctype == "" || r.ctype == "application/octet-stream":
		r.opaque("binary", r.m.plain.Raw)
	case isTextType(r.ctype):
		r.opaque("binary", r.m.plain.Raw)
		r.walkText(role)
	default:
		name := opaqueName(r.ctype)
		if name == "file" {
			name = "binary"
		}
		r.opaque(name, r.m.plain.Raw)
	}
	if role == RoleFile {
		r.file(File{Type: r.ctype, Bytes: int64(len(r.m.plain.Raw))})
	}
}

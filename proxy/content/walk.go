package content

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// json scans the body as one JSON text. It reports false when there is nothing
// to walk: an empty body, or an error, which is kept.
func (r *reading) json() bool {
	if strings.TrimSpace(r.m.plain.Text) == "" {
		return false
	}
	doc, err := scanJSON(r.m.plain.Text, false, r.h.Truncated, r.lim.reserve)
	if err != nil {
		r.fail(err)
		return false
	}
	r.doc = doc
	return len(doc.Nodes) > 0
}

// str adds a string of the document as a part; what is no string is walked.
func (r *reading) str(role Role, n int) {
	v := &r.doc.Nodes[n]
	if v.Kind != '"' {
		r.walk(role, n)
		return
	}
	c := codec.Plain
	if v.Escaped() {
		c = codec.JSON
	}
	r.add(role, r.decode(c, r.doc.Text[v.Start:v.End]), r.at(v.Start, v.End, codec.JSON))
}

// key adds an object's key, unless it is a plain word.
func (r *reading) key(role Role, n int) {
	v := &r.doc.Nodes[n]
	if !v.Escaped() && plainWord(r.doc.Text[v.Start:v.End]) {
		return
	}
	r.str(role, n)
}

// number adds a number that is text. A fraction or exponent that makes a whole
// number is written out, because 4.5e15 is the same number to a server.
func (r *reading) number(role Role, n int) {
	v := &r.doc.Nodes[n]
	if !v.Long() {
		return
	}
	raw := r.doc.Text[v.Start:v.End]
	l := r.at(v.Start, v.End, codec.Number)
	if whole, ok := wholeNumber(raw); ok && whole != raw {
		raw = whole
	}
	r.add(role, raw, l)
}

// wholeNumber writes out a number of up to 40 digits with an exponent.
func wholeNumber(raw string) (string, bool) {
	at := strings.IndexAny(raw, "eE")
	if at < 0 {
		return "", false
	}
	mantissa, exponent := raw[:at], 0
	for _, c := range strings.TrimPrefix(raw[at+1:], "+") {
		if c < '0' || c > '9' || exponent > 40 {
			return "", false
		}
		exponent = 10*exponent + int(c-'0')
	}
	units, fraction, _ := strings.Cut(mantissa, ".")
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > exponent || len(units)+exponent > 40 {
		return "", false
	}
	return units + fraction + strings.Repeat("0", exponent-len(fraction)), true
}

// ident adds identifiers: RoleOther, but for strings that are too long for one,
// which have the role of their surroundings. Plain words are left out.
func (r *reading) ident(role Role, n int) {
	for i := n; i < int(r.doc.Nodes[n].Next); i++ {
		v := &r.doc.Nodes[i]
		as := RoleOther
		if v.End-v.Start > maxIdentifier {
			as = role
		}
		switch {
		case v.IsKey():
			r.key(as, i)
		case v.Kind == '"' && (v.Escaped() || !plainWord(r.doc.Text[v.Start:v.End])):
			r.str(as, i)
		case v.Kind == '0':
			r.number(as, i)
		}
	}
}

// field walks a key and its value.
func (r *reading) field(role Role, k, v int) {
	r.walkRange(role, k, int(r.doc.Nodes[v].Next))
}

// walk adds every string, long number and key of a subtree. Plain words under
// the keys type and role are left out; data URLs are media.
func (r *reading) walk(role Role, n int) {
	r.walkRange(role, n, int(r.doc.Nodes[n].Next))
}

func (r *reading) walkRange(role Role, from, to int) {
	key := ""
	for i := from; i < to; i++ {
		v := &r.doc.Nodes[i]
		if v.IsKey() {
			key = r.doc.Text[v.Start:v.End]
			r.key(role, i)
			continue
		}
		switch v.Kind {
		case '"':
			switch {
			case key == "type" || key == "role":
				if v.Escaped() || !plainWord(r.doc.Text[v.Start:v.End]) {
					r.str(role, i)
				}
			case v.End-v.Start > 5 && r.doc.Text[v.Start] == 'd' && r.dataURL(i):
			default:
				r.str(role, i)
			}
		case '0':
			r.number(role, i)
		}
		key = ""
	}
}

// dataURL reads a data URL (RFC 2397) as text of a file or as opaque media. It
// reports false when the value is none, or too short to be worth hiding: then it
// is text.
func (r *reading) dataURL(n int) bool {
	v := &r.doc.Nodes[n]
	text := r.doc.Text[v.Start:v.End]
	if v.Escaped() { // \/ is usual in JSON from PHP
		text = r.doc.Name(n)
	}
	if len(text) < 5 || !strings.EqualFold(text[:5], "data:") {
		return false
	}
	head, payload, ok := strings.Cut(text[5:], ",")
	if !ok || len(head) > 256 || !strings.HasSuffix(strings.ToLower(head), ";base64") || !codec.IsBase64(payload) {
		return false
	}
	kind, _, _ := strings.Cut(strings.ToLower(head), ";")
	payloadLoc := r.at(v.End-uint32(len(payload)), v.End, codec.Base64)
	if v.Escaped() {
		payloadLoc = loc{parent: fromHeader}
	}
	return r.media(kind, payload, payloadLoc)
}

// media reads base64 data of a kind: text is decoded into a part of a file, the
// rest is opaque. Text that claims to be something else is both. Short data is
// left to be read as it stands.
func (r *reading) media(kind, payload string, l loc) bool {
	if isTextType(kind) && r.encodedText(payload, l) {
		return true
	}
	if len(payload) < minSealed {
		return false
	}
	if beginsLegible(payload) {
		r.encodedText(payload, l)
	}
	r.opaque(opaqueName(kind), payload)
	return true
}

// beginsLegible reports whether base64 data begins with text.
func beginsLegible(payload string) bool {
	data, ok := codec.DecodeBase64(payload[:min(len(payload), 64)])
	return ok && codec.Legible(data) == 0
}

// encodedText reads base64 data as the text of a file. It can be rewritten when
// encoding it again changes nothing else.
func (r *reading) encodedText(payload string, l loc) bool {
	if err := r.lim.reserve(int64(2 * len(payload))); err != nil {
		r.fail(err)
		return true
	}
	raw, ok := codec.DecodeBase64(payload)
	if !ok {
		return false
	}
	s, err := decodeText(raw, "", r.lim.reserve)
	if err != nil {
		r.fail(err)
		return true
	}
	if !codec.IsText(s.Text) {
		return false
	}
	if s.Codec != codec.Plain || s.Mark > 0 || !utf8.ValidString(s.Text) {
		l = loc{parent: fromHeader}
		s.Text = strings.ToValidUTF8(s.Text, "\uFFFD")
	}
	r.add(RoleFile, s.Text, l)
	return true
}

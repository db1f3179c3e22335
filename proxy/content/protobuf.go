package content

import (
	"strconv"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

// protobufTypes are the media types of protobuf messages: Connect's for calls
// with one message (connectrpc.com/docs/protocol), and those in general use.
var protobufTypes = []string{"application/proto", "application/protobuf", "application/x-protobuf", "application/vnd.google.protobuf"}

// encrypted notes Cursor's encryption of messages from end to end. They are
// walked all the same: the header alone proves nothing.
func (r *reading) encrypted() {
	if len(r.h.Header["X-Idempotent-Encryption-Key"]) > 0 && len(r.m.body) > 0 {
		r.opaque("encrypted", "")
	}
}

// walkProtobuf reads every string of a protobuf message but plain words. It
// reports false when the body is none, which is then not read.
func (r *reading) walkProtobuf(role Role) bool {
	return r.protobuf(role, func(f frame.Field) {
		if !plainWord(r.m.plain.Text[f.Start:f.End]) {
			r.addSpan(role, f.Start, f.End)
		}
	})
}

// protobuf reads a protobuf message whose schema is unknown and calls str for its
// strings. Long numbers are parts with a role that cannot be rewritten.
func (r *reading) protobuf(numbers Role, str func(frame.Field)) bool {
	text := r.m.plain.Text
	if err := r.lim.reserve(2 * int64(len(text))); err != nil {
		r.fail(err)
		return true
	}
	fields, err := frame.Fields([]byte(text))
	if err != nil {
		return false
	}
	r.m.protobuf = true
	for _, f := range fields {
		raw := text[f.Start:f.End]
		switch f.Sort {
		case frame.String:
			str(f)
		case frame.Number:
			if digits := strconv.FormatUint(f.Value, 10); len(digits) >= jsondoc.MinDigits {
				r.add(numbers, digits, loc{parent: fromHeader})
			}
		case frame.Bytes:
			switch {
			case len(raw) < minSealed:
			case r.m.Matched:
				r.opaque("binary", raw)
			default: // it may be a key or a trace of this call
				r.opaque("binary", "")
			}
		}
	}
	return true
}

// spliceProtobuf makes changes of a protobuf message.
func spliceProtobuf(raw string, changes []codec.Change) ([]byte, error) {
	list := make([]frame.Change, len(changes))
	for i, c := range changes {
		list[i] = frame.Change{Start: c.Start, End: c.End, Text: c.Text}
	}
	return frame.Splice([]byte(raw), list)
}

package content

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strings"
)

// The streams of Bedrock are binary frames with checksums. In those of InvokeModel
// the model's own JSON stands in base64 in JSON. Source: smithy.io/2.0/aws/amazon-eventstream.html.
var (
	converseReply = &replyFormat{framing: frameBedrock, passed: conversePassed, end: endConverse}
	invokeReply   = &replyFormat{framing: frameBedrock, end: func(_ *Reply, n Notice) []byte { return exceptionFrame(n) }}
)

func frameBedrock(header map[string][]string, lim Limits) framing {
	if kind, _ := mediaType(strings.Join(header["Content-Type"], "")); kind != "application/vnd.amazon.eventstream" {
		return nil
	}
	return &awsFraming{limit: lim.record()}
}

const (
	awsPrelude = 12 // length, length of the headers, checksum of both
	awsTrailer = 4  // checksum of all before
)

// awsFraming cuts frames. One whose checksums are wrong ends the reply: what a
// client would make of it is not known.
type awsFraming struct{ limit int }

func (f *awsFraming) next(b []byte, last bool) (*unit, int, error) {
	if len(b) == 0 || len(b) < awsPrelude && !last {
		return nil, 0, nil
	}
	if len(b) < awsPrelude {
		return nil, 0, fmt.Errorf("read frame: %w: cut short", ErrMalformed)
	}
	total, headers := int(binary.BigEndian.Uint32(b)), int(binary.BigEndian.Uint32(b[4:]))
	switch {
	case crc32.ChecksumIEEE(b[:8]) != binary.BigEndian.Uint32(b[8:]):
		return nil, 0, fmt.Errorf("read frame: %w: checksum", ErrMalformed)
	case total > f.limit+awsPrelude+awsTrailer, total < awsPrelude+awsTrailer+headers:
		return nil, 0, fmt.Errorf("read frame: %w: length", ErrMalformed)
	case len(b) < total && last:
		return nil, 0, fmt.Errorf("read frame: %w: cut short", ErrMalformed)
	case len(b) < total:
		return nil, 0, nil
	}
	frame := b[:total]
	if crc32.ChecksumIEEE(frame[:total-awsTrailer]) != binary.BigEndian.Uint32(frame[total-awsTrailer:]) {
		return nil, 0, fmt.Errorf("read frame: %w: checksum", ErrMalformed)
	}
	head := bytes.Clone(frame[awsPrelude : awsPrelude+headers])
	payload := string(frame[awsPrelude+headers : total-awsTrailer])
	wrap := func(edited []byte) []byte { return awsFrame(head, edited) }
	inner, rewrap := chunkBytes(payload)
	if rewrap != nil {
		payload = inner
		wrap = func(edited []byte) []byte { return awsFrame(head, rewrap(edited)) }
	}
	u := payloadUnit(frame, payload, wrap)
	u.event = awsEvent(head)
	return u, total, nil
}

// chunkBytes is the model's JSON in a chunk of InvokeModel, and how an edited one
// is put back; nil when the payload is no chunk.
func chunkBytes(payload string) (string, func([]byte) []byte) {
	doc, err := scanJSON(payload, false, false, func(int64) error { return nil })
	if err != nil || len(doc.Nodes) == 0 {
		return "", nil
	}
	at := doc.Field(0, "bytes")
	if at < 0 || doc.Nodes[at].Kind != '"' {
		return "", nil
	}
	inner, err := base64.StdEncoding.DecodeString(doc.Name(at))
	if err != nil {
		return "", nil
	}
	before, after := payload[:doc.Nodes[at].Start], payload[doc.Nodes[at].End:]
	return string(inner), func(edited []byte) []byte {
		return []byte(before + base64.StdEncoding.EncodeToString(edited) + after)
	}
}

// awsFrame makes a frame of headers, which are coded already, and a payload.
func awsFrame(headers, payload []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(awsPrelude+len(headers)+len(payload)+awsTrailer))
	out = binary.BigEndian.AppendUint32(out, uint32(len(headers)))
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
	out = append(append(out, headers...), payload...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
}

// awsHeaders codes headers of type string, in pairs of name and value.
func awsHeaders(pairs ...string) []byte {
	var out []byte
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(append(out, byte(len(pairs[i]))), pairs[i]...)
		out = binary.BigEndian.AppendUint16(append(out, 7), uint16(len(pairs[i+1])))
		out = append(out, pairs[i+1]...)
	}
	return out
}

// awsEvent is the value of the header :event-type; empty where headers of other
// types than string stand before it.
func awsEvent(headers []byte) string {
	for len(headers) > 0 {
		n := int(headers[0])
		if len(headers) < n+4 || headers[n+1] != 7 {
			return ""
		}
		name := string(headers[1 : n+1])
		size := int(binary.BigEndian.Uint16(headers[n+2:]))
		headers = headers[n+4:]
		if len(headers) < size {
			return ""
		}
		if name == ":event-type" {
			return string(headers[:size])
		}
		headers = headers[size:]
	}
	return ""
}

func conversePassed(r *Reply, u *unit) {
	r.remember(u, "contentBlockIndex")
	switch u.event {
	case "contentBlockStart":
		r.state.open = "other" // only the use of a tool is announced
	case "contentBlockDelta":
		if r.state.open == "" {
			r.state.open = "text"
		}
	case "contentBlockStop":
		r.state.open = ""
	}
}

// endConverse adds the notice to the text and ends the message as one that a
// guardrail stopped.
func endConverse(r *Reply, n Notice) []byte {
	type object = map[string]any
	var out []byte
	put := func(event string, v any) {
		out = append(out, awsFrame(awsHeaders(":event-type", event, ":content-type", "application/json", ":message-type", "event"), marshal(v))...)
	}
	index := json.RawMessage(r.recalled("contentBlockIndex", "0"))
	if !r.state.begun {
		put("messageStart", object{"role": "assistant"})
	}
	if r.state.open != "text" && r.state.begun {
		return exceptionFrame(n)
	}
	put("contentBlockDelta", object{"contentBlockIndex": index, "delta": object{"text": r.paragraph(n)}})
	put("contentBlockStop", object{"contentBlockIndex": index})
	put("messageStop", object{"stopReason": "guardrail_intervened"})
	return out
}

// exceptionFrame ends a stream with an error that the SDKs raise.
func exceptionFrame(n Notice) []byte {
	return awsFrame(awsHeaders(":exception-type", "validationException", ":content-type", "application/json", ":message-type", "exception"),
		marshal(map[string]string{"message": n.text()}))
}

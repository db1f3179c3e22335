package content

import (
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/coding"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// The transports of a Stream.
const (
	WebSocket = "websocket"
	GRPC      = "grpc"
	GRPCWeb   = "grpc-web"
	Connect   = "connect"
)

// A Stream is what the head of a request says of the messages that follow it. It
// is not changed after OpenStream and may be used by several goroutines.
type Stream struct {
	Transport string
	head      *Head // of each message: without the query and what describes a body
	first     *Head // of the request
	format    *Format
	codec     string // of messages in envelopes: proto, json, or empty for one that is not read
	coding    string // of compressed messages
}

// OpenStream is the stream of messages that a request's head announces, nil when
// its body is one that [Read] can read.
func OpenStream(h *Head) *Stream {
	s := &Stream{first: h}
	if h.WebSocket {
		s.Transport = WebSocket
	} else if s.Transport, s.codec, s.coding = envelopes(h.Header); s.Transport == "" {
		return nil
	}
	head := *h
	head.RawQuery = ""
	head.Header = h.Header.Clone()
	for _, name := range []string{"Content-Type", "Content-Encoding"} {
		head.Header.Del(name)
	}
	s.head = &head
	if format := find(h); format != nil && format.Message != nil {
		s.format = format
	}
	return s
}

// envelopes tells from a header how messages stand in a body: the transport, empty
// when the body is something else; the codec; and the coding of compressed ones.
func envelopes(header http.Header) (transport, codec, coding string) {
	kind := ""
	if values := header["Content-Type"]; len(values) > 0 {
		kind, _ = mediaType(values[0])
	}
	switch {
	case has(kind, "application/grpc-web", &codec):
		transport, coding = GRPCWeb, header.Get("Grpc-Encoding")
	case has(kind, "application/grpc", &codec):
		transport, coding = GRPC, header.Get("Grpc-Encoding")
	case has(kind, "application/connect+", &codec):
		transport, coding = Connect, header.Get("Connect-Content-Encoding")
	default:
		return "", "", ""
	}
	switch codec = strings.TrimPrefix(codec, "+"); codec {
	case "":
		codec = "proto" // the default of gRPC; what follows a dash (grpc-web-text) stays
	case "proto", "json":
	default:
		codec = ""
	}
	return transport, codec, strings.ToLower(coding)
}

// has is strings.CutPrefix for a switch.
func has(s, prefix string, rest *string) (ok bool) {
	*rest, ok = strings.CutPrefix(s, prefix)
	return ok
}

// Readable reports whether the messages of the stream can be read at all. Those
// of other codecs than protobuf and JSON, and gRPC-Web in base64, are not.
func (s *Stream) Readable() bool { return s.Transport == WebSocket || s.codec != "" }

// Flags are those that a client's envelopes may have; answers may have the end of
// the stream besides.
func (s *Stream) Flags(answers bool) byte {
	flags := byte(frame.Compressed)
	switch {
	case s.Transport == WebSocket:
		flags = frame.TextMessage | frame.BinaryMessage
	case answers && s.Transport == Connect:
		flags |= frame.EndStream
	case answers && s.Transport == GRPCWeb:
		flags |= frame.Trailers
	}
	return flags
}

// Begin is what the head itself shows. Whatever its path, a stream may carry
// prompts, so its kind is prompt; but at hosts where people sign in it is sign_in.
// One whose messages cannot be read is opaque as a whole.
func (s *Stream) Begin() (*Message, error) {
	r := newReading(s.first, nil, Limits{})
	r.m.begins = true
	r.m.format = find(s.first)
	if r.m.format != nil {
		r.m.Format, r.m.Matched = r.m.format.Name, true
	}
	r.m.Anonymous = isAnonymous(s.first)
	r.headers()
	if !s.Readable() {
		r.opaque("grpc", "")
	}
	r.m.Kind = KindPrompt
	r.m.Streaming = true
	if s.first.Role == "auth" {
		r.m.Kind = KindSignIn
		r.role = RoleOther
	}
	r.readQuery()
	r.readHead()
	if r.err != nil {
		return nil, r.err
	}
	r.m.Parts, r.m.locs = r.parts, r.locs
	return r.m, nil
}

// Raw is one message as it came.
type Raw struct {
	Payload    []byte
	Binary     bool // of a WebSocket: not text
	Compressed bool // in an envelope that says so
}

// ReadMessage reads a message of the client's. A format that has messages reads
// its own; what any other stream carries is content, read by the generic walker:
// sockets have no telemetry paths that could be told from those for prompts.
func (s *Stream) ReadMessage(raw Raw, lim Limits) (*Message, error) {
	r := newReading(s.head, raw.Payload, lim)
	r.m.stream, r.m.raw = s, raw
	r.m.Streaming = true
	r.h = s.first
	r.m.Anonymous = isAnonymous(r.h)
	r.headers()
	r.h = s.head
	if err := r.openMessage(s, raw); err != nil {
		return nil, err
	}
	switch {
	case s.head.Role == "auth":
		r.role = RoleOther
		r.m.Kind = KindSignIn
		r.walkMessage()
	case s.format != nil && !raw.Binary:
		r.m.format, r.m.Format, r.m.Matched = s.format, s.format.Name, true
		s.format.Message(r)
	default:
		r.walkMessage()
		if len(r.parts) > 0 || len(r.m.Opaque) > 0 {
			r.m.Kind = KindPrompt
		}
	}
	r.undoInner()
	if r.err != nil {
		return nil, r.err
	}
	r.m.Parts, r.m.locs = r.parts, r.locs
	return r.m, nil
}

// openMessage undoes the compression of a message.
func (r *reading) openMessage(s *Stream, raw Raw) error {
	r.encrypted()
	var text string
	switch {
	case !raw.Compressed:
		if err := r.lim.reserve(int64(len(raw.Payload))); err != nil {
			return err
		}
		text = string(raw.Payload)
	case s.coding == "" || s.coding == "identity":
		return fmt.Errorf("read message: %w: compressed by nothing", ErrMalformed)
	case coding.Known(s.coding):
		var err error
		if text, err = coding.Expand(s.coding, raw.Payload, r.lim.coding(), false); err != nil {
			return err
		}
	default:
		r.opaque("compressed", "")
		return nil
	}
	if uint64(len(text)) >= 1<<31 {
		return fmt.Errorf("read message: %w", ErrBomb)
	}
	r.m.plain = codec.Source{Raw: text, Text: text}
	return nil
}

// walkMessage is the generic walker for one message: protobuf or JSON as the
// envelope says, of a WebSocket what it looks like.
func (r *reading) walkMessage() {
	text := r.m.plain.Text
	switch {
	case text == "":
	case r.m.stream.codec == "proto" && r.m.stream.Transport != WebSocket:
		if !r.walkProtobuf(RolePrompt) && len(r.m.Opaque) == 0 {
			r.fail(fmt.Errorf("read message: %w: no protobuf", ErrMalformed))
		}
	case r.m.raw.Binary && !isPlain(text):
		if !r.walkProtobuf(RolePrompt) {
			r.opaque("binary", text)
		}
	default:
		r.walkBodyAs(RolePrompt)
	}
}

// Speaks reports whether a message says something, as far as its format shows.
// Of one that no format knows, words that name something do not count: sockets
// beat and acknowledge all the time.
func (m *Message) Speaks() bool {
	if m.Kind != KindPrompt && m.Kind != KindUpload && m.Kind != KindTool {
		return false
	}
	for _, part := range m.Parts {
		if part.Role != RoleOther && (m.Matched || !isToken(part.Text)) {
			return true
		}
	}
	return false
}

// isToken reports whether text is one short word in ASCII.
func isToken(text string) bool {
	return len(text) <= maxWord && strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf }) < 0
}

const maxWord = 64

// Refuse is a refusal of one message, as messages that the client of a WebSocket
// understands as an answer, or of an answer when m is nil; the socket can stay open after them, because closing
// makes clients connect again and send again. Nothing when the format has no such
// answer.
func (s *Stream) Refuse(m *Message, n Notice) [][]byte {
	if s.format == nil || s.format.RefuseMessage == nil {
		return nil
	}
	return s.format.RefuseMessage(m, n)
}

// End is how a stream in envelopes ends with a refusal after its reply has begun:
// the last bytes of the body, or its trailer.
func (s *Stream) End(n Notice) (body []byte, trailer http.Header) {
	switch s.Transport {
	case Connect:
		return refuseConnectStream("", n).Body, nil
	case GRPCWeb:
		lines := fmt.Sprintf("grpc-status: %d\r\ngrpc-message: %s\r\n", n.rpc().number, percentEncode(n.text()))
		return frame.Envelope{Flags: frame.Trailers, Payload: []byte(lines)}.Append(nil), nil
	}
	answer := refuseGRPC("", n)
	delete(answer.Header, "Content-Type")
	return nil, answer.Header
}

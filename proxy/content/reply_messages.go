package content

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/coding"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// Answers reports whether a reply is a stream of messages like the request, under
// whatever content coding. Errors of HTTP are not.
func (s *Stream) Answers(status int, header http.Header) bool {
	if s.Transport == WebSocket {
		return status == http.StatusSwitchingProtocols
	}
	transport, _, _ := envelopes(header)
	return transport != ""
}

// openMessages makes r read the messages that answer a stream. They come in
// envelopes, those of a WebSocket too, with the flags of frame.TextMessage or
// frame.BinaryMessage; what is released is whole envelopes.
func (r *Reply) openMessages(s *Stream, header http.Header) {
	f := &messageFraming{flags: s.Flags(true), lim: r.lim}
	f.lim.Expanded = int64(f.lim.record())
	if s.Transport != WebSocket {
		if _, f.codec, f.coding = envelopes(header); f.codec == "" {
			r.Opaque = []string{"grpc"}
			return
		}
	}
	r.framing = f
}

// messageFraming cuts a stream of envelopes: each message is a record.
type messageFraming struct {
	codec  string // proto or json; empty: of a WebSocket, what its bytes look like
	coding string // of compressed messages
	flags  byte   // that may be set
	lim    Limits
}

func (f *messageFraming) next(b []byte, last bool) (*unit, int, error) {
	e, n, err := frame.CutEnvelope(b, f.flags, int64(f.lim.record()))
	switch {
	case err != nil:
		return nil, 0, err
	case n == 0 && last && len(b) > 0:
		return nil, 0, fmt.Errorf("read message: %w", io.ErrUnexpectedEOF)
	case n == 0:
		return nil, 0, nil
	case e.Flags&frame.Trailers != 0, len(e.Payload) == 0:
		return bare(b[:n]), n, nil
	}
	payload := string(e.Payload)
	if e.Flags&frame.Compressed != 0 {
		if payload, err = coding.Expand(f.coding, e.Payload, f.lim.coding(), false); err != nil {
			return nil, 0, fmt.Errorf("read message: %w", err)
		}
	}
	u := payloadUnit(b[:n], payload, func(edited []byte) []byte {
		return frame.Envelope{Flags: e.Flags &^ frame.Compressed, Payload: edited}.Append(nil)
	})
	switch {
	case f.codec == "proto" && e.Flags&frame.EndStream == 0:
		u.protobuf = isProtobuf
	case e.Flags&frame.BinaryMessage != 0 && !isPlain(payload):
		u.protobuf = maybeProtobuf
	}
	return u, n, nil
}

// isPlain reports whether a binary message is text: a protobuf message whose tags
// and lengths happen to be printable is none.
func isPlain(payload string) bool {
	if !utf8.ValidString(payload) || !codec.IsText(payload) {
		return false
	}
	_, err := frame.Fields([]byte(payload))
	return err != nil
}

// protobufFraming takes a whole reply for one message.
type protobufFraming struct{ lim Limits }

func (f *protobufFraming) next(b []byte, last bool) (*unit, int, error) {
	switch {
	case len(b) > f.lim.record():
		return nil, 0, frame.ErrTooBig
	case !last || len(b) == 0:
		return nil, 0, nil
	}
	u := payloadUnit(b, string(b), func(edited []byte) []byte { return edited })
	u.protobuf = maybeProtobuf
	return u, len(b), nil
}

// protobufness says whether a record is a protobuf message.
type protobufness byte

const (
	noProtobuf protobufness = iota
	maybeProtobuf
	isProtobuf
)

// readProtobuf reads a message whose schema is unknown: each string continues
// that of the same field in earlier messages. Numbers are times and ids.
func (rec *record) readProtobuf() error {
	if !rec.protobuf(RoleOther, rec.joinField) {
		if rec.unit.protobuf == isProtobuf {
			return fmt.Errorf("read message: %w: no protobuf", ErrMalformed)
		}
		rec.opaque("binary", "")
	}
	return rec.err
}

// joinField makes a string a part that continues the channel of its field. One
// that is the same as in the last message and has no space is a name of
// something, and stands for itself: names joined would look like numbers of
// something else.
func (rec *record) joinField(f frame.Field) {
	before := len(rec.parts)
	rec.addSpan(RoleReply, f.Start, f.End)
	if len(rec.parts) == before {
		return
	}
	name := "field " + strconv.FormatUint(f.Path, 36)
	text := rec.parts[before].Text
	c := rec.reply.channel(name, RoleReply)
	if again := c.last == text; again && len(text) >= minName && !strings.ContainsAny(text, " \n") {
		return
	}
	if c.last = ""; len(text) <= replyContext {
		c.last = strings.Clone(text)
	}
	rec.unit.runs = append(rec.unit.runs, rec.extend(name, RoleReply, before, text))
}

// minName is the length from which a text that comes again is taken for a name:
// models repeat short pieces.
const minName = 8

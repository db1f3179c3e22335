package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// Flags of an envelope. gRPC knows the first (grpc/grpc doc/PROTOCOL-HTTP2.md),
// Connect the first two (connectrpc.com/docs/protocol), gRPC-Web the first and
// the last (grpc/grpc doc/PROTOCOL-WEB.md).
const (
	Compressed = 0x01
	EndStream  = 0x02 // Connect: the rest is JSON, and the last that a server sends
	Trailers   = 0x80 // gRPC-Web: the rest is a block of header lines, likewise
)

// Flags of the envelopes in which messages of a WebSocket are carried inside the
// proxy. They are on no wire.
const (
	TextMessage   = 0x10
	BinaryMessage = 0x20
)

// Errors of an EnvelopeReader, besides those of its source.
var (
	ErrFlags  = errors.New("envelope: unknown flags")
	ErrTooBig = errors.New("envelope: message over the limit")
	ErrAfter  = errors.New("envelope: message after the end of the stream")
)

// An Envelope is one message of a stream, with its flags.
type Envelope struct {
	Flags   byte
	Payload []byte
}

// An EnvelopeReader reads messages with a prefix of five bytes: flags and a
// length. It serves one goroutine.
type EnvelopeReader struct {
	src     io.Reader
	flags   byte // that may be set
	limit   int64
	reserve func(int64) error
	ended   bool
	open    bool
}

// NewEnvelopeReader reads envelopes of at most limit bytes in which no flags but
// those given are set. reserve is as with NewReader.
func NewEnvelopeReader(src io.Reader, flags byte, limit int64, reserve func(int64) error) *EnvelopeReader {
	return &EnvelopeReader{src: src, flags: flags, limit: limit, reserve: reserve}
}

// Next returns the next envelope. Between envelopes the end is io.EOF, elsewhere
// io.ErrUnexpectedEOF.
func (r *EnvelopeReader) Next() (Envelope, error) {
	var prefix [prefixSize]byte
	r.open = false
	if _, err := io.ReadFull(r.src, prefix[:1]); err != nil {
		return Envelope{}, err
	}
	r.open = true
	if r.ended {
		return Envelope{}, ErrAfter
	}
	if err := fullEnvelope(r.src, prefix[1:]); err != nil {
		return Envelope{}, err
	}
	length, err := readPrefix(prefix[:], r.flags, r.limit)
	if err != nil {
		return Envelope{}, err
	}
	e := Envelope{Flags: prefix[0]}
	r.ended = e.Flags&(EndStream|Trailers) != 0
	for int64(len(e.Payload)) < length {
		n := len(e.Payload)
		grown := min(length, max(2*int64(n), firstChunk))
		if e.Payload, err = growTo(e.Payload, int(grown), r.reserve); err != nil {
			return Envelope{}, err
		}
		e.Payload = e.Payload[:grown]
		if err := fullEnvelope(r.src, e.Payload[n:]); err != nil {
			return Envelope{}, err
		}
	}
	r.open = false
	return e, nil
}

// CutEnvelope is the envelope at the start of b and how many bytes it takes; 0:
// more are needed. Its payload is a part of b. Bounds are as with
// NewEnvelopeReader.
func CutEnvelope(b []byte, flags byte, limit int64) (Envelope, int, error) {
	if len(b) < prefixSize {
		return Envelope{}, 0, nil
	}
	length, err := readPrefix(b, flags, limit)
	if err != nil || int64(len(b)-prefixSize) < length {
		return Envelope{}, 0, err
	}
	n := prefixSize + int(length)
	return Envelope{Flags: b[0], Payload: b[prefixSize:n]}, n, nil
}

// prefixSize is the length of an envelope's flags and length.
const prefixSize = 5

// readPrefix is the length of a message.
func readPrefix(prefix []byte, flags byte, limit int64) (int64, error) {
	if unknown := prefix[0] &^ flags; unknown != 0 {
		return 0, fmt.Errorf("%w: %#02x", ErrFlags, unknown)
	}
	length := int64(binary.BigEndian.Uint32(prefix[1:]))
	if length > limit {
		return 0, ErrTooBig
	}
	return length, nil
}

// Open reports whether the last error came inside an envelope.
func (r *EnvelopeReader) Open() bool { return r.open }

func fullEnvelope(src io.Reader, p []byte) error {
	_, err := io.ReadFull(src, p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Buffers are the bytes of an envelope, with its payload as it is and not a copy.
func (e Envelope) Buffers() net.Buffers {
	prefix := binary.BigEndian.AppendUint32([]byte{e.Flags}, uint32(len(e.Payload)))
	return net.Buffers{prefix, e.Payload}
}

// Append writes an envelope after b.
func (e Envelope) Append(b []byte) []byte {
	b = append(b, e.Flags)
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Payload)))
	return append(b, e.Payload...)
}

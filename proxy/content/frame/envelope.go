package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Flags of an envelope. gRPC knows the first (grpc/grpc doc/PROTOCOL-HTTP2.md),
// Connect the first two (connectrpc.com/docs/protocol), gRPC-Web the first and
// the last (grpc/grpc doc/PROTOCOL-WEB.md).
const (
	Compressed = 0x01
	EndStream  = 0x02 // Connect: the rest is JSON, and the last that a server sends
	Trailers   = 0x80 // gRPC-Web: the rest is a block of header lines, likewise
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
	var prefix [5]byte
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
	e := Envelope{Flags: prefix[0]}
	if e.Flags&^r.flags != 0 {
		return Envelope{}, fmt.Errorf("%w: %#02x", ErrFlags, e.Flags)
	}
	length := int64(binary.BigEndian.Uint32(prefix[1:]))
	if length > r.limit {
		return Envelope{}, ErrTooBig
	}
	r.ended = e.Flags&(EndStream|Trailers) != 0
	for int64(len(e.Payload)) < length {
		n := len(e.Payload)
		grown := min(length, max(2*int64(n), firstChunk))
		if r.reserve != nil {
			if err := r.reserve(grown - int64(n)); err != nil {
				return Envelope{}, err
			}
		}
		e.Payload = append(make([]byte, 0, grown), e.Payload...)[:grown]
		if err := fullEnvelope(r.src, e.Payload[n:]); err != nil {
			return Envelope{}, err
		}
	}
	r.open = false
	return e, nil
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

// Append writes an envelope after b.
func (e Envelope) Append(b []byte) []byte {
	b = append(b, e.Flags)
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Payload)))
	return append(b, e.Payload...)
}

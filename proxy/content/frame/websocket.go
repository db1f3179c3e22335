package frame

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"
)

// Opcode says what a frame is (RFC 6455 section 5.2).
type Opcode byte

// The opcodes. All others are reserved.
const (
	continuation Opcode = 0
	Text         Opcode = 1
	Binary       Opcode = 2
	Close        Opcode = 8
	Ping         Opcode = 9
	Pong         Opcode = 10
)

// IsControl reports whether a frame is about the connection and not a message.
func (o Opcode) IsControl() bool { return o >= Close }

// Close codes (RFC 6455 section 7.4.1).
const (
	CloseGoingAway = 1001
	CloseProtocol  = 1002
	CloseData      = 1007 // text that is not UTF-8
	ClosePolicy    = 1008
	CloseTooBig    = 1009
)

// A ProtocolError is a breach of the protocol. Code is the one to close with.
type ProtocolError struct {
	Code int
	text string
}

func (v *ProtocolError) Error() string { return "websocket: " + v.text }

func protocol(text string) error { return &ProtocolError{CloseProtocol, text} }

var (
	errTooBig  = &ProtocolError{CloseTooBig, "message over the limit"}
	errInvalid = &ProtocolError{CloseData, "text is not UTF-8"}
)

// maxFragments bounds the frames of one message: empty ones would never fill it.
const maxFragments = 1 << 16

// firstChunk is the memory that a message takes before its bytes are there,
// however long its header says it is.
const firstChunk = 32 << 10

// A Message is a whole message, or a control frame.
type Message struct {
	Opcode  Opcode // Text, Binary, Close, Ping or Pong
	Payload []byte // unmasked; the caller's
}

// A Reader reads the messages of one side of a WebSocket. It serves one
// goroutine.
type Reader struct {
	src     *bufio.Reader
	masked  bool // a client's frames are, a server's are not
	limit   int64
	reserve func(int64) error
	opcode  Opcode // of the message that is being read, 0 for none
	payload []byte
	frames  int
	closed  bool
	err     error
}

// NewReader reads what a client (or a server) sends. A message of more than
// limit bytes is a ProtocolError. reserve, which may be nil, is called with a number
// of bytes before they are taken for a message, and with a negative one when they
// are given back for more; its error ends the reading. What a message that was
// returned holds is the caller's to give back.
func NewReader(src io.Reader, fromClient bool, limit int64, reserve func(int64) error) *Reader {
	return &Reader{src: bufio.NewReaderSize(src, 4096), masked: fromClient, limit: limit, reserve: reserve}
}

// Open reports whether a message has begun and is not complete.
func (r *Reader) Open() bool { return r.opcode != 0 }

// Next returns the next whole message or control frame; a control frame between
// the fragments of a message comes before it. After a close frame, and at the
// end between messages, it returns io.EOF; an end elsewhere is
// io.ErrUnexpectedEOF. The first error stays.
func (r *Reader) Next() (Message, error) {
	for r.err == nil {
		if r.closed {
			r.err = io.EOF
			break
		}
		message, done, err := r.frame()
		if err != nil {
			r.err, r.payload = err, nil
			break
		}
		if done {
			return message, nil
		}
	}
	return Message{}, r.err
}

// frame reads one frame and reports whether a message is complete with it.
func (r *Reader) frame() (Message, bool, error) {
	h, err := r.header()
	if err != nil {
		return Message{}, false, err
	}
	if h.opcode.IsControl() {
		payload, err := r.read(nil, h)
		if err == nil && h.opcode == Close {
			r.closed = true
			err = checkClose(payload)
		}
		return Message{h.opcode, payload}, true, err
	}
	if r.payload, err = r.read(r.payload, h); err != nil {
		return Message{}, false, err
	}
	if !h.final {
		return Message{}, false, nil
	}
	message := Message{r.opcode, r.payload}
	r.opcode, r.payload, r.frames = 0, nil, 0
	if message.Opcode == Text && !utf8.Valid(message.Payload) {
		return Message{}, false, errInvalid
	}
	return message, true, nil
}

// header is what stands before a frame's payload.
type header struct {
	final  bool
	opcode Opcode
	length int64
	mask   [4]byte
}

func (r *Reader) header() (h header, err error) {
	var b [8]byte
	if _, err := io.ReadFull(r.src, b[:2]); err != nil {
		if errors.Is(err, io.EOF) && r.opcode != 0 {
			err = io.ErrUnexpectedEOF
		}
		return h, err
	}
	h.final, h.opcode, h.length = b[0]&0x80 != 0, Opcode(b[0]&0x0f), int64(b[1]&0x7f)
	switch {
	case b[0]&0x70 != 0:
		return h, protocol("reserved bit without an extension")
	case h.opcode > Binary && h.opcode < Close || h.opcode > Pong:
		return h, protocol("reserved opcode")
	case (b[1]&0x80 != 0) != r.masked:
		return h, protocol("wrong masking")
	case h.opcode.IsControl() && (!h.final || h.length > 125):
		return h, protocol("control frame fragmented or too long")
	}
	if err := r.order(h.opcode); err != nil {
		return h, err
	}
	if extended := map[int64]int{126: 2, 127: 8}[h.length]; extended > 0 {
		if err := r.full(b[8-extended : 8]); err != nil {
			return h, err
		}
		clear(b[:8-extended])
		length := binary.BigEndian.Uint64(b[:])
		switch {
		case extended == 2 && length < 126, extended == 8 && length < 1<<16, length >= 1<<63:
			return h, protocol("length not in its shortest form")
		case length > uint64(r.limit):
			return h, errTooBig
		}
		h.length = int64(length)
	}
	if !h.opcode.IsControl() && int64(len(r.payload))+h.length > r.limit {
		return h, errTooBig
	}
	if r.masked {
		err = r.full(h.mask[:])
	}
	return h, err
}

// order checks that fragments follow each other (RFC 6455 section 5.4).
func (r *Reader) order(opcode Opcode) error {
	switch {
	case opcode.IsControl():
		return nil
	case opcode == continuation && r.opcode == 0:
		return protocol("continuation of nothing")
	case opcode != continuation && r.opcode != 0:
		return protocol("message inside a message")
	case opcode != continuation:
		r.opcode = opcode
	}
	if r.frames++; r.frames > maxFragments {
		return errTooBig
	}
	return nil
}

// read appends a frame's payload to what there is, growing as bytes come.
func (r *Reader) read(payload []byte, h header) (_ []byte, err error) {
	from := len(payload)
	end := from + int(h.length)
	for len(payload) < end {
		if len(payload) == cap(payload) {
			grown := 2 * cap(payload)
			if grown < end || h.final {
				grown = min(end, max(grown, firstChunk))
			}
			reserve := r.reserve
			if h.opcode.IsControl() {
				reserve = nil
			}
			if payload, err = growTo(payload, grown, reserve); err != nil {
				return nil, err
			}
		}
		n := len(payload)
		payload = payload[:min(cap(payload), end)]
		if err := r.full(payload[n:]); err != nil {
			return nil, err
		}
	}
	if r.masked {
		maskBytes(payload[from:], h.mask)
	}
	return payload, nil
}

// growTo is b with another capacity. While it is copied both are held.
func growTo(b []byte, size int, reserve func(int64) error) ([]byte, error) {
	if reserve == nil {
		return append(make([]byte, 0, size), b...), nil
	}
	if err := reserve(int64(size)); err != nil {
		return nil, err
	}
	grown := append(make([]byte, 0, size), b...)
	if cap(b) > 0 {
		return grown, reserve(-int64(cap(b)))
	}
	return grown, nil
}

// full is io.ReadFull inside a frame, where no end is a good one.
func (r *Reader) full(p []byte) error {
	_, err := io.ReadFull(r.src, p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// checkClose checks the payload of a close frame (RFC 6455 sections 5.5.1, 7.4).
func checkClose(payload []byte) error {
	if len(payload) == 0 {
		return nil
	}
	if len(payload) < 2 {
		return protocol("close code cut short")
	}
	switch code := binary.BigEndian.Uint16(payload); {
	case code >= 3000 && code < 5000, code >= 1000 && code <= 1003, code >= 1007 && code <= 1014:
	default:
		return protocol("reserved close code")
	}
	if !utf8.Valid(payload[2:]) {
		return errInvalid
	}
	return nil
}

// maskBytes applies a mask, or takes it away (RFC 6455 section 5.3).
func maskBytes(p []byte, mask [4]byte) {
	one := uint64(binary.LittleEndian.Uint32(mask[:]))
	eight := one<<32 | one
	for ; len(p) >= 8; p = p[8:] {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^eight)
	}
	for i := range p {
		p[i] ^= mask[i%4]
	}
}

// smallFrame is the size up to which header and payload go out in one write.
const smallFrame = 16 << 10

// Write sends a message as one frame, as a client (masked) or a server. It may
// change the payload.
func Write(w io.Writer, m Message, asClient bool) error {
	b := appendHeader(make([]byte, 0, 14+min(len(m.Payload), smallFrame)), m.Opcode, len(m.Payload), asClient)
	if asClient {
		var mask [4]byte
		rand.Read(mask[:]) // never fails: crypto/rand stops the process instead
		b = append(b, mask[:]...)
		maskBytes(m.Payload, mask)
	}
	if len(m.Payload) > smallFrame {
		if _, err := w.Write(b); err != nil {
			return err
		}
		b = m.Payload
	} else {
		b = append(b, m.Payload...)
	}
	_, err := w.Write(b)
	return err
}

func appendHeader(b []byte, opcode Opcode, length int, masked bool) []byte {
	var bit byte
	if masked {
		bit = 0x80
	}
	b = append(b, 0x80|byte(opcode))
	switch {
	case length < 126:
		return append(b, bit|byte(length))
	case length < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, bit|126), uint16(length))
	}
	return binary.BigEndian.AppendUint64(append(b, bit|127), uint64(length))
}

// maxReason is what is left of a control frame for the reason of a close.
const maxReason = 123

// Closing is a close frame. A reason that is too long is cut.
func Closing(code int, reason string) Message {
	if len(reason) > maxReason {
		cut := maxReason
		for cut > 0 && !utf8.RuneStart(reason[cut]) {
			cut--
		}
		reason = reason[:cut]
	}
	return Message{Close, append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)}
}

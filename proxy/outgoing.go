package proxy

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
)

// smallBody is the size up to which a body is sent as a plain bytes.Reader, which
// net/http writes together with the header. Its room is held until the exchange
// ends; larger ones are dropped, and their room given back, once they are sent.
const smallBody = 64 << 10

// A payload is a large body on its way out. The transport may read it twice,
// when a kept connection turns out to be dead, and may go on reading after the
// reply has begun. It is safe for concurrent use.
type payload struct {
	mu       sync.Mutex
	bytes    []byte
	open     int // readers that the transport has not closed
	answered bool
	dropped  func()
}

// reader returns a body over the bytes.
func (p *payload) reader() (io.ReadCloser, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes == nil {
		return nil, errSent
	}
	p.open++
	return &payloadReader{payload: p}, nil
}

// errSent says that a body cannot be sent again: the reply has begun.
var errSent = errors.New("body is sent")

// answer says that the reply has begun, so that the body is not sent again.
func (p *payload) answer() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answered = true
	p.drop()
}

func (p *payload) drop() {
	if p.answered && p.open == 0 && p.bytes != nil {
		p.bytes = nil
		p.dropped()
	}
}

type payloadReader struct {
	payload *payload
	offset  int
	once    sync.Once
}

func (r *payloadReader) Read(b []byte) (int, error) {
	r.payload.mu.Lock()
	defer r.payload.mu.Unlock()
	if r.offset >= len(r.payload.bytes) {
		return 0, io.EOF
	}
	n := copy(b, r.payload.bytes[r.offset:])
	r.offset += n
	return n, nil
}

func (r *payloadReader) Close() error {
	r.once.Do(func() {
		r.payload.mu.Lock()
		defer r.payload.mu.Unlock()
		r.payload.open--
		r.payload.drop()
	})
	return nil
}

// send puts what enforce left of the body into the request.
func (x *Exchange) send(body []byte) error {
	r := x.request
	r.TransferEncoding = nil
	switch {
	case len(body) == 0 && !x.body.truncated:
		r.Body, r.ContentLength = http.NoBody, 0
		return nil
	case len(body) <= smallBody && !x.body.truncated:
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		return nil
	}
	x.payload = &payload{bytes: body, dropped: x.lease.end}
	reader, err := x.payload.reader()
	if err != nil {
		return err
	}
	r.Body = reader
	if x.body.truncated { // the length stays what the client said, and the rest comes once only
		r.Body = &joined{Reader: io.MultiReader(reader, &patient{Reader: x.body.rest, x: x}), Closer: reader}
		return nil
	}
	r.ContentLength, r.GetBody = int64(len(body)), x.payload.reader
	return nil
}

// forget lets go of what is not needed any more once the reply has begun: a
// model's reply may take minutes.
func (x *Exchange) forget() {
	x.body, x.message, x.findings = nil, nil, nil
	if x.payload != nil {
		x.request.Body, x.request.GetBody = http.NoBody, nil
		x.payload.answer()
	}
}

// joined reads from one thing and closes another.
type joined struct {
	io.Reader
	io.Closer
}

// patient reads from the client what is passed on unread, at its pace.
type patient struct {
	io.Reader
	x *Exchange
}

func (p *patient) Read(b []byte) (int, error) {
	n, err := p.x.pace.read(p.Reader, b)
	p.x.sent.Add(int64(n))
	if err != nil {
		p.x.pace.done()
	}
	return n, err
}

// unread makes a request's body one that is passed on as it comes. A short one that
// the client does not hold back is waited for, so that head and body go in one
// record and its origin never waits for a client that is slow.
func (x *Exchange) unread() error {
	r := x.request
	if r.ContentLength < 0 {
		x.pace.rate = 0 // of no known length: it may be one side of a conversation
	}
	if r.Body == http.NoBody {
		return nil
	}
	passed := &patient{Reader: r.Body, x: x}
	if r.ContentLength > 0 && r.ContentLength <= shortBody && len(r.Trailer) == 0 && r.Header.Get("Expect") == "" {
		whole := make([]byte, r.ContentLength)
		_, err := io.ReadFull(passed, whole)
		x.pace.done()
		if err != nil {
			return unreadRequest.refuse(x, bodyError(r.Context(), err))
		}
		r.Body = io.NopCloser(bytes.NewReader(whole))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(whole)), nil }
		return nil
	}
	_ = x.control.EnableFullDuplex() // an early answer does not wait for the body
	r.Body = &joined{Reader: passed, Closer: r.Body}
	return nil
}

// shortBody is the length of the longest body that is waited for before it is
// passed on unread. It takes no room of limits.inspecting, as no buffer of a
// connection does.
const shortBody = 8 << 10

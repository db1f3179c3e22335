package proxy

import (
	"errors"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// A call is a request whose body is a stream of messages in envelopes: gRPC,
// gRPC-Web or Connect. The transport reads the body from it, and each message
// takes the road before it is given out. A refused message ends the body with an
// error, by which the transport cancels the call upstream; the client is told in
// the trailer, or instead of the reply when none has begun.
type call struct {
	p      *Pipeline
	x      *Exchange
	body   io.ReadCloser
	source *frame.EnvelopeReader
	room   *lease
	out    net.Buffers // decided, and not yet sent
	reply  *http.Response

	mu      sync.Mutex
	refused *refusal
	closed  bool // the transport reads no more
}

// openCall makes a request's body one whose messages take the road.
func (p *Pipeline) openCall(x *Exchange) {
	r := x.request
	if r.Body == http.NoBody {
		return
	}
	limits := x.parts.Options.Limits
	c := &call{p: p, x: x, body: r.Body, room: &lease{budget: p.budget}}
	from := &messageSource{src: r.Body, conn: x.control, count: &x.sent, stall: limits.Idle, between: limits.TunnelIdle}
	c.source = frame.NewEnvelopeReader(from, x.stream.Flags(false), limits.Message, messageRoom(x.context(), &c.room))
	from.open = c.source.Open
	_ = x.control.EnableFullDuplex() // HTTP/2 is so anyway
	x.call = c
	r.Body, r.ContentLength, r.GetBody = c, -1, nil
	r.Header.Del("Content-Length")
}

// Read gives out messages that were let through.
func (c *call) Read(b []byte) (int, error) {
	if refused := c.refusal(); refused != nil {
		return 0, refused
	}
	if len(c.out) == 0 {
		c.next()
		e, err := c.source.Next()
		if errors.Is(err, io.EOF) {
			return 0, io.EOF
		}
		if err != nil && c.over() {
			return 0, err
		}
		if err != nil {
			return 0, c.refuse(c.unread(err))
		}
		if err := c.take(&e); err != nil {
			return 0, c.refuse(err)
		}
		c.out = e.Buffers()
	}
	n, _ := c.out.Read(b)
	return n, nil
}

// Close is the transport's: it will read no more, because the service has answered
// all it wants to.
func (c *call) Close() error {
	c.mu.Lock()
	c.closed = true
	c.room.end()
	c.mu.Unlock()
	return c.body.Close()
}

// next gives back the room of the last message.
func (c *call) next() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room.end()
	if !c.closed {
		c.room = &lease{budget: c.p.budget}
	}
}

// over reports whether the transport reads no more.
func (c *call) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// take sends a message down the road and leaves it as it may be sent on.
func (c *call) take(e *frame.Envelope) error {
	raw := content.Raw{Payload: e.Payload, Compressed: e.Flags&frame.Compressed != 0}
	x := c.p.newMessage(c.x, raw)
	defer c.p.complete(x)
	out, err := c.p.message(x, raw)
	x.keep(c.room, out, err)
	if err != nil {
		return err
	}
	e.Payload = out.Payload
	if !out.Compressed {
		e.Flags &^= frame.Compressed
	}
	return nil
}

// unread records the refusal of a message that could not be taken out of its
// envelope. A client that left has nothing to be told.
func (c *call) unread(err error) error {
	reason := "message_malformed"
	switch {
	case c.x.context().Err() != nil:
		return refuseFor("client_left", err)
	case errors.Is(err, frame.ErrTooBig):
		reason = "message_too_large"
	case errors.Is(err, os.ErrDeadlineExceeded):
		reason = "message_stalled"
	case errors.Is(err, errBusy):
		reason = "busy"
	}
	x := c.p.newMessage(c.x, content.Raw{})
	defer c.p.complete(x)
	return c.p.recordMessage(x, refuseFor(reason, err), nil)
}

// refuse keeps why the call ends.
func (c *call) refuse(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		c.refused = asRefusal(err)
	}
	return c.refused
}

// refusal is why a message was refused, nil while none was.
func (c *call) refusal() *refusal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// answers is the body of the reply: whole envelopes, and where a message of the
// client's was refused the end that says so. A reply that is no stream of
// messages, as errors of HTTP are, or whose content coding nobody has undone, is
// passed as it comes.
func (c *call) answers(resp *http.Response, body io.ReadCloser) io.ReadCloser {
	if !c.x.stream.Answers(resp.StatusCode, resp.Header) || content.Coded(resp.Header) {
		return body
	}
	c.reply = resp
	a := &answers{call: c, ReadCloser: body, room: &lease{budget: c.p.budget}}
	limit := c.x.parts.Options.Limits.Message
	if _, ours := body.(*inspectedBody); ours { // what was read within the limit may have grown
		limit = math.MaxUint32
	}
	a.source = frame.NewEnvelopeReader(body, c.x.stream.Flags(true), limit, messageRoom(c.x.context(), &a.room))
	return a
}

type answers struct {
	io.ReadCloser
	call   *call
	source *frame.EnvelopeReader
	room   *lease
	out    net.Buffers
	done   bool
}

func (a *answers) Read(b []byte) (int, error) {
	for len(a.out) == 0 {
		a.room.end()
		if a.done {
			return 0, io.EOF
		}
		a.room = &lease{budget: a.call.p.budget}
		e, err := a.source.Next()
		refused := a.call.refusal()
		var own *refusal
		switch {
		case refused != nil && refused.reason != "client_left" && (err != nil || e.Flags&(frame.EndStream|frame.Trailers) != 0):
			a.end(refused) // however the service ends it
		case err == nil:
			a.out = e.Buffers()
			a.call.x.events++
		case errors.Is(err, io.EOF):
			return 0, io.EOF
		case errors.As(err, &own): // of ours, from inspecting it
			a.end(own)
		case isFraming(err):
			a.end(refuseFor("upstream_message", err))
		default:
			return 0, err
		}
	}
	n, _ := a.out.Read(b)
	return n, nil
}

// end makes the reply end with a refusal.
func (a *answers) end(refused *refusal) {
	x := a.call.x
	_ = a.ReadCloser.Close() // a read that goes on would write the origin's trailers over ours
	x.failure = refused
	a.done = true
	body, trailer := x.stream.End(noticeOf(x, refused))
	if len(body) > 0 {
		a.out = net.Buffers{body}
	}
	if trailer != nil {
		reply := a.call.reply
		if reply.Trailer == nil {
			reply.Trailer = http.Header{}
		}
		maps.Copy(reply.Trailer, trailer)
	}
}

func (a *answers) Close() error {
	a.room.end()
	return a.ReadCloser.Close()
}

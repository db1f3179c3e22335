package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

const (
	// closeWait is how long a side that was told to close has to say so too.
	closeWait = 5 * time.Second
	// brokenWait is how long one that broke the protocol is listened to after that.
	brokenWait = time.Second
	// maxRefusals is how many messages of one connection are refused before it is
	// closed: each is answered and recorded.
	maxRefusals = 100
)

// A socket is an upgraded connection. goproxy copies each direction with io.Copy,
// which calls ReadFrom and WriteTo: both take whole messages out of the frames
// and pass control frames on at once and in order. A client's message takes the
// road. Where policy does not want a host read, bytes are passed as they come.
//
// Close ends both directions and waits for them.
type socket struct {
	p      *Pipeline
	x      *Exchange
	origin io.ReadWriteCloser
	reply  *inspectedBody // of what the origin says; nil: it is not read
	early  []byte         // of the client
	idle   *time.Timer    // closes both sides when nothing moves for limits.tunnel_idle

	said [2]chan struct{} // closed when a side has said its last: the client, the origin
	once [2]sync.Once

	writing sync.Mutex // frames to the client: of the origin, and refusals
	shutOff bool       // the client was told to close: nothing follows that

	mu      sync.Mutex
	ended   bool
	failure *refusal
	running sync.WaitGroup
}

const (
	clientSide = 0
	originSide = 1
)

func (p *Pipeline) openSocket(x *Exchange, origin io.ReadWriteCloser, reply *inspectedBody) *socket {
	s := &socket{p: p, x: x, origin: origin, reply: reply, said: [2]chan struct{}{make(chan struct{}), make(chan struct{})}}
	s.idle = time.AfterFunc(x.parts.Options.Limits.TunnelIdle, s.endIdle)
	return s
}

// errRelay says that goproxy copied in a way that no message could be read in.
var errRelay = errors.New("socket: not copied by ReadFrom and WriteTo")

// Read is never called, because io.Copy prefers WriteTo.
func (s *socket) Read([]byte) (int, error) { return 0, errRelay }

// Write takes what came with the request: io.Copy gives it before it calls
// ReadFrom, which reads it like the rest.
func (s *socket) Write(b []byte) (int, error) {
	if len(s.early)+len(b) > smallBody {
		return 0, errRelay
	}
	s.early = append(s.early, b...)
	return len(b), nil
}

// ReadFrom carries what the client sends until it has said its last.
func (s *socket) ReadFrom(src io.Reader) (int64, error) {
	if !s.begin() {
		return 0, net.ErrClosed
	}
	defer s.running.Done()
	defer s.last(clientSide)
	src = io.MultiReader(bytes.NewReader(s.early), struct{ io.Reader }{src})
	if s.x.stream == nil {
		return io.Copy(&counted{Writer: s.origin, count: &s.x.sent, active: s.active}, struct{ io.Reader }{src})
	}
	from := &messageSource{src: src, conn: s.x.conn, count: &s.x.sent, active: s.active, stall: s.x.parts.Options.Limits.Idle}
	room := &lease{budget: s.p.budget}
	defer func() { room.end() }()
	from.next = func() {
		room.end()
		room = &lease{budget: s.p.budget}
	}
	reader := frame.NewReader(from, true, s.x.parts.Options.Limits.Message, messageRoom(s.x.context(), &room))
	from.open, from.reader = reader.Open, reader
	for refusals := 0; ; {
		m, err := reader.Next()
		if err != nil {
			s.clientBroke(from, err)
			return 0, nil
		}
		if !m.Opcode.IsControl() {
			refused := s.take(&m, room)
			if refused == nil {
				err = frame.Write(s.origin, m, true)
			} else {
				if refusals++; refusals >= maxRefusals {
					refused = refuseFor("message_refusals", refused)
				}
				if !s.answer(from, refused, refusals < maxRefusals) {
					return 0, nil
				}
			}
			from.next()
		} else {
			err = frame.Write(s.origin, m, true)
		}
		if err != nil {
			return 0, nil // the origin left: the other direction says how
		}
		if m.Opcode == frame.Close {
			s.last(clientSide)
			s.await(originSide)
			return 0, nil
		}
	}
}

// take sends a client's message down the road and leaves it as it may be sent
// on, or returns why not. room is what it holds.
func (s *socket) take(m *frame.Message, room *lease) *refusal {
	raw := content.Raw{Payload: m.Payload, Binary: m.Opcode == frame.Binary}
	x := s.p.newMessage(s.x, raw)
	defer s.p.complete(x)
	out, err := s.p.message(x, raw)
	x.keep(room, out, err)
	if err != nil {
		refused := asRefusal(err)
		refused.read = x.message
		return refused
	}
	m.Payload = out.Payload
	return nil
}

// answer tells the client that a message was refused, in the dialect of its
// format. Where there is none, or the connection is not to go on, it is closed.
// It reports whether the connection goes on.
func (s *socket) answer(from *messageSource, refused *refusal, goOn bool) bool {
	notice := noticeOf(s.x, refused)
	said := s.x.stream.Refuse(refused.read, notice)
	for _, text := range said {
		if s.say(frame.Message{Opcode: frame.Text, Payload: text}) != nil {
			return false
		}
	}
	if goOn && len(said) > 0 {
		return true
	}
	s.shut(from, frame.ClosePolicy, refused)
	return false
}

// shut closes the client's side with a reason, and lets it say its last: closing
// on a client that still sends would reset the connection, and it would never
// learn why.
func (s *socket) shut(from *messageSource, code int, refused *refusal) {
	s.fail(refused)
	if s.say(closing(code, noticeOf(s.x, refused))) != nil {
		return
	}
	from.until = time.Now().Add(closeWait)
	if code != frame.ClosePolicy && code != closeTryAgain { // its frames cannot be told apart any more
		from.until = time.Now().Add(brokenWait)
		_, _ = io.CopyN(io.Discard, from, drainBytes) // as far as it goes
		return
	}
	for {
		from.next()
		if m, err := from.reader.Next(); err != nil || m.Opcode == frame.Close {
			return
		}
	}
}

// closing is a close frame with a notice as its reason.
func closing(code int, notice content.Notice) frame.Message {
	id := " (exchange " + notice.ID + ")"
	title := strings.TrimSuffix(notice.Title, ".")
	reason := title[:min(len(title), maxReason-len(id))] + id
	return frame.Closing(code, strings.ToValidUTF8(reason, ""))
}

// maxReason is the room for the reason in a close frame (RFC 6455 section 5.5).
const maxReason = 123

// clientBroke ends a client that does not go on: it left, it breaks the rules, or
// a message of it does not end.
func (s *socket) clientBroke(from *messageSource, err error) {
	var violation *frame.ProtocolError
	switch {
	case errors.As(err, &violation) && violation.Code == frame.CloseTooBig:
		s.shut(from, violation.Code, s.refuseUnread("message_too_large", err))
	case errors.As(err, &violation):
		s.shut(from, violation.Code, s.refuseUnread("message_malformed", err))
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.shut(from, frame.ClosePolicy, s.refuseUnread("message_stalled", err))
	case errors.Is(err, errBusy):
		s.shut(from, closeTryAgain, s.refuseUnread("busy", err))
	}
}

// closeTryAgain is the close code for a server without room (IANA's registry).
const closeTryAgain = 1013

// refuseUnread records the refusal of a message that could not be taken out of
// its frames.
func (s *socket) refuseUnread(reason string, cause error) *refusal {
	x := s.p.newMessage(s.x, content.Raw{})
	defer s.p.complete(x)
	return asRefusal(s.p.recordMessage(x, refuseFor(reason, cause), nil))
}

// say sends a frame to the client. One that does not read is let go after idle.
func (s *socket) say(m frame.Message) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.shutOff {
		return nil
	}
	s.shutOff = m.Opcode == frame.Close
	_ = s.x.conn.SetWriteDeadline(time.Now().Add(s.x.parts.Options.Limits.Idle)) // net.Conn has deadlines
	return frame.Write(s.x.conn, m, false)
}

// active puts the end off.
func (s *socket) active() { s.idle.Reset(s.x.parts.Options.Limits.TunnelIdle) }

// endIdle closes a connection over which nothing moves.
func (s *socket) endIdle() {
	s.fail(refuseFor("socket_idle", nil))
	_ = s.origin.Close() // both copies end
	_ = s.x.conn.Close()
}

// fail keeps the first reason for the end.
func (s *socket) fail(refused *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure == nil {
		s.failure = refused
	}
}

// begin reports whether a direction may start.
func (s *socket) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.running.Add(1)
	return true
}

// last says that a side has said its last.
func (s *socket) last(side int) { s.once[side].Do(func() { close(s.said[side]) }) }

// await gives the other side time to say its last.
func (s *socket) await(side int) {
	timer := time.NewTimer(closeWait)
	defer timer.Stop()
	select {
	case <-s.said[side]:
	case <-timer.C:
	}
}

// Close ends both directions, waits for them and completes the exchange. goproxy
// calls it when the first has ended.
func (s *socket) Close() error {
	s.mu.Lock()
	again := s.ended
	s.ended = true
	s.mu.Unlock()
	if again {
		return nil
	}
	err := s.origin.Close()
	if s.x.conn != nil {
		_ = s.x.conn.Close() // the last word has been said
	}
	s.running.Wait()
	s.idle.Stop()
	s.x.bytesOut += s.x.received.Load()
	if s.x.failure == nil {
		s.x.failure = s.failure
	}
	s.p.complete(s.x)
	return err
}

// messageSource reads a client's messages. A message that has begun must be there
// whole in stall; between messages the client has as long as between says, or for
// ever.
type messageSource struct {
	src            io.Reader
	conn           interface{ SetReadDeadline(time.Time) error }
	open           func() bool // whether a message has begun
	reader         *frame.Reader
	next           func() // gives back the room of the last message
	stall, between time.Duration
	begun          time.Time
	until          time.Time // when reading ends altogether
	count          *atomic.Int64
	active         func()
}

func (m *messageSource) Read(b []byte) (int, error) {
	deadline := time.Time{}
	switch {
	case !m.until.IsZero():
		deadline = m.until
	case m.open():
		if m.begun.IsZero() {
			m.begun = time.Now()
		}
		deadline = m.begun.Add(m.stall)
	default:
		m.begun = time.Time{}
		if m.between > 0 {
			deadline = time.Now().Add(m.between)
		}
	}
	_ = m.conn.SetReadDeadline(deadline) // both kinds of connection have one
	n, err := m.src.Read(b)
	m.count.Add(int64(n))
	if n > 0 && m.active != nil {
		m.active()
	}
	if err != nil { // net/http goes on reading, to see the client leave: that may take long
		_ = m.conn.SetReadDeadline(time.Time{})
	}
	return n, err
}

// counted counts what is copied through it.
type counted struct {
	io.Reader
	io.Writer
	count  *atomic.Int64
	active func()
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.count.Add(int64(n))
	c.active()
	return n, err
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.count.Add(int64(n))
	c.active()
	return n, err
}

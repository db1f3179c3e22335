package proxy

import (
	"errors"
	"io"
	"math"
	"net"

	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// WriteTo carries what the origin sends until it has said its last. Its messages
// are read as a reply is: each is a record of it.
func (s *socket) WriteTo(w io.Writer) (int64, error) {
	if !s.begin() {
		return 0, net.ErrClosed
	}
	defer s.running.Done()
	defer s.last(originSide)
	from := &counted{Reader: s.origin, count: &s.x.received, active: s.active}
	if s.x.stream == nil {
		return io.Copy(struct{ io.Writer }{w}, from)
	}
	limit := s.x.parts.Options.Limits.Message
	origin := &originMessages{s: s, room: &lease{budget: s.p.budget}}
	origin.reader = frame.NewReader(from, false, limit, messageRoom(s.x.context(), &origin.room))
	defer func() { origin.room.end() }()
	source := io.Reader(origin)
	if s.reply != nil {
		s.reply.source = origin
		defer func() { _ = s.reply.Close() }() // and with it the origin, before its room is given back
		source = s.reply
	}
	// Here a message is what it has become, which may be more than it was: the limit
	// was kept above.
	room := &lease{budget: s.p.budget}
	defer func() { room.end() }()
	messages := frame.NewEnvelopeReader(source, s.x.stream.Flags(true), math.MaxUint32, messageRoom(s.x.context(), &room))
	for {
		room.end()
		room = &lease{budget: s.p.budget}
		e, err := messages.Next()
		if err != nil {
			s.originEnded(origin, err)
			return 0, nil
		}
		m := frame.Message{Opcode: frame.Text, Payload: e.Payload}
		if e.Flags&frame.BinaryMessage != 0 {
			m.Opcode = frame.Binary
		}
		s.x.events++
		if err := s.say(m); err != nil {
			s.fail(refuseFor("client_left", speakable(err)))
			return 0, nil
		}
	}
}

// originEnded tells the client why nothing follows.
func (s *socket) originEnded(origin *originMessages, err error) {
	var violation *frame.ProtocolError
	var own *refusal
	var last frame.Message
	if errors.Is(err, errBusy) {
		err = refuseFor("busy", err)
	}
	switch {
	case errors.Is(err, io.EOF) && origin.closing.Opcode == frame.Close:
		last = origin.closing
	case errors.As(err, &violation):
		broke := refuseFor("upstream_message", err)
		s.fail(broke)
		last = closing(violation.Code, noticeOf(s.x, broke))
	case errors.As(err, &own):
		s.fail(own)
		notice := noticeOf(s.x, own)
		for _, text := range s.x.stream.Refuse(nil, notice) {
			_ = s.say(frame.Message{Opcode: frame.Text, Payload: text}) // the end follows
		}
		last = closing(frame.ClosePolicy, notice)
		if own.reason == "busy" {
			last = closing(closeTryAgain, notice)
		}
	default:
		return
	}
	if err := s.say(last); err != nil {
		s.fail(refuseFor("client_left", speakable(err)))
		return
	}
	if violation == nil {
		s.last(originSide)
		s.await(clientSide)
	}
}

// originMessages gives out the messages of an origin in envelopes. Control frames
// go on to the client at once, but for the last: after a close frame it ends.
type originMessages struct {
	s       *socket
	reader  *frame.Reader
	room    *lease // for the message that is being read
	out     net.Buffers
	closing frame.Message
}

func (o *originMessages) Read(b []byte) (int, error) {
	for len(o.out) == 0 {
		m, err := o.reader.Next()
		switch {
		case err != nil:
			return 0, err
		case m.Opcode == frame.Close:
			o.closing = m
			return 0, io.EOF
		case m.Opcode.IsControl():
			if err := o.s.say(m); err != nil {
				return 0, refuseFor("client_left", speakable(err))
			}
		default:
			e := frame.Envelope{Flags: frame.TextMessage, Payload: m.Payload}
			if m.Opcode == frame.Binary {
				e.Flags = frame.BinaryMessage
			}
			o.out = e.Buffers()
		}
	}
	n, _ := o.out.Read(b)
	if len(o.out) == 0 {
		o.room.end()
		o.room = &lease{budget: o.s.p.budget}
	}
	return n, nil
}

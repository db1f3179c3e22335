package proxy

import (
	"errors"

	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// unread are the reasons for which something could not be read.
type unread struct {
	bomb, encoding, malformed string
	framing                   string // its messages break the rules of their envelopes or frames
	failed                    string // anything else
}

var (
	unreadRequest = &unread{bomb: "body_bomb", encoding: "body_encoding", malformed: "body_malformed", framing: "body_malformed", failed: "body_malformed"}
	unreadReply   = &unread{bomb: "reply_bomb", encoding: "reply_encoding", malformed: "reply_malformed", framing: "upstream_message", failed: "reply_failed"}
)

// refuse says why something could not be read. What was refused already stays so.
func (u *unread) refuse(x *Exchange, err error) error {
	var said *refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said):
		return said
	case x.context().Err() != nil:
		return ended(x.context(), err)
	case errors.Is(err, errBusy):
		return refuseFor("busy", err)
	case errors.Is(err, content.ErrBomb):
		return refuseFor(u.bomb, err)
	case errors.Is(err, content.ErrEncoding):
		return refuseFor(u.encoding, err)
	case errors.Is(err, content.ErrMalformed):
		return refuseFor(u.malformed, err)
	case isFraming(err):
		return refuseFor(u.framing, err)
	}
	return refuseFor(u.failed, err)
}

// isReading reports whether an error is one of reading a reply.
func isReading(err error) bool {
	return errors.Is(err, content.ErrBomb) || errors.Is(err, content.ErrEncoding) || errors.Is(err, content.ErrMalformed) || errors.Is(err, errBusy) || isFraming(err)
}

// isFraming reports whether an error is that messages break the rules of their
// envelopes or frames.
func isFraming(err error) bool {
	var violation *frame.ProtocolError
	return errors.Is(err, frame.ErrTooBig) || errors.Is(err, frame.ErrFlags) || errors.Is(err, frame.ErrAfter) || errors.As(err, &violation)
}

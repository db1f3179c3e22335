package proxy

import (
	"context"
	"slices"
	"time"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/content"
)

// message takes one message of a stream down the road: the stages of a request,
// whose head it shares. It returns the message as it may be sent on, or a
// refusal. The exchange is the message's own; complete ends it once the message
// is sent or refused.
func (p *Pipeline) message(x *Exchange, raw content.Raw) (out content.Raw, err error) {
	defer func() { err = p.recordMessage(x, err, recover()) }() // 10 record

	if err := x.identifyMessage(); err != nil { // 3
		return raw, err
	}
	if err := p.readMessage(x, raw); err != nil { // 4
		return raw, err
	}
	if err := p.classify(x); err != nil { // 5
		return raw, err
	}
	if err := p.decide(x); err != nil { // 6
		return raw, err
	}
	return p.rewriteMessage(x, raw) // 7
}

// newMessage begins the exchange of a message that came in on x. It is decided by
// the policy that is in force now, not by that of the stream's beginning.
func (p *Pipeline) newMessage(x *Exchange, raw content.Raw) *Exchange {
	m := newExchange(policy.PhaseRequest, x.request, x.Client, p.current.Load())
	m.parent, m.connect, m.control = x, x.connect, x.control
	m.Proto, m.Certificate, m.Identity, m.signIn, m.credentials = x.Proto, x.Certificate, x.Identity, x.signIn, x.credentials
	if x.connect != nil {
		m.credentials = x.connect.credentials
	}
	m.Target, m.Known, m.Match, m.Tags, m.mode = x.Target, x.Known, x.Match, x.Tags, x.mode
	m.head, m.stream = x.head, x.stream
	m.lease = &lease{budget: p.budget}
	m.bytesIn = int64(len(raw.Payload))
	x.messages.Add(1)
	return m
}

// readMessage is extract for a message.
func (p *Pipeline) readMessage(x *Exchange, raw content.Raw) error {
	defer since(time.Now(), &x.stages.extract)
	message, err := x.stream.ReadMessage(raw, p.contentLimits(x))
	x.message = message
	return unreadRequest.refuse(x, err)
}

// rewriteMessage is enforce for a message: what the decision names is replaced.
// An edited message is sent without compression, which any receiver reads.
func (p *Pipeline) rewriteMessage(x *Exchange, raw content.Raw) (content.Raw, error) {
	rewritten, err := p.rewritten(x)
	if err != nil || x.redactions == 0 {
		return raw, err
	}
	return content.Raw{Payload: rewritten.Body, Binary: raw.Binary}, nil
}

// recordMessage is record for a message, as far as it came.
func (p *Pipeline) recordMessage(x *Exchange, err error, panicked any) error {
	if panicked != nil {
		err = p.panicked(x, panicked)
	}
	if err == nil {
		return nil
	}
	x.failure = asRefusal(err)
	x.failure.id = x.ID
	p.recordRefusal(x)
	return x.failure
}

// quiet reports whether a message leaves no line of its own: it was let through,
// nothing was found in it, and it says nothing. What is opaque is told once for
// each kind and stream: audio comes in many small pieces. It is counted.
func (x *Exchange) quiet() bool {
	if x.parent == nil || x.Decision.Blocked() || len(x.findings) > 0 || x.message.Speaks() {
		return false
	}
	told := true
	for _, name := range x.message.Opaque {
		if !slices.Contains(x.parent.told, name) {
			x.parent.told = append(x.parent.told, name)
			told = false
		}
	}
	return told
}

// messageRoom asks for room for a message that is being read. The room is given
// back with the lease, which is a new one for each message.
func messageRoom(ctx context.Context, l **lease) func(int64) error {
	return func(n int64) error {
		if n < 0 {
			(*l).shrink(-n)
			return nil
		}
		return (*l).grow(ctx, n)
	}
}

// keep leaves in room what is held of a message when its own exchange ends: the
// message as it is sent on, or, of one that is refused, all that was read of it,
// for the refusal speaks of that.
func (x *Exchange) keep(room *lease, out content.Raw, err error) {
	switch {
	case err != nil:
		x.lease.hand(room, x.lease.size())
	case x.redactions > 0:
		came := room.size()
		x.lease.hand(room, int64(len(out.Payload)))
		room.shrink(came)
	}
}

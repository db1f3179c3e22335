package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy/content"
)

const (
	// heldSilence is how long an origin may say nothing of a text that is held: then
	// the text goes on.
	heldSilence = 2 * time.Second
	// replyBuffer is how much of a reply is read at once.
	replyBuffer = 16 << 10
	// valueKey is how much of a value tells it from others. A longer one, a private
	// key, is seen before its end and must not be a new one with each line.
	valueKey = 200
	// mostValues is how many distinct values of one reply are counted.
	mostValues = 10_000
)

// replyBuffers holds what replies are read into. Nothing is kept there: what a reply
// is made of is copied out of it.
var replyBuffers = sync.Pool{New: func() any { return new([replyBuffer]byte) }}

// inspectedBody is a reply that is read on its way to the client: stages 4 to 7
// for each piece of it. It serves one goroutine.
type inspectedBody struct {
	x      *Exchange
	p      *Pipeline
	reply  *content.Reply
	body   io.ReadCloser // as it comes
	source io.Reader     // without content coding
	lease  lease         // of the room for what is held

	buffer   *[replyBuffer]byte // from replyBuffers, between the first read and the end
	pending  chan filled        // a read that goes on while text is held
	ready    []byte             // what may go on
	end      error              // what follows it
	held     int64              // Reply.Progress, and since when it stands there
	since    time.Time
	refused  *refusal // why it ends
	reserved int64
	values   map[string]struct{} // entities and values that were seen
	opaque   int                 // how much of what cannot be read policy was told
}

// filled is what a read brought.
type filled struct {
	n   int
	err error
}

// prime reads a reply that is one document, or as much of it as may be read as
// one, before its header goes out.
func (b *inspectedBody) prime(resp *http.Response) error {
	for b.end == nil && int64(len(b.ready)) <= b.x.parts.Options.Limits.Message {
		b.fill()
	}
	switch {
	case b.refused != nil:
		return b.refused
	case errors.Is(b.end, io.EOF):
		resp.ContentLength = int64(len(b.ready))
		resp.Header.Set("Content-Length", strconv.Itoa(len(b.ready)))
	case b.end != nil && len(b.ready) == 0:
		return upstreamError(b.x.context(), b.end)
	}
	return nil
}

// Read returns what may go on to the client.
func (b *inspectedBody) Read(p []byte) (int, error) {
	for len(b.ready) == 0 {
		if b.end != nil {
			return 0, b.end
		}
		b.fill()
	}
	n := copy(p, b.ready)
	if b.ready = b.ready[n:]; len(b.ready) == 0 {
		b.ready = nil
		_ = b.settle() // it only gives back
	}
	return n, nil
}

// Close ends the reply, whatever is still to come.
func (b *inspectedBody) Close() error {
	err := b.body.Close()
	if b.pending != nil {
		<-b.pending // closing the body ended it
		b.pending = nil
	}
	if b.buffer != nil {
		replyBuffers.Put(b.buffer)
		b.buffer = nil
		b.end = net.ErrClosed
	}
	b.lease.end()
	b.x.masked = b.reply.Edits()
	b.x.events = b.reply.Events()
	return err
}

// fill reads once and decides on what it brought. It always brings the end
// nearer: ready grows, end is set, or the origin was waited for.
func (b *inspectedBody) fill() {
	got, silent := b.read()
	defer since(time.Now(), &b.x.stages.inspect)
	var err error
	if silent {
		err = b.pass(b.reply.Held(), true)
	} else {
		var parts []content.Part
		last := errors.Is(got.err, io.EOF)
		if parts, err = b.reply.Write(b.buffer[:got.n], last); err == nil {
			err = b.pass(parts, last)
		}
	}
	if err == nil {
		err = b.settle()
	}
	if err == nil {
		err = got.err
	}
	if errors.Is(err, io.EOF) {
		b.end = err
	} else if err != nil {
		b.fail(err)
	}
}

// read reads from the origin. While text is held it waits no longer than
// heldSilence; the read goes on and its bytes come with a later call.
func (b *inspectedBody) read() (got filled, silent bool) {
	if b.buffer == nil {
		b.buffer = replyBuffers.Get().(*[replyBuffer]byte)
	}
	if b.pending == nil {
		if !b.reply.Holds() {
			n, err := b.source.Read(b.buffer[:])
			return filled{n, err}, false
		}
		pending := make(chan filled, 1)
		b.pending = pending
		go func() { // ends with the body, which Close closes and waits for
			n, err := b.source.Read(b.buffer[:])
			pending <- filled{n, err}
		}()
	}
	if !b.reply.Holds() {
		got = <-b.pending
		b.pending = nil
		return got, false
	}
	if held := b.reply.Progress(); held != b.held {
		b.held, b.since = held, time.Now()
	}
	timer := time.NewTimer(time.Until(b.since.Add(heldSilence)))
	defer timer.Stop()
	select {
	case got = <-b.pending:
		b.pending = nil
		return got, false
	case <-timer.C:
		b.held = 0 // what is held from now on waits anew
		return filled{}, true
	}
}

// pass classifies parts of the reply, asks policy when something new was found,
// and lets go on what is not held, edited. all says that nothing is held.
func (b *inspectedBody) pass(parts []content.Part, all bool) error {
	holds := make([]int, len(parts))
	var found, fresh []classifiers.Finding
	var fixed []string
	for i, part := range parts {
		holds[i] = len(part.Text)
		if !all && !b.reply.Ended(i) {
			holds[i] = classifiers.Open(part.Text)
		}
		findings, err := b.find(part)
		if err != nil {
			return unreadReply.refuse(b.x, err)
		}
		for _, f := range findings {
			if f.Start >= holds[i] { // it may still change
				continue
			}
			f.Sample = i
			found = append(found, f)
			if b.note(f, part) {
				fresh = append(fresh, f)
			}
			if part.Role != content.RoleOther && !b.reply.CanEdit(i) {
				fixed = append(fixed, f.Entity)
			}
		}
	}
	var refused error
	if len(fresh) > 0 || len(b.reply.Opaque) > b.opaque {
		b.opaque = len(b.reply.Opaque)
		refused = b.p.decideReply(b.x, b.reply, fixed...)
	}
	if refused != nil { // what stands before the value was decided on already
		for _, f := range fresh {
			holds[f.Sample] = min(holds[f.Sample], f.Start)
		}
	}
	released, err := b.reply.Release(redactions(b.x, b.x.response, parts, found), holds)
	if err != nil {
		return refuseFor("redaction_failed", err)
	}
	for _, raw := range released {
		b.ready = append(b.ready, raw...)
	}
	return refused
}

// find classifies a part. What is disguised in it takes room while it is read.
func (b *inspectedBody) find(part content.Part) ([]classifiers.Finding, error) {
	ctx, done := b.lease.reading(b.x.context())
	defer done()
	return b.x.look(ctx, []classifiers.Sample{{Text: part.Text, Role: part.Role.String()}})
}

// note counts a finding and reports whether its value is new.
func (b *inspectedBody) note(f classifiers.Finding, part content.Part) bool {
	value := f.Value(part.Text)
	key := f.Entity + "\x00" + value[:min(len(value), valueKey)]
	if _, seen := b.values[key]; seen {
		return false
	}
	if len(b.values) >= mostValues { // of each entity one more, so that policy hears of it
		key = f.Entity
		if _, seen := b.values[key]; seen {
			return false
		}
	}
	if b.values == nil {
		b.values = map[string]struct{}{}
		b.x.replied, b.x.repliedOther = newTally(), newTally()
	}
	b.values[key] = struct{}{}
	if part.Role == content.RoleOther {
		b.x.repliedOther.add(f, key)
		return true
	}
	b.x.replied.add(f, key)
	return true
}

// fail ends the reply: in the dialect of the service where policy ends it and
// the dialect can, else by cutting it.
func (b *inspectedBody) fail(err error) {
	var said *refusal
	if !errors.As(err, &said) && !isReading(err) {
		b.end = err // the origin's, which broke off
		return
	}
	b.refused = asRefusal(unreadReply.refuse(b.x, err))
	b.end = b.refused
	if b.refused.reason != "policy" {
		return
	}
	if ending := b.reply.End(noticeOf(b.x, b.refused)); ending != nil {
		b.x.failure = b.refused
		b.ready, b.end = append(b.ready, ending...), io.EOF
	}
}

// settle gives back the room that the last piece took and keeps it for what is
// held.
func (b *inspectedBody) settle() error {
	keep := int64(b.reply.Size() + cap(b.ready))
	if keep < smallBody {
		keep = 0
	}
	if b.reserved == keep {
		return nil
	}
	if b.reserved > keep {
		b.lease.shrink(b.reserved - keep)
	} else if err := b.lease.grow(b.x.context(), keep-b.reserved); err != nil {
		return err
	}
	b.reserved = keep
	return nil
}

// limits bound what is read of the reply.
func (b *inspectedBody) limits() content.Limits {
	limits := b.x.parts.Options.Limits
	return content.Limits{
		Expanded: limits.Expanded, Ratio: limits.Ratio, Record: limits.Message,
		Reserve: func(n int64) error {
			if n < replyBuffer { // an ordinary event
				return nil
			}
			if err := b.lease.grow(context.WithoutCancel(b.x.context()), n); err != nil {
				return err
			}
			b.reserved += n
			return nil
		},
	}
}

package proxy

import (
	"io"
	"net/http"
	"slices"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/content"
)

// readReply opens a reply for reading and asks policy about its header. The body
// that it returns is read, decided on and edited while it streams. A reply that
// is one document is read whole before its header goes out, so that a refusal is
// an answer and no broken stream.
func (p *Pipeline) readReply(x *Exchange, resp *http.Response) (io.ReadCloser, error) {
	if x.mode != read {
		return resp.Body, nil
	}
	b, err := p.inspect(x, resp, resp.Body)
	if b == nil || err != nil {
		return resp.Body, err
	}
	if b.source, err = content.DecodeReply(resp.Header, resp.Body, b.limits()); err != nil {
		return nil, unreadReply.refuse(x, err)
	}
	resp.Header.Del("Content-Length")
	whole := b.reply.Whole || b.reply.Document && resp.ContentLength >= 0
	resp.ContentLength = -1
	if whole {
		if err := b.prime(resp); err != nil {
			b.lease.end()
			return nil, err
		}
	}
	return b, nil
}

// inspect asks policy about the header of a reply and makes a reader of source,
// which is its body or the messages that follow it; nil when it is not read.
func (p *Pipeline) inspect(x *Exchange, resp *http.Response, source io.ReadCloser) (*inspectedBody, error) {
	b := &inspectedBody{x: x, p: p, body: source, source: source, lease: lease{budget: p.budget}}
	var err error
	if b.reply, err = p.openReply(x, resp, b.limits()); err != nil {
		return nil, err
	}
	if err := p.decideReply(x, b.reply); err != nil {
		return nil, err
	}
	if b.reply == nil || !b.reply.Reads() {
		return nil, nil
	}
	b.opaque = len(b.reply.Opaque)
	return b, nil
}

// openReply tells how a reply is read; nil when it is not.
func (p *Pipeline) openReply(x *Exchange, resp *http.Response, lim content.Limits) (*content.Reply, error) {
	if !x.parts.Options.InspectReplies || x.mode != read {
		return nil, nil
	}
	in := x.input
	asked := content.Asked{Format: in.Content.Format, Kind: content.Kind(in.Request.Kind), Streaming: in.Request.Streaming}
	if x.stream != nil && x.stream.Answers(resp.StatusCode, resp.Header) {
		asked.Stream = x.stream
	}
	reply := content.OpenReply(x.head, asked, resp.StatusCode, resp.Header, lim)
	if reply == nil || !reply.Reads() {
		return reply, nil
	}
	if err := content.CheckCoding(resp.Header); err != nil {
		if !x.parts.Options.PassUnreadable {
			return nil, unreadReply.refuse(x, err)
		}
		return content.UnreadReply("encoded"), nil
	}
	return reply, nil
}

// decideReply asks the response packs: once about the header, then about what was
// found so far. What was to be redacted once stays so.
func (p *Pipeline) decideReply(x *Exchange, reply *content.Reply, unrewritable ...string) error {
	input := *x.input
	input.Phase = policy.PhaseResponse
	request := x.input.Content
	input.Content = policy.NewInput(policy.PhaseResponse).Content
	c := &input.Content
	c.Format, c.Matched, c.Model, c.Conversation = request.Format, request.Matched, request.Model, request.Conversation
	reads := reply != nil && reply.Reads()
	if reply != nil {
		c.Opaque = reply.Opaque
		c.Inspected = reads
		c.Parts = reply.Parts()
	}
	c.Entities, c.Found, c.Families = x.replied.entities(), x.replied.names(), x.replied.families()
	c.EntitiesNew = c.Entities
	c.EntitiesOther = x.repliedOther.entities()
	decision, err := x.parts.Policy.Decide(x.context(), &input, policy.Circumstances{Unrewritable: unrewritable})
	if err != nil {
		return refuseFor("policy_error", err)
	}
	for _, entity := range x.response.Redact {
		if !slices.Contains(decision.Redact, entity) {
			decision.Redact = append(slices.Clone(decision.Redact), entity)
		}
	}
	x.response = decision
	if decision.Blocked() || len(decision.Redact) > 0 && !reads {
		return policyRefusal(decision)
	}
	return nil
}

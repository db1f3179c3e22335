package proxy

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/content"
)

// inspectResponse is stage 9. The reply's header is put in order, policy is
// asked once, and the body is wrapped so that its end is recorded.
func (p *Pipeline) inspectResponse(x *Exchange, resp *http.Response) (*http.Response, error) {
	if err := p.checkResponse(x, resp); err != nil {
		return nil, errors.Join(err, ignoreClosed(resp.Body.Close()))
	}
	x.status = resp.StatusCode
	if resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = &upgradedBody{x: x, p: p, stream: resp.Body.(io.ReadWriteCloser)}
		return resp, nil
	}
	reply := &replyBody{x: x, p: p, body: resp.Body}
	if x.mode == read && resp.Header.Get("Content-Encoding") == "" && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		reply.reader = content.NewEventReader()
	}
	resp.Body = reply
	return resp, nil
}

// checkResponse refuses what an origin must not send through a proxy.
func (p *Pipeline) checkResponse(x *Exchange, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusSwitchingProtocols:
		_, relays := resp.Body.(io.ReadWriteCloser)
		if !x.upgrade || !relays || !headerHas(resp.Header, "Upgrade", "websocket") || !headerHas(resp.Header, "Connection", "upgrade") {
			return refuseFor("upstream_unsolicited", nil)
		}
		stripHopByHop(resp.Header)
		resp.Header.Set("Connection", "Upgrade")
		resp.Header.Set("Upgrade", "websocket")
	case http.StatusProxyAuthRequired: // it would ask for the proxy's own credentials
		return refuseFor("upstream_proxy_answer", nil)
	default:
		stripHopByHop(resp.Header)
	}
	resp.Header.Del("Alt-Svc")
	resp.Header.Del(idHeader) // ours alone
	if x.mode != read {
		return nil
	}
	return p.decideResponse(x)
}

// decideResponse asks the response packs at the header. The reply's text is not
// read, so a verdict that wants to redact it becomes a block.
func (p *Pipeline) decideResponse(x *Exchange) error {
	input := *x.input
	input.Phase = policy.PhaseResponse
	decision, err := x.parts.Policy.Decide(x.context(), &input, policy.Circumstances{})
	if err != nil {
		return refuseFor("policy_error", err)
	}
	x.response = decision
	if decision.Blocked() || len(decision.Redact) > 0 {
		return policyRefusal(decision)
	}
	return nil
}

// replyBody counts a reply on its way to the client and ends the exchange when
// it is closed, which goproxy always does.
type replyBody struct {
	x      *Exchange
	p      *Pipeline
	body   io.ReadCloser
	reader *content.EventReader // counts the events of an event stream
	ended  bool                 // by itself, well or not
	closed bool
}

func (b *replyBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.x.bytesOut += int64(n)
	if b.reader != nil {
		b.x.events += int64(b.reader.Count(p[:n]))
	}
	b.ended = b.ended || err != nil
	if err != nil && err != io.EOF {
		b.x.broken = true
		reason := "upstream_broke_off"
		if b.x.request.Context().Err() != nil {
			reason = "client_left"
		}
		b.x.failure = refuseFor(reason, speakable(err))
	}
	return n, err
}

func (b *replyBody) Close() error {
	err := b.body.Close()
	if !b.closed {
		b.closed = true
		if !b.ended && b.x.failure == nil { // closed before its end: writing to the client failed
			b.x.failure = refuseFor("client_left", nil)
		}
		b.p.complete(b.x)
	}
	return err
}

// upgradedBody is both directions of an upgraded connection.
type upgradedBody struct {
	x      *Exchange
	p      *Pipeline
	stream io.ReadWriteCloser
	closed bool
}

func (b *upgradedBody) Read(p []byte) (int, error) {
	n, err := b.stream.Read(p)
	b.x.received.Add(int64(n))
	return n, err
}

func (b *upgradedBody) Write(p []byte) (int, error) {
	n, err := b.stream.Write(p)
	b.x.sent.Add(int64(n))
	return n, err
}

func (b *upgradedBody) Close() error {
	err := b.stream.Close()
	if !b.closed {
		b.closed = true
		b.x.bytesOut += b.x.received.Load()
		b.p.complete(b.x)
	}
	return err
}

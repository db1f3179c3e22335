package proxy

import (
	"errors"
	"io"
	"net/http"

	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

// inspectResponse is stage 9. The reply's header is put in order and policy is
// asked about it; the body is wrapped, so that what is read of it is read while
// it streams and its end is recorded.
func (p *Pipeline) inspectResponse(x *Exchange, resp *http.Response) (*http.Response, error) {
	if err := p.checkResponse(x, resp); err != nil {
		return nil, errors.Join(err, ignoreClosed(resp.Body.Close()))
	}
	x.answered(resp.StatusCode, resp.Header)
	p.learnAccount(x, resp.Header)
	if resp.StatusCode == http.StatusSwitchingProtocols {
		origin := resp.Body.(io.ReadWriteCloser)
		reply, err := p.inspect(x, resp, origin)
		if err != nil {
			return nil, errors.Join(err, ignoreClosed(origin.Close()))
		}
		resp.Body = p.openSocket(x, origin, reply)
		return resp, nil
	}
	body, err := p.readReply(x, resp)
	if err != nil {
		return nil, errors.Join(err, ignoreClosed(resp.Body.Close()))
	}
	if x.call != nil {
		body = x.call.answers(resp, body)
	}
	body = p.handOut(x, resp, body)
	reply := &replyBody{x: x, p: p, body: body}
	if x.mode != read && x.call == nil && resp.ProtoMajor == 1 {
		reply.bulk = x.upstream.bulk
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
		if x.stream != nil && resp.Header.Get("Sec-Websocket-Extensions") != "" {
			return refuseFor("upstream_extension", nil)
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
	signin.Screen(resp.Header)
	return nil
}

// replyBody counts a reply on its way to the client and ends the exchange when
// it is closed, which goproxy always does.
type replyBody struct {
	x      *Exchange
	p      *Pipeline
	body   io.ReadCloser
	bulk   *bulkConn // that an unread body comes over, else nil
	ended  bool      // by itself, well or not
	closed bool
}

func (b *replyBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	for b.bulk != nil && err == nil && len(p)-n >= recordSize && b.bulk.ready() {
		var more int
		more, err = b.body.Read(p[n:])
		n += more
	}
	b.x.bytesOut += int64(n)
	b.ended = b.ended || err != nil
	if err != nil && err != io.EOF {
		b.x.broken = true
		var own *refusal
		switch {
		case errors.As(err, &own): // of ours, from inspecting it
			b.x.failure = own
		case b.x.context().Err() != nil:
			b.x.failure = ended(b.x.context(), speakable(err))
		default:
			b.x.failure = refuseFor("upstream_broke_off", speakable(err))
		}
	}
	return n, err
}

func (b *replyBody) Close() error {
	err := b.body.Close()
	if !b.closed {
		b.closed = true
		if !b.ended && b.x.failure == nil { // closed before its end: writing to the client failed
			b.x.failure = ended(b.x.context(), nil)
		}
		b.p.complete(b.x)
	}
	return err
}

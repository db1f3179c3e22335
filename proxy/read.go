package proxy

import (
	"github.com/sluice-proxy/sluice/proxy/content"
)

// headOf is what content needs to know of a request's head.
func (p *Pipeline) headOf(x *Exchange, wire string) *content.Head {
	r := x.request
	return &content.Head{
		Method:    r.Method,
		Host:      x.Target.Host,
		Path:      r.URL.EscapedPath(),
		RawQuery:  r.URL.RawQuery,
		Header:    r.Header,
		Role:      x.Match.Role,
		Wire:      wire,
		WebSocket: x.upgrade, // the Upgrade header itself was taken out by accept
	}
}

// readContent buffers the body and reads the text out of it. Of a stream only the
// head is read: its messages take the road one by one, when they come.
func (p *Pipeline) readContent(x *Exchange) error {
	wire := ""
	if x.Known {
		wire = x.Match.App.Wire
	}
	x.head = p.headOf(x, wire)
	if x.stream = content.OpenStream(x.head); x.stream != nil {
		message, err := x.stream.Begin()
		x.message = message
		return unreadRequest.refuse(x, err)
	}
	buffered, err := readBody(x, x.request, x.lease, x.parts.Options.Limits.Body)
	if err != nil {
		return unreadRequest.refuse(x, err)
	}
	x.body, x.whole = buffered, !buffered.truncated
	x.head.Truncated = buffered.truncated
	message, err := content.Read(x.head, buffered.bytes, p.contentLimits(x))
	if err != nil {
		return unreadRequest.refuse(x, err)
	}
	x.message, x.draft = message, message.Draft
	return nil
}

func (p *Pipeline) contentLimits(x *Exchange) content.Limits {
	return content.Limits{
		Expanded: x.parts.Options.Limits.Expanded,
		Ratio:    x.parts.Options.Limits.Ratio,
		Reserve:  func(n int64) error { return x.lease.grow(x.context(), n) },
	}
}

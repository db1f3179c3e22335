package proxy

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/destination"
)

// refusalTime is how long a client may take to read a refusal of its CONNECT.
const refusalTime = 5 * time.Second

// establish answers 200: from here on the client speaks to its destination.
func (x *Exchange) establish(conn net.Conn) error {
	if x.open {
		return nil
	}
	x.open = true
	x.status = http.StatusOK
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return refuseFor("client_left", err)
	}
	return nil
}

// nameAddress finds the name behind a CONNECT to an address: the server name of
// the ClientHello, if that name resolves to the address. Everything after runs
// on that name, so that a GenAI service cannot be reached by its address.
func (p *Pipeline) nameAddress(x *Exchange, conn net.Conn) error {
	if !x.Target.IP.IsValid() {
		return nil
	}
	x.dialed = x.Target
	if err := x.establish(conn); err != nil {
		return err
	}
	hello, err := readHello(conn, x.parts.Options.Limits.Handshake)
	x.hello = hello
	if err == nil && hello.serverName != "" {
		named, err := destination.ParseAuthority(hello.serverName, x.Target.Port)
		if err != nil {
			return alertName(conn)
		}
		same, err := x.parts.Dialer.ResolvesTo(x.context(), named.Host, x.Target.IP)
		if err == nil && same {
			x.Target = named
			if err := x.parts.Dialer.CheckTarget(named); err != nil {
				return upstreamError(x.context(), err)
			}
			p.lookUp(x)
			return p.identifyUser(x) // anew, now that the service is known
		}
	}
	if len(hello.raw) == 0 {
		return refuseFor("client_left", err)
	}
	x.Tags = append(x.Tags, "no_name")
	return nil
}

// carry does what was decided with a CONNECT: intercept or tunnel.
func (p *Pipeline) carry(x *Exchange, conn net.Conn) error {
	if x.Decision.Action == policy.ActionIntercept {
		if err := x.establish(conn); err != nil {
			return err
		}
		if err := p.hear(x, conn, x.parts.Options.Limits.Handshake); err != nil {
			return err
		}
		return p.intercept(x, conn)
	}
	return p.tunnel(x, conn)
}

// hear reads the ClientHello and compares its server name with the CONNECT's.
// Something else than TLS is let through on ports other than 443.
func (p *Pipeline) hear(x *Exchange, conn net.Conn, wait time.Duration) error {
	if len(x.hello.raw) == 0 {
		hello, err := readHello(conn, wait)
		x.hello = hello
		switch {
		case errors.Is(err, errNotTLS):
			if x.Target.Port == 443 && !x.parts.passthrough(x.Target.Host) {
				return refuseFor("no_name", err)
			}
			return nil
		case err != nil && len(hello.raw) == 0:
			return refuseFor("client_left", err)
		case err != nil:
			return refuseFor("hello_malformed", err)
		}
	}
	if x.hello.serverName == "" {
		return nil
	}
	named, err := destination.ParseAuthority(x.hello.serverName, x.Target.Port)
	if err != nil || (named.Host != x.Target.Host && !x.Target.IP.IsValid()) {
		return alertName(conn)
	}
	return nil
}

// alertName tells the client that its server name is not the one it asked for.
func alertName(conn net.Conn) error {
	_, err := conn.Write(alertUnrecognizedName)
	return refuseFor("sni_mismatch", err)
}

// tunnel relays a CONNECT unread. It dials before the 200, so that a dead
// destination is a 502 and not a broken connection, and binds the tunnel to its
// server name.
func (p *Pipeline) tunnel(x *Exchange, conn net.Conn) error {
	target := x.Target
	if x.dialed.IP.IsValid() {
		target = x.dialed
	}
	defer p.crowd.leave(x.Client, tunnels)
	if !p.crowd.enter(x.Client, tunnels) {
		return refuseFor("client_busy", nil)
	}
	if p.pressure.now() >= levelSpare {
		return refuseFor("overloaded", nil)
	}
	start := time.Now()
	up, err := x.parts.Dialer.Dial(x.context(), target)
	x.stages.forward = time.Since(start)
	if err != nil {
		return upstreamError(x.context(), err)
	}
	defer func() { _ = up.Close() }() // run closes it too; this is for what comes before
	x.upstream.addr = up.RemoteAddr().String()
	if err := x.establish(conn); err != nil {
		return err
	}
	x.opened()
	t := &tunnel{client: conn, upstream: up, idle: x.parts.Options.Limits.TunnelIdle}
	t.first = func() ([]byte, error) {
		wait := x.parts.Options.Limits.Handshake
		if target.Port != 443 {
			wait = 0 // the server may be the one that speaks first
		}
		err := p.hear(x, conn, wait)
		words := x.hello.raw
		x.hello.raw, x.input = nil, nil // a tunnel lives long
		return words, err
	}
	t.last.Store(start.UnixNano())
	fill := p.pressure.dig(t)
	err = t.run()
	fill()
	x.bytesIn, x.bytesOut = t.sent, t.received
	var judged *refusal
	switch {
	case errors.As(err, &judged):
		return judged
	case errors.Is(err, errIdle):
		return refuseFor("tunnel_idle", err)
	case errors.Is(err, errShed):
		return refuseFor("shed", err)
	case err != nil && !errors.Is(err, net.ErrClosed):
		return refuseFor("tunnel_failed", err)
	}
	return nil
}

// refuseConnect answers a CONNECT that goes no further. Browsers do not show
// the text, tools do. After the 200 there is nothing left to say.
func (p *Pipeline) refuseConnect(x *Exchange, conn net.Conn, err error) {
	x.failure = asRefusal(err)
	if x.open || x.failure.status == 0 {
		return
	}
	x.status = x.failure.status
	body := plainText(x)
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", x.status, statusText(x.status))
	header := http.Header{
		"Content-Type":   {"text/plain; charset=utf-8"},
		"Content-Length": {fmt.Sprint(len(body))},
		"Connection":     {"close"},
		"Cache-Control":  {"no-store"},
		idHeader:         {x.ID},
	}
	if x.failure.mayRetry() {
		header.Set("Retry-After", "5")
	}
	for name, values := range x.failure.header {
		header[name] = values
	}
	_ = header.Write(&b) // a strings.Builder does not fail
	b.WriteString("\r\n" + body)
	if err := conn.SetWriteDeadline(time.Now().Add(refusalTime)); err == nil {
		_, _ = io.WriteString(conn, b.String()) // the client may have left
	}
}

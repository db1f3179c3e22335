package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

// intercept ends the client's TLS on a leaf for the CONNECT name and hands the
// connection to the inner server, whose requests all take the road. It returns
// when that connection is closed, so that the CONNECT's completion line knows
// how many bytes it carried. x.hello is what the client has said so far.
func (p *Pipeline) intercept(x *Exchange, conn net.Conn) error {
	inner := &innerConn{Conn: &replayConn{Conn: conn, early: x.hello.raw}, connect: x, closed: make(chan struct{})}
	defer func() {
		x.bytesIn, x.bytesOut = inner.read.Load(), inner.written.Load()
	}()

	served := net.Conn(inner)
	if isTLS(x.hello.raw) {
		tlsConn := tls.Server(inner, p.parts.CA.Config(x.Target.Host))
		ctx, cancel := context.WithTimeout(context.Background(), p.parts.Options.Limits.Handshake)
		err := tlsConn.HandshakeContext(ctx)
		cancel()
		if err != nil {
			return errors.Join(handshakeFailure(err), ignoreClosed(inner.Close()))
		}
		served = tlsConn
	}
	if err := p.inner.push(served); err != nil {
		return errors.Join(err, ignoreClosed(inner.Close()))
	}
	<-inner.closed
	return nil
}

// handshakeFailure names why a client gave up on our certificate. A client that
// does not trust the CA says so with an alert, or just leaves.
func handshakeFailure(err error) error {
	reason := "handshake_failed"
	text := err.Error() // crypto/tls has no typed error for a remote alert before TLS 1.3's close
	switch {
	case strings.Contains(text, "unknown certificate"), strings.Contains(text, "bad certificate"),
		strings.Contains(text, "certificate unknown"), strings.Contains(text, "unknown certificate authority"):
		reason = "ca_rejected"
	case errors.Is(err, context.DeadlineExceeded):
		reason = "handshake_timeout"
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		reason = "client_left"
	}
	return &refusal{reason: reason, cause: err}
}

// innerConn is an intercepted connection: it knows its CONNECT, counts the
// bytes of the client's side, and says when it is closed.
type innerConn struct {
	net.Conn
	connect       *Exchange
	read, written atomic.Int64
	once          sync.Once
	closed        chan struct{}
}

func (c *innerConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}

func (c *innerConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n))
	return n, err
}

func (c *innerConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { close(c.closed) })
	return err
}

// connectOf finds the CONNECT that an inner connection came through.
func connectOf(conn net.Conn) *Exchange {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	return conn.(*innerConn).connect
}

// connQueue is the listener of the inner server: connections are pushed to it.
type connQueue struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newConnQueue() *connQueue {
	return &connQueue{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (q *connQueue) push(conn net.Conn) error {
	select {
	case q.conns <- conn:
		return nil
	case <-q.done:
		return net.ErrClosed
	}
}

func (q *connQueue) Accept() (net.Conn, error) {
	select {
	case conn := <-q.conns:
		return conn, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

func (q *connQueue) Close() error {
	q.once.Do(func() { close(q.done) })
	return nil
}

func (q *connQueue) Addr() net.Addr { return &net.TCPAddr{} }

// serveInner is the handler of the inner server. The scheme and the host come
// from the CONNECT, never from what the request says of itself; the road
// compares the two.
func (p *Proxy) serveInner(w http.ResponseWriter, r *http.Request) {
	connect := r.Context().Value(connectKey{}).(*Exchange)
	if connect.Target.Host == p.parts.Options.PortalHost && r.Method != http.MethodConnect {
		p.portal(w, r, connect)
		return
	}
	x := p.accept(w, r, connect)
	r.URL.Scheme, r.URL.Host = "http", connect.Target.Authority()
	if r.TLS != nil {
		r.URL.Scheme = "https"
	}
	p.serve(w, r, x)
}

// portal answers a request to the portal's own name, which never leaves.
func (p *Proxy) portal(w http.ResponseWriter, r *http.Request, connect *Exchange) {
	target, err := destination.ParseAuthority(r.Host, connect.Target.Port)
	if err != nil || target != connect.Target || r.TLS == nil {
		http.Error(w, "sluice: this name is served over https only", http.StatusMisdirectedRequest)
		return
	}
	p.parts.Portal.ServeHTTP(w, r)
}

// ignoreClosed drops the error of closing what the peer has closed already.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func isTLS(raw []byte) bool { return len(raw) > 0 && raw[0] == recordHandshake }

// connectKey is the context key under which an inner connection carries the
// Exchange of its CONNECT.
type connectKey struct{}

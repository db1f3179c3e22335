package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

// intercept ends the client's TLS on a leaf for the CONNECT name and hands the
// connection to the inner server, whose requests all take the road. It returns
// when that connection is closed, so that the CONNECT's completion line knows
// how many bytes it carried. x.hello is what the client has said so far.
func (p *Pipeline) intercept(x *Exchange, conn net.Conn) (err error) {
	inner := &innerConn{Conn: &replayConn{Conn: conn, early: x.hello.raw}, connect: x, closed: make(chan struct{})}
	defer func() {
		x.bytesIn, x.bytesOut = inner.read.Load(), inner.written.Load()
		if kind := p.pinned.see(x, inner, err); kind != "" {
			p.metrics.pinned.WithLabelValues(appOf(x), kind).Inc()
		}
	}()

	encrypted := isTLS(x.hello.raw)
	x.hello.raw, x.input = nil, nil // a connection lives long

	served := net.Conn(inner)
	if encrypted {
		if !p.crowd.enter(x.Client, handshakes) {
			p.crowd.leave(x.Client, handshakes)
			return errors.Join(refuseFor("handshakes_busy", nil), ignoreClosed(inner.Close()))
		}
		tlsConn := tls.Server(inner, x.parts.CA.Config(x.Target.Host))
		ctx, cancel := context.WithTimeout(context.Background(), x.parts.Options.Limits.Handshake)
		err := tlsConn.HandshakeContext(ctx)
		cancel()
		p.crowd.leave(x.Client, handshakes)
		if err != nil {
			return errors.Join(handshakeFailure(err, inner.alert()), ignoreClosed(inner.Close()))
		}
		inner.shaken, inner.shakenAt, inner.shakenBytes = true, time.Now(), inner.read.Load()
		served = tlsConn
	}
	if err := p.inner.push(served); err != nil {
		return errors.Join(err, ignoreClosed(inner.Close()))
	}
	x.opened()
	<-inner.closed
	if x.churn.over.Load() {
		return refuseFor("reset_flood", nil)
	}
	return nil
}

// handshakeFailure names why a client gave up on our certificate. A client that
// does not trust the CA says so with an alert, or just leaves.
// OpenSSL sends its alert before it switches keys in TLS 1.3, so that it arrives
// in clear and looks like a bad record; alert is the one that was seen last.
func handshakeFailure(err error, alert byte) error {
	reason := "handshake_failed"
	text := err.Error() // crypto/tls has no typed error for a remote alert before TLS 1.3's close
	switch {
	case slices.Contains(certificateAlerts, alert),
		strings.Contains(text, "unknown certificate"), strings.Contains(text, "bad certificate"),
		strings.Contains(text, "certificate unknown"), strings.Contains(text, "unknown certificate authority"):
		reason = "ca_rejected"
	case errors.Is(err, context.DeadlineExceeded):
		reason = "handshake_timeout"
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		reason = "client_left"
	}
	return &refusal{reason: reason, cause: err}
}

// certificateAlerts are those by which a client rejects a certificate: bad,
// unsupported, expired, unknown, unknown authority (RFC 8446 section 6.2).
var certificateAlerts = []byte{42, 43, 45, 46, 48}

// innerConn is an intercepted connection: it knows its CONNECT, counts the
// bytes of the client's side, and says when it is closed.
type innerConn struct {
	net.Conn
	connect       *Exchange
	read, written atomic.Int64
	last          [7]byte // the last bytes that were read in the handshake
	shaken        bool    // the handshake is over
	shakenAt      time.Time
	shakenBytes   int64 // that were read until then
	cork          cork  // of what is written to the client
	once          sync.Once
	closed        chan struct{}
}

// alert returns the description of a fatal alert in clear, if such a record was
// the last thing that the client sent; else 0.
func (c *innerConn) alert() byte {
	if l := c.last; l[0] == 21 && l[1] == 3 && l[3] == 0 && l[4] == 2 && l[5] == 2 {
		return l[6]
	}
	return 0
}

func (c *innerConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	if !c.shaken {
		seen := append(c.last[:], p[max(0, n-len(c.last)):n]...)
		c.last = [7]byte(seen[len(seen)-len(c.last):])
	}
	return n, err
}

func (c *innerConn) Write(p []byte) (int, error) {
	n, err := c.cork.write(c.Conn, p)
	c.written.Add(int64(n))
	return n, err
}

func (c *innerConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { close(c.closed) })
	return err
}

// innerOf finds the intercepted connection below one of the inner server; nil for
// one of the outer.
func innerOf(conn net.Conn) *innerConn {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	inner, _ := conn.(*innerConn)
	return inner
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
	p.reached(r)
	connect := r.Context().Value(connectKey{}).(*Exchange)
	connect.spoke.Store(true)
	whole := false // the answer to HEAD ends with its header, and with it the context
	if r.ProtoMajor == 2 {
		defer connect.churn.watch(r, func() bool { return whole })()
	}
	if connect.Target.Host == connect.parts.Options.PortalHost && r.Method != http.MethodConnect {
		p.answerItself(w, r)
		p.portal(w, r, connect)
		return
	}
	x := p.accept(w, r, connect)
	r.URL.Scheme, r.URL.Host = "http", connect.Target.Authority()
	if r.TLS != nil {
		r.URL.Scheme = "https"
	}
	p.serve(w, r, x)
	whole = r.Method == http.MethodHead && x.status != 0 && x.failure == nil
}

// portal answers a request to the portal's own name, which never leaves.
func (p *Proxy) portal(w http.ResponseWriter, r *http.Request, connect *Exchange) {
	target, err := destination.ParseAuthority(r.Host, connect.Target.Port)
	if err != nil || target != connect.Target || r.TLS == nil {
		http.Error(w, "sluice: this name is served over https only", http.StatusMisdirectedRequest)
		return
	}
	x := newExchange(policy.PhaseRequest, r, connect.Client, p.pipeline.current.Load())
	x.connect, x.Certificate = connect, connect.Certificate
	who, err := x.visitor()
	if err != nil {
		refused := asRefusal(err)
		http.Error(w, "sluice: "+refused.title+". "+refused.text, refused.status)
		return
	}
	ctx := signin.WithClient(identity.NewContext(r.Context(), who), x.signInClient())
	x.parts.Portal.ServeHTTP(w, r.WithContext(ctx))
}

// visitor is whom the connection's credentials name on the portal, as of now: nobody
// where they have expired. Those that were withdrawn are refused.
func (x *Exchange) visitor() (identity.Identity, error) {
	if err := x.checkCertificate(); err != nil {
		return identity.Identity{}, err
	}
	x.Identity = x.connect.Identity
	if !x.sameUsers(x.connect) {
		if err := x.identifyAgain(x.connect.credentials); err != nil {
			return identity.Identity{}, err
		}
	}
	if !x.Identity.Expiry.IsZero() && time.Now().After(x.Identity.Expiry) {
		return identity.Identity{}, nil
	}
	return x.Identity, nil
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

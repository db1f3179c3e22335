package proxy

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/listener"
)

// serveOuter is the handler of the proxy listener.
func (p *Proxy) serveOuter(w http.ResponseWriter, r *http.Request) {
	p.reached(r)
	if r.Method != http.MethodConnect && !r.URL.IsAbs() {
		p.answerItself(w, r)
		p.direct(w, r)
		return
	}
	x := p.accept(w, r, nil)
	if r.Method == http.MethodConnect {
		conn := r.Context().Value(connKey{}).(net.Conn)
		x.gone = p.hijacked.add(conn) // before net/http forgets it
		x.opened = p.opening.add(conn)
		defer func() {
			if !x.taken { // it could not be hijacked
				x.opened()
				x.gone()
			}
		}()
		p.engine.ServeHTTP(earlyHijacker{w}, r.WithContext(withExchange(r.Context(), x)))
		return
	}
	p.serve(w, r, x)
}

// answerItself holds what the proxy answers by itself to the rules of what it passes
// on: a client that does not read is let go, and nothing follows a request that
// could have been framed twice.
func (p *Proxy) answerItself(w http.ResponseWriter, r *http.Request) {
	idle := p.pipeline.current.Load().Options.Limits.Idle
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(idle)) // patientAgain takes it away
	if ambiguous(r) {
		w.Header().Set("Connection", "close")
	}
}

// reached tells the metrics that a request came as far as a handler.
func (p *Proxy) reached(r *http.Request) {
	p.pipeline.metrics.reached(r.Context().Value(connKey{}).(net.Conn))
}

// accept is stage 1: the exchange begins, its hop-by-hop headers and
// credentials are taken out of the request. connect is the CONNECT that it came
// through, or nil.
func (p *Proxy) accept(w http.ResponseWriter, r *http.Request, connect *Exchange) *Exchange {
	phase := policy.PhaseRequest
	if r.Method == http.MethodConnect && connect == nil {
		phase = policy.PhaseConnect
	}
	x := newExchange(phase, r, clientAddr(r.RemoteAddr), p.pipeline.current.Load())
	x.lease = &lease{budget: p.pipeline.budget}
	p.pipeline.metrics.open.Inc()
	if connect != nil {
		x.connect = connect
		x.Client, x.Certificate = connect.Client, connect.Certificate
	} else {
		x.Certificate = listener.CertificateOf(r.TLS)
	}
	x.control = http.NewResponseController(w)
	x.credentials = strings.Join(r.Header["Proxy-Authorization"], ", ") // two of them are no credentials
	x.pace = newPace(x.control, x.parts.Options.Limits)
	x.upgrade = isUpgrade(r)
	trailers := headerHas(r.Header, "Te", "trailers")
	stripHopByHop(r.Header)
	if trailers {
		r.Header.Set("Te", "trailers") // gRPC refuses to work without it
	}
	r.Trailer = nil // dropped: net/http passes on what was not announced too, and some origins take it for header
	if r.ContentLength == 0 {
		r.Body = http.NoBody // an HTTP/2 request without a body would be sent chunked
	}
	x.incoming = r.Body
	return x
}

// isUpgrade reports whether a request is the opening of a WebSocket (RFC 6455
// section 4.1). Anything else that says so is an ordinary request, and read.
func isUpgrade(r *http.Request) bool {
	return r.Method == http.MethodGet && r.ProtoMajor == 1 && r.ContentLength == 0 && len(r.TransferEncoding) == 0 &&
		r.Header.Get("Sec-Websocket-Key") != "" && r.Header.Get("Sec-Websocket-Version") != "" &&
		headerHas(r.Header, "Connection", "upgrade") && headerHas(r.Header, "Upgrade", "websocket")
}

// ambiguous reports whether somebody before us may have seen the end of a request
// elsewhere: one that came with both Content-Length and Transfer-Encoding, or with
// a Transfer-Encoding over HTTP/1.0. Of two that contradict each other net/http drops
// the one that does not count (RFC 9112 section 6.3) before anybody sees it, so that
// they cannot be refused without a second parser beside it, which would be worse. It
// is safe all the same: what leaves is framed anew by us, and the connection of every
// request that could have been such a one ends with its reply (section 6.1), so that
// what follows is no request. These are all that are chunked or of HTTP/1.0.
func ambiguous(r *http.Request) bool {
	return len(r.TransferEncoding) > 0 || r.ProtoMajor == 1 && r.ProtoMinor == 0
}

// serve sends a request down the road and its reply back. A reply that broke
// off, upstream's doing or our own, must not look complete: goproxy ends it
// cleanly, so the connection is aborted here.
func (p *Proxy) serve(w http.ResponseWriter, r *http.Request, x *Exchange) {
	out := newResponseWriter(w, x.parts.Options.Limits.Idle)
	out.own = func(conn net.Conn) func() {
		x.conn = conn
		return p.hijacked.add(conn)
	}
	if r.ProtoMajor == 1 { // on HTTP/2 others write to it too
		out.client = innerOf(r.Context().Value(connKey{}).(net.Conn))
	}
	out.missed = func() {
		if x.failure == nil && r.Method != http.MethodHead { // of that HTTP/2 has sent all already
			x.failure = ended(x.context(), nil)
		}
	}
	doubtful := ambiguous(r)
	out.last = func() bool { return doubtful || p.isDraining() }
	out.spoiled = func() bool { return r.ProtoMajor == 1 && x.pace.broken.Load() }
	defer func() {
		if out.hijacked == nil && r.ProtoMajor == 1 {
			out.arm() // net/http writes what is left in its buffers; patientAgain disarms
		}
		out.close()
		if out.hijacked != nil && x.connect == nil { // else it is the CONNECT's
			p.pipeline.crowd.leave(x.Client, connections)
		}
	}()
	defer p.pipeline.complete(x) // where nothing of the road did: a last resort
	ctx, cancel := context.WithCancelCause(withExchange(r.Context(), x))
	defer cancel(nil)
	x.cancel = cancel
	r = r.WithContext(ctx)
	if r.Method == http.MethodConnect { // nested: goproxy would take it over
		p.answer(out, r)
	} else {
		p.engine.ServeHTTP(out, r)
	}
	if x.broken {
		panic(http.ErrAbortHandler)
	}
	x.drain()
	if out.spoiled() && !out.closes {
		_ = x.control.Flush()
		panic(http.ErrAbortHandler)
	}
}

// answer writes what the road says without goproxy.
func (p *Proxy) answer(w http.ResponseWriter, r *http.Request) {
	resp, err := p.pipeline.RoundTrip(r)
	if err != nil {
		http.Error(w, "sluice: no answer", http.StatusBadGateway)
		return
	}
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body) // the client may have left
	_ = resp.Body.Close()
}

// connect is the short road: 1, 2, 3, 6, 7, 10. It owns conn, and goes on after the
// handler has returned, so that net/http's buffers and its goroutine's stack are not
// kept for as long as a connection is idle; drain waits for it all the same.
func (p *Proxy) connect(x *Exchange, conn net.Conn) {
	x.taken = true
	x.request = x.request.WithContext(context.WithoutCancel(x.request.Context())) // net/http ends it with the handler
	x.control, x.pace = nil, nil                                                  // of a writer that is no more
	go func() {
		defer x.gone()
		defer x.opened()
		defer func() {
			if value := recover(); value != nil { // in the record itself: the road has its own
				_ = p.pipeline.panicked(x, value)
			}
			_ = conn.Close() // the last word has been said
			p.pipeline.crowd.leave(x.Client, connections)
		}()
		p.pipeline.Connect(x, conn)
	}()
}

// direct answers what is asked of the proxy itself and not through it.
func (p *Proxy) direct(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "sluice: this is a proxy; ask it for absolute URLs", http.StatusBadRequest)
		return
	}
	parts := p.pipeline.current.Load()
	var body []byte
	switch r.URL.Path {
	case "/proxy.pac", "/wpad.dat":
		w.Header().Set("Content-Type", "application/x-ns-proxy-autoconfig")
		body = parts.PAC
	case "/ca.pem":
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Header().Set("Content-Disposition", `attachment; filename="sluice-ca.pem"`)
		body = parts.CA.PEM()
	default:
		http.Error(w, "sluice: this is a proxy. It answers /proxy.pac, /wpad.dat and /ca.pem.", http.StatusNotFound)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body) // the client may have left
}

func clientAddr(remote string) netip.Addr {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// serverLog writes what net/http has to say (broken handshakes, panics) at
// debug level: the road has its own record of what matters.
type serverLog struct{ log *zap.Logger }

func (l serverLog) Write(p []byte) (int, error) {
	l.log.Debug("net/http", zap.ByteString("message", p))
	return len(p), nil
}

// connKey is the context key under which a request finds its connection.
type connKey struct{}

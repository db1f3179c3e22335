package proxy

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/dial"
)

// An upstream makes the connections to origins: over HTTP/1.1 for clients that
// speak it, over HTTP/2 where the origin has it for clients that speak that. It
// is the only way out, next to the tunnel, and both dial through the same
// checked dialer.
type upstream struct {
	dialer *dial.Dialer
	roots  *x509.CertPool
	h1, h2 *http.Transport
}

// streamBuffer is how much of a reply an origin may send over HTTP/2 before the
// client has read it. net/http's 4 MiB let a client that opens no window hold
// 400 MiB with the hundred streams of one connection.
const streamBuffer = 512 << 10

// handshakeLimit is how long an origin's TLS handshake may take.
const handshakeLimit = 10 * time.Second

func newUpstream(dialer *dial.Dialer, roots *x509.CertPool) *upstream {
	u := &upstream{dialer: dialer, roots: roots}
	u.h1 = u.transport(false)
	u.h2 = u.transport(true)
	return u
}

// transport has no time limit for the reply's header: models think for minutes.
// A client that leaves cancels; TCP keep-alive and HTTP/2 pings find dead peers.
func (u *upstream) transport(h2 bool) *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	alpn := []string{"http/1.1"}
	if h2 {
		protocols.SetHTTP2(true)
		alpn = []string{"h2", "http/1.1"}
	}
	cache := tls.NewLRUClientSessionCache(4096)
	return &http.Transport{
		Proxy:       nil,
		DialContext: u.dial,
		DialTLSContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			return u.dialTLS(ctx, addr, alpn, cache)
		},
		Protocols:              &protocols,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second, MaxReceiveBufferPerStream: streamBuffer},
		DisableCompression:     true, // bytes pass as they come
		MaxIdleConns:           2048,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
}

func (u *upstream) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	target, err := destination.ParseAuthority(addr, 0)
	if err != nil {
		return nil, err
	}
	return u.dialer.Dial(ctx, target)
}

// dialTLS is the one seam that makes upstream TLS connections: always verified,
// for the name that policy decided on.
func (u *upstream) dialTLS(ctx context.Context, addr string, alpn []string, cache tls.ClientSessionCache) (net.Conn, error) {
	target, err := destination.ParseAuthority(addr, 443)
	if err != nil {
		return nil, err
	}
	raw, err := u.dialer.Dial(ctx, target)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(&bulkConn{Conn: raw}, &tls.Config{
		ServerName:         target.Host,
		RootCAs:            u.roots,
		MinVersion:         tls.VersionTLS12,
		NextProtos:         alpn,
		ClientSessionCache: cache,
		// A request is no use to its origin before its end: smaller records only cost.
		DynamicRecordSizingDisabled: true,
		VerifyConnection:            strongKeys,
	})
	ctx, cancel := context.WithTimeout(ctx, handshakeLimit)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(&tlsError{err}, ignoreClosed(raw.Close()))
	}
	return conn, nil
}

// tlsError marks an error of an upstream TLS handshake.
type tlsError struct{ err error }

func (e *tlsError) Error() string { return "upstream TLS: " + e.err.Error() }
func (e *tlsError) Unwrap() error { return e.err }

// errWeakKey says that a certificate of the chain has a short RSA key.
var errWeakKey = errors.New("RSA key under 2048 bits")

// strongKeys refuses RSA keys under 2048 bits anywhere in the chain; crypto/tls
// accepts 1024.
func strongKeys(state tls.ConnectionState) error {
	for _, cert := range state.PeerCertificates {
		if key, ok := cert.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
			return errWeakKey
		}
	}
	return nil
}

// roundTrip sends a request on and notes what it learned of the other side.
func (u *upstream) roundTrip(x *Exchange, r *http.Request) (*http.Response, error) {
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		x.upstream.addr = info.Conn.RemoteAddr().String()
		x.upstream.reused = info.Reused
		x.upstream.bulk = bulkOf(info.Conn)
	}}
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), trace))
	r.Close = false // the client's wish for its own connection
	transport := u.h1
	if r.ProtoMajor == 2 {
		transport = u.h2
	}
	resp, err := transport.RoundTrip(r)
	if err != nil && x.call != nil && x.call.refusal() != nil {
		return nil, x.call.refusal()
	}
	if err != nil {
		if x.pace.late.Load() {
			return nil, refuseFor("body_stalled", err) // which ends the context of an HTTP/1.1 request
		}
		return nil, upstreamError(r.Context(), err)
	}
	x.forget()
	x.upstream.proto = resp.Proto
	return resp, nil
}

func (u *upstream) close() {
	u.h1.CloseIdleConnections()
	u.h2.CloseIdleConnections()
}

// upstreamError turns what a dial or a transport says into a refusal.
func upstreamError(ctx context.Context, err error) *refusal {
	var (
		reasoned    interface{ Reason() string }
		unknown     x509.UnknownAuthorityError
		wrongName   x509.HostnameError
		invalid     x509.CertificateInvalidError
		handshake   *tlsError
		timeout     net.Error
		alreadySaid *refusal
	)
	switch {
	case errors.As(err, &alreadySaid):
		return alreadySaid
	case ctx.Err() != nil:
		return ended(ctx, err)
	case errors.As(err, &reasoned):
		return refuseFor(reasoned.Reason(), err)
	case errors.Is(err, errWeakKey):
		return refuseFor("upstream_weak_key", err)
	case errors.As(err, &unknown):
		return refuseFor("upstream_untrusted", err)
	case errors.As(err, &wrongName):
		return refuseFor("upstream_wrong_name", err)
	case errors.As(err, &invalid):
		if invalid.Reason == x509.Expired {
			return refuseFor("upstream_expired", err)
		}
		return refuseFor("upstream_untrusted", err)
	case errors.As(err, &timeout) && timeout.Timeout():
		return refuseFor("upstream_timeout", err)
	case errors.As(err, &handshake):
		return refuseFor("upstream_tls_failed", err)
	}
	return refuseFor("upstream_failed", speakable(err))
}

// errReply stands for a reply that is not HTTP. What net/http says of it quotes
// it, and an origin must not write our log.
var errReply = errors.New("malformed reply")

// speakable is err if it is known to quote nothing of the peer, else errReply.
func speakable(err error) error {
	var (
		op      *net.OpError
		certs   *tls.CertificateVerificationError
		shake   *tlsError
		network net.Error
	)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, context.Canceled), errors.Is(err, errSent),
		errors.As(err, &op), errors.As(err, &certs), errors.As(err, &shake), errors.As(err, &network):
		return err
	}
	return errReply
}

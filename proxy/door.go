package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/listener"
)

// maxGuests is how many connections may be at the doors: accepted, but with a
// PROXY header or a TLS handshake to come. One more is closed at once.
const maxGuests = 4096

// A door is one listener. It lets in connections of clients that are served and
// does not wrap them where nothing needs it: splice wants the *net.TCPConn. What
// is to be heard first, a PROXY header or a TLS handshake, is heard in a
// goroutine, with a deadline, so that a silent peer holds nobody else up.
type door struct {
	net.Listener
	secure  *listener.TLS  // nil: in clear
	options func() Options // in force now
	guests  *guests
	crowd   *crowd
	refused func(reason string)
	log     *zap.Logger
}

func (p *Proxy) newDoor(l net.Listener) *door {
	d := &door{
		Listener: l, options: p.options, guests: &p.guests, crowd: p.pipeline.crowd,
		refused: p.pipeline.metrics.connRefused, log: p.Parts().Log,
	}
	if s, ok := l.(*listener.Secure); ok {
		d.Listener, d.secure = s.Listener, s.TLS
	}
	return d
}

// Accept returns connections that can be let in as they are. The others come
// from the queue of the guests.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if d.secure != nil || d.fromBalancer(conn) {
			if !d.guests.receive(conn, d.admit) {
				d.refused("accept_busy")
				_ = conn.Close() // refused without a word
			}
			continue
		}
		if err := d.judge(conn); err != nil {
			d.turnAway(conn, err)
			continue
		}
		return conn, nil
	}
}

// admit hears what must come first and returns the connection to be served.
func (d *door) admit(conn net.Conn) (_ net.Conn, err error) {
	defer func() {
		if value := recover(); value != nil { // one connection's end, not the proxy's
			err = &refusal{reason: "internal", cause: fmt.Errorf("panic: %T", value)}
			d.turnAway(conn, err)
		}
	}()
	guest, patience := conn, d.options().Limits.Handshake
	if d.fromBalancer(conn) {
		balanced, err := readProxyHeader(conn, patience)
		if err != nil {
			d.turnAway(conn, err)
			return nil, err
		}
		guest = balanced
	}
	if err := d.judge(guest); err != nil {
		d.turnAway(conn, err)
		return nil, err
	}
	if d.secure == nil {
		return guest, nil
	}
	secure, err := d.shake(guest, patience)
	if err != nil {
		d.turnAway(conn, err)
		return nil, err
	}
	return secure, nil
}

// shake speaks TLS with a client of the HTTPS proxy.
func (d *door) shake(guest net.Conn, patience time.Duration) (net.Conn, error) {
	client := clientAddr(guest.RemoteAddr().String())
	defer d.crowd.leave(client, handshakes)
	if !d.crowd.enter(client, handshakes) {
		return nil, &refusal{reason: "handshakes_busy"}
	}
	secure := tls.Server(guest, d.secure.Config())
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, doorFailure(err)
	}
	return secure, nil
}

// fromBalancer reports whether the peer is one that must send a PROXY header.
func (d *door) fromBalancer(conn net.Conn) bool {
	return holds(d.options().Balancers, clientAddr(conn.RemoteAddr().String()))
}

// judge refuses a client that is not served. Behind a balancer it is the client
// of the PROXY header that is judged.
func (d *door) judge(conn net.Conn) error {
	if !holds(d.options().Clients, clientAddr(conn.RemoteAddr().String())) {
		return &refusal{reason: "client_address"}
	}
	return nil
}

// turnAway closes a connection without a word and counts why. One that was
// opened and closed in silence is a health check; one that is closed because the
// proxy stops is no failure.
func (d *door) turnAway(conn net.Conn, err error) {
	defer func() { _ = conn.Close() }()
	var r *refusal
	if !errors.As(err, &r) || errors.Is(err, net.ErrClosed) {
		return
	}
	d.refused(r.reason)
	d.log.Debug("connection refused", zap.String("peer", conn.RemoteAddr().String()), zap.String("reason", r.reason), zap.Error(r.cause))
}

// doorFailure names why there was no TLS with the proxy itself.
func doorFailure(err error) error {
	reason := "listener_tls"
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		reason = "listener_tls_timeout"
	case errors.Is(err, listener.ErrRevoked):
		reason = "client_certificate_revoked"
	case errors.Is(err, listener.ErrLapsed):
		reason = "client_crl_lapsed"
	case errors.As(err, &certificate), strings.Contains(err.Error(), "didn't provide a certificate"): // which has no type
		reason = "client_certificate"
	case errors.Is(err, io.EOF):
		return err // left without a word
	}
	return &refusal{reason: reason, cause: err}
}

// guests are the connections at all doors that are not let in yet.
type guests struct {
	queue   *connQueue
	waiting connSet
	each    sync.WaitGroup
}

// receive takes charge of a connection, unless there are too many.
func (g *guests) receive(conn net.Conn, admit func(net.Conn) (net.Conn, error)) bool {
	if g.waiting.size() >= maxGuests {
		return false
	}
	gone := g.waiting.add(conn)
	g.each.Go(func() {
		defer gone()
		guest, err := admit(conn)
		if err == nil && g.queue.push(guest) != nil {
			_ = guest.Close() // the proxy stops
		}
	})
	return true
}

// dismiss closes those that still wait and returns when none is left. Nobody may
// be received any more.
func (g *guests) dismiss() {
	g.waiting.closeAll()
	g.each.Wait()
}

func holds(prefixes []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}

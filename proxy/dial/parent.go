package dial

import (
	"bufio"
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

// parent is the proxy that all connections go through.
type parent struct {
	target        destination.Target
	authorization string // "" without credentials
	tls           *tls.Config
}

// maxParentHeader is how much of a parent's answer is read, in bytes.
const maxParentHeader = 16 << 10

// newParent reads http://user:password@host:port. Its errors do not quote the
// URL, which holds the password.
func newParent(u *url.URL, roots *x509.CertPool) (*parent, error) {
	p := &parent{}
	port := uint16(80)
	switch u.Scheme {
	case "http":
	case "https":
		port = 443
	default:
		return nil, errors.New("wants an http or https URL")
	}
	if u.Opaque != "" || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("wants nothing after the host and port")
	}
	var err error
	if p.target, err = destination.ParseAuthority(u.Host, port); err != nil {
		return nil, err
	}
	if u.User != nil {
		if strings.Contains(u.User.Username(), ":") {
			return nil, errors.New("user name with a colon") // RFC 7617 section 2
		}
		p.authorization = basic(u.User)
	}
	if u.Scheme == "https" {
		p.tls = &tls.Config{
			ServerName:         p.target.Host,
			RootCAs:            roots,
			MinVersion:         tls.VersionTLS12,
			NextProtos:         []string{"http/1.1"},
			ClientSessionCache: tls.NewLRUClientSessionCache(8),
			VerifyConnection:   strongKeys,
		}
	}
	return p, nil
}

// strongKeys refuses RSA keys under 2048 bits, which crypto/tls accepts.
func strongKeys(state tls.ConnectionState) error {
	for _, cert := range state.PeerCertificates {
		if key, ok := cert.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
			return errors.New("RSA key under 2048 bits")
		}
	}
	return nil
}

// dialParent asks the parent for a tunnel. The name of the target is not
// resolved here; the parent's own is, and may be private.
func (d *Dialer) dialParent(ctx context.Context, t destination.Target) (net.Conn, error) {
	addrs := []netip.AddrPort{netip.AddrPortFrom(d.parent.target.IP, d.parent.target.Port)}
	if !d.parent.target.IP.IsValid() {
		found, err := d.lookup(ctx, d.parent.target.Host)
		if err != nil {
			return nil, d.parent.unreachable(err)
		}
		addrs = addrs[:0]
		for _, ip := range found {
			addrs = append(addrs, netip.AddrPortFrom(ip, d.parent.target.Port))
		}
	}
	conn, err := d.race(ctx, addrs, true)
	if err != nil {
		return nil, d.parent.unreachable(err)
	}
	tunnel, err := d.parent.tunnel(ctx, conn, t)
	if err != nil {
		_ = conn.Close() // the error that counts is the first
		return nil, fmt.Errorf("parent proxy: %w", err)
	}
	return tunnel, nil
}

// unreachable keeps apart that the parent was not found or refused the connection
// from the same about the target.
func (p *parent) unreachable(err error) error {
	kind := kindOf(err)
	if errors.Is(kind, ErrNoHost) || errors.Is(kind, ErrRefused) {
		kind = ErrFailed
	}
	return fmt.Errorf("parent proxy: %w", &Error{Target: p.target, Kind: kind, Cause: err})
}

// tunnel speaks CONNECT (RFC 9110 section 9.3.6) on a fresh connection, as long
// as the context allows.
func (p *parent) tunnel(ctx context.Context, conn net.Conn, t destination.Target) (net.Conn, error) {
	deadline, _ := ctx.Deadline() // Dial has set one
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if p.tls != nil {
		secure := tls.Client(conn, p.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("TLS: %w", err)
		}
		conn = secure
	}
	if err := p.request(conn, t); err != nil {
		return nil, err
	}
	source := &sourceReader{Reader: io.LimitReader(conn, maxParentHeader)}
	answer := bufio.NewReaderSize(source, maxParentHeader)
	if err := readTunnelAnswer(answer); err != nil {
		if source.err != nil && !errors.Is(source.err, io.EOF) {
			return nil, source.err
		}
		return nil, err
	}
	if !stop() {
		return nil, context.Cause(ctx) // the deadline was moved: this connection is dead
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	if n := answer.Buffered(); n > 0 {
		early, err := answer.Peek(n)
		if err != nil {
			return nil, err
		}
		return &earlyConn{Conn: conn, early: early}, nil
	}
	return conn, nil
}

func (p *parent) request(conn net.Conn, t destination.Target) error {
	authority := t.Authority()
	head := "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n"
	if p.authorization != "" {
		head += "Proxy-Authorization: " + p.authorization + "\r\n"
	}
	_, err := io.WriteString(conn, head+"\r\n")
	return err
}

// readTunnelAnswer reads the header of the parent's answer; a 2xx has no body,
// whatever it says.
func readTunnelAnswer(r *bufio.Reader) error {
	const interim = 5 // 1xx answers that are skipped
	for range interim {
		resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodConnect}) //nolint:bodyclose // see below
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return fmt.Errorf("closed or too long an answer: %w", ErrParent)
			}
			return fmt.Errorf("not an HTTP answer: %w", ErrParent) // the error would quote it
		}
		switch { // the body stays: closing it would read on
		case resp.StatusCode/100 == 2:
			return nil
		case resp.StatusCode/100 != 1 || resp.StatusCode == http.StatusSwitchingProtocols:
			return fmt.Errorf("status %d: %w", resp.StatusCode, ErrParent)
		}
	}
	return fmt.Errorf("too many interim answers: %w", ErrParent)
}

// sourceReader remembers why reading ended: net/http takes a line that a timeout
// cut for a malformed one.
type sourceReader struct {
	io.Reader
	err error
}

func (r *sourceReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		r.err = err
	}
	return n, err
}

// earlyConn is a connection on which the far side spoke before we read.
type earlyConn struct {
	net.Conn
	early []byte
}

func (c *earlyConn) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// CloseWrite ends our side, as on a *net.TCPConn.
func (c *earlyConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

package ca_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

var secret = bytes.Repeat([]byte{7}, ca.SecretSize)

func clientFor(host string, root *x509.Certificate, version uint16) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(root)
	c := &tls.Config{RootCAs: roots, ServerName: host, NextProtos: []string{"h2", "http/1.1"}}
	if version != 0 {
		c.MinVersion, c.MaxVersion = version, version
	}
	return c
}

// meet does a handshake over loopback and passes a byte, so that the client has
// read the tickets that follow it.
func meet(t *testing.T, server, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		s := tls.Server(c, server)
		if s.Handshake() == nil {
			s.Write([]byte{1})
			io.Copy(io.Discard, s)
		}
	})
	raw, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetDeadline(time.Now().Add(10 * time.Second))
	c := tls.Client(raw, client)
	if err := c.Handshake(); err != nil {
		return tls.ConnectionState{}, err
	}
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		return tls.ConnectionState{}, err
	}
	return c.ConnectionState(), nil
}

func handshake(t *testing.T, a *ca.Authority, host string, root *x509.Certificate, version uint16) tls.ConnectionState {
	t.Helper()
	s, err := meet(t, a.Config(host), clientFor(host, root, version))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHandshake(t *testing.T) {
	a := made(t, t.TempDir())
	for _, host := range []string{"chat.example.com", "192.0.2.7", "2001:db8::7"} {
		for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			if s := handshake(t, a, host, a.Root(), v); s.Version != v || s.NegotiatedProtocol != "h2" {
				t.Errorf("%s: version %x, protocol %q", host, s.Version, s.NegotiatedProtocol)
			}
		}
	}
	for _, p := range []string{"http/1.1", ""} {
		c := clientFor("chat.example.com", a.Root(), 0)
		c.NextProtos = nil
		if p != "" {
			c.NextProtos = []string{p}
		}
		if s, err := meet(t, a.Config("chat.example.com"), c); err != nil || s.NegotiatedProtocol != p {
			t.Errorf("%q: %q %v", p, s.NegotiatedProtocol, err)
		}
	}
}

func TestHandshakeRefused(t *testing.T) {
	a, other := made(t, t.TempDir()), made(t, t.TempDir())
	var unknown x509.UnknownAuthorityError
	if _, err := meet(t, a.Config("example.com"), clientFor("example.com", other.Root(), 0)); !errors.As(err, &unknown) {
		t.Errorf("another root: %v", err)
	}
	var name x509.HostnameError
	if _, err := meet(t, a.Config("example.com"), clientFor("example.org", a.Root(), 0)); !errors.As(err, &name) {
		t.Errorf("another name: %v", err)
	}
	old := clientFor("example.com", a.Root(), 0)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if _, err := meet(t, a.Config("example.com"), old); err == nil {
		t.Error("TLS 1.1 was taken")
	}
	if _, err := meet(t, a.Config("not a name"), clientFor("example.com", a.Root(), 0)); err == nil {
		t.Error("a leaf for no name")
	}
}

// oneTicket is a client that offers its ticket everywhere.
type oneTicket struct {
	mu sync.Mutex
	s  *tls.ClientSessionState
}

func (o *oneTicket) Get(string) (*tls.ClientSessionState, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.s, o.s != nil
}

func (o *oneTicket) Put(_ string, s *tls.ClientSessionState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.s == nil {
		o.s = s
	}
}

// Sessions resume: at the same authority, at a replica with the same secret, and
// until the third day. They do not at another host, with another secret, or later.
func TestResumption(t *testing.T) {
	dir := t.TempDir()
	later := func(d time.Duration) func(*ca.Options) {
		return func(o *ca.Options) { o.Clock = func() time.Time { return time.Now().Add(d) } }
	}
	with := func(s []byte) func(*ca.Options) { return func(o *ca.Options) { o.Secret = s } }
	day := 24 * time.Hour
	a := made(t, dir, with(secret))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, c := range []struct {
			name string
			at   *tls.Config
			want bool
		}{
			{"same authority", a.Config("one.example.com"), true},
			{"host in capitals", a.Config("ONE.example.com"), true},
			{"replica", made(t, dir, with(secret)).Config("one.example.com"), true},
			{"next day", made(t, dir, with(secret), later(day)).Config("one.example.com"), true},
			{"third day", made(t, dir, with(secret), later(2*day)).Config("one.example.com"), true},
			{"fourth day", made(t, dir, with(secret), later(3*day)).Config("one.example.com"), false},
			{"other secret", made(t, dir, with(bytes.Repeat([]byte{8}, ca.SecretSize))).Config("one.example.com"), false},
			{"no secret", made(t, dir).Config("one.example.com"), false},
			{"other host", a.Config("two.example.com"), false},
		} {
			// The client does not care for names, so that what is seen is the server's doing.
			cc := clientFor("one.example.com", a.Root(), version)
			cc.InsecureSkipVerify, cc.ClientSessionCache = true, &oneTicket{}
			cc.Time = func() time.Time { return time.Now() }
			if s, err := meet(t, a.Config("one.example.com"), cc); err != nil || s.DidResume {
				t.Fatalf("first: resumed %v, %v", s.DidResume, err)
			}
			s, err := meet(t, c.at, cc)
			if err != nil || s.DidResume != c.want {
				t.Errorf("%x %s: resumed %v, want %v, %v", version, c.name, s.DidResume, c.want, err)
			}
		}
	}
}

func TestConcurrentHandshakes(t *testing.T) {
	a := made(t, t.TempDir(), func(o *ca.Options) { o.CacheSize = 2 })
	var wg sync.WaitGroup
	for i := range 24 {
		host := []string{"a.example.com", "b.example.com", "c.example.com"}[i%3]
		wg.Go(func() {
			if _, err := meet(t, a.Config(host), clientFor(host, a.Root(), 0)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

package dial

import (
	"bufio"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func parseURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// parentProxy answers every connection with a script and notes the requests.
type parentProxy struct {
	addr string

	mu       sync.Mutex
	requests []*http.Request
}

// newParentProxy serves until the test ends. Without tls it speaks plain HTTP.
func newParentProxy(t testing.TB, conf *tls.Config, answer func(net.Conn)) *parentProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &parentProxy{addr: l.Addr().String()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(5 * time.Second))
				if conf != nil {
					c = tls.Server(c, conf)
				}
				r, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				p.mu.Lock()
				p.requests = append(p.requests, r)
				p.mu.Unlock()
				answer(c)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		running.Wait()
	})
	return p
}

func (p *parentProxy) take() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.requests
	p.requests = nil
	return got
}

// writes answers with fixed text.
func writes(text string) func(net.Conn) {
	return func(c net.Conn) { _, _ = io.WriteString(c, text) }
}

func TestDialParent(t *testing.T) {
	resolver := &fakeResolver{}
	proxy := newParentProxy(t, nil, func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\nContent-Length: 99\r\n\r\n")
		b := make([]byte, 5)
		if _, err := io.ReadFull(c, b); err == nil {
			_, _ = c.Write([]byte("got " + string(b)))
		}
	})
	own := listen(t, "127.0.0.1:0", "direct")
	d := newDialer(t, Config{
		Parent:   parseURL(t, "http://us%40er:p%3Ass%2Fw%C3%B6rd@"+proxy.addr),
		Resolver: resolver, Resolve: map[string]string{"direct.test": own.String()},
	})
	for _, authority := range []string{"far.test:443", "[2606:4700::1]:80"} {
		conn, err := d.Dial(t.Context(), target(t, authority))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := conn.(*net.TCPConn); !ok {
			t.Errorf("%T", conn)
		}
		if _, err := io.WriteString(conn, "hello"); err != nil {
			t.Error(err)
		}
		if b, err := io.ReadAll(conn); string(b) != "got hello" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		_ = conn.Close()
		got := proxy.take()
		if len(got) != 1 || got[0].Method != http.MethodConnect || got[0].RequestURI != authority || got[0].Host != authority {
			t.Fatalf("%+v", got)
		}
		user, password, ok := (&http.Request{Header: http.Header{"Authorization": got[0].Header["Proxy-Authorization"]}}).BasicAuth()
		if !ok || user != "us@er" || password != "p:ss/wörd" {
			t.Errorf("credentials %q %q", user, password)
		}
	}
	if resolver.count() != 0 {
		t.Errorf("names were resolved here: %q", resolver.asked)
	}
	if got, err := says(t, d, "direct.test"); got != "direct" || err != nil || len(proxy.take()) != 0 {
		t.Errorf("an upstream.resolve entry: %q, %v", got, err)
	}
	for authority, reason := range map[string]string{
		"10.0.0.1": "private_address", "[::ffff:10.0.0.1]": "private_address", "localhost": "private_address", "a.localhost": "private_address",
		"metadata.google.internal": "metadata_name", "far.test:22": "port_not_allowed", "127.0.0.1": "private_address",
	} {
		_, err := says(t, d, authority)
		var dial *Error
		if !errors.As(err, &dial) || dial.Reason() != reason {
			t.Errorf("%s: %v; want %s", authority, err, reason)
		}
	}
	if len(proxy.take()) != 0 {
		t.Error("a refused target reached the parent")
	}
}

func TestDialParentWithoutCredentials(t *testing.T) {
	proxy := newParentProxy(t, nil, writes("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.0 204 Fine\r\n\r\nSSH-2.0-early"))
	_, port, _ := net.SplitHostPort(proxy.addr)
	d := newDialer(t, Config{
		Parent:   parseURL(t, "http://proxy.test:"+port),
		Resolver: &fakeResolver{answers: map[string][][]netip.Addr{"proxy.test": {addrs("127.0.0.1")}}},
	})
	conn, err := d.Dial(t.Context(), target(t, "far.test"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if b, err := io.ReadAll(conn); string(b) != "SSH-2.0-early" || err != nil {
		t.Errorf("what came with the answer: %q, %v", b, err)
	}
	if got := proxy.take(); len(got) != 1 || got[0].Header["Proxy-Authorization"] != nil {
		t.Errorf("%+v", got)
	}
}

func TestDialParentFailures(t *testing.T) {
	checkLeaks(t)
	for name, tt := range map[string]struct {
		answer func(net.Conn)
		reason string
	}{
		"407":             {writes("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 1000000\r\n\r\nsecret page"), "parent_refused"},
		"403":             {writes("HTTP/1.1 403 Forbidden\r\n\r\n"), "parent_refused"},
		"a redirect":      {writes("HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n"), "parent_refused"},
		"101":             {writes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "parent_refused"},
		"only interims":   {writes(strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 20)), "parent_refused"},
		"nonsense":        {writes("SSH-2.0-secret\r\n\r\n"), "parent_refused"},
		"nothing":         {func(net.Conn) {}, "parent_refused"},
		"half":            {writes("HTTP/1.1 200 OK\r\nA: b"), "parent_refused"},
		"an endless head": {endless, "parent_refused"},
		"silence":         {func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }, "dial_timeout"},
		"a slow drip":     {drip, "dial_timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := newParentProxy(t, nil, tt.answer)
			d := newDialer(t, Config{Parent: parseURL(t, "http://user:hunter2@"+proxy.addr), Timeout: 400 * time.Millisecond})
			start := time.Now()
			_, err := says(t, d, "far.test")
			var dial *Error
			if !errors.As(err, &dial) || dial.Reason() != tt.reason || time.Since(start) > 3*time.Second {
				t.Errorf("%v in %v; want %s", err, time.Since(start), tt.reason)
			}
			if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "secret")) {
				t.Errorf("%v", err)
			}
		})
	}
	closed := listen(t, "127.0.0.1:0", "")
	for parent, reason := range map[string]string{"http://127.0.0.7:1": "dial_failed", "http://none.test:3128": "dial_failed", "http://" + closed.String(): "own_address"} {
		d := newDialer(t, Config{Parent: parseURL(t, parent), Self: func() []netip.AddrPort { return []netip.AddrPort{closed} }})
		_, err := says(t, d, "far.test")
		var dial *Error
		if !errors.As(err, &dial) || dial.Reason() != reason {
			t.Errorf("%s: %v; want %s", parent, err, reason)
		}
	}
	proxy := newParentProxy(t, nil, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	d := newDialer(t, Config{Parent: parseURL(t, "http://"+proxy.addr)})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	if _, err := d.Dial(ctx, target(t, "far.test")); err == nil || time.Since(start) > 2*time.Second {
		t.Errorf("a client that leaves: %v in %v", err, time.Since(start))
	}
}

func endless(c net.Conn) {
	_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
	for {
		if _, err := io.WriteString(c, "A: "+strings.Repeat("a", 1000)+"\r\n"); err != nil {
			return
		}
	}
}

func drip(c net.Conn) {
	for _, b := range []byte("HTTP/1.1 200 OK\r\n\r\n") {
		if _, err := c.Write([]byte{b}); err != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// certificate makes a self-signed one for a host with a key.
func certificate(t testing.TB, key crypto.Signer, host string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestDialParentTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, roots := certificate(t, key, "proxy.test")
	_, strangers := certificate(t, key, "other.test")
	proxy := newParentProxy(t, &tls.Config{Certificates: []tls.Certificate{cert}}, writes("HTTP/1.1 200 OK\r\n\r\nhello"))
	_, port, _ := net.SplitHostPort(proxy.addr)
	resolver := &fakeResolver{answers: map[string][][]netip.Addr{"proxy.test": {addrs("127.0.0.1")}, "wrong.test": {addrs("127.0.0.1")}}}
	dial := func(host string, roots *x509.CertPool) (net.Conn, error) {
		d := newDialer(t, Config{Parent: parseURL(t, "https://u:p@"+host+":"+port), RootCAs: roots, Resolver: resolver})
		return d.Dial(t.Context(), target(t, "far.test"))
	}
	conn, err := dial("proxy.test", roots)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(conn); string(b) != "hello" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	_ = conn.Close()
	for host, pool := range map[string]*x509.CertPool{"wrong.test": roots, "proxy.test": strangers} {
		if conn, err := dial(host, pool); err == nil {
			_ = conn.Close()
			t.Errorf("%s: the parent's certificate was not verified", host)
		} else {
			wantReason(t, err, ErrFailed, "dial_failed")
		}
	}
	if got := proxy.take(); len(got) != 1 {
		t.Errorf("%d requests; credentials went to an unverified parent", len(got))
	}
}

func TestStrongKeys(t *testing.T) {
	for bits, ok := range map[int]bool{1024: false, 2048: true} {
		n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
		state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{{PublicKey: &rsa.PublicKey{N: n, E: 65537}}}}
		if err := strongKeys(state); (err == nil) != ok {
			t.Errorf("%d: %v", bits, err)
		}
	}
}

func TestParentURLProblems(t *testing.T) {
	for _, s := range []string{
		"ftp://proxy.test", "socks5://proxy.test", "proxy.test:3128", "http:proxy.test", "http://", "http://a_b c", "http://proxy.test/path", "http://proxy.test?x=1", "http://proxy.test#x",
		"http://proxy.test:0", "http://127.1:3128", "http://us%3Aer:hunter2@proxy.test",
	} {
		u, err := url.Parse(s)
		if err != nil {
			continue
		}
		if _, err := New(Config{Parent: u}); err == nil || strings.Contains(err.Error(), "hunter2") || !strings.HasPrefix(err.Error(), "upstream.parent: ") {
			t.Errorf("%s: %v", s, err)
		}
	}
	for s, want := range map[string]string{"http://proxy.test": "proxy.test:80", "https://Proxy.test./": "proxy.test:443", "http://[::1]:3128": "[::1]:3128"} {
		d, err := New(Config{Parent: parseURL(t, s)})
		if err != nil || d.parent.target.Authority() != want {
			t.Errorf("%s: %v", s, err)
		}
	}
}

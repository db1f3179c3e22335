package proxy_test

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
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/listener"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// A signer makes certificates for tests.
type signer struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newSigner(t testing.TB) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &signer{cert: sign(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, key, key), key: key}
}

func sign(t testing.TB, template, parent *x509.Certificate, public, by crypto.Signer) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = serial
	template.Subject = pkix.Name{CommonName: serial.String()}
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func (i *signer) leaf(t testing.TB, use x509.ExtKeyUsage) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := sign(t, &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{use}, DNSNames: []string{"proxy.example"}}, i.cert, key, i.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

func (i *signer) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(i.cert)
	return pool
}

// put writes PEM blocks to a file.
func put(t testing.TB, name string, mode os.FileMode, blocks ...*pem.Block) {
	t.Helper()
	var text []byte
	for _, b := range blocks {
		text = append(text, pem.EncodeToMemory(b)...)
	}
	if err := os.WriteFile(name, text, mode); err != nil {
		t.Fatal(err)
	}
}

// show puts a server's certificate into the files of an HTTPS proxy.
func (i *signer) show(t testing.TB, files listener.Files) tls.Certificate {
	t.Helper()
	leaf := i.leaf(t, x509.ExtKeyUsageServerAuth)
	key, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	put(t, files.Cert, 0o644, &pem.Block{Type: "CERTIFICATE", Bytes: leaf.Leaf.Raw})
	put(t, files.Key, 0o600, &pem.Block{Type: "PRIVATE KEY", Bytes: key})
	return leaf
}

// secured is an HTTPS proxy with a certificate of the test's own signer. With clients,
// it wants certificates of theirs.
func secured(t testing.TB, clients *signer, change func(*proxytest.Settings)) (*proxytest.Proxy, *signer) {
	t.Helper()
	dir, by := t.TempDir(), newSigner(t)
	files := listener.Files{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	by.show(t, files)
	if clients != nil {
		files.ClientCA = filepath.Join(dir, "clients.pem")
		put(t, files.ClientCA, 0o644, &pem.Block{Type: "CERTIFICATE", Bytes: clients.cert.Raw})
	}
	secure, err := listener.New(files)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, func(s *proxytest.Settings) {
		s.Secure = secure
		if change != nil {
			change(s)
		}
	}), by
}

// TestHTTPSProxy shows that everything works through TLS to the proxy itself:
// interception, a tunnel, plain http, the PAC file; and that HTTP/2 is not
// offered.
func TestHTTPSProxy(t *testing.T) {
	p, by := secured(t, nil, func(s *proxytest.Settings) { s.ClearHosts = []string{"plain.example"} })
	through, err := url.Parse("https://" + p.Address)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.CA.Root())
	roots.AddCert(p.Origin.Authority.Root())
	proxies := &tls.Config{ServerName: "proxy.example", RootCAs: by.pool(), MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	transport := &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) {
			return &url.URL{Scheme: "http", Host: through.Host}, nil // in clear for the transport: the TLS is below
		},
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&tls.Dialer{Config: proxies}).DialContext(ctx, network, address)
			if err == nil && conn.(*tls.Conn).ConnectionState().NegotiatedProtocol != "http/1.1" {
				t.Errorf("the proxy speaks %q", conn.(*tls.Conn).ConnectionState().NegotiatedProtocol)
			}
			return conn, err
		},
	}
	for _, c := range []struct{ target, proto string }{
		{"https://" + host + "/v1/models", "HTTP/2.0"}, {"https://intranet.example/", "HTTP/2.0"}, {"http://plain.example/", "HTTP/1.1"},
	} {
		resp, err := (&http.Client{Transport: transport}).Get(c.target)
		if err != nil {
			t.Fatalf("%s: %v", c.target, err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || resp.Proto != c.proto || string(text) != `{"ok":true}` {
			t.Errorf("%s: got %s %s %q, %v", c.target, resp.Proto, resp.Status, text, err)
		}
	}
	conn, err := tls.Dial("tcp", p.Address, proxies)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, askPAC)
	if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("the PAC file: got %v, %v", resp, err)
	}
	if n := metric(t, p, "sluice_connections_refused_total"); n != 0 {
		t.Errorf("%v connections were refused", n)
	}
}

// TestHTTPSProxyBehindBalancer shows that the PROXY header comes before the TLS.
func TestHTTPSProxyBehindBalancer(t *testing.T) {
	p, by := secured(t, nil, behind)
	conn := dial(t, p, header2(t, "203.0.113.7:40000"))
	secure := tls.Client(conn, &tls.Config{ServerName: "proxy.example", RootCAs: by.pool(), MinVersion: tls.VersionTLS12})
	io.WriteString(secure, "CONNECT intranet.example:443 HTTP/1.1\r\nHost: intranet.example:443\r\n\r\n")
	if resp, err := http.ReadResponse(bufio.NewReader(secure), &http.Request{Method: http.MethodConnect}); err != nil || resp.StatusCode != 200 {
		t.Fatalf("got %v, %v", resp, err)
	}
	conn.Close()
	waitFor(t, "record", func() bool {
		lines := p.Lines(t, "decision")
		return len(lines) == 1 && lines[0]["client"].(map[string]any)["ip"] == "203.0.113.7"
	})
}

// TestHTTPSProxyBadClients goes through what is no TLS, or not the TLS that is
// wanted: no answer in clear, counted by what was wrong.
func TestHTTPSProxyBadClients(t *testing.T) {
	p, by := secured(t, nil, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.Handshake = time.Second }
	})
	garbage := 0
	for _, words := range []string{
		askPAC,
		"CONNECT api.openai.com:443 HTTP/1.1\r\n\r\n",
		"PROXY TCP4 203.0.113.7 198.51.100.1 40000 8080\r\n",
		"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03", // a ClientHello that is none
		"\x16\x03\x01\xff\xff" + strings.Repeat("\xff", 70000),
		strings.Repeat("\x00", 64),
		"\x80\x2e\x01\x00\x02", // SSL 2
	} {
		conn := dial(t, p, "")
		io.WriteString(conn, words) // the proxy may be gone before the end
		said, _ := io.ReadAll(conn)
		if strings.Contains(string(said), "HTTP") {
			t.Errorf("%.20q: answered in clear: %q", words, said)
		}
		garbage++
		waitFor(t, "count of "+words[:4], func() bool { return refused(t, p, "listener_tls") == float64(garbage) })
	}
	for _, config := range []*tls.Config{
		{NextProtos: []string{"h2"}},
		{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10},
	} {
		config.ServerName, config.RootCAs = "proxy.example", by.pool()
		if conn, err := tls.Dial("tcp", p.Address, config); err == nil {
			conn.Close()
			t.Errorf("%+v was taken", config)
		}
		garbage++
		waitFor(t, "count", func() bool { return refused(t, p, "listener_tls") == float64(garbage) })
	}
	closedInSilence(t, dial(t, p, "\x16\x03\x01\x00\xa5\x01")) // and no more
	waitFor(t, "count of the slow handshake", func() bool { return refused(t, p, "listener_tls_timeout") == 1 })
	dial(t, p, "").Close() // a health check
	p.Stop(t)
	if n := metric(t, p, "sluice_connections_refused_total"); n != float64(garbage+1) {
		t.Errorf("counted %v, want %d", n, garbage+1)
	}
}

// TestHTTPSProxyHandshakes shows that one client cannot have more than its share of
// handshakes under way, and that another gets in beside it.
func TestHTTPSProxyHandshakes(t *testing.T) {
	p, by := secured(t, nil, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.ClientHandshakes = 2 }
	})
	for range 2 {
		dial(t, p, "\x16\x03\x01")
	}
	waitFor(t, "refusal", func() bool { // the two may not be under way yet
		dial(t, p, "\x16\x03\x01")
		return refused(t, p, "handshakes_busy") > 0
	})
	other := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	conn, err := tls.DialWithDialer(&other, "tcp", p.Address, &tls.Config{ServerName: "proxy.example", RootCAs: by.pool(), MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, askPAC)
	if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("another client got %v, %v", resp, err)
	}
}

// TestHTTPSProxyClientCertificates shows who gets in where certificates are
// wanted: a certificate of the authority, made for clients, and no other.
func TestHTTPSProxyClientCertificates(t *testing.T) {
	clients := newSigner(t)
	p, by := secured(t, clients, nil)
	expired := clients.leaf(t, x509.ExtKeyUsageClientAuth)
	expired.Leaf = sign(t, &x509.Certificate{
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, clients.cert, expired.PrivateKey.(crypto.Signer), clients.key)
	expired.Certificate[0] = expired.Leaf.Raw
	count := 0.0
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, c := range []struct {
			name string
			cert *tls.Certificate
			ok   bool
		}{
			{"none", nil, false},
			{"another authority's", ptr(newSigner(t).leaf(t, x509.ExtKeyUsageClientAuth)), false},
			{"a server's", ptr(clients.leaf(t, x509.ExtKeyUsageServerAuth)), false},
			{"expired", &expired, false},
			{"right", ptr(clients.leaf(t, x509.ExtKeyUsageClientAuth)), true},
		} {
			config := &tls.Config{ServerName: "proxy.example", RootCAs: by.pool(), MinVersion: version, MaxVersion: version}
			if c.cert != nil { // whatever the server asks for
				config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.cert, nil }
			}
			status := 0
			if conn, err := tls.Dial("tcp", p.Address, config); err == nil {
				conn.SetDeadline(time.Now().Add(20 * time.Second))
				io.WriteString(conn, askPAC)
				if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
					status = resp.StatusCode
				}
				conn.Close()
			}
			if (status == 200) != c.ok {
				t.Errorf("TLS %x, %s: status %d", version, c.name, status)
			}
			if !c.ok {
				count++
				waitFor(t, "count of "+c.name, func() bool { return refused(t, p, "client_certificate") == count })
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// TestListenerTLSReload shows that new files come into force for new connections,
// that open ones and sessions go their way, and that files that do not load leave
// the last good ones in force and are told once.
func TestListenerTLSReload(t *testing.T) {
	dir, by := t.TempDir(), newSigner(t)
	files := listener.Files{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	first := by.show(t, files)
	secure, err := listener.New(files)
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, func(s *proxytest.Settings) { s.Secure = secure })
	ctx, stop := context.WithCancel(t.Context())
	told, ended := make(chan error, 16), make(chan struct{})
	go func() {
		defer close(ended)
		secure.Watch(ctx, 5*time.Millisecond, func(err error) { told <- err })
	}()
	sessions := tls.NewLRUClientSessionCache(4)
	open := func() *tls.Conn {
		t.Helper()
		conn, err := tls.Dial("tcp", p.Address, &tls.Config{ServerName: "proxy.example", RootCAs: by.pool(), MinVersion: tls.VersionTLS12, ClientSessionCache: sessions})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		return conn
	}
	shown := func(conn *tls.Conn) string { return conn.ConnectionState().PeerCertificates[0].Subject.CommonName }
	works := func(conn *tls.Conn) {
		t.Helper()
		io.WriteString(conn, askPAC)
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 200 {
			t.Errorf("got %v, %v", resp, err)
		}
	}
	old := open()
	works(open())
	if again := open(); shown(again) != first.Leaf.Subject.CommonName || !again.ConnectionState().DidResume {
		t.Error("no session was resumed")
	}

	if err := os.WriteFile(files.Cert, []byte("rubbish"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := <-told; err == nil || !strings.HasPrefix(err.Error(), "cert_file: ") {
		t.Errorf("told %v", err)
	}
	if shown(open()) != first.Leaf.Subject.CommonName {
		t.Error("the last good certificate is not in force")
	}
	if err := os.Remove(files.Key); err != nil {
		t.Fatal(err)
	}
	if err := <-told; err == nil || !strings.HasPrefix(err.Error(), "key_file: ") {
		t.Errorf("told %v", err)
	}

	second := by.show(t, files)
	for err := <-told; err != nil; err = <-told { // the two files are not written at once
	}
	if fresh := open(); shown(fresh) != second.Leaf.Subject.CommonName || fresh.ConnectionState().DidResume {
		t.Errorf("shows %s, want %s", shown(fresh), second.Leaf.Subject.CommonName)
	}
	if !secure.Expiry().Equal(second.Leaf.NotAfter) {
		t.Errorf("expires %s", secure.Expiry())
	}
	works(old)
	stop()
	<-ended
}

// TestListenerTLSFiles goes through files that must not be taken.
func TestListenerTLSFiles(t *testing.T) {
	dir, by := t.TempDir(), newSigner(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	good := listener.Files{Cert: at("cert.pem"), Key: at("key.pem")}
	by.show(t, good)
	by.show(t, listener.Files{Cert: at("other.pem"), Key: at("other-key.pem")})
	put(t, at("empty.pem"), 0o644)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	put(t, at("small.pem"), 0o600, &pem.Block{Type: "CERTIFICATE", Bytes: sign(t, &x509.Certificate{}, nil, small, small).Raw},
		&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(small)})
	key := by.key.(*ecdsa.PrivateKey)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	past := sign(t, &x509.Certificate{NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour)}, nil, key, key)
	put(t, at("past.pem"), 0o600, &pem.Block{Type: "CERTIFICATE", Bytes: past.Raw}, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	open, err := os.ReadFile(good.Key)
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"open.pem": 0o644, "group.pem": 0o640} {
		if err := os.WriteFile(at(name), open, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		files listener.Files
		want  string // what the error begins with
	}{
		{good, ""},
		{listener.Files{Cert: good.Cert, Key: at("group.pem")}, ""},
		{listener.Files{Cert: good.Cert, Key: good.Key, ClientCA: good.Cert}, ""},
		{listener.Files{Cert: at("none"), Key: good.Key}, "cert_file: "},
		{listener.Files{Cert: dir, Key: good.Key}, "cert_file: "},
		{listener.Files{Cert: good.Cert, Key: at("none")}, "key_file: "},
		{listener.Files{Cert: good.Cert, Key: at("open.pem")}, "key_file: "},
		{listener.Files{Cert: good.Cert, Key: at("other-key.pem")}, "cert_file: "},
		{listener.Files{Cert: at("empty.pem"), Key: good.Key}, "cert_file: "},
		{listener.Files{Cert: at("small.pem"), Key: at("small.pem")}, "cert_file: "},
		{listener.Files{Cert: at("past.pem"), Key: at("past.pem")}, "cert_file: "},
		{listener.Files{Cert: good.Cert, Key: good.Key, ClientCA: at("empty.pem")}, "client_ca_file: "},
		{listener.Files{Cert: good.Cert, Key: good.Key, ClientCA: at("none")}, "client_ca_file: "},
	} {
		switch _, err := listener.New(c.files); {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c.files, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
			t.Errorf("%+v: got %v, want %s", c.files, err, c.want)
		}
	}
}

// TestIPv6 shows that clients on IPv6 are served and recorded as such.
func TestIPv6(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Listen = "[::1]:0"
		s.Change = func(parts *proxy.Parts) { parts.Options.Clients = []netip.Prefix{netip.MustParsePrefix("::1/128")} }
	})
	if resp, text := post(t, p, true, strings.NewReader(chat("hello"))); resp.StatusCode != 200 {
		t.Errorf("got %s: %s", resp.Status, text)
	}
	for _, line := range p.Lines(t, "decision") {
		if ip := line["client"].(map[string]any)["ip"]; ip != "::1" {
			t.Errorf("recorded for %s", ip)
		}
	}
}

package proxytest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// theProxy stands in Settings.Resolve for its own address.
const theProxy = "the proxy"

// odd starts a server of which only its kind is needed, and returns its address.
func odd(t testing.TB, kind string) string {
	t.Helper()
	switch kind {
	case "nobody": // listens there
		return "127.0.0.7:9"
	case "silent", "no TLS":
		listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // of a test
		must(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				t.Cleanup(func() { _ = conn.Close() })
				if kind == "no TLS" {
					_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH\r\n") // the proxy leaves
				}
			}
		}()
		return listener.Addr().String()
	case "refuses": // as a parent proxy may
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	t.Fatalf("unknown kind of server %q", kind)
	return ""
}

// oddTLS starts an origin whose certificate for the name is not as it should be. good
// is an authority that the proxy trusts.
func oddTLS(t testing.TB, good *authority, name, kind string) string {
	t.Helper()
	by, template := good, &x509.Certificate{DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	var cert tls.Certificate
	switch kind {
	case "expired":
		template.NotBefore, template.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	case "another name":
		template.DNSNames = []string{"other.example"}
	case "unknown authority":
		by = newTestAuthority(t, "unknown")
	case "weak key":
		key, err := rsa.GenerateKey(rand.Reader, 1024)
		must(t, err)
		cert = by.sign(t, template, key)
	default:
		t.Fatalf("unknown kind of origin %q", kind)
	}
	if cert.Leaf == nil {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(t, err)
		cert = by.sign(t, template, key)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// A lookup resolves the names of a transcript: to an address, to nothing, or never.
type lookup map[string]string

// LookupNetIP implements dial.Resolver.
func (l lookup) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	kind := l[host]
	if kind == "found too late" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if at, ok := strings.CutPrefix(kind, "at "); ok {
		addr, err := netip.ParseAddr(at)
		return []netip.Addr{addr}, err
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

package proxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"testing"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestPinned shows that clients which do not accept our certificate are counted by
// host, those that say so and those that just leave after the handshake; that a
// client which asks for something is not; and that nothing is learned from it: the
// next connection is intercepted as the one before.
func TestPinned(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) { s.Hosts = append(s.Hosts, "claude.ai") })
	own, foreign := x509.NewCertPool(), x509.NewCertPool()
	own.AddCert(p.CA.Root())
	foreign.AddCert(p.Origin.Authority.Root())
	shake := func(name string, roots *x509.CertPool, version uint16, then func(*tls.Conn)) {
		t.Helper()
		conn, resp := p.Connect(t, name+":443", "User-Agent: okhttp/4.12.0 (app)\r\n")
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("CONNECT: %s", resp.Status)
		}
		client := tls.Client(conn, &tls.Config{RootCAs: roots, ServerName: name, MaxVersion: version})
		if err := client.Handshake(); err == nil {
			then(client)
		}
		_ = conn.Close()
	}
	closes := func(c *tls.Conn) { _ = c.Close() }
	leaves := func(*tls.Conn) {}
	asks := func(c *tls.Conn) {
		io.WriteString(c, "GET /v1/models HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	}
	counted := func(want ...proxy.Pinned) {
		t.Helper()
		var got []proxy.Pinned
		waitFor(t, "counts", func() bool {
			got = p.Server.Pinned()
			if len(got) != len(want) {
				return false
			}
			for i := range got {
				g := got[i]
				if g.First.IsZero() || g.Last.Before(g.First) || g.Agent != "okhttp/4.12.0" {
					t.Fatalf("%+v", g)
				}
				g.First, g.Last, g.Agent = want[i].First, want[i].Last, ""
				if g != want[i] {
					return false
				}
			}
			return true
		})
	}

	shake(host, own, 0, asks)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		shake("claude.ai", foreign, version, nil)
		shake("claude.ai", own, version, closes)
		shake("claude.ai", own, version, leaves)
	}
	counted(proxy.Pinned{Host: "claude.ai", App: "claude", Rejected: 2, Silent: 4})

	shake(host, foreign, 0, nil)
	shake(host, own, 0, asks)
	counted(proxy.Pinned{Host: "claude.ai", App: "claude", Rejected: 2, Silent: 4},
		proxy.Pinned{Host: host, App: "openai-api", Rejected: 1, Accepted: 1})
}

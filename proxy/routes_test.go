package proxy_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestPassthrough shows that a configured host is never intercepted, though the
// catalogue knows it.
func TestPassthrough(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) { s.Passthrough = []string{".chatgpt.com"} })
	conn, resp := p.Connect(t, "chatgpt.com:443")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("CONNECT: %s", resp.Status)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.Origin.Authority.Root())
	if err := tls.Client(conn, &tls.Config{ServerName: "chatgpt.com", RootCAs: roots, MinVersion: tls.VersionTLS12}).Handshake(); err != nil {
		t.Errorf("not the origin's certificate: %v", err)
	}
}

// TestMixedHosts shows that a shared host is tunnelled, and read once it is
// configured so.
func TestMixedHosts(t *testing.T) {
	const shared = "zapier.com"
	for _, inspect := range []bool{false, true} {
		p := start(t, func(s *proxytest.Settings) {
			s.Hosts = append(s.Hosts, shared)
			if inspect {
				s.InspectMixed = []string{shared}
			}
		})
		conn, resp := p.Connect(t, shared+":443")
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("CONNECT: %s", resp.Status)
		}
		roots := x509.NewCertPool()
		roots.AddCert(p.Origin.Authority.Root())
		err := tls.Client(conn, &tls.Config{ServerName: shared, RootCAs: roots, MinVersion: tls.VersionTLS12}).Handshake()
		if (err != nil) != inspect {
			t.Errorf("inspect_mixed %v: %v", inspect, err)
		}
	}
}

// TestParent shows that tunnels and intercepted requests go through a parent
// proxy, with its credentials, and nothing else does the resolving.
func TestParent(t *testing.T) {
	asked := make(chan string, 2)
	var target string
	parent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer parent.Close()
	go func() {
		for {
			conn, err := parent.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				r, err := http.ReadRequest(reader)
				if err != nil {
					return
				}
				user, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Proxy-Authorization"), "Basic "))
				asked <- r.Method + " " + r.Host + " as " + string(user)
				up, err := net.Dial("tcp", target)
				if err != nil {
					return
				}
				defer up.Close()
				io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
				go func() {
					io.Copy(up, reader)
					up.Close()
				}()
				io.Copy(conn, up)
			}()
		}
	}()
	p := start(t, func(s *proxytest.Settings) {
		s.Hosts = nil
		s.Parent = &url.URL{Scheme: "http", Host: parent.Addr().String(), User: url.UserPassword("proxy", "p@ss")}
	})
	target = p.Origin.TLS
	resp, text := post(t, p, false, strings.NewReader(chat("hello")))
	if resp.StatusCode != http.StatusOK {
		t.Errorf("intercepted: got %d: %s", resp.StatusCode, text)
	}
	conn, _ := p.Connect(t, "intranet.example:443")
	roots := x509.NewCertPool()
	roots.AddCert(p.Origin.Authority.Root())
	if err := tls.Client(conn, &tls.Config{ServerName: "intranet.example", RootCAs: roots, MinVersion: tls.VersionTLS12}).Handshake(); err != nil {
		t.Errorf("tunnelled: %v", err)
	}
	conn.Close()
	for _, want := range []string{"CONNECT api.openai.com:443 as proxy:p@ss", "CONNECT intranet.example:443 as proxy:p@ss"} {
		if got := <-asked; got != want {
			t.Errorf("the parent was asked %s", got)
		}
	}
}

// TestRecordMayFail shows what on_failure allow means: the exchange goes on
// though it cannot be recorded.
func TestRecordMayFail(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) { s.OnFailure = "allow" })
	if err := os.Remove(p.AuditFile); err != nil {
		t.Fatal(err)
	}
	if resp, text := post(t, p, true, strings.NewReader(chat("hello"))); resp.StatusCode != http.StatusOK {
		t.Errorf("got %d: %s", resp.StatusCode, text)
	}
}

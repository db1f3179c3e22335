package proxy_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// behind makes the tests' own address that of a load balancer, and serves the
// clients of two networks that are for documentation.
func behind(s *proxytest.Settings) {
	s.Change = func(parts *proxy.Parts) {
		parts.Options.Balancers = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
		parts.Options.Clients = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	}
}

// header2 is a header of version 2 for a client.
func header2(t testing.TB, client string) string {
	t.Helper()
	source := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(client))
	destination := &net.TCPAddr{IP: net.ParseIP("198.51.100.1"), Port: 8080}
	if source.IP.To4() == nil {
		destination.IP = net.ParseIP("2001:db8::1")
	}
	raw, err := proxyproto.HeaderProxyFromAddrs(2, source, destination).Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// raw2 is a header of version 2 with a command, a family and a body as they come.
func raw2(command, family byte, body string) string {
	length := binary.BigEndian.AppendUint16(nil, uint16(len(body)))
	return string(proxyproto.SIGV2) + string([]byte{command, family}) + string(length) + body
}

// dial opens a connection to the proxy and says something.
func dial(t testing.TB, p *proxytest.Proxy, words string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, words); err != nil {
		t.Fatal(err)
	}
	return conn
}

// refused is how many connections were turned away for a reason.
func refused(t testing.TB, p *proxytest.Proxy, reason string) float64 {
	t.Helper()
	families, err := p.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "sluice_connections_refused_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == reason {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// closedInSilence wants a connection to end without a byte.
func closedInSilence(t testing.TB, conn net.Conn) {
	t.Helper()
	if said, err := io.ReadAll(conn); len(said) > 0 || os.IsTimeout(err) {
		t.Errorf("got %q, %v; want the end", said, err)
	}
}

const askPAC = "GET /proxy.pac HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n"

// TestBalancer shows that the client that a listed balancer names is the one that
// is judged and recorded, whatever the version and the address family, also when
// its request comes in the same packet.
func TestBalancer(t *testing.T) {
	p := start(t, behind)
	connect := "CONNECT intranet.example:443 HTTP/1.1\r\nHost: intranet.example:443\r\nX-Forwarded-For: 192.0.2.66\r\nForwarded: for=192.0.2.66\r\n\r\n"
	for _, c := range []struct{ header, client string }{
		{"PROXY TCP4 203.0.113.7 198.51.100.1 40000 8080\r\n", "203.0.113.7"},
		{"PROXY TCP6 2001:db8::7 2001:db8::1 40000 8080\r\n", "2001:db8::7"},
		{header2(t, "203.0.113.8:40000"), "203.0.113.8"},
		{header2(t, "[2001:db8::8]:40000"), "2001:db8::8"},
		{header2(t, "[::ffff:203.0.113.9]:40000"), "203.0.113.9"},
	} {
		conn := dial(t, p, c.header+connect)
		resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%q: got %v, %v", c.header, resp, err)
		}
		conn.Close()
		waitFor(t, "record of "+c.client, func() bool {
			for _, line := range p.Lines(t, "decision") {
				if line["client"].(map[string]any)["ip"] == c.client {
					return true
				}
			}
			return false
		})
	}
	for _, line := range p.Lines(t, "decision") {
		if ip := line["client"].(map[string]any)["ip"]; ip == "127.0.0.1" || ip == "192.0.2.66" {
			t.Errorf("recorded for %s", ip)
		}
	}
}

// TestBalancerClientNotServed shows that listen.clients is asked about the client
// and not about the balancer.
func TestBalancerClientNotServed(t *testing.T) {
	p := start(t, behind)
	closedInSilence(t, dial(t, p, "PROXY TCP4 198.51.100.9 198.51.100.1 40000 8080\r\n"+askPAC))
	if n := refused(t, p, "client_address"); n != 1 {
		t.Errorf("counted %v times", n)
	}
}

// TestBalancerOwnConnections shows that what a balancer opens for itself, its
// health checks, comes from its own address.
func TestBalancerOwnConnections(t *testing.T) {
	own := []string{
		raw2(0x20, 0x00, ""),                      // LOCAL
		raw2(0x20, 0x11, strings.Repeat("x", 12)), // LOCAL with an address to be ignored
		raw2(0x20, 0x11, ""),
		"PROXY UNKNOWN\r\n",
		"PROXY UNKNOWN 203.0.113.7 198.51.100.1 40000 8080\r\n", // to be ignored as well
	}
	for _, served := range []bool{true, false} {
		p := start(t, func(s *proxytest.Settings) {
			behind(s)
			if served {
				s.Change = func(parts *proxy.Parts) { parts.Options.Balancers = parts.Options.Clients }
			}
		})
		for _, header := range own {
			conn := dial(t, p, header+askPAC)
			if !served {
				closedInSilence(t, conn)
				continue
			}
			if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 200 {
				t.Errorf("%q: got %v, %v", header, resp, err)
			}
		}
		if n := refused(t, p, "client_address"); !served && n != float64(len(own)) {
			t.Errorf("counted %v of %d", n, len(own))
		}
		dial(t, p, "").Close() // a check that only connects is no failure
		p.Stop(t)
		if n := refused(t, p, "proxy_header"); n != 0 {
			t.Errorf("%v health checks were counted as malformed", n)
		}
	}
}

// TestBalancerBadHeader shows that a listed balancer that does not say who its
// client is, or says it wrongly, is closed without a word and counted.
func TestBalancerBadHeader(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Change = func(parts *proxy.Parts) { parts.Options.Balancers = parts.Options.Clients }
	})
	for i, words := range []string{
		askPAC, // none at all
		"CONNECT api.openai.com:443 HTTP/1.1\r\n\r\n",
		"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\x00\x00", // a ClientHello
		"PROXY TCP4 203.0.113.7 198.51.100.1 40000\r\n",        // too few
		"PROXY TCP4 203.0.113.7 198.51.100.1 40000 8080 1\r\n", // too many
		"PROXY TCP4 203.0.113.7  198.51.100.1 40000 8080\r\n",
		"PROXY TCP4 203.0.113.7 198.51.100.1 40000 8080\n",
		"PROXY TCP4 2001:db8::7 2001:db8::1 40000 8080\r\n",
		"PROXY TCP6 fe80::1%lo 2001:db8::1 40000 8080\r\n",
		"PROXY TCP4 0x7f.1 198.51.100.1 40000 8080\r\n",
		"PROXY TCP4 203.0.113.7 198.51.100.1 70000 8080\r\n",
		"PROXY UDP4 203.0.113.7 198.51.100.1 40000 8080\r\n",
		"PROXY  TCP4 203.0.113.7 198.51.100.1 40000 8080\r\n",
		"proxy TCP4 203.0.113.7 198.51.100.1 40000 8080\r\n",
		"PROXY UNKNOWN " + strings.Repeat("x", 200) + "\r\n", // too long
		"PROXY TCP4 203.0.113.7 198.51.1",                    // cut short
		raw2(0x21, 0x11, strings.Repeat("x", 12))[:20],       // cut short
		raw2(0x22, 0x11, strings.Repeat("x", 12)),            // a command that is none
		raw2(0x31, 0x11, strings.Repeat("x", 12)),            // a version that is none
		raw2(0x21, 0x11, "short"),
		raw2(0x21, 0x00, ""),                       // PROXY without an address
		raw2(0x21, 0x12, strings.Repeat("x", 12)),  // a datagram
		raw2(0x21, 0x31, strings.Repeat("x", 216)), // a UNIX socket
		raw2(0x21, 0x13, strings.Repeat("x", 12)),
		raw2(0x21, 0x11, strings.Repeat("x", 5000)), // too long
		raw2(0x20, 0x00, strings.Repeat("x", 65535)),
	} {
		conn := dial(t, p, words)
		conn.(*net.TCPConn).CloseWrite()
		closedInSilence(t, conn)
		if n := refused(t, p, "proxy_header"); n != float64(i+1) {
			t.Fatalf("%.60q: counted %v after %d", words, n, i+1)
		}
	}
	if lines := p.Lines(t, "decision"); len(lines) > 0 {
		t.Errorf("recorded: %v", lines)
	}
}

// TestBalancerSlowHeader shows that a header has a deadline, from the first byte
// to the last, and that nobody else waits for it.
func TestBalancerSlowHeader(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.Handshake = 500 * time.Millisecond }
		s.Change = func(parts *proxy.Parts) { parts.Options.Balancers = parts.Options.Clients }
	})
	silent := dial(t, p, "")
	slow := dial(t, p, "PROXY TCP4 ")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for { // a byte now and then does not help
			time.Sleep(50 * time.Millisecond)
			if _, err := slow.Write([]byte("2")); err != nil {
				return
			}
		}
	}()
	quick := dial(t, p, "PROXY TCP4 127.0.0.7 127.0.0.1 40000 8080\r\n"+askPAC)
	if resp, err := http.ReadResponse(bufio.NewReader(quick), nil); err != nil || resp.StatusCode != 200 {
		t.Fatalf("the next one got %v, %v", resp, err)
	}
	closedInSilence(t, silent)
	<-done
	if n := refused(t, p, "proxy_header_timeout"); n != 2 {
		t.Errorf("counted %v", n)
	}
}

// TestHeaderFromElsewhere shows that a PROXY header of a peer that is not listed
// is not believed: it is no HTTP. Nor is any forwarding header.
func TestHeaderFromElsewhere(t *testing.T) {
	p := start(t, nil)
	for i, header := range []string{"PROXY TCP4 203.0.113.7 198.51.100.1 40000 8080\r\n", header2(t, "203.0.113.8:40000")} {
		conn := dial(t, p, header+"CONNECT intranet.example:443 HTTP/1.1\r\nHost: intranet.example:443\r\n\r\n")
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 400 {
			t.Errorf("%q: got %v, %v", header, resp, err)
		}
		conn.Close()
		waitFor(t, "count", func() bool { return refused(t, p, "bad_request") == float64(i+1) })
	}
	if lines := p.Lines(t, "decision"); len(lines) > 0 {
		t.Errorf("recorded: %v", lines)
	}
	p.Connect(t, "intranet.example:443", "X-Forwarded-For: 203.0.113.7\r\n", "Forwarded: for=203.0.113.7\r\n", "X-Real-Ip: 203.0.113.7\r\n")
	for _, line := range p.Lines(t, "decision") {
		if ip := line["client"].(map[string]any)["ip"]; ip != "127.0.0.1" {
			t.Errorf("recorded for %s", ip)
		}
	}
}

// TestBalancerStops shows that a peer that says nothing does not hold up the end.
func TestBalancerStops(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Change = func(parts *proxy.Parts) { parts.Options.Balancers = parts.Options.Clients }
	})
	conn := dial(t, p, "PROXY ")
	began := time.Now()
	p.Stop(t)
	if took := time.Since(began); took > 8*time.Second { // the deadline of the header is 10 s
		t.Errorf("stopped after %s", took)
	}
	closedInSilence(t, conn)
	if n := refused(t, p, "proxy_header"); n != 0 {
		t.Errorf("counted %v", n)
	}
}

// TestTunnelSplices shows that the bytes of a tunnel never enter the process, with
// a balancer and without: the kernel counts what a process reads, and a spliced
// byte is not read (proc(5), /proc/pid/io, rchar).
func TestTunnelSplices(t *testing.T) {
	const payload = 32 << 20
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.CopyN(io.Discard, conn, 1)
				for block := make([]byte, 1<<20); ; {
					if _, err := conn.Write(block); err != nil {
						return
					}
				}
			}()
		}
	}()
	for _, c := range []struct {
		name, words, early string
		behind             bool
	}{
		{"direct", "", "", false},
		{"early", "", "x", false}, // the first byte comes with the CONNECT
		{"balancer", "PROXY TCP4 203.0.113.7 198.51.100.1 40000 8080\r\n", "", true},
		{"early, balancer", header2(t, "203.0.113.7:40000"), "x", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, func(s *proxytest.Settings) {
				if c.behind {
					behind(s)
				}
				s.Resolve = map[string]string{"bulk.example": l.Addr().String()}
			})
			conn := dial(t, p, c.words+"CONNECT bulk.example:80 HTTP/1.1\r\nHost: bulk.example:80\r\n\r\n"+c.early)
			reader := bufio.NewReader(conn)
			if resp, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect}); err != nil || resp.StatusCode != 200 {
				t.Fatalf("got %v, %v", resp, err)
			}
			if c.early == "" {
				conn.Write([]byte("x"))
			}
			before := bytesRead(t)
			if _, err := io.CopyN(io.Discard, reader, payload); err != nil {
				t.Fatal(err)
			}
			if read := bytesRead(t) - before; read > payload*3/2 { // the test's own reading is one
				t.Errorf("the process read %d MiB to carry %d MiB: copied, not spliced", read>>20, payload>>20)
			}
		})
	}
}

// bytesRead is what this process has read, in bytes.
func bytesRead(t testing.TB) (n int64) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("rchar: "))
	if _, err := fmt.Sscan(string(rest), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

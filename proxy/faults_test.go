package proxy_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// rogue is an origin that reads a request's header and then does as it likes
// with the connection.
func rogue(t *testing.T, do func(net.Conn)) *proxytest.Proxy {
	t.Helper()
	authority := proxytest.NewOrigin(t).Authority
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return authority.Certificate(hello.ServerName)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(30 * time.Second))
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					do(conn)
				}
			}()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return start(t, func(s *proxytest.Settings) {
		s.Log = zap.NewNop()
		s.Hosts, s.Resolve = nil, map[string]string{host: l.Addr().String()}
		s.Roots = x509.NewCertPool()
		s.Roots.AddCert(authority.Root())
	})
}

// TestUpstreamFaults goes through what an origin can do wrong. The client gets a
// status of ours, or sees that the reply is broken; never a reply that looks whole
// and is not, never one that belongs to another request.
func TestUpstreamFaults(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
	say := func(text string) func(net.Conn) {
		return func(conn net.Conn) { io.WriteString(conn, text) }
	}
	endless := func(head, piece string) func(net.Conn) {
		return func(conn net.Conn) {
			_, err := io.WriteString(conn, head)
			for err == nil {
				_, err = io.WriteString(conn, piece)
			}
		}
	}
	for _, c := range []struct {
		name   string
		do     func(net.Conn)
		status int // 200: and then broken, unless whole says what the client reads
		whole  string
	}{
		{"closes without a word", say(""), 502, ""},
		{"resets", func(conn net.Conn) { conn.(*tls.Conn).NetConn().(*net.TCPConn).SetLinger(0) }, 502, ""},
		{"half a status line", say("HTTP/1.1 20"), 502, ""},
		{"half a header", say(head), 502, ""},
		{"garbage", say("\x00\x01\x02\x03 garbage\r\n\r\n"), 502, ""},
		{"an old protocol", say("ICY 200 OK\r\n\r\n"), 502, ""},
		{"status that is none", say("HTTP/1.1 abc OK\r\n\r\n"), 502, ""},
		{"a folded header", say(head + "X: a\r\n b\r\nContent-Length: 2\r\n\r\nok"), 200, "ok"},
		{"a header without a colon", say(head + "nonsense\r\n\r\n"), 502, ""},
		{"huge header", say(head + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"), 502, ""},
		{"endless header", endless(head, "X: y\r\n"), 502, ""},
		{"endless header line", endless(head+"X: ", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"), 502, ""},
		{"endless status line", endless("HTTP/1.1 200 ", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"), 502, ""},
		{"endless 1xx", endless("", "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"), 502, ""},
		{"a few 1xx", say(strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 3) + head + "Content-Length: 2\r\n\r\nok"), 200, "ok"},
		{"101 unasked", say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), 502, ""},
		{"less than it said", say(head + "Content-Length: 100\r\n\r\nhalf"), 200, ""},
		{"more than it said", say(head + "Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), 200, "ok"},
		{"two lengths", say(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"), 502, ""},
		{"negative length", say(head + "Content-Length: -2\r\n\r\nok"), 502, ""},
		{"length and chunked", say(head + "Content-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), 200, "ok"},
		{"chunked without an end", say(head + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), 200, ""},
		{"malformed chunk", say(head + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\nxx\r\n\r\n"), 200, ""},
		{"chunk with a bare line feed", say(head + "Transfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n"), 200, ""},
		{"amplified chunk extensions", say(head + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1;"+strings.Repeat("x", 2000)+"\r\na\r\n", 40) + "0\r\n\r\n"), 200, ""},
		{"unknown coding", say(head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 502, ""},
		{"an answer for a proxy", say("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"), 502, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := rogue(t, c.do)
			for _, h2 := range []bool{false, true} {
				resp, err := p.Client("", h2).Get("https://" + host + "/v1/models")
				if err != nil {
					t.Fatalf("h2 %v: %v", h2, err)
				}
				text, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				switch {
				case resp.StatusCode != c.status:
					t.Errorf("h2 %v: got %d: %s", h2, resp.StatusCode, text)
				case c.status == 200 && c.whole == "" && err == nil:
					t.Errorf("h2 %v: the reply looks whole: %q", h2, text)
				case c.status == 200 && c.whole != "" && (err != nil || string(text) != c.whole):
					t.Errorf("h2 %v: got %q, %v", h2, text, err)
				case c.status != 200 && !strings.Contains(string(text), resp.Header.Get("Sluice-Exchange")):
					t.Errorf("h2 %v: the answer is %s", h2, text)
				}
			}
		})
	}
}

// TestUpstreamHandshake shows that an origin that accepts and says nothing, or
// nonsense, costs one request a bounded time.
func TestUpstreamHandshake(t *testing.T) {
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
			io.WriteString(conn, "SSH-2.0-OpenSSH\r\n")
			conn.Close()
		}
	}()
	p := start(t, func(s *proxytest.Settings) {
		s.Hosts, s.Resolve = nil, map[string]string{host: l.Addr().String()}
	})
	if resp, _ := post(t, p, true, strings.NewReader(chat("hello"))); resp.StatusCode != http.StatusBadGateway {
		t.Errorf("got %d", resp.StatusCode)
	}
	if line := last(p.Completions(t)); line["reason"] != "upstream_tls_failed" {
		t.Errorf("recorded as %v", line)
	}
}

// TestOutOfDescriptors runs itself again with few descriptors: when none is left,
// what is open goes on, and new clients are let in once there are some again.
func TestOutOfDescriptors(t *testing.T) {
	if os.Getenv("SLUICE_FEW_DESCRIPTORS") == "" {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestOutOfDescriptors$", "-test.v", "-test.timeout", "60s")
		cmd.Env = append(os.Environ(), "SLUICE_FEW_DESCRIPTORS=1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS: TestOutOfDescriptors") {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	p := start(t, func(s *proxytest.Settings) { s.Log = zap.NewNop() })
	conn, reader := inside(t, p, host+":443")
	ask := func() error {
		fmt.Fprintf(conn, "GET /v1/models HTTP/1.1\r\nHost: %s\r\n\r\n", host)
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%d, %w", resp.StatusCode, err)
		}
		return nil
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = uint64(descriptors(t) + 10)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	var held []net.Conn
	for range 100 { // until not even a client finds a descriptor
		c, err := net.DialTimeout("tcp", p.Address, time.Second)
		if err != nil {
			break
		}
		held = append(held, c)
	}
	var file *os.File
	var err error
	for range 20 { // and nothing is left for the proxy
		if file, err = os.Open("/dev/null"); err != nil {
			break
		}
		defer file.Close()
	}
	if err == nil {
		t.Fatal("there are still descriptors")
	}
	if err := ask(); err != nil {
		t.Errorf("what is open does not go on: %v", err)
	}
	for _, c := range held {
		c.Close()
	}
	limit.Cur += 200
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if resp, _ := post(t, p, true, strings.NewReader(chat("hello"))); resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d", resp.StatusCode)
	}
}

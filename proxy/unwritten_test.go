package proxy_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// A client that asks for heads takes nothing back.
func TestManyHeads(t *testing.T) {
	p := start(t, nil)
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(200); w.(http.Flusher).Flush() }))
	w := newPeer(t, p)
	const many = 400
	answered := 0
	for i := range uint32(many) {
		fields := append([]string{":method", "HEAD"}, request("/v1/models")[2:]...)
		if err := w.WriteHeaders(http2.HeadersFrameParam{StreamID: 2*i + 1, BlockFragment: w.block(fields...), EndStream: true, EndHeaders: true}); err != nil {
			t.Fatalf("after %d heads: %v", answered, err)
		}
		for ended := false; !ended; {
			frame, err := w.ReadFrame()
			if err != nil {
				time.Sleep(200 * time.Millisecond)
				for _, line := range p.Completions(t) {
					if line["reason"] == "reset_flood" {
						t.Errorf("recorded: %v", line)
					}
				}
				t.Fatalf("after %d heads: %v", answered, err)
			}
			if h, ok := frame.(interface{ StreamEnded() bool }); ok && h.StreamEnded() {
				ended = true
				answered++
			}
		}
	}
	time.Sleep(300 * time.Millisecond)
	outcomes := map[any]int{}
	for _, line := range p.Completions(t) {
		outcomes[line["outcome"]]++
	}
	if outcomes["forwarded"] != many {
		t.Error(outcomes)
	}
}

// A reply that could not be written is not recorded as forwarded.
func TestReplyNotWritten(t *testing.T) {
	const signIn = "login.live.com"
	p := start(t, func(s *proxytest.Settings) {
		s.Hosts = append(s.Hosts, signIn)
		s.Tenants = tenant.Blocks{"microsoft": {"tenant_id": {"11111111-2222-3333-4444-555555555555"}, "allowed_tenants": {"ours.example"}}}
	})
	asked, answer := make(chan struct{}), make(chan struct{})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-answer
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "hello")
	}))
	for _, name := range []string{signIn} {
		conn, _ := inside(t, p, name+":443")
		io.WriteString(conn, "GET /1 HTTP/1.1\r\nHost: "+name+"\r\n\r\n")
		<-asked
		io.WriteString(conn, "GET /2 HTTP/1.1\r\nHost: "+name+"\r\n\r\n") // nobody looks whether the client leaves from here on
		time.Sleep(200 * time.Millisecond)
		raw := conn.NetConn()
		if tcp, ok := raw.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		} else {
			t.Fatalf("%T", raw)
		}
		raw.Close()
		time.Sleep(200 * time.Millisecond)
		answer <- struct{}{}
		time.Sleep(500 * time.Millisecond)
		for _, line := range p.Completions(t) {
			t.Log(line)
			if line["outcome"] == "forwarded" {
				t.Errorf("%v", line)
			}
		}
	}
}

// A client that does not read replies without a body is let go too.
func TestHeavyHeads(t *testing.T) {
	const signIn = "login.live.com"
	p := start(t, func(s *proxytest.Settings) {
		s.Hosts = append(s.Hosts, signIn)
		s.Tenants = tenant.Blocks{"microsoft": {"tenant_id": {"11111111-2222-3333-4444-555555555555"}, "allowed_tenants": {"ours.example"}}}
		s.Limits = func(l *proxy.Limits) { l.Idle = time.Second }
	})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("y", 200<<10))
		w.Header().Set("Content-Length", "0")
	}))
	conn, _ := inside(t, p, "login.live.com:443")
	conn.NetConn().(*net.TCPConn).SetReadBuffer(4 << 10)
	go func() {
		for range 200 {
			if _, err := io.WriteString(conn, "GET /1 HTTP/1.1\r\nHost: login.live.com\r\n\r\n"); err != nil {
				return
			}
		}
	}()
	closed := false
	for until := time.Now().Add(30 * time.Second); !closed && time.Now().Before(until); time.Sleep(50 * time.Millisecond) { // idle, and then TLS has 5 s for its goodbye
		for _, line := range p.Completions(t) {
			closed = closed || line["outcome"] == "closed"
		}
	}
	if !closed {
		t.Error("the client may stay")
	}
	if served := len(p.Origin.Received()); served >= 200 {
		t.Fatal("no test: the client read all")
	}
}

// TestUnreadPAC: nor does one stay that does not read what the proxy itself answers.
func TestUnreadPAC(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.Idle = time.Second }
	})
	conn, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	go func() {
		for {
			if _, err := io.WriteString(conn, strings.Repeat("GET /proxy.pac HTTP/1.1\r\nHost: x\r\n\r\n", 100)); err != nil {
				return
			}
		}
	}()
	waitFor(t, "its connection", func() bool { return metric(t, p, "sluice_connections_open") == 1 })
	for until := time.Now().Add(30 * time.Second); metric(t, p, "sluice_connections_open") != 0; time.Sleep(50 * time.Millisecond) { // limits.header_timeout, where it is the client's window that stalls
		if time.Now().After(until) {
			t.Fatal("the client may stay")
		}
	}
}

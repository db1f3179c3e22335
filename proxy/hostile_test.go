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
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestOddTargets shows that no spelling of the request target takes a request
// past extraction or to another host.
func TestOddTargets(t *testing.T) {
	p := start(t, nil)
	body := chat("card 4111 1111 1111 1111")
	for _, target := range []string{
		"x:https://api.openai.com/v1/chat/completions", "x:https://chatgpt.com/v1/chat/completions",
		"https:api.openai.com/v1/chat/completions", "//chatgpt.com/v1/chat/completions",
		"https://u:p@api.openai.com/v1/chat/completions", "http://api.openai.com@chatgpt.com/v1/chat/completions",
		"*", "v1/chat/completions",
	} {
		conn, reader := inside(t, p, host+":443")
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", target, host, len(body), body)
		resp, err := http.ReadResponse(reader, nil)
		conn.Close()
		for _, got := range p.Origin.Received() {
			if strings.Contains(string(got.Payload), "4111") || got.Host != host {
				t.Errorf("%s: the origin got %s %s: %s", target, got.Host, got.RequestURI, got.Payload)
			}
		}
		if err == nil && resp.StatusCode == http.StatusOK && !strings.Contains(target, "//") {
			t.Errorf("%s: got %d", target, resp.StatusCode)
		}
	}
}

// TestUserinfoInConnect shows that credentials in a CONNECT are refused.
func TestUserinfoInConnect(t *testing.T) {
	p := start(t, nil)
	conn, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "CONNECT u@api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("got %v, %v", resp, err)
	}
}

// TestSignInByAddress shows that a service that needs a sign-in needs it also
// when it is asked for by its address.
func TestSignInByAddress(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.AllowPrivate, s.OriginPort = []string{"127.0.0.0/8"}, true
		s.Required, s.Users = true, []string{"ada"}
	})
	conn, resp := p.Connect(t, p.Origin.TLS)
	if resp.StatusCode == http.StatusOK {
		roots := x509.NewCertPool()
		roots.AddCert(p.CA.Root())
		secure := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12})
		if secure.Handshake() == nil {
			fmt.Fprintf(secure, "GET /v1/models HTTP/1.1\r\nHost: %s:%s\r\n\r\n", host, proxytest.Port(t, p.Origin.TLS))
			if resp, err := http.ReadResponse(bufio.NewReader(secure), nil); err == nil && resp.StatusCode == http.StatusOK {
				t.Error("let in without a sign-in")
			}
		}
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
}

// TestFalseUpgrade shows that only a true opening of a WebSocket is one: a POST
// that says so is read, and what is redacted in the query of a true one is.
func TestFalseUpgrade(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Data = map[string]string{"rows": `{"settings":{"apps":{"openai-api":{"allow_websocket":true}}}}`}
	})
	body := chat("card 4111 1111 1111 1111")
	conn, reader := inside(t, p, host+":443")
	fmt.Fprintf(conn, "POST /v1/chat/completions HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", host, len(body), body)
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v", resp, err)
	}
	got := p.Origin.Received()
	if len(got) != 1 || strings.Contains(string(got[0].Payload), "4111") || got[0].Header.Get("Upgrade") != "" {
		t.Errorf("the origin got %v", got)
	}

	conn, reader = inside(t, p, host+":443")
	fmt.Fprintf(conn, "GET /v1/realtime?q=4111+1111+1111+1111 HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", host)
	if _, err := http.ReadResponse(reader, nil); err != nil {
		t.Fatal(err)
	}
	if got := p.Origin.Received(); len(got) != 1 || !strings.Contains(got[0].URL.RawQuery, "CREDIT_CARD") || strings.Contains(got[0].URL.RawQuery, "4111") {
		t.Errorf("the origin got %v", got)
	}
}

// TestRecordHoldsNoValues shows that what a client can put into a path, a
// model's name or a media type does not reach record or log.
func TestRecordHoldsNoValues(t *testing.T) {
	core, logs := observer.New(zap.DebugLevel)
	p := start(t, func(s *proxytest.Settings) { s.Log = zap.New(core) })
	r, _ := http.NewRequest(http.MethodPost, "https://"+host+"/v1/threads/4111-1111-1111-1111/messages?q=4111111111111111", strings.NewReader(
		`{"model":"4111 1111 1111 1111","messages":[{"role":"user","content":"4111 1111 1111 1111"}]}`))
	r.Header.Set("Content-Type", "application/json; x=4111111111111111")
	r.Header.Set("OpenAI-Organization", "4111111111111111")
	resp, err := p.Client("", true).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	p.Completions(t)
	text, err := os.ReadFile(p.AuditFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range logs.All() {
		text = fmt.Appendf(text, "%s %v\n", entry.Message, entry.ContextMap())
	}
	if strings.Contains(string(text), "4111") {
		t.Errorf("the value is in\n%s", text)
	}
}

// TestOriginCannotWriteTheLog shows that a reply that is not HTTP is refused,
// and that what it says does not reach the log.
func TestOriginCannotWriteTheLog(t *testing.T) {
	for name, reply := range map[string]string{
		"header": "HTTP/1.1 200 OK\r\nSet-Cookie session=SECRETCOOKIE\r\n\r\n",
		"status": "SECRETTEXT\r\n\r\n",
		"length": "HTTP/1.1 200 OK\r\nContent-Length: SECRETTEXT\r\n\r\n",
		"101":    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			core, logs := observer.New(zap.DebugLevel)
			p := start(t, func(s *proxytest.Settings) {
				s.Log = zap.New(core)
				s.Data = map[string]string{"rows": `{"settings":{"_default":{"allow_websocket":true}}}`}
			})
			p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err == nil {
					io.WriteString(conn, reply)
					conn.Close()
				}
			}))
			conn, reader := inside(t, p, host+":443")
			fmt.Fprintf(conn, "GET /v1/x HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", host)
			resp, err := http.ReadResponse(reader, nil)
			if err != nil || resp.StatusCode != http.StatusBadGateway {
				t.Errorf("got %v, %v", resp, err)
			}
			p.Completions(t)
			for _, entry := range logs.All() {
				if text := fmt.Sprint(entry.Message, entry.ContextMap()); strings.Contains(text, "SECRET") || strings.Contains(text, "panic") {
					t.Errorf("logged: %s", text)
				}
			}
		})
	}
}

// TestSilentReply shows that an origin may be silent for longer than any idle
// limit in the middle of a reply.
func TestSilentReply(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.Idle = 300 * time.Millisecond }
	})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "first ")
		w.(http.Flusher).Flush()
		time.Sleep(time.Second) // a model thinks
		io.WriteString(w, "last")
	}))
	for _, h2 := range []bool{false, true} {
		resp, err := p.Client("", h2).Get("https://" + host + "/v1/models")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(text) != "first last" {
			t.Errorf("h2 %v: got %q, %v", h2, text, err)
		}
	}
}

// TestSlowClients shows that each limit of time ends what it is for.
func TestSlowClients(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) {
			l.HeaderTimeout, l.Handshake, l.Idle, l.TunnelIdle = 200*time.Millisecond, 200*time.Millisecond, 400*time.Millisecond, 400*time.Millisecond
		}
	})
	ends := func(name string, conn net.Conn) {
		t.Helper()
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err := io.Copy(io.Discard, conn)
		var timeout net.Error
		if err != nil && strings.Contains(err.Error(), "i/o timeout") {
			t.Errorf("%s: still open (%v)", name, timeout)
		}
	}
	raw, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	io.WriteString(raw, "CONNECT api.openai.com:443 HTTP/1.1\r\nHost:")
	ends("half a header", raw)

	conn, _ := p.Connect(t, host+":443")
	ends("no handshake", conn)

	secure, _ := inside(t, p, host+":443")
	io.WriteString(secure, "GET / HTTP/1.1\r\nHost:")
	ends("half a header inside", secure)

	secure, reader := inside(t, p, host+":443")
	fmt.Fprintf(secure, "GET /v1/models HTTP/1.1\r\nHost: %s\r\n\r\n", host)
	if _, err := http.ReadResponse(reader, nil); err != nil {
		t.Fatal(err)
	}
	ends("a kept connection", secure)

	conn, _ = p.Connect(t, "intranet.example:443")
	tls.Client(conn, &tls.Config{ServerName: "intranet.example", InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}).Handshake()
	ends("an idle tunnel", conn)
}

// TestRoomIsHeldAsLongAsBytes shows that large bodies whose replies are waited
// for hold neither memory nor room, and that small ones hold room.
func TestRoomIsHeldAsLongAsBytes(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) { s.Log = zap.NewNop() })
	const clients, size = 12, 6 << 20
	arrived, answer := make(chan struct{}, clients), make(chan struct{})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.Origin.Received()
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		arrived <- struct{}{}
		<-answer
	}))
	done := make(chan struct{}, clients)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	payload := chat(strings.Repeat("lorem ipsum ", size/12))
	before := heap()
	for range clients {
		go func() {
			defer func() { done <- struct{}{} }()
			r, _ := http.NewRequest(http.MethodPost, "https://"+host+"/v1/chat/completions", strings.NewReader(payload))
			r.Header.Set("Content-Type", "application/json")
			resp, err := p.Client("", false).Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}()
	}
	for range clients {
		<-arrived
	}
	waitFor(t, "giving back of room", func() bool { return metric(t, p, "sluice_inspecting_bytes") == 0 })
	// The origin holds each body once; sluice must not hold it as well.
	if grown := int64(heap()) - int64(before); grown > clients*size*3/2 {
		t.Errorf("%d MiB are held for %d MiB of bodies that are sent", grown>>20, clients*size>>20)
	}
	close(answer)
	for range clients {
		<-done
	}
}

package proxy_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// ladder starts a proxy whose memory use, of 100, is what set says.
func ladder(t *testing.T, change func(*proxytest.Settings)) (p *proxytest.Proxy, set func(used uint64, level float64)) {
	var used atomic.Uint64
	p = start(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.Memory = 100 }
		s.Change = func(parts *proxy.Parts) { parts.MemoryUsed = used.Load }
		if change != nil {
			change(s)
		}
	})
	return p, func(n uint64, level float64) {
		used.Store(n)
		waitFor(t, fmt.Sprint("level ", level), func() bool { return metric(t, p, "sluice_overload_level") == level })
	}
}

// TestOverloadSparesMemory: at 80 % idle connections are closed, kept ones end
// after their request, tunnels are refused, and requests go on.
func TestOverloadSparesMemory(t *testing.T) {
	p, set := ladder(t, nil)
	idle, reader := inside(t, p, host+":443")
	ask := func(w io.Writer) { fmt.Fprintf(w, "GET /v1/models HTTP/1.1\r\nHost: %s\r\n\r\n", host) }
	ask(idle)
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != http.StatusOK || resp.Close {
		t.Fatalf("got %v, %v", resp, err)
	}
	set(80, 1)
	resp, _ := post(t, p, true, strings.NewReader(chat("hello")))
	if resp.StatusCode != http.StatusOK {
		t.Errorf("a request gets %d", resp.StatusCode)
	}
	if _, err := io.Copy(io.Discard, idle); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("the idle connection is kept")
	}
	fresh, reader := inside(t, p, host+":443")
	ask(fresh)
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != http.StatusOK || !resp.Close {
		t.Errorf("a new connection is kept: %v, %v", resp, err)
	}
	if _, resp := p.Connect(t, "intranet.example:443"); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("a tunnel gets %d", resp.StatusCode)
	}
	set(10, 0)
	if _, resp := p.Connect(t, "intranet.example:443"); resp.StatusCode != http.StatusOK {
		t.Errorf("a tunnel gets %d afterwards", resp.StatusCode)
	}
}

// TestOverloadRefuses: at 90 % new requests get 503 at once and with advice,
// those under way end well, and afterwards all is as before.
func TestOverloadRefuses(t *testing.T) {
	p, set := ladder(t, nil)
	began, answer := make(chan struct{}), make(chan struct{})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/slow" {
			io.WriteString(w, "first ")
			w.(http.Flusher).Flush()
			close(began)
			<-answer
		}
		io.WriteString(w, "last")
	}))
	open, err := p.Client("", true).Get("https://" + host + "/v1/slow")
	if err != nil {
		t.Fatal(err)
	}
	<-began
	conn, reader := inside(t, p, host+":443")
	set(90, 2)
	p.Origin.Received()

	fmt.Fprintf(conn, "GET /v1/models HTTP/1.1\r\nHost: %s\r\n\r\n", host)
	resp, err := http.ReadResponse(reader, nil)
	if err != nil || resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Fatalf("got %v, %v", resp, err)
	}
	if text, _ := io.ReadAll(resp.Body); !bytes.Contains(text, []byte(resp.Header.Get("Sluice-Exchange"))) {
		t.Errorf("the answer is %s", text)
	}
	if _, resp := p.Connect(t, host+":443"); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("a CONNECT gets %d", resp.StatusCode)
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
	close(answer)
	if text, err := io.ReadAll(open.Body); err != nil || string(text) != "first last" {
		t.Errorf("what was under way ended with %q, %v", text, err)
	}
	open.Body.Close()
	set(10, 0)
	if resp, _ := post(t, p, true, strings.NewReader(chat("hello"))); resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d", resp.StatusCode)
	}
}

// TestOverloadSheds: at 95 % what is open is cut, one after the other, whatever it
// waits for, so that the client sees it; the connection of the client lives on.
func TestOverloadSheds(t *testing.T) {
	p, set := ladder(t, nil)
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/stream": // a reply that goes on for ever
			io.WriteString(w, "data: x\n\n")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/v1/flood": // a reply that nobody reads
			for {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		case "/v1/think": // a reply that does not begin
			<-r.Context().Done()
		}
	}))
	stream, err := p.Client("", true).Get("https://" + host + "/v1/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	flood, err := p.Client("", false).Get("https://" + host + "/v1/flood")
	if err != nil {
		t.Fatal(err)
	}
	defer flood.Body.Close()
	thinks := make(chan int, 1)
	go func() {
		resp, err := p.Client("", true).Get("https://" + host + "/v1/think")
		if err != nil {
			t.Error(err)
			thinks <- 0
			return
		}
		resp.Body.Close()
		thinks <- resp.StatusCode
	}()
	upload, reader := inside(t, p, host+":443") // a body that does not come
	fmt.Fprintf(upload, "POST /v1/chat/completions HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", host)
	waitFor(t, "four exchanges", func() bool { return metric(t, p, "sluice_exchanges_open") >= 8 }) // each in a CONNECT

	set(95, 3)
	if _, err := io.ReadAll(stream.Body); err == nil {
		t.Error("the stream ended well")
	}
	if status := <-thinks; status != http.StatusServiceUnavailable {
		t.Errorf("what had no reply gets %d", status)
	}
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("what was sending gets %v, %v", resp, err)
	}
	waitFor(t, "end of all exchanges", func() bool {
		return counter(t, p, "sluice_exchanges_total", "reason", "shed") == 4
	})
	if _, err := io.Copy(io.Discard, flood.Body); err == nil {
		t.Error("the flood ended well")
	}
	set(10, 0)
	if resp, _ := post(t, p, false, strings.NewReader(chat("hello"))); resp.StatusCode == 0 {
		t.Error("no answer afterwards")
	}
}

// TestOverloadShedsTunnels: at 95 %, when no exchange is open, tunnels are closed one
// after the other, the one first that was silent for longest.
func TestOverloadShedsTunnels(t *testing.T) {
	p, set := ladder(t, nil)
	dig := func(bytes int) *tls.Conn {
		conn, resp := p.Connect(t, "intranet.example:443")
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("CONNECT: %s", resp.Status)
		}
		secure := tls.Client(conn, &tls.Config{ServerName: "intranet.example", InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
		fmt.Fprintf(secure, "GET /%s HTTP/1.1\r\nHost: intranet.example\r\n\r\n", strings.Repeat("x", bytes))
		if resp, err := http.ReadResponse(bufio.NewReader(secure), nil); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("got %v, %v", resp, err)
		}
		return secure
	}
	small, large := dig(10), dig(5000)
	time.Sleep(200 * time.Millisecond)                                         // the kernel counts in milliseconds
	fmt.Fprint(small, "GET /again HTTP/1.1\r\nHost: intranet.example\r\n\r\n") // the older one, but not silent
	if resp, err := http.ReadResponse(bufio.NewReader(small), nil); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v", resp, err)
	}
	set(95, 3)
	for _, conn := range []net.Conn{large, small} {
		if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Error("a tunnel stays open")
		}
	}
	var ends []map[string]any
	waitFor(t, "record", func() bool {
		for _, line := range p.Completions(t) {
			if line["reason"] == "shed" {
				ends = append(ends, line)
			}
		}
		return len(ends) == 2
	})
	if ends[0]["bytes_in"].(float64) < 5000 || ends[1]["bytes_in"].(float64) > 5000 {
		t.Errorf("they ended in the order %v", ends)
	}
	set(10, 0)
	if _, resp := p.Connect(t, "intranet.example:443"); resp.StatusCode != http.StatusOK {
		t.Errorf("a tunnel gets %d afterwards", resp.StatusCode)
	}
}

// TestClientLimits shows what one client may have at a time, and that what it
// had can be had again.
func TestClientLimits(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.ClientConnections, l.ClientTunnels, l.ClientExchanges = 6, 2, 2 }
	})
	release := make(chan struct{})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/slow" {
			w.(http.Flusher).Flush()
			<-release
		}
	}))

	var tunnels []net.Conn
	for range 2 {
		conn, resp := p.Connect(t, "intranet.example:443")
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("a tunnel gets %d", resp.StatusCode)
		}
		tunnels = append(tunnels, conn)
	}
	if _, resp := p.Connect(t, "intranet.example:443"); resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
		t.Errorf("a third tunnel gets %d", resp.StatusCode)
	}
	for _, conn := range tunnels {
		conn.Close()
	}
	waitFor(t, "closing of the tunnels", func() bool { return metric(t, p, "sluice_connections_open") == 0 })
	conn, resp := p.Connect(t, "intranet.example:443")
	if resp.StatusCode != http.StatusOK {
		t.Errorf("a tunnel afterwards gets %d", resp.StatusCode)
	}
	conn.Close()

	client := p.Client("", true)
	client.Transport.(*http.Transport).DisableKeepAlives = false
	var open []*http.Response
	for range 2 {
		slow, err := client.Get("https://" + host + "/v1/slow")
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, slow)
	}
	resp, err := client.Get("https://" + host + "/v1/models")
	if err != nil || resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
		t.Fatalf("a third request gets %v, %v", resp, err)
	}
	close(release)
	for _, resp := range open {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	waitFor(t, "end of the requests", func() bool {
		resp, err := client.Get("https://" + host + "/v1/models")
		if err == nil {
			resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	})
	waitFor(t, "closing of connections", func() bool {
		client.CloseIdleConnections() // the end of the last reply may still be on its way
		return metric(t, p, "sluice_connections_open") == 0
	})

	var conns []net.Conn
	for range 6 {
		conn, err := net.Dial("tcp", p.Address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	waitFor(t, "six connections", func() bool { return metric(t, p, "sluice_connections_open") == 6 })
	seventh, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer seventh.Close()
	seventh.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.ReadAll(seventh); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("a seventh connection is open")
	}
	if counter(t, p, "sluice_connections_refused_total", "reason", "too_many_connections") != 1 {
		t.Error("it is not counted")
	}
	for _, conn := range conns {
		conn.Close()
	}
	waitFor(t, "closing of connections", func() bool { return metric(t, p, "sluice_connections_open") == 0 })
}

// TestHandshakeLimit shows that a client that begins TLS and does not go on can
// have only so many of these.
func TestHandshakeLimit(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.ClientHandshakes = 2 }
	})
	hello := clientHello(t, host)
	var open []net.Conn
	for range 2 {
		conn, _ := p.Connect(t, host+":443")
		conn.Write(hello)
		if _, err := conn.Read(make([]byte, 1)); err != nil { // the server's first flight: it now waits for ours
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	third, _ := p.Connect(t, host+":443")
	third.Write(hello)
	if n, err := third.Read(make([]byte, 1)); n > 0 || err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a third handshake goes on: %v", err)
	}
	if counter(t, p, "sluice_exchanges_total", "reason", "handshakes_busy") != 1 {
		t.Error("it is not counted")
	}
	for _, conn := range open {
		conn.Close()
	}
	waitFor(t, "end of the handshakes", func() bool { return metric(t, p, "sluice_connections_open") == 0 })
	if resp, _ := post(t, p, true, strings.NewReader(chat("hello"))); resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d", resp.StatusCode)
	}
}

// TestSlowBodies shows that a body that comes too slowly is refused, on every
// protocol and whether it is read or passed on, however steadily it drips; and
// that a client that is merely slow to begin is not.
func TestSlowBodies(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.BodyRate, l.BodyGrace = 1000, 500*time.Millisecond }
		s.ClearHosts = []string{"plain.example"}
	})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }))
	drip := func() io.ReadCloser {
		r, w := io.Pipe()
		go func() {
			defer w.Close()
			for range 400 {
				if _, err := w.Write([]byte(" ")); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
		return r
	}
	for _, c := range []struct {
		name, url string
		h2        bool
		length    int64
	}{
		{"read, HTTP/1.1", "https://" + host + "/v1/chat/completions", false, 400},
		{"read, chunked", "https://" + host + "/v1/chat/completions", false, -1},
		{"read, HTTP/2", "https://" + host + "/v1/chat/completions", true, 400},
		{"passed on", "http://plain.example/upload", false, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.Origin.Received()
			r, _ := http.NewRequest(http.MethodPost, c.url, drip())
			r.ContentLength = c.length
			r.Header.Set("Content-Type", "application/json")
			started := time.Now()
			resp, err := p.Client("", c.h2).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != http.StatusRequestTimeout || !bytes.Contains(text, []byte(resp.Header.Get("Sluice-Exchange"))) {
				t.Errorf("got %d: %s", resp.StatusCode, text)
			}
			if took := time.Since(started); took > 7*time.Second {
				t.Errorf("after %s", took)
			}
			if line := last(p.Completions(t)); line["reason"] != "body_stalled" {
				t.Errorf("recorded as %v", line)
			}
		})
	}
	late := chat("hello") + strings.Repeat(" ", 2000)
	r, w := io.Pipe()
	go func() {
		time.Sleep(200 * time.Millisecond)
		io.WriteString(w, late)
		w.Close()
	}()
	if resp, _ := post(t, p, true, r); resp.StatusCode != http.StatusOK {
		t.Errorf("a late body gets %d", resp.StatusCode)
	}
}

// TestLongAddresses shows the limit of a request's target.
func TestLongAddresses(t *testing.T) {
	p := start(t, nil)
	for _, h2 := range []bool{false, true} {
		for length, status := range map[int]int{16 << 10: http.StatusOK, 16<<10 + 1: http.StatusRequestURITooLong} {
			resp, err := p.Client("", h2).Get("https://" + host + "/v1/models?" + strings.Repeat("a", length-len("/v1/models?")))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != status {
				t.Errorf("h2 %v, %d bytes: got %d, want %d", h2, length, resp.StatusCode, status)
			}
		}
	}
}

// counter sums up the series of a counter whose label has the value.
func counter(t testing.TB, p *proxytest.Proxy, name, label, value string) (sum float64) {
	t.Helper()
	families, err := p.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			for _, pair := range m.GetLabel() {
				if pair.GetName() == label && pair.GetValue() == value {
					sum += m.GetCounter().GetValue()
				}
			}
		}
	}
	return sum
}

// clientHello is what a client says first for a name.
func clientHello(t testing.TB, name string) []byte {
	t.Helper()
	client, server := net.Pipe()
	defer server.Close()
	go tls.Client(client, &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12}).Handshake()
	buffer := make([]byte, 16<<10)
	n, err := server.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return buffer[:n]
}

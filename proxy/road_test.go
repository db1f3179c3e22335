package proxy_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

const host = "api.openai.com"

func start(t testing.TB, change func(*proxytest.Settings)) *proxytest.Proxy {
	s := proxytest.Settings{Hosts: []string{host, "chatgpt.com", "intranet.example"}, Sanctioned: []string{"openai-api", "chatgpt"}}
	if change != nil {
		change(&s)
	}
	return proxytest.Start(t, s)
}

// inside opens an intercepted connection by hand and speaks HTTP/1.1 in it.
func inside(t testing.TB, p *proxytest.Proxy, authority string) (*tls.Conn, *bufio.Reader) {
	t.Helper()
	conn, resp := p.Connect(t, authority)
	if resp.StatusCode != 200 {
		t.Fatalf("CONNECT: %s", resp.Status)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.CA.Root())
	name, _, _ := net.SplitHostPort(authority)
	secure := tls.Client(conn, &tls.Config{ServerName: name, RootCAs: roots, MinVersion: tls.VersionTLS12})
	if err := secure.Handshake(); err != nil {
		t.Fatal(err)
	}
	return secure, bufio.NewReader(secure)
}

func chat(text string) string {
	return fmt.Sprintf(`{"model":"m","messages":[{"role":"user","content":%q}]}`, text)
}

func post(t testing.TB, p *proxytest.Proxy, h2 bool, body io.Reader, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "https://"+host+"/v1/chat/completions", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := p.Client("", h2).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// TestRefusedInside goes through what a client may not do in an intercepted
// connection. Nothing of it reaches the origin, each is answered and recorded.
func TestRefusedInside(t *testing.T) {
	for _, c := range []struct {
		name, request string
		status        int
		reason        string
	}{
		{"another authority", "GET / HTTP/1.1\r\nHost: chatgpt.com\r\n\r\n", 421, "authority_mismatch"},
		{"another port", "GET / HTTP/1.1\r\nHost: api.openai.com:444\r\n\r\n", 421, "authority_mismatch"},
		{"absolute form", "GET https://chatgpt.com/ HTTP/1.1\r\nHost: api.openai.com\r\n\r\n", 421, "authority_mismatch"},
		{"nested CONNECT", "CONNECT chatgpt.com:443 HTTP/1.1\r\nHost: chatgpt.com:443\r\n\r\n", 405, "nested_connect"},
		{"CONNECT to itself", "CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n\r\n", 405, "nested_connect"},
		{"trace", "TRACE / HTTP/1.1\r\nHost: api.openai.com\r\n\r\n", 405, "method_not_allowed"},
		{"too many headers", "GET / HTTP/1.1\r\nHost: api.openai.com\r\n" + strings.Repeat("X: y\r\n", 300) + "\r\n", 431, "headers_too_many"},
		{"malformed host", "GET / HTTP/1.1\r\nHost: api..openai.com\r\n\r\n", 400, "authority_malformed"},
		{"no host", "GET / HTTP/1.0\r\n\r\n", 400, "authority_malformed"},
		{"cut short", "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: 100\r\n\r\nhalf", 400, "body_cut_short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, nil)
			conn, reader := inside(t, p, host+":443")
			io.WriteString(conn, c.request)
			if c.reason == "body_cut_short" {
				conn.CloseWrite()
			}
			resp, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(resp.Body)
			id := resp.Header.Get("Sluice-Exchange")
			if resp.StatusCode != c.status || id == "" || !strings.Contains(string(text), id) {
				t.Errorf("got %d, exchange %q: %s", resp.StatusCode, id, text)
			}
			conn.Close()
			if got := p.Origin.Received(); len(got) > 0 {
				t.Errorf("the origin got %s %s", got[0].Method, got[0].URL)
			}
			if line := last(p.Completions(t)); line["reason"] != c.reason || line["id"] != id {
				t.Errorf("recorded as %v", line)
			}
		})
	}
}

// TestBareAnswers goes through what net/http answers by itself; it is counted.
func TestBareAnswers(t *testing.T) {
	for name, request := range map[string]string{
		"oversized header": "GET / HTTP/1.1\r\nHost: api.openai.com\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n",
		"not HTTP":         "hello\r\n\r\n",
		"two hosts":        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"two lengths":      "POST / HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
		"odd coding":       "POST / HTTP/1.1\r\nHost: api.openai.com\r\nTransfer-Encoding: gzip\r\n\r\nx",
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, nil)
			conn, reader := inside(t, p, host+":443")
			go io.WriteString(conn, request)
			resp, err := http.ReadResponse(reader, nil)
			if err == nil && resp.StatusCode < 400 {
				t.Errorf("got %d", resp.StatusCode)
			}
			conn.Close()
			waitFor(t, "count", func() bool { return metric(t, p, "sluice_connections_refused_total") == 1 })
			if len(p.Origin.Received()) > 0 {
				t.Error("reached the origin")
			}
		})
	}
}

// waitFor waits for what must come, as long as a busy machine may take for it.
func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("no %s in time", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// metric sums a metric over its labels.
func metric(t testing.TB, p *proxytest.Proxy, name string) float64 {
	t.Helper()
	families, err := p.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// TestMalformedConnect shows that a CONNECT that is not one is refused.
func TestMalformedConnect(t *testing.T) {
	p := start(t, nil)
	for authority, status := range map[string]int{
		"api.openai.com":        400,
		"api.openai.com:0":      400,
		"api.openai.com:99999":  400,
		"a@api.openai.com:443":  400,
		"api..openai.com:443":   400,
		"[api.openai.com]:443":  400,
		"0x7f.1:443":            400,
		"2130706433:443":        400,
		"api.openai.com%00:443": 400,
		"api.openai.com:22":     403,
	} {
		if _, resp := p.Connect(t, authority); resp.StatusCode != status {
			t.Errorf("CONNECT %s: got %d, want %d", authority, resp.StatusCode, status)
		}
	}
	for _, authority := range []string{"API.OpenAI.com:443", "api.openai.com.:443"} { // the same host
		if _, resp := p.Connect(t, authority); resp.StatusCode != 200 {
			t.Errorf("CONNECT %s: got %d", authority, resp.StatusCode)
		}
	}
}

// TestServerNameMismatch shows that intercepted connections and tunnels are
// bound to their names: the client gets an alert, the origin nothing.
func TestServerNameMismatch(t *testing.T) {
	p := start(t, nil)
	for _, authority := range []string{host + ":443", "intranet.example:443"} {
		conn, resp := p.Connect(t, authority)
		if resp.StatusCode != 200 {
			t.Fatalf("CONNECT: %s", resp.Status)
		}
		err := tls.Client(conn, &tls.Config{ServerName: "chatgpt.com", MinVersion: tls.VersionTLS12}).Handshake()
		if err == nil || !strings.Contains(err.Error(), "unrecognized name") {
			t.Errorf("%s: got %v, want unrecognized_name", authority, err)
		}
		conn.Close()
		waitFor(t, "record", func() bool {
			for _, line := range p.Completions(t) {
				if line["reason"] == "sni_mismatch" {
					return true
				}
			}
			return false
		})
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
}

// TestTunnelled shows that a destination that is not GenAI is not decrypted:
// the client sees the origin's own certificate.
func TestTunnelled(t *testing.T) {
	p := start(t, nil)
	conn, resp := p.Connect(t, "intranet.example:443")
	if resp.StatusCode != 200 {
		t.Fatalf("CONNECT: %s", resp.Status)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.Origin.Authority.Root())
	secure := tls.Client(conn, &tls.Config{ServerName: "intranet.example", RootCAs: roots, MinVersion: tls.VersionTLS12})
	if err := secure.Handshake(); err != nil {
		t.Fatalf("not the origin's certificate: %v", err)
	}
	io.WriteString(secure, "POST / HTTP/1.1\r\nHost: intranet.example\r\nContent-Length: 4\r\n\r\n4111")
	answer, err := http.ReadResponse(bufio.NewReader(secure), nil)
	if err != nil || answer.StatusCode != 200 {
		t.Fatalf("got %v, %v", answer, err)
	}
	secure.CloseWrite()
	io.Copy(io.Discard, secure) // closing before the origin's last words are read would reset the connection
	secure.Close()
	waitFor(t, "record of the tunnel", func() bool {
		for _, line := range p.Completions(t) {
			if line["outcome"] == "closed" && line["bytes_in"].(float64) > 100 && line["bytes_out"].(float64) > 100 {
				return true
			}
		}
		return false
	})
}

// TestNotTLS shows that clear text is not carried to port 443.
func TestNotTLS(t *testing.T) {
	p := start(t, nil)
	for _, authority := range []string{host + ":443", "intranet.example:443"} {
		conn, resp := p.Connect(t, authority)
		if resp.StatusCode != 200 {
			t.Fatalf("CONNECT: %s", resp.Status)
		}
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if text, _ := io.ReadAll(conn); len(text) > 0 {
			t.Errorf("%s: got %q", authority, text)
		}
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
}

// TestAddressWithoutName shows that a service cannot be reached by its address:
// with its server name it is intercepted, without one it is refused.
func TestAddressWithoutName(t *testing.T) {
	p := start(t, nil)
	conn, resp := p.Connect(t, "198.51.100.7:443")
	if resp.StatusCode == 200 {
		// The 200 comes before the decision; then the connection is closed.
		tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}).Handshake()
	}
	waitFor(t, "record", func() bool {
		for _, line := range p.Lines(t, "decision") {
			if line["decision"].(map[string]any)["action"] == "block" {
				return true
			}
		}
		return false
	})
}

// TestEncodings shows that a value is found and replaced whatever the body is
// packed in, and that bombs and unknown packings go nowhere.
func TestEncodings(t *testing.T) {
	p := start(t, nil)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, chat("card 4111 1111 1111 1111"))
	z.Close()
	resp, text := post(t, p, true, bytes.NewReader(packed.Bytes()), "Content-Encoding", "gzip")
	if resp.StatusCode != 200 {
		t.Fatalf("got %d: %s", resp.StatusCode, text)
	}
	got := p.Origin.Received()
	if len(got) != 1 {
		t.Fatalf("the origin got %d requests", len(got))
	}
	body := got[0].Payload
	if got[0].Header.Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		body, _ = io.ReadAll(r)
	}
	if strings.Contains(string(body), "4111") || !strings.Contains(string(body), "[CREDIT_CARD_") {
		t.Errorf("the origin got %s", body)
	}
	if length := got[0].ContentLength; length != int64(len(got[0].Payload)) {
		t.Errorf("Content-Length is %d for %d bytes", length, len(got[0].Payload))
	}

	var bomb bytes.Buffer
	z = gzip.NewWriter(&bomb)
	for range 200 {
		z.Write(make([]byte, 1<<20))
	}
	z.Close()
	for _, c := range []struct {
		coding string
		body   []byte
		status int
	}{
		{"gzip", bomb.Bytes(), 413},
		{"gzip", packed.Bytes()[:packed.Len()-9], 400},
		{"compress", packed.Bytes(), 415},
		{"gzip, gzip", packed.Bytes(), 415},
	} {
		resp, text := post(t, p, true, bytes.NewReader(c.body), "Content-Encoding", c.coding)
		if resp.StatusCode != c.status || !strings.Contains(text, resp.Header.Get("Sluice-Exchange")) {
			t.Errorf("%s: got %d: %s", c.coding, resp.StatusCode, text)
		}
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
}

// TestOversizedBody shows that a body that is longer than what is read is
// blocked by the default packs.
func TestOversizedBody(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.Body = 64 << 10 }
	})
	for _, h2 := range []bool{false, true} {
		for range 5 { // a reset would hide the answer now and then
			resp, text := post(t, p, h2, strings.NewReader(chat(strings.Repeat("word ", 2<<20))))
			if resp.StatusCode != http.StatusForbidden || !strings.Contains(text, resp.Header.Get("Sluice-Exchange")) {
				t.Errorf("h2 %v: got %d: %s", h2, resp.StatusCode, text)
			}
		}
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
}

// TestStreams shows that a streamed reply arrives event by event, on both
// protocols.
func TestStreams(t *testing.T) {
	p := start(t, nil)
	for _, h2 := range []bool{false, true} {
		next := make(chan struct{})
		p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for i := range 3 {
				fmt.Fprintf(w, "data: %d\n\n", i)
				w.(http.Flusher).Flush()
				<-next
			}
		}))
		r, _ := http.NewRequest(http.MethodPost, "https://"+host+"/v1/chat/completions", strings.NewReader(chat("hello")))
		r.Header.Set("Content-Type", "application/json")
		resp, err := p.Client("", h2).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(resp.Body)
		for i := range 3 {
			if line, err := lines.ReadString('\n'); err != nil || line != fmt.Sprintf("data: %d\n", i) {
				t.Fatalf("got %q, %v", line, err)
			}
			lines.ReadString('\n')
			next <- struct{}{}
		}
		if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
			t.Errorf("end is %q, %v", rest, err)
		}
		resp.Body.Close()
		if line := last(p.Completions(t)); line["events"] != 3.0 {
			t.Errorf("recorded as %v", line)
		}
	}
}

// TestBrokenReply shows that a reply that breaks off does not look complete.
func TestBrokenReply(t *testing.T) {
	p := start(t, nil)
	for _, h2 := range []bool{false, true} {
		p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}))
		resp, err := p.Client("", h2).Get("https://" + host + "/v1/models")
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("h2 %v: the reply looks complete: %q", h2, text)
		}
		resp.Body.Close()
		if line := last(p.Completions(t)); line["outcome"] != "broken" {
			t.Errorf("recorded as %v", line)
		}
	}
}

// TestClientLeaves shows that a client that leaves cancels the upstream
// request, though the origin is silent.
func TestClientLeaves(t *testing.T) {
	p := start(t, nil)
	for _, h2 := range []bool{false, true} {
		began, cancelled := make(chan struct{}), make(chan struct{})
		p.Origin.Handle(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(began)
			<-r.Context().Done()
			close(cancelled)
		}))
		ctx, cancel := context.WithCancel(context.Background())
		r, _ := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+host+"/v1/chat/completions", strings.NewReader(chat("think")))
		r.Header.Set("Content-Type", "application/json")
		go func() {
			<-began
			cancel()
		}()
		if _, err := p.Client("", h2).Do(r); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		select {
		case <-cancelled:
		case <-time.After(30 * time.Second):
			t.Fatalf("h2 %v: the upstream request goes on", h2)
		}
		if line := last(p.Completions(t)); line["outcome"] != "cancelled" {
			t.Errorf("recorded as %v", line)
		}
	}
}

// TestReplyKinds shows that replies of every kind pass unchanged.
func TestReplyKinds(t *testing.T) {
	p := start(t, nil)
	for _, h2 := range []bool{false, true} {
		p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/204":
				w.WriteHeader(204)
			case "/304":
				w.Header().Set("Etag", `"x"`)
				w.WriteHeader(304)
			case "/head":
				w.Header().Set("Content-Length", "1234")
			case "/trailers":
				w.Header().Set("Trailer", "X-Announced")
				io.WriteString(w, "body")
				w.Header().Set("X-Announced", "a")
				w.Header().Set(http.TrailerPrefix+"X-Late", "b")
			}
		}))
		client := p.Client("", h2)
		for _, c := range []struct {
			method, path string
			status       int
		}{{"GET", "/204", 204}, {"GET", "/304", 304}, {"HEAD", "/head", 200}, {"GET", "/trailers", 200}} {
			r, _ := http.NewRequest(c.method, "https://"+host+c.path, nil)
			resp, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != c.status {
				t.Errorf("%s: got %d, %v", c.path, resp.StatusCode, err)
			}
			switch c.path {
			case "/head":
				if resp.ContentLength != 1234 {
					t.Errorf("HEAD has length %d", resp.ContentLength)
				}
			case "/trailers":
				if string(text) != "body" || resp.Trailer.Get("X-Announced") != "a" || resp.Trailer.Get("X-Late") != "b" {
					t.Errorf("h2 %v: got %q with trailers %v", h2, text, resp.Trailer)
				}
			}
		}
	}
}

// TestExpectContinue shows that a client that waits for 100 gets it, and that
// one that is refused is not asked for its body.
func TestExpectContinue(t *testing.T) {
	p := start(t, nil)
	conn, reader := inside(t, p, host+":443")
	body := chat("hello")
	fmt.Fprintf(conn, "POST /v1/chat/completions HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", host, len(body))
	line, err := reader.ReadString('\n')
	if err != nil || !strings.Contains(line, "100") {
		t.Fatalf("got %q, %v", line, err)
	}
	reader.ReadString('\n')
	io.WriteString(conn, body)
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != 200 {
		t.Fatalf("got %v, %v", resp, err)
	}
	if got := p.Origin.Received(); len(got) != 1 || string(got[0].Payload) != body {
		t.Errorf("the origin got %v", got)
	}
}

// TestLoop shows that a request that has been here already is refused.
func TestLoop(t *testing.T) {
	p := start(t, nil)
	if resp, _ := post(t, p, true, strings.NewReader(chat("hello"))); resp.StatusCode != 200 {
		t.Fatal(resp.Status)
	}
	via := p.Origin.Received()[0].Header.Get("Via")
	if !strings.HasPrefix(via, "1.1 sluice-") {
		t.Fatalf("Via is %q", via)
	}
	if resp, _ := post(t, p, true, strings.NewReader(chat("hello")), "Via", "1.0 other, "+via); resp.StatusCode != 508 {
		t.Errorf("got %d", resp.StatusCode)
	}
}

// TestUnsolicitedUpgrade shows that an origin cannot switch protocols, and
// cannot ask for the proxy's credentials.
func TestUnsolicitedUpgrade(t *testing.T) {
	p := start(t, nil)
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/407" {
			w.Header().Set("Proxy-Authenticate", "Basic")
			w.WriteHeader(407)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
			conn.Close()
		}
	}))
	for _, path := range []string{"/101", "/407"} {
		resp, err := p.Client("", false).Get("https://" + host + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 502 || resp.Header.Get("Proxy-Authenticate") != "" {
			t.Errorf("%s: got %d", path, resp.StatusCode)
		}
	}
}

// TestUnwritableRecord shows that nothing is forwarded that cannot be recorded.
func TestUnwritableRecord(t *testing.T) {
	p := start(t, nil)
	conn, reader := inside(t, p, host+":443")
	if err := os.Remove(p.AuditFile); err != nil { // whoever does this is noticed
		t.Fatal(err)
	}
	io.WriteString(conn, "GET /v1/models HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
	resp, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 503 || !strings.Contains(string(text), resp.Header.Get("Sluice-Exchange")) {
		t.Errorf("got %d: %s", resp.StatusCode, text)
	}
	if _, resp := p.Connect(t, host+":443"); resp.StatusCode != 503 {
		t.Errorf("CONNECT: got %d", resp.StatusCode)
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
}

// TestDirect shows what the proxy answers of itself.
func TestDirect(t *testing.T) {
	p := start(t, nil)
	for path, kind := range map[string]string{
		"/proxy.pac": "application/x-ns-proxy-autoconfig", "/wpad.dat": "application/x-ns-proxy-autoconfig",
		"/ca.pem": "application/x-pem-file", "/metrics": "", "/": "",
	} {
		resp, err := http.Get("http://" + p.Address + path)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if kind == "" {
			if resp.StatusCode != 404 {
				t.Errorf("%s: got %d", path, resp.StatusCode)
			}
			continue
		}
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != kind || strings.Contains(string(text), "PRIVATE KEY") {
			t.Errorf("%s: got %d %s", path, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
	}
}

// TestPortal shows that the portal is there through the proxy, over https only.
func TestPortal(t *testing.T) {
	p := start(t, nil)
	resp, err := p.Client("", true).Get("https://" + proxytest.PortalHost + "/")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 || !strings.Contains(string(text), "ca.pem") {
		t.Errorf("got %d: %s", resp.StatusCode, text)
	}
	resp, err = p.Client("", true).Get("http://" + proxytest.PortalHost + "/x?y=1")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 308 || resp.Header.Get("Location") != "https://"+proxytest.PortalHost+"/x" {
		t.Errorf("got %d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
}

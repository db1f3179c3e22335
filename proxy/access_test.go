package proxy_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/access"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// lockedBuffer is written by one goroutine and read by another.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestAccessLog shows that every exchange has its line, with the numbers of the
// record, without a query, and with no path that the record does not hold.
func TestAccessLog(t *testing.T) {
	var out lockedBuffer
	log, err := access.Open(access.Options{Format: access.JSON, Output: &out})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- log.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	p := start(t, func(s *proxytest.Settings) {
		s.ClearHosts = []string{"plain.example"}
		s.Users = []string{"alice"}
		s.Change = func(parts *proxy.Parts) { parts.Access = log }
	})
	ask := func(method, url, body string) int {
		t.Helper()
		r, err := http.NewRequest(method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := p.Client("alice", true).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	const key = "AKIAQ3EGRIZ5XNTPMB4V"
	ask("POST", "https://"+host+"/v1/chat/completions?session=hidden", chat("my card is 4111 1111 1111 1111"))
	ask("GET", "https://"+host+"/v1/files/"+key, "")
	ask("GET", "http://plain.example/private/path?q=1", "")
	conn, _ := p.Connect(t, "intranet.example:443")
	tls.Client(conn, &tls.Config{ServerName: "wrong.example", MinVersion: tls.VersionTLS12}).Handshake()
	p.Connect(t, host+":22")

	type line struct {
		Method, Target, User, Outcome, Action, Reason, Proto, Client, App string
		Type                                                              string `json:"content_type"`
		Status                                                            int
		Out                                                               int64 `json:"bytes_out"`
		In                                                                int64 `json:"bytes_in"`
	}
	var lines []line
	waitFor(t, "access log", func() bool {
		lines = nil
		for text := range strings.Lines(out.String()) {
			var l line
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, l)
		}
		return len(lines) >= 7
	})
	find := func(method, target string) line {
		t.Helper()
		for _, l := range lines {
			if l.Method == method && l.Target == target {
				return l
			}
		}
		t.Fatalf("no line for %s %s in\n%s", method, target, out.String())
		return line{}
	}
	if l := find("POST", "https://"+host+"/v1/chat/completions"); l.Status != 200 || l.Action != "redact" || l.Outcome != "forwarded" ||
		l.User != "alice" || l.Proto != "HTTP/2.0" || l.Out != 11 || l.In < 50 || l.Type != "application/json" || l.App != "openai-api" || l.Client != "127.0.0.1" {
		t.Errorf("the chat: %+v", l)
	}
	find("GET", "https://"+host+"/v1/files/[AWS_ACCESS_TOKEN]")
	if l := find("GET", "http://plain.example/"); l.Status != 200 {
		t.Errorf("plain http: %+v", l)
	}
	if l := find("CONNECT", host+":443"); l.Status != 200 || l.Action != "intercept" || l.Outcome != "closed" {
		t.Errorf("an intercepted CONNECT: %+v", l)
	}
	if l := find("CONNECT", "intranet.example:443"); l.Action != "tunnel" || l.Reason != "sni_mismatch" || l.User != "" {
		t.Errorf("a refused tunnel: %+v", l)
	}
	if l := find("CONNECT", host+":22"); l.Status != 403 || l.Reason != "port_not_allowed" || l.Action != "block" {
		t.Errorf("a refused CONNECT: %+v", l)
	}
	for _, secret := range []string{key, "hidden", "session", "4111", "private", "q=1", "token-alice"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the access log holds %q", secret)
		}
	}
}

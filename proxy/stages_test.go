package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
	"github.com/sluice-proxy/sluice/proxy/tenant"
	"github.com/sluice-proxy/sluice/rego"
)

// broken is a family that fails in the way it is told to.
type broken struct{ fail func() error }

func (broken) Describe() classifiers.Description {
	return classifiers.Description{Family: "test", Entities: []string{"TEST"}, Anchors: []string{"x"}, Version: "1"}
}

func (b broken) Classify(context.Context, *classifiers.View, []classifiers.Finding) ([]classifiers.Finding, error) {
	return nil, b.fail()
}

// TestClassifierFails shows that a scan that did not end stops the request.
func TestClassifierFails(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("no") },
		"panic": func() error { panic("4111 1111 1111 1111") },
	} {
		t.Run(name, func(t *testing.T) {
			set, err := classifiers.New(classifiers.Options{}, broken{fail})
			if err != nil {
				t.Fatal(err)
			}
			p := start(t, func(s *proxytest.Settings) { s.Classifiers = set })
			resp, text := post(t, p, true, strings.NewReader(chat("anything with x")))
			if resp.StatusCode != http.StatusServiceUnavailable || strings.Contains(text, "4111") {
				t.Errorf("got %d: %s", resp.StatusCode, text)
			}
			if len(p.Origin.Received()) > 0 {
				t.Error("the origin was reached")
			}
			if line := last(p.Completions(t)); line["reason"] != "inspection_failed" {
				t.Errorf("recorded as %v", line)
			}
		})
	}
}

// TestPanicOnTheRoad shows that a fault of ours refuses the request, is recorded
// without what it may quote, and that the proxy lives.
func TestPanicOnTheRoad(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Change = func(parts *proxy.Parts) { parts.Classifiers = new(classifiers.Set) } // which cannot scan
	})
	resp, text := post(t, p, true, strings.NewReader(chat("hello")))
	if resp.StatusCode != http.StatusInternalServerError && resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("got %d: %s", resp.StatusCode, text)
	}
	if line := last(p.Completions(t)); line["outcome"] != "refused" {
		t.Errorf("recorded as %v", line)
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
	if resp, _ := post(t, p, true, strings.NewReader("")); resp.StatusCode == 0 {
		t.Error("the proxy is gone")
	}
}

// TestPolicyTimeout shows that a policy that takes too long decides nothing.
func TestPolicyTimeout(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Policy = map[string]string{
			"connect/all.rego": `package sluice.connect.all

# METADATA
# title: All
# labels: {rule: all.read}
# custom: {severity: low, remediation: none}
verdict contains {"id": "all.read", "action": "intercept"} if input.phase == "connect"
`,
			"request/slow.rego": `package sluice.request.slow

# METADATA
# title: Slow
# labels: {rule: slow.rule}
# custom: {severity: low, remediation: none}
verdict contains {"id": "slow.rule", "action": "block"} if {
	xs := [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]
	some a in xs
	some b in xs
	some c in xs
	some d in xs
	some e in xs
	(((a * b) * c) * d) * e == -input.content.parts
}
`,
			"response/none.rego": "package sluice.response.none\n",
		}
		s.PolicyTimeout = 100 * time.Millisecond
	})
	resp, text := post(t, p, true, strings.NewReader(chat("hello")))
	if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, resp.Header.Get("Sluice-Exchange")) || resp.Header.Get("Retry-After") == "" {
		t.Errorf("got %d: %s", resp.StatusCode, text)
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
}

// TestPolicySwap changes the policy under traffic between one that blocks a
// model and one that does not. Each answer is that of one of the two, and after
// a swap only that of the new one.
func TestPolicySwap(t *testing.T) {
	p := start(t, nil)
	load := func(mode string) *policy.Snapshot {
		snapshot, err := policy.Load(t.Context(), policy.Source{Embedded: rego.FS, Data: []policy.DataFile{
			{Name: "modes", JSON: []byte(`{"modes":{"cards.redact":"` + mode + `"}}`)},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return snapshot
	}
	enforced, off := load("enforce"), load("off")
	swap := func(s *policy.Snapshot) {
		next := p.Server.Parts()
		next.Policy = next.Policy.With(s)
		if err := p.Server.Reload(next); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		want := "[CREDIT_CARD_"
		swap(enforced)
		if i%2 == 1 {
			swap(off)
			want = "4111 1111"
		}
		resp, text := post(t, p, true, strings.NewReader(chat("card 4111 1111 1111 1111")))
		if resp.StatusCode != 200 {
			t.Fatalf("got %d: %s", resp.StatusCode, text)
		}
		if got := p.Origin.Received(); len(got) != 1 || !strings.Contains(string(got[0].Payload), want) {
			t.Fatalf("round %d: the origin got %s", i, got[0].Payload)
		}
	}
}

// TestServiceByAddress shows that a service that is asked for by its address is
// known by its server name, and then read.
func TestServiceByAddress(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.AllowPrivate = []string{"127.0.0.0/8"}
		s.OriginPort = true
	})
	conn, resp := p.Connect(t, p.Origin.TLS)
	if resp.StatusCode != 200 {
		t.Fatalf("CONNECT: %s", resp.Status)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.CA.Root())
	secure := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12})
	if err := secure.Handshake(); err != nil {
		t.Fatalf("not intercepted: %v", err)
	}
	secure.Close()

	// A name that does not resolve to the address is no name.
	conn, resp = p.Connect(t, p.Origin.TLS)
	if resp.StatusCode != 200 {
		t.Fatalf("CONNECT: %s", resp.Status)
	}
	if err := tls.Client(conn, &tls.Config{ServerName: "elsewhere.example", MinVersion: tls.VersionTLS12}).Handshake(); err == nil {
		t.Error("carried under a name that is not the address's")
	}
	waitFor(t, "record", func() bool {
		for _, line := range p.Lines(t, "decision") {
			rules, _ := line["decision"].(map[string]any)["rules"].([]any)
			if len(rules) > 0 && rules[0].(map[string]any)["id"] == "connect.no_name" {
				return true
			}
		}
		return false
	})
}

// TestClearInsideConnect shows that clear text through CONNECT to a port other
// than 443 takes the road as well.
func TestClearInsideConnect(t *testing.T) {
	p := start(t, nil)
	conn, resp := p.Connect(t, host+":80")
	if resp.StatusCode != 200 {
		t.Fatalf("CONNECT: %s", resp.Status)
	}
	body := chat("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgK1mTsQ0Y7b3nPq5V\nw8xJ2hUeRZkL6fDgAoCiBtSvXyGhRANCAASd9Fq0\n-----END PRIVATE KEY-----")
	r, _ := http.NewRequest(http.MethodPost, "http://"+host+"/v1/chat/completions", bytes.NewReader([]byte(body)))
	r.Header.Set("Content-Type", "application/json")
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	if resp, err := http.ReadResponse(bufio.NewReader(conn), r); err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %v, %v", resp, err)
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
}

// TestUntrustingClient shows that a client that does not trust the authority is
// seen and named.
func TestUntrustingClient(t *testing.T) {
	p := start(t, nil)
	conn, resp := p.Connect(t, host+":443")
	if resp.StatusCode != 200 {
		t.Fatalf("CONNECT: %s", resp.Status)
	}
	if err := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}).Handshake(); err == nil {
		t.Fatal("trusted")
	}
	waitFor(t, "record", func() bool {
		for _, line := range p.Completions(t) {
			if line["reason"] == "ca_rejected" {
				return true
			}
		}
		return false
	})
}

// TestUnreadWebSocket shows that a socket to a host that policy does not read, a
// tenant's sign-in, is relayed both ways as it is, counted, and closed at both
// ends; and that it ends when nothing moves for limits.tunnel_idle.
func TestUnreadWebSocket(t *testing.T) {
	const signIn = "login.live.com"
	p := start(t, func(s *proxytest.Settings) {
		s.Hosts = append(s.Hosts, signIn)
		s.Limits = func(l *proxy.Limits) { l.TunnelIdle = time.Second }
		s.Tenants = tenant.Blocks{"microsoft": {
			"tenant_id": {"11111111-2222-3333-4444-555555555555"}, "allowed_tenants": {"ours.example"},
		}}
	})
	closed := make(chan struct{}, 2)
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAlt-Svc: h3\r\n\r\n")
		line, _ := rw.ReadString('\n')
		io.WriteString(conn, "echo "+line)
		rw.ReadString('\n') // until the client leaves
		conn.Close()
		closed <- struct{}{}
	}))
	for _, reason := range []any{nil, "socket_idle"} {
		const name = signIn
		conn, reader := inside(t, p, name+":443")
		io.WriteString(conn, "GET /p1/ws HTTP/1.1\r\nHost: "+name+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		resp, err := http.ReadResponse(reader, nil)
		if err != nil || resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Alt-Svc") != "" {
			t.Fatalf("got %v, %v", resp, err)
		}
		io.WriteString(conn, "hello\n")
		if line, err := reader.ReadString('\n'); err != nil || line != "echo hello\n" {
			t.Errorf("got %q, %v", line, err)
		}
		if reason == nil {
			conn.Close()
		}
		select {
		case <-closed:
		case <-time.After(30 * time.Second):
			t.Fatal("the origin's end stays open")
		}
		waitFor(t, "record", func() bool {
			line := last(p.Completions(t))
			return line != nil && line["status"] == 101.0 && line["bytes_in"] == 6.0 && line["bytes_out"] == 11.0 && line["reason"] == reason
		})
	}
}

// TestShortBody shows that a short body that is not read is passed on once it is
// whole, and not at all when it is cut short.
func TestShortBody(t *testing.T) {
	const signIn = "login.live.com"
	p := start(t, func(s *proxytest.Settings) {
		s.Hosts = append(s.Hosts, signIn)
		s.Tenants = tenant.Blocks{"microsoft": {
			"tenant_id": {"11111111-2222-3333-4444-555555555555"}, "allowed_tenants": {"ours.example"},
		}}
	})
	const head = "POST /oauth20_token.srf HTTP/1.1\r\nHost: " + signIn + "\r\nContent-Length: 10\r\n\r\n"
	conn, reader := inside(t, p, signIn+":443")
	io.WriteString(conn, head+"hello")
	time.Sleep(50 * time.Millisecond)
	if got := p.Origin.Received(); len(got) > 0 {
		t.Errorf("the origin got half: %q", got[0].Payload)
	}
	io.WriteString(conn, "world")
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v", resp, err)
	}
	if got := p.Origin.Received(); len(got) != 1 || string(got[0].Payload) != "helloworld" {
		t.Errorf("the origin got %v", got)
	}
	waitFor(t, "record", func() bool {
		line := last(p.Completions(t))
		return line != nil && line["status"] == 200.0 && line["bytes_in"] == 10.0
	})

	conn, reader = inside(t, p, signIn+":443")
	io.WriteString(conn, head+"hello")
	conn.CloseWrite()
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("got %v, %v", resp, err)
	}
	if got := p.Origin.Received(); len(got) > 0 {
		t.Errorf("the origin got %q", got[0].Payload)
	}
	waitFor(t, "record", func() bool {
		return slices.ContainsFunc(p.Completions(t), func(line map[string]any) bool {
			return line["reason"] == "body_cut_short" && line["bytes_in"] == 5.0
		})
	})
}

// TestGracefulDrain shows that a stream that runs when the proxy is told to stop
// runs to its end, and that nothing new is taken.
func TestGracefulDrain(t *testing.T) {
	p := start(t, nil)
	began, finish := make(chan struct{}), make(chan struct{})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "first ")
		w.(http.Flusher).Flush()
		close(began)
		<-finish
		io.WriteString(w, "last")
	}))
	resp, err := p.Client("", true).Get("https://" + host + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	<-began
	stopped := make(chan struct{})
	go func() {
		p.Stop(t)
		close(stopped)
	}()
	waitFor(t, "end of accepting", func() bool {
		pac, err := http.Get("http://" + p.Address + "/proxy.pac")
		if err == nil {
			pac.Body.Close()
		}
		return err != nil
	})
	close(finish)
	text, err := io.ReadAll(resp.Body)
	if err != nil || string(text) != "first last" {
		t.Errorf("got %q, %v", text, err)
	}
	select {
	case <-stopped:
	case <-time.After(10 * time.Second):
		t.Error("did not stop")
	}
}

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// The faults of a wire. Those of the first kind are a nuisance: what goes over it
// arrives all the same. The others break it.
var (
	nuisances = map[string][]Fault{
		"latency":    {{Kind: "latency", Attributes: map[string]int{"latency": 150}}, {Kind: "latency", Up: true, Attributes: map[string]int{"latency": 150}}},
		"jitter":     {{Kind: "latency", Attributes: map[string]int{"latency": 100, "jitter": 100}}},
		"bandwidth":  {{Kind: "bandwidth", Attributes: map[string]int{"rate": 40}}, {Kind: "bandwidth", Up: true, Attributes: map[string]int{"rate": 40}}},
		"slicer":     {{Kind: "slicer", Attributes: map[string]int{"average_size": 40, "size_variation": 39, "delay": 50}}, {Kind: "slicer", Up: true, Attributes: map[string]int{"average_size": 40, "size_variation": 39, "delay": 50}}},
		"slow close": {{Kind: "slow_close", Attributes: map[string]int{"delay": 500}}},
	}
	breaks = map[string]Fault{
		"reset":         {Kind: "reset_peer", Attributes: map[string]int{"timeout": 0}},
		"limit":         {Kind: "limit_data", Attributes: map[string]int{"bytes": 300}},
		"stall and end": {Kind: "timeout", Attributes: map[string]int{"timeout": 300}},
	}
	stall = Fault{Kind: "timeout", Attributes: map[string]int{"timeout": 0}}
)

// visitor asks through the proxy, over HTTP/2 if h2, as whoever has the token.
func (s *Sluice) visitor(t *testing.T, h2 bool, token string, authorities ...string) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	for _, file := range append(authorities, s.CA) {
		pem, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		roots.AppendCertsFromPEM(pem)
	}
	through := &url.URL{Scheme: "http", Host: s.Proxy}
	if token != "" {
		through.User = url.UserPassword("token", token)
	}
	transport := &http.Transport{
		Proxy: http.ProxyURL(through), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: h2, DisableKeepAlives: true,
	}
	return &http.Client{Transport: transport}
}

// say sends a prompt of a size and returns the status, what was read, and whether
// that broke off.
func say(ctx context.Context, client *http.Client, host, prompt string, stream bool) (status int, reply string, err error) {
	body, err := json.Marshal(map[string]any{
		"model": "model-e2e", "stream": stream, "max_tokens": 9, "messages": []any{map[string]any{"role": "user", "content": prompt}},
	})
	if err != nil {
		return 0, "", err
	}
	path := "/v1/chat/completions"
	if host == "api.anthropic.com" {
		path = "/v1/messages"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+host+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Anthropic-Version", "2023-06-01")
	resp, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// others asks another service all the while, until what it returns is called: it is
// answered each time.
func (s *Sluice) others(t *testing.T) (enough func()) {
	t.Helper()
	client, over, done := s.visitor(t, false, ""), make(chan struct{}), make(chan struct{})
	asked := 0
	go func() {
		defer close(done)
		for {
			select {
			case <-over:
				if asked > 0 {
					return
				}
			default:
			}
			if status, reply, err := say(t.Context(), client, "api.anthropic.com", "hello", false); status != 200 || err != nil {
				t.Errorf("another service meanwhile: %d, %v, %s", status, err, reply)
				return
			}
			asked++
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() { close(over); <-done }
}

// still fails the test when the proxy has more goroutines or descriptors than
// before, once it has had time to let go of them.
func (s *Sluice) still(t *testing.T) (check func()) {
	t.Helper()
	count := func(name string) float64 { return gauge(s.Metrics(), name) }
	var before map[string]float64
	names := []string{"go_goroutines", "process_open_fds"}
	eventually(t, "a quiet proxy", func() bool { return count("sluice_connections_open") == 0 })
	before = map[string]float64{names[0]: count(names[0]), names[1]: count(names[1])}
	return func() {
		t.Helper()
		for _, name := range names {
			eventually(t, fmt.Sprintf("%s goes back to %v", name, before[name]), func() bool { return count(name) <= before[name]+4 })
		}
	}
}

var long = strings.Repeat("lorem ipsum dolor sit amet ", 1000) // 27 KB

// TestBadWire puts toxiproxy before an AI service. Over a wire that is slow or
// ragged everything arrives whole, also a stream; when it breaks, the client gets a
// 502 or 504 of ours, or sees a broken reply, and never one that looks whole and is
// not; when it goes silent, the client may leave. Others are served meanwhile, and
// nothing is left of it.
func TestBadWire(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	wire := o.Wire("api.openai.com")
	s := Serve(t, o, "destinations: {sanctioned: [openai-api, anthropic-api]}\n")
	ask := func(h2, stream bool, prompt string) (int, string, error) {
		return say(t.Context(), s.visitor(t, h2, ""), "api.openai.com", prompt, stream)
	}
	for _, h2 := range []bool{false, true} { // what is kept upstream is there before
		if status, _, err := ask(h2, false, "hello"); status != 200 {
			t.Fatalf("a good wire: %d, %v", status, err)
		}
	}
	check := s.still(t)
	enough := s.others(t)

	for name, faults := range nuisances {
		wire.Mend()
		for _, f := range faults {
			wire.Spoil(f)
		}
		for _, h2 := range []bool{false, true} {
			var whole struct {
				Choices []struct{ Message struct{ Content string } }
			}
			status, reply, err := ask(h2, false, long)
			if status != 200 || err != nil || json.Unmarshal([]byte(reply), &whole) != nil || whole.Choices[0].Message.Content != "You said: "+long {
				t.Errorf("%s, h2 %v: %d, %v, %d bytes", name, h2, status, err, len(reply))
			}
			status, reply, err = ask(h2, true, long)
			if status != 200 || err != nil || said(reply) != "You said: "+long || !strings.HasSuffix(reply, "data: [DONE]\n\n") {
				t.Errorf("%s, h2 %v, stream: %d, %v, %d bytes", name, h2, status, err, len(reply))
			}
		}
	}

	for name, f := range breaks {
		for _, h2 := range []bool{false, true} {
			wire.Mend()
			wire.Spoil(f) // in the handshake already
			if status, reply, err := ask(h2, false, "hello"); status != 502 || err != nil {
				t.Errorf("%s, h2 %v: %d, %v, %s", name, h2, status, err, reply)
			}
		}
	}
	wire.Cut()
	if status, reply, err := ask(false, false, "hello"); status != 502 || err != nil {
		t.Errorf("nobody is there: %d, %v, %s", status, err, reply)
	}

	// A request that gets through in part only is none to the service.
	wire.Mend()
	wire.Spoil(Fault{Kind: "limit_data", Up: true, Attributes: map[string]int{"bytes": 20_000}})
	came := len(o.Got("api.openai.com", "/v1/chat/completions"))
	for _, h2 := range []bool{false, true} {
		if status, reply, err := ask(h2, false, long); status != 502 || err != nil {
			t.Errorf("half a request, h2 %v: %d, %v, %s", h2, status, err, reply)
		}
	}
	if now := len(o.Got("api.openai.com", "/v1/chat/completions")); now != came {
		t.Errorf("the service took %d halves of requests", now-came)
	}

	// Nothing comes at all: a handshake is waited for so long and no longer.
	wire.Mend()
	wire.Spoil(stall)
	var wait sync.WaitGroup
	for _, h2 := range []bool{false, true} {
		wait.Go(func() {
			if status, reply, err := ask(h2, false, "hello"); status != 504 || err != nil {
				t.Errorf("stall, h2 %v: %d, %v, %s", h2, status, err, reply)
			}
		})
	}
	wait.Wait()

	enough()
	wire.Mend()
	for _, h2 := range []bool{false, true} {
		if status, _, err := ask(h2, false, "hello"); status != 200 {
			t.Errorf("mended: %d, %v", status, err)
		}
	}
	check()
}

// said is what the events of a stream say.
func said(stream string) string {
	var all strings.Builder
	for line := range strings.Lines(stream) {
		var event struct {
			Choices []struct{ Delta struct{ Content string } }
		}
		if data, ok := strings.CutPrefix(line, "data: {"); ok && json.Unmarshal([]byte("{"+data), &event) == nil {
			all.WriteString(event.Choices[0].Delta.Content)
		}
	}
	return all.String()
}

// TestWireBreaksInStream breaks the wire in the middle of a stream. The client has
// what came before, and sees that it is not all. Over a wire that only goes silent
// it waits, until it leaves.
func TestWireBreaksInStream(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	next := o.Paced()
	wire := o.Wire("api.openai.com")
	s := Serve(t, o, "destinations: {sanctioned: [openai-api, anthropic-api]}\n")
	check := s.still(t)
	enough := s.others(t)

	reasons := func() map[string]int {
		count := map[string]int{}
		for _, l := range s.Record(func(l Line) bool { return l.Record == "completion" && l.Reason != "" }) {
			count[l.Reason]++
		}
		return count
	}
	faults, left := map[string]Fault{"silence": stall}, 0
	for name, f := range breaks {
		faults[name] = f
	}
	faults["limit"] = Fault{Kind: "limit_data", Attributes: map[string]int{"bytes": 0}}
	for name, f := range faults {
		for _, h2 := range []bool{false, true} {
			wire.Mend()
			eventually(t, "the last stream is over", func() bool { return o.streams.Load() == 0 }) // else it would take this one's events
			ctx, leave := context.WithCancel(t.Context())
			type ending struct {
				text string
				err  error
			}
			first, ended := make(chan struct{}), make(chan ending, 1)
			go func() {
				text, err := follow(ctx, s.visitor(t, h2, ""), first)
				ended <- ending{text, err}
			}()
			next()
			next()
			select {
			case <-first:
			case e := <-ended:
				t.Fatalf("%s, h2 %v: the stream did not begin: %v", name, h2, e.err)
			}
			wire.Spoil(f)
			if name != "silence" {
				next() // reset_peer and limit_data act on what comes
			} else {
				select {
				case e := <-ended:
					t.Errorf("silence, h2 %v: it ended with %v", h2, e.err)
				case <-time.After(time.Second):
				}
				leave()
			}
			e := <-ended
			if e.err == nil || strings.Contains(e.text, "[DONE]") || !strings.Contains(e.text, "You") {
				t.Errorf("%s, h2 %v: ended with %v after %q", name, h2, e.err, e.text)
			}
			leave()
			if name == "silence" { // the proxy sees that before the wire is mended, which cuts it
				left++
				eventually(t, "the client has left", func() bool { return reasons()["client_left"] == left })
			}
		}
	}
	enough()
	wire.Mend()
	check()
	if ends := reasons(); ends["client_left"] != 2 || ends["upstream_broke_off"] != 2*len(breaks) {
		t.Errorf("recorded as %v", ends)
	}
}

// follow reads a stream, and closes first when it has begun to say something.
func follow(ctx context.Context, client *http.Client, first chan struct{}) (text string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, openAI, strings.NewReader(`{"model":"m","stream":true,"messages":[{"role":"user","content":"hello there"}]}`))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	reader := bufio.NewReader(resp.Body)
	var all strings.Builder
	for {
		line, err := reader.ReadString('\n')
		all.WriteString(line)
		if strings.Contains(line, "You") {
			close(first)
		}
		if errors.Is(err, io.EOF) {
			return all.String(), nil
		}
		if err != nil {
			return all.String(), err
		}
	}
}

// TestBadWireInTunnel does the same to a site that is tunnelled.
func TestBadWireInTunnel(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	wire := o.Wire(intranet)
	s := Serve(t, o, "destinations: {sanctioned: [anthropic-api]}\nlimits: {tunnel_idle: 2s}\n")
	get := func() (string, error) {
		resp, err := s.visitor(t, false, "", o.Intranet.File).Get("https://" + intranet + "/")
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return string(text), err
	}
	check := s.still(t)
	enough := s.others(t)
	for name, faults := range nuisances {
		wire.Mend()
		for _, f := range faults {
			wire.Spoil(f)
		}
		if text, err := get(); err != nil || !strings.Contains(text, "The intranet") {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	for name, f := range breaks {
		wire.Mend()
		wire.Spoil(f)
		if text, err := get(); err == nil {
			t.Errorf("%s: %q", name, text)
		}
	}
	wire.Mend()
	wire.Spoil(stall)
	if text, err := get(); err == nil { // within limits.tunnel_idle
		t.Errorf("stall: %q", text)
	}
	wire.Cut()
	if _, err := get(); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
		t.Errorf("nobody is there: %v", err)
	}
	enough()
	wire.Mend()
	if text, err := get(); err != nil || !strings.Contains(text, "The intranet") {
		t.Errorf("mended: %q, %v", text, err)
	}
	check()
	idle := s.Record(func(l Line) bool { return l.Record == "completion" && l.Reason == "tunnel_idle" })
	if len(idle) != 1 {
		t.Errorf("%d tunnels ended as idle", len(idle))
	}
}

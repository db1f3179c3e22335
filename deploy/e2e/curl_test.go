package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// privateKey is no key, but has the form of one.
var privateKey = "-----BEGIN " + "PRIVATE KEY-----\n" + strings.Repeat("MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n", 3) + "-----END " + "PRIVATE KEY-----\n"

const (
	openAI    = "https://api.openai.com/v1/chat/completions"
	anthropic = "https://api.anthropic.com/v1/messages"
)

// The road is the same whatever the client speaks; the origin is spoken to in what
// both understand.
func TestCurlProtocols(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: [openai-api], tolerated: [anthropic-api]}\n")
	for _, protocol := range []struct{ flag, version, origin string }{
		{"--http2", "2", "HTTP/2.0"},
		{"--http1.1", "1.1", "HTTP/1.1"},
	} {
		t.Run(protocol.version, func(t *testing.T) {
			fetch := func(url, prompt string) Fetched {
				t.Helper()
				got := s.Curl(t, s.CA, append([]string{protocol.flag}, Chat(url, prompt)...)...)
				if got.Connect != 200 || got.HTTP != protocol.version {
					t.Errorf("curl saw %+v, want HTTP/%s in a tunnel", got, protocol.version)
				}
				return got
			}
			last := func(host, path string) Received {
				t.Helper()
				got := o.Got(host, path)
				if len(got) == 0 {
					t.Fatalf("nothing came to %s", host)
				}
				return got[len(got)-1]
			}

			allowed := Marker + ", please"
			got := fetch(openAI, allowed)
			came := last("api.openai.com", "/v1/chat/completions")
			if got.Status != 200 || !strings.Contains(got.Body, allowed) || !strings.Contains(came.Body, allowed) {
				t.Errorf("allowed: %+v", got)
			}
			if came.Proto != protocol.origin || came.Header.Get("Authorization") != "Bearer "+Key {
				t.Errorf("allowed: the origin got %+v", came)
			}

			got = fetch(anthropic, prompt)
			came = last("api.anthropic.com", "/v1/messages")
			redacted(t, came.Body)
			if redacted(t, got.Body); got.Status != 200 || came.Proto != "HTTP/1.1" {
				t.Errorf("redacted: %+v from %s", got, came.Proto)
			}

			before := o.Hosts("api.openai.com")
			got = fetch(openAI, Marker+"\n"+privateKey)
			if got.Status != 403 || got.Type != "application/json" || !strings.Contains(got.Body, `"error"`) || strings.Contains(got.Body, "umbrella") {
				t.Errorf("blocked: %+v", got)
			}
			if o.Hosts("api.openai.com") != before {
				t.Error("blocked: the origin got it")
			}
		})
	}
}

// identity.required binds what is read. What is tunnelled goes on without a name.
func TestCurlIdentity(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(Pass))
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("alice:"+hex.EncodeToString(sum[:])+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := NewOrigin(t)
	s := Serve(t, o, fmt.Sprintf("destinations: {sanctioned: [openai-api]}\nidentity: {required: true, bearer: {token_file: %s}}\n", tokens))

	for name, userinfo := range map[string][]string{
		"none":  nil,
		"wrong": {"--proxy-user", "alice:" + Pass + "x"},
		"empty": {"--proxy-user", "alice:"},
	} {
		got := s.Curl(t, s.CA, append(userinfo, Chat(openAI, Marker)...)...)
		if got.Connect != 407 || got.Status != 0 || got.Exit == 0 {
			t.Errorf("%s: %+v, want 407 to CONNECT", name, got)
		}
	}
	if n := o.Hosts("api.openai.com"); n != 0 {
		t.Fatalf("%d requests came to the origin", n)
	}

	got := s.Curl(t, s.CA, append(Chat(openAI, prompt), "--proxy", "http://alice:"+Pass+"@"+s.Proxy)...)
	if got.Connect != 200 || got.Status != 200 {
		t.Fatalf("in the proxy's URL: %+v", got)
	}
	came := o.One("api.openai.com", "/v1/chat/completions")
	redacted(t, came.Body)
	for name := range came.Header {
		if strings.HasPrefix(name, "Proxy-") {
			t.Errorf("the origin got %s", name)
		}
	}
	d := s.Decided("api.openai.com", "/v1/chat/completions")
	if !d.Identity.Authenticated || d.Identity.Sub != "alice" || d.Decision.Action != "redact" {
		t.Errorf("recorded as %+v", d)
	}
	if got := s.Curl(t, o.Intranet.File, "https://"+intranet+"/"); got.Status != 200 {
		t.Errorf("a tunnel: %+v", got)
	}
}

// A tunnel is not touched: the client sees the origin's own certificate, and what
// it sends arrives as it was.
func TestCurlTunnel(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	s := Serve(t, o, "")
	url := "https://" + intranet + "/form?q=1"
	got := s.Curl(t, o.Intranet.File, "--http2", url, "--data-binary", prompt)
	if got.Status != 200 || got.HTTP != "2" || !strings.Contains(got.Body, "The intranet") {
		t.Errorf("curl saw %+v", got)
	}
	if came := o.One(intranet, "/form"); came.Body != prompt || came.Header.Get("Via") != "" {
		t.Errorf("the origin got %+v", came)
	}
	if got := s.Curl(t, s.CA, url); got.Exit != 60 {
		t.Errorf("with the proxy's authority alone: %+v, want exit code 60", got)
	}
	eventually(t, "the tunnels are recorded", func() bool {
		done := s.Record(func(l Line) bool { return l.Record == "completion" && l.Status == 200 })
		return len(done) == 2
	})
	for _, d := range s.Record(func(l Line) bool { return l.Record == "decision" }) {
		if d.Decision.Action != "tunnel" || d.Destination.Host != intranet || d.Request.Path != "" {
			t.Errorf("recorded as %+v", d)
		}
	}
}

// Trust is not given away on either side: a client that does not know the proxy's
// authority sends nothing, and a service that cannot prove its name gets nothing.
func TestCurlTrust(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: [openai-api]}\n")
	if got := s.Curl(t, o.CA.File, Chat(openAI, Marker)...); got.Exit != 60 || got.Connect != 200 {
		t.Errorf("without the proxy's authority: %+v, want exit code 60", got)
	}
	var ends []Line
	eventually(t, "the end is recorded", func() bool {
		ends = s.Record(func(l Line) bool { return l.Record == "completion" })
		return len(ends) > 0
	})
	if ends[0].Reason != "ca_rejected" {
		t.Errorf("the client's refusal is recorded as %q, want ca_rejected", ends[0].Reason)
	}
	got := s.Curl(t, s.CA, Chat("https://"+forged+"/v1/chat/completions", Marker)...)
	if d := s.Decided(forged, "/v1/chat/completions"); got.Status != 502 || !strings.Contains(got.Body, d.ID) {
		t.Errorf("a service with a forged certificate: %+v, recorded as %+v", got, d)
	}
	if n := o.Hosts("api.openai.com") + o.Hosts(forged); n != 0 {
		t.Errorf("the origins got %d requests", n)
	}
}

// Plain http comes as an absolute URL and takes the same road.
func TestCurlPlain(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	s := Serve(t, o, "")
	if got := s.Curl(t, s.CA, "http://"+plain+"/page"); got.Status != 200 || !strings.Contains(got.Body, "The plain site") {
		t.Errorf("curl saw %+v", got)
	}
	if n := len(o.Got(plain, "/page")); n != 1 {
		t.Errorf("the origin got %d requests", n)
	}
	got := s.Curl(t, s.CA, Chat("http://"+plainAI+"/openai/v1/chat/completions", prompt)...)
	if d := s.Decided(plainAI, "/openai/v1/chat/completions"); got.Status != 403 || d.Decision.Action != "block" || !strings.Contains(got.Body, d.ID) {
		t.Errorf("curl saw %+v, recorded as %+v", got, d)
	}
	if n := o.Hosts(plainAI); n != 0 {
		t.Errorf("the origin got %d requests", n)
	}
}

// A WebSocket to an approved service opens, without the extensions in which its
// messages could not be read. gRPC in a codec that cannot be read is refused.
func TestCurlWebSocket(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: [chatgpt]}\n")
	got := s.Curl(t, s.CA, "--http1.1", "--max-time", "2", "https://ws.chatgpt.com/p4/ws/user/user-e2e",
		"--header", "Connection: Upgrade", "--header", "Upgrade: websocket", "--header", "Sec-WebSocket-Extensions: permessage-deflate",
		"--header", "Sec-WebSocket-Version: 13", "--header", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
	if came := o.One("ws.chatgpt.com", "/p4/ws/user/user-e2e"); got.Status != 101 || came.Header.Get("Sec-Websocket-Extensions") != "" {
		t.Errorf("curl saw %+v, the origin %+v", got, came)
	}
	s.Curl(t, s.CA, "https://ws.chatgpt.com/chat.Service/Say", "--header", "Content-Type: application/grpc+thrift", "--data", "x")
	if d := s.Decided("ws.chatgpt.com", "/chat.Service/Say"); d.Decision.Action != "block" || !d.Ruled("opaque.stream") {
		t.Errorf("recorded as %+v", d)
	}
}

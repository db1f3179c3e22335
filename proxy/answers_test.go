package proxy_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/coder/websocket"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// readingAnswers has the policy of replyPacks.
func readingAnswers(s *proxytest.Settings) { s.Policy = replyPacks }

// tells serves a socket that sends messages, and then waits for the client.
func tells(messages ...string) func(context.Context, *websocket.Conn) {
	return func(ctx context.Context, conn *websocket.Conn) {
		for _, m := range messages {
			if conn.Write(ctx, websocket.MessageText, []byte(m)) != nil {
				return
			}
		}
		_, _, _ = conn.Read(ctx)
	}
}

// TestSocketAnswers: what a service says over a socket is masked, in one message
// and cut over several, and untouched messages are passed as they came.
func TestSocketAnswers(t *testing.T) {
	p := sockets(t, readingAnswers, tells(`{"text":"Write to "}`, `{"text":"jo.doe@exam"}`, `{"text":"ple.org, please"}`, `{ "text":"or ann@example.org." }`, `{"type":"done"}`))
	conn := dialSocket(t, p)
	for _, want := range []string{`{"text":"Write to "}`, `{"text":"[EMAIL_ADDRESS]"}`, `{"text":", please"}`, `{ "text":"or [EMAIL_ADDRESS]." }`, `{"type":"done"}`} {
		if _, data, err := conn.Read(t.Context()); err != nil || string(data) != want {
			t.Fatalf("got %q, %v, want %q", data, err, want)
		}
	}
	conn.Close(websocket.StatusNormalClosure, "")
	waitFor(t, "record", func() bool {
		line := last(p.Completions(t))
		return line != nil && line["masked"] == 2.0 && line["events"] == 5.0 && line["outcome"] == "forwarded"
	})
}

// TestSocketAnswerBinary: messages in protobuf are read and their lengths mended.
func TestSocketAnswerBinary(t *testing.T) {
	p := sockets(t, readingAnswers, func(ctx context.Context, conn *websocket.Conn) {
		_ = conn.Write(ctx, websocket.MessageBinary, []byte("\x08\x01\x12\x1dWrite to jo.doe@example.org.\n"))
		_ = conn.Write(ctx, websocket.MessageBinary, []byte("\x00\xff\xfe\x01"))
		_, _, _ = conn.Read(ctx)
	})
	conn := dialSocket(t, p)
	for _, want := range []string{"\x08\x01\x12\x1aWrite to [EMAIL_ADDRESS].\n", "\x00\xff\xfe\x01"} {
		if kind, data, err := conn.Read(t.Context()); err != nil || kind != websocket.MessageBinary || string(data) != want {
			t.Fatalf("got %q, %v", data, err)
		}
	}
}

// TestSocketAnswerRefused: an answer that must not be shown ends the socket with
// the code and the title of the rule, after what the format has to say, and
// nothing of the value or after it is passed on.
func TestSocketAnswerRefused(t *testing.T) {
	p := start(t, readingAnswers)
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err == nil {
			tells(`{"type":"response.output_text.delta","item_id":"i","delta":"Take 4111 1111 "}`, `{"type":"response.output_text.delta","item_id":"i","delta":"1111 1111."}`, `{"type":"more"}`)(r.Context(), conn)
			conn.CloseNow()
		}
	}))
	conn, _, err := websocket.Dial(t.Context(), "wss://"+host+"/v1/realtime", &websocket.DialOptions{HTTPClient: p.Client("", false)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	_, data, err := conn.Read(t.Context())
	if err != nil || !strings.Contains(string(data), `"type":"error"`) || !strings.Contains(string(data), "No cards in replies") {
		t.Errorf("got %q, %v", data, err)
	}
	var end websocket.CloseError
	if _, data, err := conn.Read(t.Context()); !errors.As(err, &end) || end.Code != websocket.StatusPolicyViolation || !strings.Contains(end.Reason, "No cards in replies") {
		t.Errorf("got %q, %v", data, err)
	}
	if !recorded(t, p, "policy") {
		t.Error("no record says so")
	}
}

// TestSocketAnswerAtHeader: a rule about the head of a reply refuses the upgrade.
func TestSocketAnswerAtHeader(t *testing.T) {
	packs := map[string]string{"response/none.rego": `package sluice.response.none
# METADATA
# title: No sockets
# labels: {rule: no.sockets}
# custom: {severity: high, remediation: none}
verdict contains {"id": "no.sockets", "action": "block"} if input.content.inspected
`}
	for name, text := range replyPacks {
		if !strings.HasPrefix(name, "response/") {
			packs[name] = text
		}
	}
	p := sockets(t, func(s *proxytest.Settings) { s.Policy = packs }, tells("hello"))
	_, resp, err := websocket.Dial(t.Context(), "wss://"+socketHost+"/ws/", &websocket.DialOptions{HTTPClient: p.Client("", false)})
	if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %v, %v", resp, err)
	}
}

// TestSocketAnswerHeld: text that may begin a value waits for what follows, and
// goes on after two seconds, whatever other texts come meanwhile; pings do not
// wait.
func TestSocketAnswerHeld(t *testing.T) {
	p := sockets(t, readingAnswers, func(ctx context.Context, conn *websocket.Conn) {
		go func() { _, _, _ = conn.Read(ctx) }() // pongs
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"text":"Take 4111 1111 "}`))
		for range 40 {
			if conn.Ping(ctx) != nil || conn.Write(ctx, websocket.MessageText, []byte(`{"other":"beat of a heart"}`)) != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	conn := dialSocket(t, p)
	begun := time.Now()
	_, data, err := conn.Read(t.Context())
	if waited := time.Since(begun); err != nil || string(data) != `{"text":"Take 4111 1111 "}` || waited < time.Second {
		t.Fatalf("got %q, %v after %v", data, err, waited)
	}
	if _, data, err = conn.Read(t.Context()); err != nil || !strings.Contains(string(data), "beat") {
		t.Fatalf("got %q, %v", data, err)
	}
}

// TestSocketAnswerLeaves: sockets that end in every way while text is held leave
// no goroutine and no room taken.
func TestSocketAnswerLeaves(t *testing.T) {
	p := sockets(t, readingAnswers, tells(`{"text":"Hello"}`, `{"text":"jo.doe@exam"}`))
	before := runtime.NumGoroutine()
	for i := range 10 {
		conn := dialSocket(t, p)
		if _, _, err := conn.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			conn.CloseNow()
		} else {
			conn.Close(websocket.StatusNormalClosure, "")
		}
	}
	waitFor(t, "end of the sockets", func() bool { return runtime.NumGoroutine() <= before+12 })
	waitFor(t, "room", func() bool { return metric(t, p, "sluice_inspecting_bytes") == 0 })
}

// callAnswers serves calls that answer anything with texts.
func callAnswers(t testing.TB, texts ...string) func(net.Listener, *tls.Config) {
	return func(l net.Listener, config *tls.Config) {
		mux := http.NewServeMux()
		mux.Handle(method, connect.NewBidiStreamHandler(method, func(_ context.Context, stream *connect.BidiStream[wrapperspb.StringValue, wrapperspb.StringValue]) error {
			for _, text := range texts {
				if err := stream.Send(wrapperspb.String(text)); err != nil {
					return err
				}
			}
			return nil
		}))
		mux.Handle(method+"Once", connect.NewUnaryHandler(method+"Once", func(context.Context, *connect.Request[wrapperspb.StringValue]) (*connect.Response[wrapperspb.StringValue], error) {
			return connect.NewResponse(wrapperspb.String(strings.Join(texts, ""))), nil
		}))
		server := &http.Server{Handler: mux, TLSConfig: config}
		go server.ServeTLS(l, "", "")
		t.Cleanup(func() { server.Close() })
	}
}

// TestCallAnswers: the answers of calls are masked, also where a value is cut over
// messages, in every protocol, codec and coding, one message or many.
func TestCallAnswers(t *testing.T) {
	p := served(t, readingAnswers, callAnswers(t, "Write to jo.doe", "@example.org today, ", strings.Repeat("and so on ", 200)))
	for name, options := range dialects {
		t.Run(name, func(t *testing.T) {
			once := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](p.Client("", true), "https://"+callHost+method+"Once", options...)
			resp, err := once.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String("hello")))
			if err != nil || !strings.HasPrefix(resp.Msg.Value, "Write to [EMAIL_ADDRESS] today, and so on") {
				t.Errorf("once: got %.80v, %v", resp, err)
			}
			streams := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](p.Client("", true), "https://"+callHost+method, options...)
			stream := streams.CallBidiStream(t.Context())
			_ = stream.Send(wrapperspb.String("hello")) // the answer may have ended
			stream.CloseRequest()
			got := ""
			for {
				out, err := stream.Receive()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got += out.Value
			}
			stream.CloseResponse()
			if !strings.HasPrefix(got, "Write to [EMAIL_ADDRESS] today, and so on") {
				t.Errorf("stream: got %.80q", got)
			}
		})
	}
}

// TestCallAnswerRefused: an answer that must not be shown ends the call in its
// protocol.
func TestCallAnswerRefused(t *testing.T) {
	p := served(t, readingAnswers, callAnswers(t, "Hello there. ", "Take 4111 1111 ", "1111 1111."))
	for name, options := range dialects {
		t.Run(name, func(t *testing.T) {
			once := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](p.Client("", true), "https://"+callHost+method+"Once", options...)
			resp, err := once.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String("hello")))
			if connect.CodeOf(err) != connect.CodePermissionDenied || !strings.Contains(err.Error(), "No cards in replies") {
				t.Errorf("once: got %v, %v", resp, err)
			}
			streams := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](p.Client("", true), "https://"+callHost+method, options...)
			stream := streams.CallBidiStream(t.Context())
			_ = stream.Send(wrapperspb.String("hello")) // the answer may have ended
			if out, err := stream.Receive(); err != nil || out.Value != "Hello there. " {
				t.Fatalf("got %v, %v", out, err)
			}
			out, err := stream.Receive()
			if connect.CodeOf(err) != connect.CodePermissionDenied || !strings.Contains(err.Error(), "No cards in replies") {
				t.Errorf("stream: got %v, %v", out, err)
			}
			stream.CloseRequest()
			stream.CloseResponse()
		})
	}
	if !recorded(t, p, "policy") {
		t.Error("no record says so")
	}
}

// recorded waits for a completion with a reason.
func recorded(t testing.TB, p *proxytest.Proxy, reason string) bool {
	t.Helper()
	var seen []any
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		for _, line := range p.Completions(t) {
			seen = append(seen, line["reason"])
			if line["reason"] == reason {
				return true
			}
		}
	}
	t.Logf("recorded %v", seen)
	return false
}

// TestCallAnswerUnreadable: answers in a coding that is not known are refused, or
// passed and told where the configuration says so. The client is kept from asking
// for one.
func TestCallAnswerUnreadable(t *testing.T) {
	for _, pass := range []bool{false, true} {
		asked := make(chan string, 1)
		p := served(t, func(s *proxytest.Settings) {
			readingAnswers(s)
			s.Change = func(parts *proxy.Parts) { parts.Options.PassUnreadable = pass }
		}, func(l net.Listener, config *tls.Config) {
			server := &http.Server{TLSConfig: config, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked <- r.Header.Get("Grpc-Accept-Encoding")
				w.Header().Set("Content-Type", "application/grpc")
				w.Header().Set("Grpc-Encoding", "snappy")
				w.Header().Set("Trailer", "Grpc-Status")
				_, _ = w.Write(frame.Envelope{Flags: frame.Compressed, Payload: []byte("\x01\x02")}.Append(nil))
				w.Header().Set("Grpc-Status", "0")
			})}
			go server.ServeTLS(l, "", "")
			t.Cleanup(func() { server.Close() })
		})
		r, _ := http.NewRequest(http.MethodPost, "https://"+callHost+method, strings.NewReader("\x00\x00\x00\x00\x02\x0a\x00"))
		r.Header.Set("Content-Type", "application/grpc")
		r.Header.Set("Grpc-Accept-Encoding", "snappy,gzip")
		r.Header.Set("Te", "trailers")
		resp, err := p.Client("", true).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := <-asked; got != "gzip" {
			t.Errorf("asked for %q", got)
		}
		grpcStatus := resp.Header.Get("Grpc-Status") + resp.Trailer.Get("Grpc-Status")
		if pass && (err != nil || string(body) != "\x01\x00\x00\x00\x02\x01\x02" || grpcStatus != "0") || !pass && (len(body) > 0 || grpcStatus == "0") {
			t.Errorf("pass %v: got %q, %v, status %q", pass, body, err, grpcStatus)
		}
	}
}

// TestCallAnswerBroken: envelopes that are none end the call with a status.
func TestCallAnswerBroken(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		reason string
	}{
		"flags":       {"\x04\x00\x00\x00\x00", "upstream_message"},
		"too large":   {"\x00\x00\x40\x00\x01", "upstream_message"},
		"no protobuf": {"\x00\x00\x00\x00\x02\xff\xff", "reply_malformed"},
		"no gzip":     {"\x01\x00\x00\x00\x02\xff\xff", "reply_malformed"},
	} {
		p := served(t, readingAnswers, func(l net.Listener, config *tls.Config) {
			server := &http.Server{TLSConfig: config, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/grpc")
				w.Header().Set("Grpc-Encoding", "gzip")
				_, _ = io.WriteString(w, c.body)
			})}
			go server.ServeTLS(l, "", "")
			t.Cleanup(func() { server.Close() })
		})
		stream := callThrough(t, p)
		_ = stream.SendMsg(wrapperspb.String("hello"))
		var out wrapperspb.StringValue
		if err := stream.RecvMsg(&out); status.Code(err) == codes.OK || status.Code(err) == codes.Internal && strings.Contains(err.Error(), "grpc: failed to unmarshal") {
			t.Errorf("%s: got %v, %v", name, out.Value, err)
		}
		if !recorded(t, p, c.reason) {
			t.Errorf("%s: no record says %s", name, c.reason)
		}
	}
}

// TestGRPCAnswers: a real gRPC service, whose header comes before it heard
// anything, is masked message by message.
func TestGRPCAnswers(t *testing.T) {
	var h heard
	p := served(t, readingAnswers, grpcService(t, &h))
	stream := callThrough(t, p, grpc.UseCompressor("gzip"))
	var out wrapperspb.StringValue
	if err := stream.SendMsg(wrapperspb.String("jo.doe@example.org said so")); err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(&out); err != nil || out.Value != "echo [EMAIL_ADDRESS] said so" {
		t.Fatalf("got %q, %v", out.Value, err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(&out); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}

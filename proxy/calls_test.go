package proxy_test

import (
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
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

const (
	callHost = "api2.cursor.sh"
	method   = "/aiserver.v1.ChatService/Chat"
	card     = "Charge 4111 1111 1111 1111"
	key      = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACB7YJ2hXnN6mXQ1bW3k0kJw5Q8yKq6vY3sYk1t2u3v4wA==\n-----END OPENSSH PRIVATE KEY-----"
)

// served starts a proxy whose callHost is what serve serves, over TLS for h2.
func served(t testing.TB, change func(*proxytest.Settings), serve func(net.Listener, *tls.Config)) *proxytest.Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, func(s *proxytest.Settings) {
		s.Sanctioned = append(s.Sanctioned, "cursor")
		s.Resolve = map[string]string{callHost: listener.Addr().String()}
		if change != nil {
			change(s)
		}
	})
	serve(listener, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return p.Origin.Authority.Certificate(hello.ServerName)
	}})
	return p
}

// heard is what the service was told.
type heard struct {
	mu    sync.Mutex
	texts []string
	ended []error
}

func (h *heard) add(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.texts = append(h.texts, text)
}

func (h *heard) end(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = append(h.ended, err)
}

func (h *heard) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.texts, "|")
}

// grpcService echoes a stream of strings, in its own gRPC server. It sends its
// header before it hears anything.
func grpcService(t testing.TB, h *heard) func(net.Listener, *tls.Config) {
	return func(l net.Listener, config *tls.Config) {
		server := grpc.NewServer(grpc.Creds(credentials.NewTLS(config)), grpc.MaxRecvMsgSize(16<<20))
		server.RegisterService(&grpc.ServiceDesc{ServiceName: "aiserver.v1.ChatService", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
			StreamName: "Chat", ServerStreams: true, ClientStreams: true,
			Handler: func(_ any, stream grpc.ServerStream) error {
				if err := stream.SendHeader(nil); err != nil {
					return err
				}
				for {
					var in wrapperspb.StringValue
					if err := stream.RecvMsg(&in); err != nil {
						h.end(err)
						if errors.Is(err, io.EOF) {
							return nil
						}
						return err
					}
					h.add(in.Value)
					if err := stream.SendMsg(wrapperspb.String("echo " + in.Value)); err != nil {
						return err
					}
				}
			},
		}}}, struct{}{})
		go server.Serve(l)
		t.Cleanup(server.Stop)
	}
}

// callThrough opens a stream through the proxy with a real gRPC client.
func callThrough(t testing.TB, p *proxytest.Proxy, options ...grpc.CallOption) grpc.ClientStream {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(p.CA.Root())
	conn, err := grpc.NewClient("passthrough:///"+callHost+":443",
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: roots, ServerName: callHost, MinVersion: tls.VersionTLS12})),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) {
			conn, resp := p.Connect(t, callHost+":443")
			if resp.StatusCode != 200 {
				return nil, errors.New(resp.Status)
			}
			return conn, nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method, options...)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// TestGRPCStream speaks both ways through a real gRPC client and server. The
// client waits for the header before it says anything; each message is decided
// when it comes; half a close ends the call in order.
func TestGRPCStream(t *testing.T) {
	for name, options := range map[string][]grpc.CallOption{"plain": nil, "gzip": {grpc.UseCompressor("gzip")}} {
		t.Run(name, func(t *testing.T) {
			var h heard
			p := served(t, nil, grpcService(t, &h))
			stream := callThrough(t, p, append(options, grpc.MaxCallRecvMsgSize(16<<20))...)
			if _, err := stream.Header(); err != nil {
				t.Fatal(err)
			}
			var out wrapperspb.StringValue
			for say, want := range map[string]string{"hello there": "echo hello there", card: "echo Charge [CREDIT_CARD_", numbered(1 << 20): "echo number 0"} {
				if err := stream.SendMsg(wrapperspb.String(say)); err != nil {
					t.Fatal(err)
				}
				if err := stream.RecvMsg(&out); err != nil || !strings.HasPrefix(out.Value, want) {
					t.Fatalf("%.20q: got %.100q, %v", say, out.Value, err)
				}
			}
			if err := stream.CloseSend(); err != nil {
				t.Fatal(err)
			}
			if err := stream.RecvMsg(&out); !errors.Is(err, io.EOF) {
				t.Errorf("got %v", err)
			}
			if strings.Contains(h.all(), "4111 1111") {
				t.Error("the service heard the number")
			}
			lines := p.Completions(t)
			if line := last(lines); len(lines) != 4 || line["messages"] != 3.0 || line["events"] != 3.0 || line["outcome"] != "forwarded" {
				t.Errorf("recorded %v", lines)
			}
		})
	}
}

// numbered is text that does not compress too well.
func numbered(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "number %x, ", i*i)
	}
	return b.String()
}

// TestGRPCRefused shows that a refused message ends the call: the client gets the
// status in the trailer after what came before, the service sees the call
// cancelled, and never the message.
func TestGRPCRefused(t *testing.T) {
	for name, c := range map[string]struct {
		say  string
		code codes.Code
		text string
	}{
		"policy":    {key, codes.PermissionDenied, "Private keys must not be sent"},
		"too large": {strings.Repeat("x", 4<<20), codes.ResourceExhausted, "Message too large"},
	} {
		for _, first := range []bool{true, false} {
			var h heard
			p := served(t, nil, grpcService(t, &h))
			stream := callThrough(t, p)
			var out wrapperspb.StringValue
			if !first {
				stream.SendMsg(wrapperspb.String("hello there"))
				if err := stream.RecvMsg(&out); err != nil || out.Value != "echo hello there" {
					t.Fatalf("%s: got %q, %v", name, out.Value, err)
				}
			}
			stream.SendMsg(wrapperspb.String(c.say))
			err := stream.RecvMsg(&out)
			if status.Code(err) != c.code || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s, first %v: got %v", name, first, err)
			}
			if !first { // else the service may not have begun
				waitFor(t, "cancel", func() bool {
					h.mu.Lock()
					defer h.mu.Unlock()
					return len(h.ended) == 1 && !errors.Is(h.ended[0], io.EOF)
				})
			}
			if strings.Contains(h.all(), c.say) {
				t.Errorf("%s: the service heard it", name)
			}
			lines := p.Completions(t)
			if line := last(lines); line == nil || line["outcome"] != "refused" || line["parent"] != nil {
				t.Errorf("%s: recorded %v", name, lines)
			}
		}
	}
}

// connectService echoes strings as a Connect service, one by one and as a stream.
func connectService(t testing.TB, h *heard) func(net.Listener, *tls.Config) {
	return func(l net.Listener, config *tls.Config) {
		mux := http.NewServeMux()
		mux.Handle(method, connect.NewBidiStreamHandler(method, func(_ context.Context, stream *connect.BidiStream[wrapperspb.StringValue, wrapperspb.StringValue]) error {
			for {
				in, err := stream.Receive()
				if err != nil {
					h.end(err)
					if errors.Is(err, io.EOF) {
						return nil
					}
					return err
				}
				h.add(in.Value)
				if err := stream.Send(wrapperspb.String("echo " + in.Value)); err != nil {
					return err
				}
			}
		}))
		mux.Handle(method+"Once", connect.NewUnaryHandler(method+"Once", func(_ context.Context, in *connect.Request[wrapperspb.StringValue]) (*connect.Response[wrapperspb.StringValue], error) {
			h.add(in.Msg.Value)
			return connect.NewResponse(wrapperspb.String("echo " + in.Msg.Value)), nil
		}))
		server := &http.Server{Handler: mux, TLSConfig: config}
		go server.ServeTLS(l, "", "")
		t.Cleanup(func() { server.Close() })
	}
}

// dialects are the protocols and codecs that a Connect client speaks.
var dialects = map[string][]connect.ClientOption{
	"connect, proto": nil,
	"connect, json":  {connect.WithProtoJSON()},
	"connect, gzip":  {connect.WithSendGzip()},
	"grpc":           {connect.WithGRPC()},
	"grpc-web":       {connect.WithGRPCWeb()},
	"grpc-web, gzip": {connect.WithGRPCWeb(), connect.WithSendGzip()},
}

// TestConnect speaks Connect, gRPC and gRPC-Web with a real client and server:
// calls with one message and streams are read, redacted with all lengths mended,
// and refused in the dialect.
func TestConnect(t *testing.T) {
	var h heard
	p := served(t, nil, connectService(t, &h))
	for name, options := range dialects {
		t.Run(name, func(t *testing.T) {
			client := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](p.Client("", true), "https://"+callHost+method+"Once", options...)
			resp, err := client.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String(card)))
			if err != nil || !strings.HasPrefix(resp.Msg.Value, "echo Charge [CREDIT_CARD_") {
				t.Errorf("once: got %v, %v", resp, err)
			}
			_, err = client.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String(key)))
			if connect.CodeOf(err) != connect.CodePermissionDenied || !strings.Contains(err.Error(), "Private keys") {
				t.Errorf("once: got %v", err)
			}

			streams := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](p.Client("", true), "https://"+callHost+method, options...)
			stream := streams.CallBidiStream(t.Context())
			for say, want := range map[string]string{"hello there": "echo hello there", card: "echo Charge [CREDIT_CARD_"} {
				if err := stream.Send(wrapperspb.String(say)); err != nil {
					t.Fatal(err)
				}
				if out, err := stream.Receive(); err != nil || !strings.HasPrefix(out.Value, want) {
					t.Fatalf("got %v, %v", out, err)
				}
			}
			stream.Send(wrapperspb.String(key))
			if _, err := stream.Receive(); connect.CodeOf(err) != connect.CodePermissionDenied || !strings.Contains(err.Error(), "Private keys") {
				t.Errorf("stream: got %v", err)
			}
			stream.CloseRequest()
			stream.CloseResponse()

			stream = streams.CallBidiStream(t.Context())
			stream.Send(wrapperspb.String("bye now"))
			stream.Receive()
			stream.CloseRequest()
			if _, err := stream.Receive(); !errors.Is(err, io.EOF) {
				t.Errorf("end: got %v", err)
			}
			stream.CloseResponse()
		})
	}
	if text := h.all(); strings.Contains(text, "4111") || strings.Contains(text, "PRIVATE") || strings.Count(text, "[CREDIT_CARD_") != 2*len(dialects) {
		t.Errorf("the service heard %q", text)
	}
}

// TestBadEnvelopes shows what comes of envelopes that are none. Nothing of them
// reaches the service.
func TestBadEnvelopes(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(make([]byte, 8<<20))
	w.Close()
	bomb := "\x01" + string([]byte{0, byte(packed.Len() >> 16), byte(packed.Len() >> 8), byte(packed.Len())}) + packed.String()
	for name, c := range map[string]struct {
		body   string
		status string
		reason string
	}{
		"unknown flag":    {"\x04\x00\x00\x00\x00", "3", "message_malformed"},
		"cut short":       {"\x00\x00\x00\x00\x09half", "3", "message_malformed"},
		"too large":       {"\x00\x00\x40\x00\x01", "8", "message_too_large"},
		"no protobuf":     {"\x00\x00\x00\x00\x02\xff\xff", "3", "body_malformed"},
		"bomb":            {bomb, "8", "body_bomb"},
		"damaged gzip":    {"\x01\x00\x00\x00\x03abc", "3", "body_malformed"},
		"stalled message": {"", "4", "message_stalled"},
	} {
		t.Run(name, func(t *testing.T) {
			var h heard
			p := served(t, func(s *proxytest.Settings) {
				s.Limits = func(l *proxy.Limits) { l.Idle = time.Second }
			}, grpcService(t, &h))
			body := io.Reader(strings.NewReader(c.body))
			if c.body == "" {
				r, w := io.Pipe()
				defer w.Close()
				go io.WriteString(w, "\x00\x00\x00\x00\x09half")
				body = r
			}
			r, _ := http.NewRequest(http.MethodPost, "https://"+callHost+method, body)
			r.Header.Set("Content-Type", "application/grpc")
			r.Header.Set("Grpc-Encoding", "gzip")
			r.Header.Set("Te", "trailers")
			resp, err := p.Client("", true).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			got := resp.Header.Get("Grpc-Status") + resp.Trailer.Get("Grpc-Status")
			lines := p.Completions(t)
			if line := last(lines); got != c.status || line == nil || line["reason"] != c.reason || h.all() != "" {
				t.Errorf("status %q, heard %q, recorded %v", got, h.all(), lines)
			}
		})
	}
}

package proxy_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// TestAnswerOfManyValues: after 10,000 values policy is still asked about a new entity.
func TestAnswerOfManyValues(t *testing.T) {
	var said []string
	for i := range 110 {
		var b strings.Builder
		for j := range 100 {
			fmt.Fprintf(&b, "ann%03d.x%02d@example.org ", i, j)
		}
		said = append(said, `{"text":"`+b.String()+`"}`)
	}
	said = append(said, `{"text":"Take 4111 1111 1111 1111 please."}`, `{"type":"done"}`)
	p := sockets(t, readingAnswers, tells(said...))
	conn := dialSocket(t, p)
	conn.SetReadLimit(1 << 20)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, data, err := conn.Read(ctx)
		cancel()
		if err != nil {
			t.Log(err)
			return
		}
		if strings.Contains(string(data), "4111") {
			t.Fatalf("leaked %s", data)
		}
	}
}

// TestAnswerLateTrailer: a call refused while a read goes on ends with our status.
func TestAnswerLateTrailer(t *testing.T) {
	for _, wait := range []time.Duration{1996, 2000, 2002, 2004, 2006, 2010} {
		t.Run(fmt.Sprint(int(wait), " ms"), func(t *testing.T) {
			t.Parallel()
			p := served(t, readingAnswers, func(l net.Listener, config *tls.Config) {
				server := &http.Server{TLSConfig: config, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "application/grpc")
					w.Header().Set("Trailer", "Grpc-Status")
					text := "Take 4111 1111 1111 1111"
					_, _ = w.Write(frame.Envelope{Payload: []byte("\x0a" + string(rune(len(text))) + text)}.Append(nil))
					w.(http.Flusher).Flush()
					time.Sleep(wait * time.Millisecond)
					w.Header().Set("Grpc-Status", "0")
				})}
				go server.ServeTLS(l, "", "")
				t.Cleanup(func() { server.Close() })
			})
			stream := callThrough(t, p)
			_ = stream.SendMsg(wrapperspb.String("hello"))
			_ = stream.CloseSend()
			var out wrapperspb.StringValue
			begun := time.Now()
			err := stream.RecvMsg(&out)
			t.Logf("%v: %q %v %v after %v", wait, out.Value, err, status.Code(err), time.Since(begun))
			if err == nil || errors.Is(err, io.EOF) {
				t.Errorf("%v: the client was not told", wait)
			}
		})
	}
}

// TestSocketAnswerPrintable: a protobuf message whose bytes are all printable is a message.
func TestSocketAnswerPrintable(t *testing.T) {
	card := "4111 1111 1111 1111 is the card that I keep for you" // 51 bytes: its length is "3"
	mail := "Please write to jo.doe@example.org when it is done"
	for _, text := range []string{mail, card} {
		m := "\x22" + string(rune(len(text))) + text
		p := sockets(t, readingAnswers, func(ctx context.Context, conn *websocket.Conn) {
			_ = conn.Write(ctx, websocket.MessageBinary, []byte(m))
			_, _, _ = conn.Read(ctx)
		})
		conn := dialSocket(t, p)
		_, data, err := conn.Read(t.Context())
		t.Logf("%q %v", data, err)
		if text == card && err == nil {
			t.Errorf("leaked %q", data)
		}
		if text == mail && (len(data) < 2 || int(data[1]) != len(data)-2) {
			t.Errorf("broken message %q", data)
		}
	}
}

// TestCallAnswerCoded: a content coding, or one that is none, does not hide the
// messages of a call.
func TestCallAnswerCoded(t *testing.T) {
	for _, name := range []string{"identity", "gzip"} {
		t.Run(name, func(t *testing.T) { callAnswerCoded(t, name) })
	}
}

func callAnswerCoded(t *testing.T, name string) {
	p := served(t, readingAnswers, func(l net.Listener, config *tls.Config) {
		server := &http.Server{TLSConfig: config, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set("Content-Encoding", name)
			w.Header().Set("Trailer", "Grpc-Status")
			text := "Write to jo.doe@example.org. Take 4111 1111 1111 1111."
			body := frame.Envelope{Payload: []byte("\x0a" + string(rune(len(text))) + text)}.Append(nil)
			if name == "gzip" {
				var packed bytes.Buffer
				z := gzip.NewWriter(&packed)
				z.Write(body)
				z.Close()
				body = packed.Bytes()
			}
			_, _ = w.Write(body)
			w.Header().Set("Grpc-Status", "0")
		})}
		go server.ServeTLS(l, "", "")
		t.Cleanup(func() { server.Close() })
	})
	stream := callThrough(t, p)
	_ = stream.SendMsg(wrapperspb.String("hello"))
	_ = stream.CloseSend()
	var out wrapperspb.StringValue
	if err := stream.RecvMsg(&out); status.Code(err) != codes.PermissionDenied || !strings.Contains(err.Error(), "No cards in replies") {
		t.Errorf("got %q, %v", out.Value, err)
	}
}

package proxy_test

import (
	"bufio"
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

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

const (
	firstHalf  = "data: {\"n\":1}\n\n"
	secondHalf = "data: {\"n\":2}\n\n"
)

// TestHandover runs streams of every kind through a proxy that is told to stop,
// beside another that takes over. None is lost: each gets both its halves, the
// second of which its origin or its client sends when the drain has long begun.
// The old proxy takes nothing new, and ends by itself when the last is done.
func TestHandover(t *testing.T) {
	const each = 4
	halves := make(chan struct{}) // closed when the second halves may go
	settings := proxytest.Settings{
		Hosts: []string{host, "intranet.example"}, ClearHosts: []string{"clear.example"}, Sanctioned: []string{"openai-api"},
		Data: map[string]string{"rows": `{"settings":{"apps":{"openai-api":{"allow_websocket":true}}}}`},
		Log:  zap.NewNop(), Drain: 10 * time.Minute, // it must end long before
		Change: func(p *proxy.Parts) { p.Options.Limits.HeaderTimeout = time.Minute },
	}
	old, next := proxytest.Start(t, settings), proxytest.Start(t, settings)
	old.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Upgrade") != "":
			conn, rw, _ := http.NewResponseController(w).Hijack()
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
			fmt.Fprintf(conn, "\x81%c%s", len(firstHalf), firstHalf)
			<-halves
			fmt.Fprintf(conn, "\x81%c%s\x88\x00", len(secondHalf), secondHalf)
			_, _ = io.Copy(io.Discard, rw) // until the client leaves
		case r.URL.Path == "/v1/models":
		case r.Method == http.MethodPost && r.ContentLength != 2:
			io.WriteString(w, firstHalf+secondHalf)
		default:
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, firstHalf)
			_ = http.NewResponseController(w).Flush()
			<-halves
			io.WriteString(w, secondHalf)
		}
	}))

	// Each stream calls begun once, when its first half has gone through.
	get := func(client *http.Client, address string) func(begun func()) (string, error) {
		return func(begun func()) (string, error) {
			resp, err := client.Get(address)
			if err != nil {
				return "", err
			}
			defer resp.Body.Close()
			return readHalves(resp.Body, begun)
		}
	}
	streams := map[string]func(begun func()) (string, error){
		"events over HTTP/1.1": get(old.Client("", false), "https://"+host+"/v1/responses/1?stream=true"),
		"events over HTTP/2":   get(old.Client("", true), "https://"+host+"/v1/responses/1?stream=true"),
		"events in clear":      get(old.Client("", false), "http://clear.example/events"),
		"upload": func(begun func()) (string, error) {
			body := &begunBody{first: begun, then: halves, Reader: strings.NewReader(chat("hello"))}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+host+"/v1/chat/completions", body)
			if err != nil {
				return "", err
			}
			r.Header = http.Header{"Content-Type": {"application/json"}, "Expect": {"100-continue"}}
			client := old.Client("", false)
			client.Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
			client.Transport.(*http.Transport).DisableKeepAlives = false
			resp, err := client.Do(r)
			if err != nil {
				return "", err
			}
			defer resp.Body.Close()
			if !resp.Close {
				return "", errors.New("the connection is to be kept")
			}
			text, err := io.ReadAll(resp.Body)
			return string(text), err
		},
		"tunnel": func(begun func()) (string, error) {
			roots := x509.NewCertPool()
			roots.AddCert(old.Origin.Authority.Root())
			conn, _ := old.Connect(t, "intranet.example:443")
			defer conn.Close() // a tunnel ends when both sides have
			secure := tls.Client(conn, &tls.Config{RootCAs: roots, ServerName: "intranet.example"})
			io.WriteString(secure, "GET /events HTTP/1.1\r\nHost: intranet.example\r\nConnection: close\r\n\r\n")
			resp, err := http.ReadResponse(bufio.NewReader(secure), nil)
			if err != nil {
				return "", err
			}
			return readHalves(resp.Body, begun)
		},
		"WebSocket": func(begun func()) (string, error) {
			conn, reader := inside(t, old, host+":443")
			fmt.Fprintf(conn, "GET /v1/realtime?model=m HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", host)
			resp, err := http.ReadResponse(reader, nil)
			if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
				return "", fmt.Errorf("%v: %w", resp, err)
			}
			var text strings.Builder
			for _, half := range []string{firstHalf, secondHalf} {
				frame := make([]byte, 2+len(half))
				if _, err := io.ReadFull(reader, frame); err != nil {
					return text.String(), err
				}
				text.Write(frame[2:])
				begun()
				begun = func() {}
			}
			return text.String(), conn.Close()
		},
	}

	// An idle connection of each kind, which must not hold the drain up.
	for _, h2 := range []bool{false, true} {
		idle := old.Client("", h2)
		idle.Transport.(*http.Transport).DisableKeepAlives = false
		resp, err := idle.Get("https://" + host + "/v1/models")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}

	var running, begun sync.WaitGroup
	for name, stream := range streams {
		for range each {
			begun.Add(1)
			running.Go(func() {
				var once sync.Once
				first := func() { once.Do(begun.Done) }
				defer first()
				if got, err := stream(first); err != nil || got != firstHalf+secondHalf {
					t.Errorf("%s: got %q: %v", name, got, err)
				}
			})
		}
	}
	begun.Wait()

	stopped := make(chan struct{})
	go func() { defer close(stopped); old.Stop(t) }()
	<-old.Server.Draining()
	for refused := false; !refused; {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", old.Address)
		if refused = err != nil; !refused { // the listener closes a moment after
			_ = conn.Close()
			time.Sleep(time.Millisecond)
		}
	}
	if resp, text := post(t, next, true, strings.NewReader(chat("hello"))); resp.StatusCode != http.StatusOK {
		t.Errorf("the next proxy: %d %s", resp.StatusCode, text)
	}
	select {
	case <-stopped:
		t.Error("the old proxy did not wait for its streams")
	default:
	}
	close(halves)
	running.Wait()
	select {
	case <-stopped:
	case <-time.After(2 * time.Minute):
		t.Error("the old proxy does not end")
	}
}

// readHalves reads a reply to its end, and tells when its first half is there.
func readHalves(r io.Reader, begun func()) (string, error) {
	first := make([]byte, len(firstHalf))
	if _, err := io.ReadFull(r, first); err != nil {
		return "", err
	}
	begun()
	rest, err := io.ReadAll(r)
	return string(first) + string(rest), err
}

// begunBody is a body that tells when its first byte is asked for, which with
// 100-continue is when the exchange has begun, and that waits then.
type begunBody struct {
	io.Reader
	first func()
	then  <-chan struct{}
}

func (b *begunBody) Read(p []byte) (int, error) {
	b.first()
	<-b.then
	return b.Reader.Read(p)
}

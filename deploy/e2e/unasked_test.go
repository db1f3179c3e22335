package e2e

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// An origin that says more than it was asked, on a connection that is kept, is
// not quoted: what it says, or that it does, is neither in the log nor elsewhere on
// standard error, and is part of nobody's reply.
func TestUnaskedReply(t *testing.T) {
	const unasked = "HTTP/1.1 200 OK\r\nX: marmalade-unasked\r\nContent-Length: 4\r\n\r\nevil"
	o := NewOrigin(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{o.CA.Leaf(t, "api.openai.com")}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	o.places["api.openai.com"] = l.Addr().String()
	let := make(chan struct{}, 1)
	closed, done := make(chan error, 8), make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(patience))
			reader := bufio.NewReader(conn)
			r, err := http.ReadRequest(reader)
			if err == nil {
				_, err = io.Copy(io.Discard, r.Body)
			}
			if err == nil {
				_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
			}
			if err == nil {
				<-let // the connection is kept now, and idle
				_, err = io.WriteString(conn, unasked)
			}
			if err == nil {
				_, err = io.Copy(io.Discard, reader) // until the proxy has had enough
			}
			closed <- err
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		close(let)
		<-done
	})
	s := Serve(t, o, "destinations: {sanctioned: [openai-api]}\nlog: {level: debug}\n")
	for range 3 {
		got := s.Curl(t, s.CA, Chat("https://api.openai.com/v1/chat/completions", "hello")...)
		if got.Status != 200 || got.Body != "{}" {
			t.Errorf("got %+v", got)
		}
		let <- struct{}{}
		if err := <-closed; errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the origin's connection is kept")
		}
	}
	s.Stop()
	for line := range strings.Lines(s.log.text()) {
		if strings.Contains(line, "marmalade") || strings.Contains(strings.ToLower(line), "unsolicited") {
			t.Errorf("logged: %s", line)
		}
	}
}

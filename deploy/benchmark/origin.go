package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// reply is what a small request gets: 1 KB of JSON in the shape of a chat reply.
var reply = []byte(`{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-5","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"` +
	strings.Repeat("The quick brown fox jumps over it. ", 24) + `"}}],"usage":{"prompt_tokens":500,"completion_tokens":200}}`)

// zeros is what a download is made of.
var zeros = make([]byte, 64<<10)

// serveOrigin is the origin's process: it says its address on standard output and
// serves until it is killed.
func serveOrigin(certFile, keyFile string) error {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, listener.Addr())
	server := &http.Server{
		Handler:           http.HandlerFunc(answer),
		ReadHeaderTimeout: time.Minute,
		TLSConfig:         &tls.Config{NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12},
	}
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	return server.ServeTLS(listener, certFile, keyFile)
}

// answer sends as many bytes as ?bytes= asks for, as many events as ?events= asks
// for, or the small reply.
func answer(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	query := r.URL.Query()
	if n, err := strconv.Atoi(query.Get("bytes")); err == nil {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(n))
		for n > 0 {
			sent, err := w.Write(zeros[:min(n, len(zeros))])
			if err != nil {
				return
			}
			n -= sent
		}
		return
	}
	if n, err := strconv.Atoi(query.Get("events")); err == nil {
		stream(w, n)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(reply) // the client may have left
}

// stream writes chat events, each with the time at which it was written.
func stream(w http.ResponseWriter, events int) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	tick := time.NewTicker(eventEvery)
	defer tick.Stop()
	for i := range events {
		<-tick.C
		_, err := fmt.Fprintf(w, `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5","choices":[{"index":0,"delta":{"content":"word%d "},"finish_reason":null}],"%s%d}`+"\n\n",
			i, sentMark, time.Now().UnixNano())
		if err != nil || control.Flush() != nil {
			return
		}
	}
	_, _ = io.WriteString(w, "data: [DONE]\n\n") // the client may have left
}

const (
	eventEvery = 5 * time.Millisecond
	sentMark   = `sent_ns":` // before the time in an event
)

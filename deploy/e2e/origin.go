package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The names that stand for a network of which the proxy knows nothing.
const (
	intranet = "intranet.example" // TLS, its own authority
	plain    = "plain.example"    // http
	plainAI  = "api.groq.com"     // http, though it is in the catalogue
	forged   = "api.mistral.ai"   // in the catalogue, with a certificate that the proxy does not trust
)

// An Origin is all servers of a test. What they receive is kept.
type Origin struct {
	CA       *Authority // of the AI services
	Intranet *Authority
	Roots    []string // files of further authorities that the proxy trusts

	t      testing.TB
	mux    *http.ServeMux
	places map[string]string // name: address
	pace   chan struct{}     // nil: streams run through

	streams atomic.Int32 // that run now

	mu     sync.Mutex
	got    []Received
	spoken []string
}

// Received is a request as it came to an origin.
type Received struct {
	Proto, Method, Host, Path, Query string
	Header                           http.Header
	Body                             string
}

// NewOrigin starts the servers: some speak HTTP/2, some only HTTP/1.1.
func NewOrigin(t testing.TB) *Origin {
	t.Helper()
	o := &Origin{
		CA: NewAuthority(t, "e2e AI services"), Intranet: NewAuthority(t, "e2e intranet"),
		t: t, mux: http.NewServeMux(), places: map[string]string{},
	}
	o.openAI()
	o.anthropic()
	o.chatGPT()
	o.others()
	o.providers()
	o.sockets()
	o.serve(o.CA, []string{"h2", "http/1.1"}, "api.openai.com", "chatgpt.com", "ws.chatgpt.com", "auth.openai.com", "chat.deepseek.com", uploads)
	o.serve(o.CA, []string{"h2", "http/1.1"}, gemini, cohere, mistral, ollama, azure)
	o.serve(o.CA, []string{"http/1.1"}, "api.anthropic.com")
	o.serve(o.Intranet, []string{"h2", "http/1.1"}, intranet, forged)
	o.serve(nil, nil, plain, plainAI)
	return o
}

// serve opens one server for names; without an authority it speaks http.
func (o *Origin) serve(by *Authority, protocols []string, names ...string) {
	o.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		o.t.Fatal(err)
	}
	for _, name := range names {
		o.places[name] = l.Addr().String()
	}
	server := &http.Server{
		Handler: http.HandlerFunc(o.receive), ReadHeaderTimeout: patience,
		ErrorLog: log.New(io.Discard, "", 0),
	}
	done := make(chan error, 1)
	if by != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{by.Leaf(o.t, names...)}, NextProtos: protocols}
		if !slices.Contains(protocols, "h2") {
			server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
		}
		go func() { done <- server.ServeTLS(l, "", "") }()
	} else {
		go func() { done <- server.Serve(l) }()
	}
	o.t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
}

// receive keeps a request and answers it.
func (o *Origin) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client broke off
	}
	host, _, _ := strings.Cut(r.Host, ":")
	o.mu.Lock()
	o.got = append(o.got, Received{
		Proto: r.Proto, Method: r.Method, Host: host, Path: r.URL.Path, Query: r.URL.RawQuery,
		Header: r.Header.Clone(), Body: string(body),
	})
	o.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body))
	o.mux.ServeHTTP(w, r)
}

// Got is what came for a path of a host.
func (o *Origin) Got(host, path string) []Received {
	o.mu.Lock()
	defer o.mu.Unlock()
	var got []Received
	for _, r := range o.got {
		if r.Host == host && r.Path == path {
			got = append(got, r)
		}
	}
	return got
}

// heard keeps a message of a socket.
func (o *Origin) heard(message string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.spoken = append(o.spoken, message)
}

// Heard is what was said over sockets.
func (o *Origin) Heard() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.spoken, "\n")
}

// Hosts is how many requests came for a host.
func (o *Origin) Hosts(host string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, r := range o.got {
		if r.Host == host {
			n++
		}
	}
	return n
}

// All is what came for a host in bodies and over sockets, in its order.
func (o *Origin) All(host string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var b strings.Builder
	for _, r := range o.got {
		if r.Host == host {
			b.WriteString(r.Body + "\n")
		}
	}
	return b.String() + strings.Join(o.spoken, "\n")
}

// One is the only request for a path of a host.
func (o *Origin) One(host, path string) Received {
	o.t.Helper()
	got := o.Got(host, path)
	if len(got) != 1 {
		o.t.Fatalf("%s%s: the origin got %d requests, want 1", host, path, len(got))
	}
	return got[0]
}

// Paced makes every event of a stream wait for a call of next.
func (o *Origin) Paced() (next func()) {
	o.pace = make(chan struct{})
	return func() {
		o.t.Helper()
		select {
		case o.pace <- struct{}{}:
		case <-time.After(patience):
			o.t.Fatal("no stream waits for its next event")
		}
	}
}

// stream sends events, each as soon as it may.
func (o *Origin) stream(w http.ResponseWriter, r *http.Request, events []string) {
	o.streams.Add(1)
	defer o.streams.Add(-1)
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	}
	w.Header().Set("Cache-Control", "no-cache")
	out := http.NewResponseController(w)
	_ = out.Flush()
	for _, event := range events {
		if o.pace != nil && !o.mayGoOn(r.Context()) {
			panic(http.ErrAbortHandler)
		}
		if _, err := io.WriteString(w, event); err != nil {
			return
		}
		_ = out.Flush()
	}
}

func (o *Origin) mayGoOn(ctx context.Context) bool {
	select {
	case <-o.pace:
		return true
	case <-ctx.Done():
	case <-time.After(2 * patience):
	}
	return false
}

// upstream is the configuration that leads the proxy to the origins. What a browser
// asks for by itself leads nowhere.
func (o *Origin) upstream() string {
	var b strings.Builder
	fmt.Fprintf(&b, "upstream:\n  ca_files: [%s]\n  resolve:\n", strings.Join(append([]string{o.CA.File}, o.Roots...), ", "))
	for name, place := range o.places {
		fmt.Fprintf(&b, "    %q: %q\n", name, place)
	}
	for _, name := range []string{".google.com", ".googleapis.com", ".gvt1.com", ".gstatic.com"} {
		fmt.Fprintf(&b, "    %q: \"127.0.0.1:1\"\n", name)
	}
	return b.String()
}

// pieces cuts a text into three, as the models' streams have it.
func pieces(text string) [3]string {
	runes := []rune(text)
	a, b := len(runes)/3, 2*len(runes)/3
	return [3]string{string(runes[:a]), string(runes[a:b]), string(runes[b:])}
}

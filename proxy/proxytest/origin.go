package proxytest

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

// Origin is a server that answers for every name, over TLS (HTTP/2 and
// HTTP/1.1) and in clear, and keeps what it was sent.
type Origin struct {
	Authority *ca.Authority // signs its certificates; not the proxy's
	TLS       string        // address
	Clear     string        // address

	mu       sync.Mutex
	handler  http.Handler
	received []Received
}

// Received is a request as the origin saw it.
type Received struct {
	*http.Request
	Payload []byte
	Err     error // of reading the body
}

// NewOrigin starts an origin for the length of the test. It answers 200 with
// {"ok":true} until Handle says otherwise.
func NewOrigin(t testing.TB) *Origin {
	t.Helper()
	o := &Origin{Authority: newAuthority(t, "origin")}
	o.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))

	secure := httptest.NewUnstartedServer(http.HandlerFunc(o.serve))
	secure.EnableHTTP2 = true
	secure.TLS = &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return o.Authority.Certificate(hello.ServerName)
		},
	}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	secure.TLS.Certificates = nil // only the names that are asked for
	o.TLS = secure.Listener.Addr().String()

	plain := httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(plain.Close)
	o.Clear = plain.Listener.Addr().String()
	return o
}

// Handle sets what answers from now on. The request's body has been read and
// can be read again.
func (o *Origin) Handle(h http.Handler) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.handler = h
}

// Received returns what came in so far, and forgets it.
func (o *Origin) Received() []Received {
	o.mu.Lock()
	defer o.mu.Unlock()
	got := o.received
	o.received = nil
	return got
}

func (o *Origin) serve(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(r.Body)
	o.mu.Lock()
	o.received = append(o.received, Received{Request: r, Payload: payload, Err: err})
	handler := o.handler
	o.mu.Unlock()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(payload))
	handler.ServeHTTP(w, r)
}

// Port returns the port of an address.
func Port(t testing.TB, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

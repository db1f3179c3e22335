package proxytest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/publicsuffix"
)

// broken stands in a body where it ended before its end.
const broken = "(broken off)"

// send makes the request of a scene through the proxy.
func send(t *testing.T, w *world, m message) (*http.Response, []byte) {
	t.Helper()
	method, target, _ := strings.Cut(m.first, " ")
	target, proto, _ := strings.Cut(target, " ")
	var body io.Reader
	switch {
	case m.said["Packed"] != "":
		body = bytes.NewReader(pack(t, m))
		m.header = append(m.header, [2]string{"Content-Encoding", "gzip"})
	case !m.bare:
		body = strings.NewReader(m.body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target, body)
	must(t, err)
	for _, h := range m.header {
		r.Header.Add(h[0], h[1])
	}
	if m.said["Client"] != "the same" {
		w.client = w.newClient(t, m, r, proto != "HTTP/1.1")
	}
	resp, err := do(w.client, r)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	payload, err := io.ReadAll(resp.Body)
	if err != nil { // the reply broke off, and the client sees that
		payload = append(payload, broken...)
	}
	return resp, payload
}

// newClient is the client that a request speaks of.
func (w *world) newClient(t *testing.T, m message, r *http.Request, h2 bool) *http.Client {
	t.Helper()
	client := w.Client(m.said["User"], h2)
	client.Timeout = 30 * time.Second
	transport := client.Transport.(*http.Transport)
	transport.DisableKeepAlives = !m.kept
	w.ends = append(w.ends, transport.CloseIdleConnections)
	connect := http.Header{}
	if agent := r.UserAgent(); agent != "" { // browsers give it with the CONNECT, too
		connect.Set("User-Agent", agent)
	}
	if claims := m.said["Token"]; claims != "" {
		all := map[string]any{}
		must(t, json.Unmarshal([]byte(claims), &all))
		connect.Set("Proxy-Authorization", "Bearer "+w.plan.Provider.Token(all))
	}
	transport.ProxyConnectHeader = connect
	if w.plan.Secure != nil {
		cert := w.authority.client(t, m.said["Certificate"])
		w.shown = cert.Leaf
		dialer := &tls.Dialer{Config: w.authority.config(cert)}
		transport.DialContext = dialer.DialContext // below what the transport takes for a proxy in clear
	}
	if m.said["Follows"] != "" {
		w.follow(t, client)
	}
	return client
}

// follow makes a client follow redirects, with cookies, until it is back where it began.
func (w *world) follow(t *testing.T, client *http.Client) {
	t.Helper()
	var err error
	client.Jar, err = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	must(t, err)
	transport := client.Transport.(*http.Transport)
	transport.TLSClientConfig.RootCAs.AddCert(w.plan.Provider.Certificate())
	through := transport.Proxy
	transport.Proxy = func(r *http.Request) (*url.URL, error) {
		if "https://"+r.URL.Host == w.plan.Provider.URL {
			return nil, nil
		}
		return through(r)
	}
	client.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
		if len(via) > 1 && via[len(via)-1].URL.Host == via[0].URL.Host || len(via) > 8 {
			return http.ErrUseLastResponse
		}
		return nil
	}
}

// byHand writes the request of a scene as it stands there: to the proxy itself, or
// inside a CONNECT.
func byHand(t *testing.T, w *world, m message, where string) (*http.Response, []byte) {
	t.Helper()
	var conn net.Conn
	if where == "to the proxy" {
		var err error
		conn, err = (&net.Dialer{}).DialContext(t.Context(), "tcp", w.Address)
		must(t, err)
		must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
		w.ends = append(w.ends, func() { _ = conn.Close() })
	} else {
		conn = w.intercepted(t, strings.TrimPrefix(where, "inside "))
		defer func() { _ = conn.Close() }()
	}
	var b strings.Builder
	b.WriteString(m.first + "\r\n")
	for _, h := range m.header {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n" + m.body)
	_, err := io.WriteString(conn, b.String())
	must(t, err)
	if m.said["Then"] == "no more" {
		must(t, conn.(*tls.Conn).CloseWrite())
	}
	method, _, _ := strings.Cut(m.first, " ")
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	must(t, err)
	if method == http.MethodConnect && resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	payload, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp, payload
}

// intercepted opens a connection to a host that the proxy intercepts.
func (w *world) intercepted(t *testing.T, host string) *tls.Conn {
	t.Helper()
	raw, resp := w.Connect(t, host+":443") //nolint:bodyclose // a CONNECT has none
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("CONNECT %s: %s", host, resp.Status)
	}
	roots := x509.NewCertPool()
	roots.AddCert(w.CA.Root())
	return tls.Client(raw, &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12})
}

// replyHandler answers as the reply section of a scene says.
func replyHandler(t *testing.T, w *world, s *section) http.Handler {
	m := message{first: "200", header: [][2]string{{"Content-Type", "application/json"}}, body: `{"ok":true}`}
	if s != nil {
		m = parseMessage(t, s.text)
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if what := m.said["Now"]; what != "" {
			w.now(t, what)
		}
		switch m.said["Then"] {
		case "silence":
			<-r.Context().Done()
			return
		case "to the proxy again":
			w.sendOn(t, rw, r)
			return
		case "end":
			panic(http.ErrAbortHandler)
		}
		for _, h := range m.header {
			rw.Header().Add(h[0], h[1])
		}
		status := http.StatusOK
		_, _ = fmt.Sscan(m.first, &status)
		body := []byte(m.body)
		if m.said["Packed"] != "" {
			body = pack(t, m)
			rw.Header().Set("Content-Encoding", "gzip")
		}
		if status == http.StatusSwitchingProtocols {
			conn, _, err := http.NewResponseController(rw).Hijack()
			if err != nil {
				t.Errorf("origin: %v", err)
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n")
			_ = rw.Header().Write(conn)
			_, _ = io.WriteString(conn, "\r\n")
			_ = conn.Close()
			return
		}
		rw.WriteHeader(status)
		_, _ = rw.Write(body)
		if m.said["Then"] == "end in the middle" {
			_ = http.NewResponseController(rw).Flush()
			panic(http.ErrAbortHandler)
		}
	})
}

// sendOn is an origin that sends what it gets to the proxy again.
func (w *world) sendOn(t *testing.T, rw http.ResponseWriter, r *http.Request) {
	again := r.Clone(context.WithoutCancel(r.Context()))
	again.RequestURI, again.URL.Scheme, again.URL.Host = "", "https", r.Host
	again.Body, again.ContentLength = http.NoBody, 0
	resp, err := do(w.Client("", false), again)
	if err != nil {
		t.Errorf("origin: %v", err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	for name, values := range resp.Header {
		rw.Header()[name] = values
	}
	rw.WriteHeader(resp.StatusCode)
	if _, err := io.Copy(rw, resp.Body); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		t.Errorf("origin: %v", err)
	}
}

// pack is the body of a message in gzip, as often as it says.
func pack(t *testing.T, m message) []byte {
	t.Helper()
	times := 1
	_, _ = fmt.Sscanf(m.said["Packed"], "gzip, %d times", &times)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, strings.Repeat(m.body, times))
	must(t, errors.Join(err, z.Close()))
	return b.Bytes()
}

package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

// innerListener gives out connections as the inner server gets them.
type innerListener struct {
	net.Listener
	conf *tls.Config
}

func (l innerListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	_ = conn.(*net.TCPConn).SetWriteBuffer(4 << 10)
	inner := &innerConn{Conn: conn, closed: make(chan struct{})}
	if l.conf == nil {
		return inner, nil
	}
	return tls.Server(inner, l.conf), nil
}

// A client that does not read is let go, corked or not.
func TestCorkStalls(t *testing.T) {
	dir := t.TempDir()
	authority, err := ca.Open(ca.Options{CertFile: filepath.Join(dir, "ca.pem"), KeyFile: filepath.Join(dir, "key.pem"), Make: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name           string
		secure, corked bool
		known          bool
	}{{"plain", false, false, false}, {"plain corked", false, true, false}, {"tls", true, false, false}, {"tls corked", true, true, false},
		{"plain, length known", false, false, true}, {"plain corked, length known", false, true, true}} {
		t.Run(c.name, func(t *testing.T) {
			raw, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			l := innerListener{Listener: raw}
			if c.secure {
				l.conf = authority.Config("a.example")
				l.conf.NextProtos = nil
			}
			handled, closed := make(chan error, 4), make(chan struct{}, 4)
			var requests atomic.Int32
			server := &http.Server{
				ConnState: func(_ net.Conn, s http.ConnState) {
					if s == http.StateClosed {
						closed <- struct{}{}
					}
				},
				Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					out := newResponseWriter(w, 500*time.Millisecond)
					if requests.Add(1) > 1 {
						_, _ = io.WriteString(out, "SECOND REPLY")
						return
					}
					if c.corked {
						out.client = innerOf(r.Context().Value(connKey{}).(net.Conn))
					}
					size := 64 << 20
					if c.known {
						size = 64 << 10
						out.Header().Set("Content-Length", "65536")
					}
					out.WriteHeader(200)
					_, err := io.Copy(out, struct{ io.Reader }{bytes.NewReader(bytes.Repeat([]byte("x"), size))})
					handled <- err
				}),
			}
			server.ConnContext = withConn
			go func() { _ = server.Serve(l) }()
			defer server.Close()
			conn, err := (&net.Dialer{Control: smallWindow}).Dial("tcp", raw.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			client := conn
			if c.secure {
				client = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, ServerName: "a.example"})
			}
			_, _ = io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
			select {
			case err := <-handled:
				if err == nil {
					t.Fatal("the write worked: the test is no test")
				}
			case <-time.After(30 * time.Second): // small windows are slow
				t.Fatal("handler waits")
			}
			if c.known {
				_ = conn.SetReadDeadline(time.Now().Add(3 * time.Second))
				got, err := io.ReadAll(client)
				at := bytes.Index(got, []byte("SECOND REPLY"))
				t.Logf("%d requests served, %d bytes (%v), second reply at %d", requests.Load(), len(got), err, at)
				head := bytes.Index(got, []byte("\r\n\r\n")) + 4
				if at >= 0 && at < head+65536 {
					t.Errorf("the second reply stands inside the first one's body, at %d of 65536", at-head)
				}
				return
			}
			select {
			case <-closed:
			case <-time.After(10 * time.Second):
				t.Error("the connection of a client that does not read stays for ever")
			}
		})
	}
}

// What comes together with the end of a connection is not lost.
func TestBulkEnd(t *testing.T) {
	c := &bulkConn{Conn: &endsWith{data: bytes.Repeat([]byte("y"), 16<<10)}, full: true}
	got := make([]byte, 0, 32<<10)
	for {
		b := make([]byte, 8<<10)
		n, err := c.Read(b)
		got = append(got, b[:n]...)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			break
		}
	}
	if len(got) != 16<<10 {
		t.Errorf("%d bytes of %d", len(got), 16<<10)
	}
}

type endsWith struct {
	net.Conn
	data []byte
}

func (e *endsWith) Read(p []byte) (int, error) {
	n := copy(p, e.data)
	if e.data = e.data[n:]; len(e.data) == 0 {
		return n, io.EOF
	}
	return n, nil
}
func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

func smallWindow(_, _ string, c syscall.RawConn) error {
	var err error
	_ = c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	return err
}

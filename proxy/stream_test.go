package proxy

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// pieces is a body that comes in steps: each Read waits for the next one.
type pieces struct{ next chan string }

func (p *pieces) Read(b []byte) (int, error) {
	s, ok := <-p.next
	if !ok {
		return 0, io.EOF
	}
	return copy(b, s), nil
}

// TestRepliesPassAsTheyCome shows that each piece of a reply reaches the client
// before the next is there, whatever its type, and the header before any.
func TestRepliesPassAsTheyCome(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		for _, kind := range []string{"text/event-stream", "application/x-ndjson", "application/json"} {
			body := &pieces{next: make(chan string)}
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				out := newResponseWriter(w, time.Minute)
				out.Header().Set("Content-Type", kind)
				out.WriteHeader(200)
				io.Copy(out, body)
			}))
			server.EnableHTTP2 = h2
			server.StartTLS()
			resp, err := server.Client().Get(server.URL) // returns on the header, before any piece
			if err != nil {
				t.Fatal(err)
			}
			if (resp.ProtoMajor == 2) != h2 {
				t.Fatalf("spoke %s", resp.Proto)
			}
			for _, piece := range []string{"one", "two", "three"} {
				body.next <- piece
				got := make([]byte, len(piece))
				if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != piece {
					t.Fatalf("%s: got %q, %v", kind, got, err)
				}
			}
			close(body.next)
			if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
				t.Errorf("%s: end is %q, %v", kind, rest, err)
			}
			server.Close()
		}
	}
}

// TestKnownLengthIsNotFlushedAtTheEnd shows that a short reply goes out in one
// piece: header and body together.
func TestKnownLength(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		out := newResponseWriter(w, time.Minute)
		out.Header().Set("Content-Length", "5")
		out.WriteHeader(200)
		io.Copy(out, strings.NewReader("hello"))
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	first := make([]byte, 4096)
	n, err := conn.Read(first)
	if err != nil || !strings.HasSuffix(string(first[:n]), "\r\n\r\nhello") {
		t.Errorf("first packet is %q, %v", first[:n], err)
	}
}

// TestEarlyBytes shows that what a client sent together with its CONNECT is
// read from the hijacked connection.
func TestEarlyBytes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := earlyHijacker{w}.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		got := make([]byte, 9)
		io.ReadFull(conn, got)
		conn.Write(got)
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nearly")
	io.WriteString(conn, "late")
	got, err := bufio.NewReader(conn).ReadString('e')
	rest := make([]byte, 8)
	if err == nil {
		_, err = io.ReadFull(conn, rest[:0])
	}
	if err != nil || got != "e" {
		t.Fatalf("got %q, %v", got, err)
	}
}

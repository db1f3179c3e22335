package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// A smuggle is a request whose end two parsers could see in different places, or
// whose header they could read differently. Either nothing of it leaves, and
// nothing after it is taken for a request; or exactly one request leaves, in our
// own words, with the body want.
type smuggle struct{ name, head, body, want string }

const refusedWhole = "refused"

// smuggles names the lesson where there is one (CVE numbers are of other proxies).
var smuggles = []smuggle{
	{"length and chunked", "Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\n", ""}, // see TestLengthAndChunked
	{"chunked and a short length", "Content-Length: 4\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "abc"},
	{"two lengths, the same", "Content-Length: 2\r\nContent-Length: 2", "{}", "{}"},
	{"two lengths", "Content-Length: 2\r\nContent-Length: 0", "{}", refusedWhole},
	{"a list of lengths", "Content-Length: 2, 2", "{}", refusedWhole},
	{"length with a sign", "Content-Length: +2", "{}", refusedWhole},
	{"negative length", "Content-Length: -2", "{}", refusedWhole},
	{"length in hex", "Content-Length: 0x2", "{}", refusedWhole},
	{"empty length, CVE-2023-40225", "Content-Length:", "{}", refusedWhole},
	{"huge length", "Content-Length: 99999999999999999999", "{}", refusedWhole},
	{"unknown coding", "Transfer-Encoding: xchunked", "0\r\n\r\n", refusedWhole},
	{"two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n", refusedWhole},
	{"a list of codings", "Transfer-Encoding: gzip, chunked", "0\r\n\r\n", refusedWhole},
	{"identity", "Transfer-Encoding: identity\r\nContent-Length: 2", "{}", refusedWhole},
	{"quoted coding", "Transfer-Encoding: \"chunked\"", "0\r\n\r\n", refusedWhole},
	{"vertical tab before the coding", "Transfer-Encoding: \x0bchunked", "0\r\n\r\n", refusedWhole},
	{"tab before the coding", "Transfer-Encoding:\tchunked", "2\r\n{}\r\n0\r\n\r\n", "{}"},
	{"coding in capitals", "Transfer-Encoding: CHUNKED", "2\r\n{}\r\n0\r\n\r\n", "{}"},
	{"coding with an underscore", "Transfer_Encoding: chunked\r\nContent-Length: 2", "{}", "{}"},
	{"space before the colon, CVE-2022-24766", "Content-Length : 2", "{}", refusedWhole},
	{"space before the coding's colon", "Transfer-Encoding : chunked", "0\r\n\r\n", refusedWhole},
	{"folded header", "X: a\r\n b\r\nContent-Length: 2", "{}", "{}"},
	{"folded coding", "Transfer-Encoding:\r\n chunked", "2\r\n{}\r\n0\r\n\r\n", "{}"},
	{"carriage return in a value", "X: a\rContent-Length: 5\r\nContent-Length: 2", "{}", refusedWhole},
	{"NUL in a value", "X: a\x00b\r\nContent-Length: 2", "{}", refusedWhole},
	{"empty name, CVE-2023-25725", ": x\r\nContent-Length: 2", "{}", refusedWhole},
	{"no colon", "Content-Length 2", "{}", refusedWhole},
	{"name of 64 KiB, CVE-2021-40346", strings.Repeat("a", 70<<10) + ": x\r\nContent-Length: 2", "{}", refusedWhole},
	{"chunk size with a bare line feed, CVE-2025-22871", "Transfer-Encoding: chunked", "2\n{}\r\n0\r\n\r\n", refusedWhole},
	{"chunk with a bare line feed", "Transfer-Encoding: chunked", "2\r\n{}\n0\r\n\r\n", refusedWhole},
	{"chunk extension with a line feed", "Transfer-Encoding: chunked", "2;\n{}\r\n0\r\n\r\n", refusedWhole},
	{"negative chunk", "Transfer-Encoding: chunked", "-2\r\n{}\r\n0\r\n\r\n", refusedWhole},
	{"chunk size with 0x", "Transfer-Encoding: chunked", "0x2\r\n{}\r\n0\r\n\r\n", refusedWhole},
	{"long chunk size", "Transfer-Encoding: chunked", "00000000000000000000002\r\n{}\r\n0\r\n\r\n", refusedWhole},
	{"chunk size that overflows", "Transfer-Encoding: chunked", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n", refusedWhole},
	{"chunk that is too long", "Transfer-Encoding: chunked", "2\r\n{}xx0\r\n\r\n", refusedWhole},
	{"chunk without an end", "Transfer-Encoding: chunked", "2\r\n{}0\r\n\r\n", refusedWhole},
	{"chunk extension", "Transfer-Encoding: chunked", "2;a=b\r\n{}\r\n0\r\n\r\n", "{}"},
	{"amplified chunk extensions, CVE-2023-39326", "Transfer-Encoding: chunked", strings.Repeat("1;"+strings.Repeat("x", 2000)+"\r\na\r\n", 40) + "0\r\n\r\n", refusedWhole},
	{"length as a trailer", "Transfer-Encoding: chunked\r\nTrailer: Content-Length", "2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n", refusedWhole},
	{"trailer that is a header", "Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\nHost: chatgpt.com\r\n\r\n", "{}"},
	{"trailer that is announced", "Transfer-Encoding: chunked\r\nTrailer: X-Note", "2\r\n{}\r\n0\r\nX-Note: a\r\n\r\n", "{}"},
	{"trailer beside what is announced", "Transfer-Encoding: chunked\r\nTrailer: X-Note", "2\r\n{}\r\n0\r\nX-Note: a\r\nContent-Length: 5\r\nRestrict-Access-To-Tenants: x\r\n\r\n", "{}"},
	{"second host", "Host: chatgpt.com\r\nContent-Length: 2", "{}", refusedWhole},
	{"length named by Connection, CVE-2021-33197", "Connection: Content-Length, Via, Host\r\nContent-Length: 2", "{}", "{}"},
	{"unknown expectation", "Expect: 200-ok\r\nContent-Length: 2", "{}", refusedWhole},
	{"upgrade to HTTP/2", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 2", "{}", "{}"},
}

// smuggled is what must never be taken for a request of its own when it stands
// behind a refused one.
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: api.openai.com\r\n\r\n"

// TestSmuggling sends each inside an intercepted connection, and in clear through
// the outer one, where bodies pass unread.
func TestSmuggling(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Log = zap.NewNop()
		s.ClearHosts = []string{"plain.example"}
	})
	ways := []struct {
		name, target, authority string
		open                    func(testing.TB) (net.Conn, *bufio.Reader)
	}{
		{"inside", "/v1/x", host, func(t testing.TB) (net.Conn, *bufio.Reader) { return inside(t, p, host+":443") }},
		{"in clear", "http://plain.example/x", "plain.example", func(t testing.TB) (net.Conn, *bufio.Reader) {
			conn, err := net.Dial("tcp", p.Address)
			if err != nil {
				t.Fatal(err)
			}
			return conn, bufio.NewReader(conn)
		}},
	}
	for _, way := range ways {
		for _, c := range smuggles {
			t.Run(way.name+"/"+c.name, func(t *testing.T) {
				p.Origin.Received()
				conn, reader := way.open(t)
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(20 * time.Second))
				request := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n%s", way.target, way.authority, c.head, c.body)
				chunked := strings.Contains(strings.ToLower(c.head), "transfer-encoding")
				if c.want == refusedWhole || chunked { // after which nothing is a request
					request += smuggled
				} else {
					request += fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", way.target, way.authority)
				}
				go io.WriteString(conn, request) // the answer may come before the end
				var statuses []int
				for {
					resp, err := http.ReadResponse(reader, nil)
					if err != nil {
						if strings.Contains(err.Error(), "timeout") {
							t.Error("the connection stays open")
						}
						break
					}
					statuses = append(statuses, resp.StatusCode)
					io.Copy(io.Discard, resp.Body)
				}
				var got []proxytest.Received
				for _, r := range p.Origin.Received() {
					if r.Err == nil { // one that broke off is no request
						got = append(got, r)
					}
				}
				if c.want == refusedWhole {
					if len(statuses) > 1 || len(statuses) == 1 && statuses[0] < 400 {
						t.Errorf("answered with %v", statuses)
					}
					for _, r := range got {
						t.Errorf("the origin got %s %s: %q", r.Method, r.RequestURI, r.Payload)
					}
					return
				}
				requests := 2
				if chunked {
					requests = 1
				}
				if len(got) != requests || len(statuses) != requests {
					t.Fatalf("answered with %v, and the origin got %d requests", statuses, len(got))
				}
				r := got[0]
				if string(r.Payload) != c.want || r.Method != http.MethodPost || r.Host != way.authority || len(r.Trailer) > 0 {
					t.Errorf("the origin got %s for %s: %q, trailer %v", r.Method, r.Host, r.Payload, r.Trailer)
				}
				for name := range r.Header {
					if strings.Contains(name, "_") || name == "Upgrade" || name == "Connection" || name == "Http2-Settings" {
						t.Errorf("the origin got the header %s", name)
					}
				}
				if r.Header.Get("Via") == "" {
					t.Error("a header of ours was taken out")
				}
			})
		}
	}
}

// TestLengthAndChunked shows what becomes of a request that is framed twice: it is
// chunked for us and for everybody after us, who is not told of the length, and the
// connection ends with the answer. Of what a proxy before us might have taken for
// the next request, or for this one's end, nothing is one.
func TestLengthAndChunked(t *testing.T) {
	upstream := make(chan string, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() { // an origin that keeps the bytes
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(20 * time.Second))
				var raw strings.Builder
				r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &raw)))
				if err == nil {
					_, err = io.Copy(io.Discard, r.Body)
				}
				if err == nil {
					io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
				}
				upstream <- raw.String()
			}()
		}
	}()
	const ai = "api.groq.com"
	p := start(t, func(s *proxytest.Settings) {
		s.Log = zap.NewNop()
		s.Resolve = map[string]string{"plain.example": l.Addr().String(), ai: l.Addr().String()}
	})
	for name, c := range map[string]struct{ version, host, head, body, want string }{
		"passed on":                {"1.1", "plain.example", "Content-Length: 4\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "\r\n3\r\nabc\r\n0\r\n\r\n"},
		"passed on, other order":   {"1.1", "plain.example", "Transfer-Encoding: chunked\r\nContent-Length: 4", "3\r\nabc\r\n0\r\n\r\n", "\r\n3\r\nabc\r\n0\r\n\r\n"},
		"a length that hides more": {"1.1", "plain.example", "Content-Length: 1000\r\nTransfer-Encoding: chunked", "0\r\n\r\n", "0\r\n\r\n"},
		"read":                     {"1.1", ai, "Content-Type: text/plain\r\nContent-Length: 4\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "\r\n\r\nabc"},
		"of HTTP/1.0":              {"1.0", "plain.example", "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 3", "abc", "\r\n\r\nabc"},
		"of HTTP/1.0, no length":   {"1.0", "plain.example", "Connection: keep-alive\r\nTransfer-Encoding: chunked", "", "\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", p.Address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			fmt.Fprintf(conn, "POST http://%s/x HTTP/%s\r\nHost: %[1]s\r\n%[3]s\r\n\r\n%s%s", c.host, c.version, c.head, c.body, strings.ReplaceAll(smuggled, host, c.host))
			answer, err := io.ReadAll(conn) // to the end of the connection
			if err != nil && strings.Contains(err.Error(), "timeout") {
				t.Error("the connection stays open")
			}
			if n := strings.Count(string(answer), "HTTP/1."); n != 1 || !strings.Contains(string(answer), " 200 OK\r\n") {
				t.Fatalf("answered with %q", answer)
			}
			raw := <-upstream
			head, _, _ := strings.Cut(strings.ToLower(raw), "\r\n\r\n")
			length, chunked := strings.Contains(head, "\r\ncontent-length:"), strings.Contains(head, "\r\ntransfer-encoding:")
			if length == chunked || !strings.HasSuffix(raw, c.want) || strings.Contains(raw, "smuggled") {
				t.Errorf("the origin got %q", raw)
			}
		})
	}
}

// TestRequestLines goes through request lines that are none. They end the
// connection, and nothing leaves.
func TestRequestLines(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) { s.Log = zap.NewNop() })
	for _, line := range []string{
		"PRI * HTTP/2.0", "GET /v1/x", "GET /v1/x HTTP/3.0", "GET /v1/x HTTP/1.1 ", "GET /v1/x y HTTP/1.1", "GET /v1/x\ty HTTP/1.1", "GET /v1/\x01 HTTP/1.1",
		"GE\tT /v1/x HTTP/1.1", "G@T /v1/x HTTP/1.1", " GET /v1/x HTTP/1.1", "GET  /v1/x HTTP/1.1", "GET /v1/x http/1.1", "GET /v1/x HTTP/1.1\rX: y", "\x16\x03\x01",
		"GET urn:isbn:1 HTTP/1.1", "GET ftp://api.openai.com/ HTTP/1.1", "GET file:///etc/passwd HTTP/1.1",
	} {
		conn, reader := inside(t, p, host+":443")
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(conn, line+"\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"+smuggled)
		answers := 0
		for {
			resp, err := http.ReadResponse(reader, nil)
			if err != nil {
				break
			}
			answers++
			io.Copy(io.Discard, resp.Body)
			if resp.StatusCode < 400 {
				t.Errorf("%q: got %d", line, resp.StatusCode)
			}
		}
		conn.Close()
		if answers > 1 {
			t.Errorf("%q: %d answers", line, answers)
		}
		for _, r := range p.Origin.Received() {
			t.Errorf("%q: the origin got %s %s", line, r.Method, r.RequestURI)
		}
	}
}

// TestExpectDesync shows that an early final answer to a client that waits for
// 100 leaves neither side out of step (CVE-2024-24791): the client's body, if it
// comes all the same, is no request, and the upstream connection serves the next.
func TestExpectDesync(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) { s.ClearHosts = []string{"plain.example"} })
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/reject" {
			w.WriteHeader(http.StatusExpectationFailed)
			return
		}
		io.WriteString(w, r.URL.Path)
	}))
	for range 3 {
		conn, err := net.Dial("tcp", p.Address)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		reader := bufio.NewReader(conn)
		fmt.Fprintf(conn, "POST http://plain.example/reject HTTP/1.1\r\nHost: plain.example\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(smuggled))
		io.WriteString(conn, smuggled) // without waiting
		for {
			resp, err := http.ReadResponse(reader, nil)
			if err != nil {
				break
			}
			io.Copy(io.Discard, resp.Body)
			if resp.StatusCode >= 200 {
				if resp.StatusCode != http.StatusExpectationFailed {
					t.Errorf("got %d", resp.StatusCode)
				}
				break
			}
		}
		conn.Close()
		client := p.Client("", false)
		resp, err := client.Get("http://plain.example/next")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(text) != "/next" {
			t.Errorf("the next request got %q", text)
		}
	}
	for _, r := range p.Origin.Received() {
		if r.URL.Path != "/reject" && r.URL.Path != "/next" {
			t.Errorf("the origin got %s", r.URL)
		}
	}
}

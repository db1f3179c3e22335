package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// FuzzFraming sends any bytes after the first two lines of a request: through the
// outer server, read and passed on, and inside an intercepted connection. What the
// origin gets is read by a parser of this file, which knows nothing of net/http and
// is strict; what the client sent is read by another use of it, which is as lenient
// as a proxy could be. Whatever was sent:
//
//   - every request at the origin bears the mark of this proxy, so that it went down
//     the road: none was hidden in another's bytes;
//   - it has the body that the client's bytes have for it, chunk by chunk, and text
//     that was to be read was classified as it leaves;
//   - one that broke off has the beginning of that body and no more;
//   - the client gets whole answers, one for each request at the most, and the
//     connection ends.
func FuzzFraming(f *testing.F) {
	for i, c := range smuggles {
		f.Add(byte(i), []byte(c.head+"\r\n\r\n"+c.body+strings.ReplaceAll(smuggled, host, framingAI)))
	}
	for i, more := range []string{
		"\r\n" + smuggled, "Content-Length: 0\r\n\r\n\r\n" + smuggled, "X: a\n\n" + smuggled, "X: a\r\r\n\r\n", "X: a\rb\r\n\r\n", " X: a\r\n\r\n", "\tX: a\r\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n2 \r\n{}\r\n0;x\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n" + smuggled,
		"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "Connection: close, content-length\r\nContent-Length: 2\r\n\r\n{}", "Content-Length: 2\r\n\r\n{}POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\nf;" + strings.Repeat("a", 5000) + "\r\n" + strings.Repeat("b", 15) + "\r\n0\r\n\r\n", "Content-Length: 5\r\n\r\n{}", "Content-Length: 00002\r\n\r\n{}", "Content-Length:\r\n 2\r\n\r\n{}",
	} {
		f.Add(byte(i), []byte(strings.ReplaceAll(more, host, framingAI)))
	}
	f.Add(byte(0), []byte("Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\n{}\r\n0\r\nX: a\r\nContent-Length: 5\r\n\r\n"))
	f.Add(byte(1), []byte("Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"a\":\"b\",\"c\":1}"))

	for i := range 3 {
		f.Add(byte(i), []byte("Content-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello worldGET http://"+framingAI+"/2 HTTP/1.1\r\nHost: "+framingAI+"\r\n\r\n"))
		f.Add(byte(i), []byte("Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"))
	}
	o := newStrictOrigin(f)
	set, err := classifiers.New(classifiers.Options{}, &eavesdropper{o: o})
	if err != nil {
		f.Fatal(err)
	}
	p := start(f, func(s *proxytest.Settings) {
		s.Log = zap.NewNop()
		s.Hosts, s.Resolve = nil, map[string]string{framingAI: o.address, "plain.example": o.address}
		s.Classifiers = set
		s.Policy = map[string]string{
			"connect/all.rego":   "package sluice.connect.all\n", // known services are intercepted, requests allowed
			"request/none.rego":  "package sluice.request.none\n",
			"response/none.rego": "package sluice.response.none\n",
		}
	})
	n := 0
	f.Fuzz(func(t *testing.T, way byte, raw []byte) {
		n++
		target, authority := fmt.Sprintf("/%d", n), framingAI
		conn, err := net.Dial("tcp", p.Address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		reader := bufio.NewReader(conn)
		switch way % 3 {
		case 0: // in clear, passed on
			authority = "plain.example"
			target = "http://" + authority + target
		case 1: // in clear, read
			target = "http://" + authority + target
		case 2: // inside
			fmt.Fprintf(conn, "CONNECT %[1]s:80 HTTP/1.1\r\nHost: %[1]s:80\r\n\r\n", authority)
			if resp, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect}); err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("CONNECT: %v, %v", resp, err)
			}
		}
		raw = append(fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\n", target, authority), raw...)
		sent, whole := readLeniently(raw)
		o.expect(sent)
		if _, err := conn.Write(raw); err != nil {
			t.Fatal(err)
		}
		answers, finals := 0, 0
		for {
			grace := 20 * time.Millisecond // it waits for what does not come
			if whole && finals < len(sent) {
				grace = 500 * time.Millisecond // or finds no end where another would
			}
			conn.SetReadDeadline(time.Now().Add(grace))
			if _, err := reader.Peek(1); err != nil {
				_ = conn.(*net.TCPConn).CloseWrite() // there is nothing more to say
			}
			conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			resp, err := http.ReadResponse(reader, nil)
			if err != nil {
				var timeout net.Error
				if errors.As(err, &timeout) && timeout.Timeout() {
					t.Error("the connection stays open")
				}
				break
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				break // cut
			}
			if answers++; resp.StatusCode >= 200 {
				finals++
			}
		}
		if finals > len(sent)+1 {
			t.Errorf("%d answers to %d requests", finals, len(sent))
		}
		for _, problem := range o.problems() {
			t.Error(problem)
		}
	})
}

const framingAI = "api.groq.com"

// A framed is a request as one parser sees it.
type framed struct {
	line  string
	body  []byte
	whole bool
}

// readLeniently splits what a client sent into the requests that it can be taken
// for by somebody who overlooks all that can be overlooked, up to the first that
// has no end. whole says that all of it was.
func readLeniently(raw []byte) (requests []framed, whole bool) {
	r := bufio.NewReaderSize(bytes.NewReader(raw), len(raw)+16)
	for {
		if _, err := r.Peek(1); err != nil {
			return requests, true
		}
		head, err := readHead(r, false)
		if err != nil {
			return requests, false
		}
		body, err := head.readBody(r, false)
		requests = append(requests, framed{line: head.line, body: body, whole: err == nil})
		if err != nil {
			return requests, false
		}
	}
}

type framedHead struct {
	line   string
	fields [][2]string // names in lower case
}

func (h *framedHead) get(name string) (values []string) {
	for _, f := range h.fields {
		if f[0] == name {
			values = append(values, f[1])
		}
	}
	return values
}

var (
	errFraming = errors.New("framing")
	fieldLine  = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$")
	control    = regexp.MustCompile("[\x00-\x08\x0a-\x1f\x7f]")
	firstLine  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+ /[!-~]* HTTP/1\\.1$")
)

// readHead reads a request's head. Strictly, every line ends with CR LF and holds
// what RFC 9112 allows.
func readHead(r *bufio.Reader, strict bool) (*framedHead, error) {
	h := &framedHead{}
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		text, ok := strings.CutSuffix(line, "\r\n")
		if !ok {
			text = strings.TrimSuffix(line, "\n")
		}
		if strict && (!ok || control.MatchString(text)) {
			return nil, fmt.Errorf("%w: line %q", errFraming, line)
		}
		switch {
		case first && strict && !firstLine.MatchString(text):
			return nil, fmt.Errorf("%w: first line %q", errFraming, text)
		case first:
			h.line = text
		case text == "":
			return h, nil
		case !strict && strings.ContainsAny(text[:1], " \t") && len(h.fields) > 0: // folded
			last := &h.fields[len(h.fields)-1]
			last[1] = strings.Trim(last[1]+" "+strings.Trim(text, " \t"), " ")
		default:
			field := fieldLine.FindStringSubmatch(text)
			if field == nil && strict {
				return nil, fmt.Errorf("%w: field %q", errFraming, text)
			}
			if field != nil {
				h.fields = append(h.fields, [2]string{strings.ToLower(field[1]), field[2]})
			}
		}
	}
}

// readBody reads the body that a head announces, or what there is of it.
func (h *framedHead) readBody(r *bufio.Reader, strict bool) ([]byte, error) {
	lengths, codings := h.get("content-length"), h.get("transfer-encoding")
	if strict && (len(lengths)+len(codings) > 1 || len(codings) == 1 && codings[0] != "chunked") {
		return nil, fmt.Errorf("%w: lengths %q, codings %q", errFraming, lengths, codings)
	}
	if len(codings) > 0 && (strict || strings.HasSuffix(h.line, "1.1")) {
		return readChunks(r, strict)
	}
	if len(lengths) == 0 {
		return nil, nil
	}
	n, err := strconv.ParseUint(strings.Trim(lengths[0], " \t"), 10, 62)
	if err != nil {
		return nil, errFraming
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && uint64(len(body)) < n {
		err = io.ErrUnexpectedEOF
	}
	return body, err
}

func readChunks(r *bufio.Reader, strict bool) (body []byte, err error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return body, err
		}
		size := strings.TrimSuffix(line, "\r\n")
		if !strict {
			size, _, _ = strings.Cut(size, ";")
			size = strings.Trim(size, " \t\r\n")
		}
		n, err := strconv.ParseUint(size, 16, 62)
		if err != nil {
			return body, errFraming
		}
		if n == 0 {
			break
		}
		chunk, err := io.ReadAll(io.LimitReader(r, int64(n)))
		body = append(body, chunk...)
		if err != nil || uint64(len(chunk)) < n {
			return body, io.ErrUnexpectedEOF
		}
		end, err := r.ReadString('\n')
		if err != nil {
			return body, err
		}
		if strings.Trim(end, "\r\n") != "" {
			return body, errFraming
		}
	}
	for { // the trailer
		line, err := r.ReadString('\n')
		if err != nil {
			return body, err
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return body, nil
		}
		if strict {
			return body, fmt.Errorf("%w: trailer %q", errFraming, line)
		}
	}
}

// A strictOrigin reads requests strictly and compares each with what was sent.
type strictOrigin struct {
	address string

	mu       sync.Mutex
	sent     []framed // of the last inputs
	heard    []string // and what was classified
	said     []string
	via      string
	requests int
}

func newStrictOrigin(t testing.TB) *strictOrigin {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &strictOrigin{address: l.Addr().String()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go o.serve(conn)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return o
}

func (o *strictOrigin) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 128<<10)
	for {
		if _, err := r.Peek(1); err != nil {
			return
		}
		head, err := readHead(r, true)
		if err != nil {
			if errors.Is(err, errFraming) {
				o.problem("the origin got: %v", err)
			}
			return
		}
		body, err := head.readBody(r, true)
		if errors.Is(err, errFraming) {
			o.problem("the origin got: %v", err)
			return
		}
		o.compare(head, body, err == nil)
		if err != nil {
			return
		}
		answer := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
		if !strings.HasPrefix(head.line, "HEAD ") {
			answer += "ok"
		}
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
	}
}

// compare holds a request of the origin against all that was sent lately: what a
// client broke off may arrive late.
func (o *strictOrigin) compare(head *framedHead, body []byte, whole bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests++
	via := head.get("via")
	if o.via == "" && len(via) == 1 {
		o.via = via[0] // of a seed, which has none of its own
	}
	if len(via) == 0 || !strings.HasSuffix(via[len(via)-1], o.via) {
		o.said = append(o.said, fmt.Sprintf("the origin got %q, which did not take the road: via %q", head.line, via))
	}
	read := slices.Contains(head.get("host"), framingAI)
	if read && whole && words.Match(body) && !slices.Contains(o.heard, string(body)) {
		o.said = append(o.said, fmt.Sprintf("the origin got a body that was not classified: %q", body))
	}
	if !slices.ContainsFunc(o.sent, func(f framed) bool {
		return whole && f.whole && bytes.Equal(f.body, body) || !whole && bytes.HasPrefix(f.body, body)
	}) {
		o.said = append(o.said, fmt.Sprintf("the origin got %q with a body that nobody sent so: %q", head.line, body))
	}
}

// words are a body that is one text, however it is read.
var words = regexp.MustCompile(`^[a-z]+( [a-z]+)*$`)

func (o *strictOrigin) expect(sent []framed) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, sent...)
	o.sent = o.sent[max(0, len(o.sent)-64):]
}

func (o *strictOrigin) problem(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.said = append(o.said, fmt.Sprintf(format, args...))
}

func (o *strictOrigin) problems() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	said := o.said
	o.said = nil
	return said
}

// An eavesdropper is a classifier that remembers what it was given.
type eavesdropper struct{ o *strictOrigin }

func (*eavesdropper) Describe() classifiers.Description {
	return classifiers.Description{Family: "keyword", Entities: []string{"HEARD"}, Anchors: []string{"qqqqqqqq"}, Version: "1"}
}

func (l *eavesdropper) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	l.o.mu.Lock()
	defer l.o.mu.Unlock()
	l.o.heard = append(l.o.heard, v.Text)
	l.o.heard = l.o.heard[max(0, len(l.o.heard)-256):]
	return found, nil
}

package proxy_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// replyPacks mask addresses in replies and end those with card numbers.
var replyPacks = map[string]string{
	"connect/all.rego": `package sluice.connect.all
# METADATA
# title: Everything is read
# labels: {rule: all.read}
# custom: {severity: low, remediation: none}
verdict contains {"id": "all.read", "action": "intercept"} if input.phase == "connect"
`,
	"request/none.rego": "package sluice.request.none\n",
	"response/mask.rego": `package sluice.response.mask
# METADATA
# title: Addresses in replies are masked
# labels: {rule: mask.addresses}
# custom: {severity: low, remediation: none}
verdict contains {"id": "mask.addresses", "action": "redact", "redact": {"EMAIL_ADDRESS"}, "style": "mask"} if "EMAIL_ADDRESS" in input.content.found
# METADATA
# title: No cards in replies
# labels: {rule: stop.cards}
# custom: {severity: high, remediation: none}
verdict contains {"id": "stop.cards", "action": "block"} if "CREDIT_CARD" in input.content.found
`,
}

// answering starts a proxy whose origin streams what write writes.
func answering(t testing.TB, change func(*proxytest.Settings), header http.Header, write func(w io.Writer, flush func())) *proxytest.Proxy {
	p := start(t, func(s *proxytest.Settings) {
		s.Policy = replyPacks
		if change != nil {
			change(s)
		}
	})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for name, values := range header {
			w.Header()[name] = values
		}
		write(w, func() { _ = http.NewResponseController(w).Flush() })
	}))
	return p
}

// token is an event with a piece of text.
func token(text string) string {
	return fmt.Sprintf("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", text)
}

const asksForStream = `{"model":"m","stream":true,"messages":[{"role":"user","content":"hello"}]}`

// stream sends a prompt and returns the reply with its body unread.
func stream(t testing.TB, p *proxytest.Proxy, h2 bool) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "https://"+host+"/v1/chat/completions", strings.NewReader(asksForStream))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Encoding", "gzip, br, zstd, deflate")
	resp, err := p.Client("", h2).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// flusher is an encoder of a content coding.
type flusher interface {
	io.WriteCloser
	Flush() error
}

// TestReplyCodings: a coded reply is read as it comes and goes on without its
// coding, each event at once.
func TestReplyCodings(t *testing.T) {
	for coding, encode := range map[string]func(io.Writer) flusher{
		"gzip": func(w io.Writer) flusher { return gzip.NewWriter(w) },
		"br":   func(w io.Writer) flusher { return brotli.NewWriter(w) },
		"zstd": func(w io.Writer) flusher {
			e, err := zstd.NewWriter(w)
			if err != nil {
				panic(err)
			}
			return e
		},
		"deflate": func(w io.Writer) flusher { return zlib.NewWriter(w) },
	} {
		for _, h2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/h2=%v", coding, h2), func(t *testing.T) {
				t.Parallel()
				next := make(chan string)
				p := answering(t, nil, http.Header{"Content-Encoding": {coding}, "Etag": {`"x"`}}, func(w io.Writer, flush func()) {
					e := encode(w)
					for text := range next {
						_, _ = io.WriteString(e, token(text))
						_ = e.Flush()
						flush()
					}
					_ = e.Close()
				})
				defer func() {
					for range next { // where the test failed the origin must end
					}
				}()
				go func() { next <- "Hello" }()
				resp := stream(t, p, h2)
				if resp.Header.Get("Content-Encoding") != "" || resp.Header.Get("Etag") != `W/"x"` {
					t.Errorf("header is %v", resp.Header)
				}
				lines := bufio.NewReader(resp.Body)
				read := func() string {
					line, err := lines.ReadString('\n')
					_, blank := lines.ReadString('\n')
					if err = errors.Join(err, blank); err != nil {
						t.Error(err)
					}
					return line + "\n"
				}
				if got := read(); got != token("Hello") {
					t.Errorf("got %q", got)
				}
				next <- " jo.doe@exam"
				next <- "ple.org you"
				if got := read(); got != token(" [EMAIL_ADDRESS]") {
					t.Errorf("got %q", got)
				}
				if got := read(); got != token(" you") {
					t.Errorf("got %q", got)
				}
				close(next)
				if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
					t.Errorf("then %q, %v", rest, err)
				}
			})
		}
	}
}

// TestReplySilence: text that is held goes on when the origin says nothing for a
// while; a value that is whole by then is masked.
func TestReplySilence(t *testing.T) {
	more := make(chan struct{})
	p := answering(t, nil, nil, func(w io.Writer, flush func()) {
		_, _ = io.WriteString(w, token("mail jo.doe@example.org"))
		flush()
		<-more
		_, _ = io.WriteString(w, token("anisation, card 4111"))
		flush()
	})
	body := bufio.NewReader(stream(t, p, true).Body)
	line, err := body.ReadString('\n')
	close(more)
	if err != nil || line != strings.TrimSuffix(token("mail [EMAIL_ADDRESS]"), "\n") {
		t.Errorf("got %q, %v", line, err)
	}
	if _, err := io.ReadAll(body); err != nil {
		t.Error(err)
	}
}

// TestReplyFaults shows how a reply ends that cannot be read, or whose check
// fails: never as a complete one.
func TestReplyFaults(t *testing.T) {
	bomb := func() []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		for range 64 {
			_, _ = w.Write(make([]byte, 1<<20))
		}
		_ = w.Close()
		return b.Bytes()
	}()
	for _, c := range []struct {
		name, reason string
		header       http.Header
		change       func(*proxytest.Settings)
		body         func(w io.Writer, flush func())
	}{
		{"the coding is damaged", "reply_malformed", http.Header{"Content-Encoding": {"gzip"}}, nil, func(w io.Writer, flush func()) {
			_, _ = io.WriteString(w, "this is no gzip at all")
		}},
		{"the coding is cut short", "reply_malformed", http.Header{"Content-Encoding": {"gzip"}}, nil, func(w io.Writer, flush func()) {
			var b bytes.Buffer
			e := gzip.NewWriter(&b)
			_, _ = io.WriteString(e, token("Hello"))
			_ = e.Close()
			_, _ = w.Write(b.Bytes()[:b.Len()-6])
		}},
		{"it expands too far", "reply_bomb", http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"text/plain"}}, nil, func(w io.Writer, flush func()) {
			_, _ = w.Write(bomb)
		}},
		{"the origin breaks off", "upstream_broke_off", nil, nil, func(w io.Writer, flush func()) {
			_, _ = io.WriteString(w, token("Hello")+token(" jo.doe@exam"))
			flush()
			panic(http.ErrAbortHandler)
		}},
		{"a classifier fails", "reply_failed", nil, func(s *proxytest.Settings) {
			set, err := classifiers.New(classifiers.Options{}, onReplies{})
			if err != nil {
				t.Fatal(err)
			}
			s.Classifiers = set
		}, func(w io.Writer, flush func()) {
			_, _ = io.WriteString(w, token("Hello"))
		}},
		{"policy fails", "policy_error", nil, func(s *proxytest.Settings) {
			s.Policy = map[string]string{
				"connect/all.rego": replyPacks["connect/all.rego"], "request/none.rego": replyPacks["request/none.rego"],
				"response/bad.rego": `package sluice.response.bad
# METADATA
# title: Fails where something is found
# labels: {rule: bad.rule}
# custom: {severity: low, remediation: none}
verdict contains {"id": "bad.rule", "action": "block"} if 1 / (count(input.content.found) - 1) > 1
`}
		}, func(w io.Writer, flush func()) {
			_, _ = io.WriteString(w, token("Hello")+token(" jo.doe@example.org now"))
		}},
		{"policy stops it where the dialect has no end", "policy", http.Header{"Content-Type": {"text/plain"}}, nil, func(w io.Writer, flush func()) {
			_, _ = io.WriteString(w, "Take 4111 1111 1111 1111, it works.")
		}},
	} {
		for _, h2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/h2=%v", c.name, h2), func(t *testing.T) {
				t.Parallel()
				p := answering(t, c.change, c.header, c.body)
				text, err := io.ReadAll(stream(t, p, h2).Body)
				if err == nil {
					t.Errorf("the reply looks complete: %q", text)
				}
				if bytes.Contains(text, []byte("doe@")) || bytes.Contains(text, []byte("4111")) {
					t.Errorf("what was held is there: %q", text)
				}
				if line := last(p.Completions(t)); line["reason"] != c.reason || line["outcome"] != "broken" {
					t.Errorf("recorded as %v", line)
				}
			})
		}
	}
}

// onReplies is a family that fails on texts of replies alone.
type onReplies struct{}

func (onReplies) Describe() classifiers.Description {
	return classifiers.Description{Family: "test", Entities: []string{"TEST"}, Anchors: []string{"Hello"}, Version: "1"}
}

func (onReplies) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	if v.Role == "reply" {
		return nil, errors.New("no")
	}
	return found, nil
}

// TestReplyPassUnreadable: with on_uninspectable pass, a reply in an encoding that
// is not known goes on as it came, and policy is told so.
func TestReplyPassUnreadable(t *testing.T) {
	p := answering(t, func(s *proxytest.Settings) {
		s.Change = func(parts *proxy.Parts) { parts.Options.PassUnreadable = true }
	}, http.Header{"Content-Encoding": {"snappy"}}, func(w io.Writer, _ func()) {
		_, _ = io.WriteString(w, "\x01\x02")
	})
	resp := stream(t, p, true)
	if text, err := io.ReadAll(resp.Body); err != nil || string(text) != "\x01\x02" || resp.Header.Get("Content-Encoding") != "snappy" {
		t.Errorf("got %q, %v, %v", text, err, resp.Header)
	}
}

// TestReplyNotInspected: with inspect false nothing of a reply is read.
func TestReplyNotInspected(t *testing.T) {
	p := answering(t, func(s *proxytest.Settings) {
		s.Change = func(parts *proxy.Parts) { parts.Options.InspectReplies = false }
	}, nil, func(w io.Writer, _ func()) {
		_, _ = io.WriteString(w, token("4111 1111 1111 1111"))
	})
	if text, err := io.ReadAll(stream(t, p, true).Body); err != nil || string(text) != token("4111 1111 1111 1111") {
		t.Errorf("got %q, %v", text, err)
	}
}

// TestReplyTakesRoom: what is disguised in a reply takes room of limits.inspecting
// while it is read, and gives it back.
func TestReplyTakesRoom(t *testing.T) {
	t.Parallel()
	// What was found in a text is remembered and takes no room: each has its own.
	packed := func(name string, size int) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		for i := 0; i < size; i += 40 {
			_, _ = fmt.Fprintf(w, "line %07d of what was asked, %s, %08x\n", i, name, uint32(i/400)*2654435761)
		}
		_ = w.Close()
		if b.Len() > 60<<10 {
			t.Errorf("%d bytes are no small reply", b.Len())
		}
		return base64.StdEncoding.EncodeToString(b.Bytes())
	}
	for _, c := range []struct {
		name       string
		inspecting int64
		broken     bool
	}{{"no room", 400 << 10, true}, {"room", 64 << 20, false}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := answering(t, func(s *proxytest.Settings) {
				s.Limits = func(l *proxy.Limits) { l.Inspecting = c.inspecting }
			}, nil, func(w io.Writer, _ func()) {
				_, _ = io.WriteString(w, token("Here it is: "+packed(c.name, 600<<10)+" and that was all. ")+token("Bye."))
			})
			text, err := io.ReadAll(stream(t, p, true).Body)
			line := last(p.Completions(t))
			switch {
			case c.broken && (err == nil || line["reason"] != "busy"):
				t.Errorf("%d bytes went on, %v; recorded as %v", len(text), err, line)
			case !c.broken && (err != nil || !bytes.Contains(text, []byte("Bye."))):
				t.Errorf("%d bytes went on, %v; recorded as %v", len(text), err, line)
			}
			waitFor(t, "the room to be given back", func() bool { return metric(t, p, "sluice_inspecting_bytes") == 0 })
		})
	}
}

// TestReplyLeavesNothing: replies that end in every way, also while text is held
// and the client leaves, leave no goroutine and no room taken.
func TestReplyLeavesNothing(t *testing.T) {
	hang := make(chan struct{})
	p := answering(t, nil, nil, func(w io.Writer, flush func()) {
		_, _ = io.WriteString(w, token("Hello")+token(" jo.doe@exam"))
		flush()
		select {
		case <-hang:
		case <-time.After(10 * time.Second):
		}
	})
	before := runtime.NumGoroutine()
	for i := range 20 {
		resp := stream(t, p, i%2 == 0)
		if _, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	close(hang)
	waitFor(t, "end of the reads", func() bool { return runtime.NumGoroutine() <= before+12 }) // kept connections apart
	waitFor(t, "completions", func() bool {
		return len(p.Completions(t)) >= 20
	})
}

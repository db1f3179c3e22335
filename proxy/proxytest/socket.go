package proxytest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// converse opens the WebSocket of a scene, says what the client says, and
// compares what came to either side.
func converse(t *testing.T, p *world, s *scene, m message) *http.Response {
	t.Helper()
	heard := make(chan []string, 1)
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("origin: %v", err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		for _, line := range linesOf(s.tell) {
			speak(conn, line, false)
		}
		lines, last := hear(frame.NewReader(rw.Reader, true, 16<<20, nil), -1)
		if last.Opcode == frame.Close {
			_ = frame.Write(conn, last, false) // the proxy may have left
		}
		heard <- lines
	}))

	_, target, _ := strings.Cut(m.first, " ")
	target, _, _ = strings.Cut(target, " ")
	u, err := url.Parse(target)
	must(t, err)
	conn := p.intercepted(t, u.Host)
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n", u.RequestURI(), u.Host)
	must(t, err)
	for _, h := range m.header {
		_, _ = fmt.Fprintf(conn, "%s: %s\r\n", h[0], h[1])
	}
	_, err = io.WriteString(conn, "\r\n")
	must(t, err)
	reader := bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, nil)
	must(t, err)
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return resp
	}
	messages := frame.NewReader(reader, false, 16<<20, nil)
	got, last := hear(messages, min(len(linesOf(s.tell)), len(linesOf(s.got)))) // so that the order is always the same
	whole := true
	for _, line := range linesOf(s.say) {
		whole = speak(conn, line, true)
	}
	if whole {
		_ = frame.Write(conn, frame.Closing(1000, ""), true)
	}
	if last.Opcode != frame.Close {
		var rest []string
		rest, last = hear(messages, -1)
		got = append(got, rest...)
	}
	switch {
	case len(last.Payload) < 2:
		got = append(got, "end without a close code")
	case binary.BigEndian.Uint16(last.Payload) != 1000:
		got = append(got, fmt.Sprintf("close %d %s", binary.BigEndian.Uint16(last.Payload), last.Payload[2:]))
	}
	_ = conn.Close()
	compareLines(t, "heard", linesOf(s.heard), <-heard)
	compareLines(t, "got", linesOf(s.got), got)
	return resp
}

// speak writes a message, masked or not, or what a transcript has in brackets
// instead. The proxy may have ended the connection. It reports whether the message is
// whole, so that another may follow.
func speak(conn io.Writer, line string, masked bool) bool {
	var b bytes.Buffer
	if strings.HasPrefix(line, "(a message with") {
		masked = line == "(a message with a mask)"
	}
	_ = frame.Write(&b, frame.Message{Opcode: frame.Text, Payload: []byte(line)}, masked)
	whole := line != "(half a message)"
	if !whole {
		b.Truncate(b.Len() / 2)
	}
	_, _ = conn.Write(b.Bytes())
	return whole
}

// hear reads so many messages, or all up to the close frame or the end.
func hear(reader *frame.Reader, count int) (lines []string, last frame.Message) {
	for len(lines) != count {
		m, err := reader.Next()
		if err != nil || m.Opcode == frame.Close {
			return lines, m
		}
		if !m.Opcode.IsControl() {
			lines = append(lines, string(m.Payload))
		}
	}
	return lines, last
}

func linesOf(s *section) []string {
	if s == nil {
		return nil
	}
	var lines []string
	for _, line := range strings.Split(strings.TrimSuffix(s.text, "\n"), "\n") {
		times := 1
		if n, rest, ok := strings.Cut(line, " × "); ok {
			if number, err := strconv.Atoi(n); err == nil {
				times, line = number, rest
			}
		}
		for range times {
			lines = append(lines, line)
		}
	}
	return lines
}

func compareLines(t *testing.T, where string, want, got []string) {
	t.Helper()
	if len(want) != len(got) {
		t.Errorf("%s: got %d messages, want %d:\n%s", where, len(got), len(want), strings.Join(got, "\n"))
		return
	}
	for i := range want {
		if !matches(want[i], got[i]) {
			t.Errorf("%s: message is\n%s\nwant\n%s", where, got[i], want[i])
		}
	}
}

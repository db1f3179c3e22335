package content_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// apart lists the parts of the head.
func apart(m *content.Message) string {
	var b strings.Builder
	for i, p := range m.Parts {
		if p.Apart {
			fmt.Fprintf(&b, "%s %t %s\n", p.Role, m.CanRewrite(i), p.Text)
		}
	}
	return b.String()
}

const hello = `{"model":"m","messages":[{"role":"user","content":"hello"}]}`

// TestFields: which values of the head are read, and as what.
func TestFields(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"a field of one's own", "X-Note: the card is 4000", "prompt true the card is 4000\n"},
		{"two values", "X-Note: first value | X-Note: second value", "prompt true first value\nprompt true second value\n"},
		{"MCP", "Mcp-Param-Key: =?base64?NDAwMA==?=", "prompt true =?base64?NDAwMA==?=\n"},
		{"not UTF-8", "X-Note: caf\xe9 noir", "prompt true caf\uFFFD noir\n"},
		{"a browser", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.6778.85", "other false Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.6778.85\n"},
		{"a page", "Referer: https://example.com/?q=the+card+4000", "other false https://example.com/?q=the+card+4000\n"},
		{"tracing", "X-Datadog-Trace-Id: 4000000000000002", "other false 4000000000000002\n"},
		{"a session", "X-Csrf-Token: 8e7d6c5b4a39", "other false 8e7d6c5b4a39\n"},
		{"a signed token", "X-Access: eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln", "other false eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln\n"},
		{"credentials", "Authorization: Bearer sk-abc123456 | Cookie: a=4000000000000002 | X-Api-Key: k4000000000", ""},
		{"grammar", "Accept: application/json, text/*;q=0.9 | Accept-Language: de-DE,de;q=0.8 | Origin: https://example.com", ""},
		{"words", "X-Mode: streaming | Openai-Beta: assistants", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := head("POST", "openai-chat", "api", "/v1/chat/completions", "Content-Type: application/json")
			for line := range strings.SplitSeq(c.line, " | ") {
				name, value, _ := strings.Cut(line, ": ")
				h.Header.Add(name, value)
			}
			if got := apart(mustRead(t, h, hello)); got != c.want {
				t.Errorf("got\n%s want\n%s", got, c.want)
			}
		})
	}
}

// TestFieldsElsewhere: on what brings no content all values are other.
func TestFieldsElsewhere(t *testing.T) {
	for name, h := range map[string]*content.Head{
		"reading":   head("GET", "openai-chat", "api", "/v1/models"),
		"sign-in":   head("POST", "openai-chat", "auth", "/v1/login"),
		"telemetry": head("POST", "chatgpt-web", "web", "/ces/v1/t"),
	} {
		h.Header.Set("X-Note", "the card is 4000")
		m := mustRead(t, h, `{"a":"b"}`)
		if got := apart(m); got != "other false the card is 4000\n" {
			t.Errorf("%s: kind %s\n%s", name, m.Kind, got)
		}
	}
}

// TestPath: ordinary segments are other, sentences are content that cannot be
// rewritten.
func TestPath(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"/v1/chat/completions", ""},
		{"/ask/the%20card%20is%204000", "prompt false the card is 4000\nother false /ask/the card is 4000\n"},
		{"/ask/the+card+is+4000", "prompt false the card is 4000\nother false /ask/the+card+is+4000\n"},
		{"/threads/4000000000000002/messages", "other false /threads/4000000000000002/messages\n"},
		{"/c/550e8400-e29b-41d4-a716-446655440000", "other false /c/550e8400-e29b-41d4-a716-446655440000\n"},
	} {
		if got := apart(mustRead(t, head("POST", "", "web", c.path, "Content-Type: application/json"), `{"q":"hello there"}`)); got != c.want {
			t.Errorf("%s: got\n%s want\n%s", c.path, got, c.want)
		}
	}
}

// TestFieldRewrite: an edit changes one value and nothing else.
func TestFieldRewrite(t *testing.T) {
	h := head("POST", "openai-chat", "api", "/v1/chat/completions", "Content-Type: application/json", "Content-Md5: x")
	h.Header["X-Note"] = []string{"first value", "pay 4000 0000 0000 0002 now", "caf\xe9 4000 0000 0000 0002"}
	before := h.Header.Clone()
	m := mustRead(t, h, hello)
	var edits []content.Edit
	for i, p := range m.Parts {
		if at := strings.Index(p.Text, planted); at >= 0 {
			edits = append(edits, content.Edit{Part: i, Start: at, End: at + len(planted), Text: "[CARD]"})
		}
	}
	w, err := m.Rewrite(edits)
	if err != nil || len(edits) != 2 {
		t.Fatal(len(edits), err)
	}
	if string(w.Body) != hello || w.Remove != nil {
		t.Errorf("the body changed: %s, without %v", w.Body, w.Remove)
	}
	if fmt.Sprint(h.Header) != fmt.Sprint(before) {
		t.Error("the header changed before Apply")
	}
	want := []string{"first value", "pay [CARD] now", "caf\xe9 [CARD]"}
	again, err := w.Reread(content.Limits{})
	if err != nil || strings.Contains(apart(again), planted) || !strings.Contains(apart(again), "pay [CARD] now") {
		t.Errorf("read again: %v\n%s", err, apart(again))
	}
	r := &http.Request{Header: h.Header, URL: &url.URL{}}
	w.Apply(r)
	if got := r.Header["X-Note"]; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got %q", got)
	}
	if r.Header.Get("Content-Md5") != "x" {
		t.Error("a header that still holds is gone")
	}
}

// TestSealedText: only what looks random is sealed.
func TestSealedText(t *testing.T) {
	noise := make([]byte, 480)
	for i := range noise {
		noise[i] = byte(i*i*31 + i*7 + i>>3*113)
	}
	text := []byte(strings.Repeat("the card is 4000 0000 0000 0002, ", 4))
	wide := bytes.Join(bytes.Split(text, nil), []byte{0})
	for name, c := range map[string]struct {
		data []byte
		seen bool
	}{
		"noise":             {noise, false},
		"text":              {text, true},
		"UTF-16":            {wide, true},
		"text after noise":  {append(append([]byte{}, noise...), text...), true},
		"compressed":        {append([]byte("\x1f\x8b\x08\x00"), noise...), true},
		"noise in capitals": {bytes.Repeat([]byte{0x80, 0x00, 0xff, 0x10}, 40), false},
	} {
		blob := base64.StdEncoding.EncodeToString(c.data)
		for _, request := range []struct{ wire, path, body string }{
			{"anthropic-messages", "/v1/messages", `{"messages":[{"role":"assistant","content":[{"type":"redacted_thinking","data":"%s"}]}]}`},
			{"anthropic-messages", "/v1/messages", `{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"%s"}]}]}`},
			{"openai-responses", "/v1/responses", `{"input":[{"type":"reasoning","summary":[],"encrypted_content":"%s"}]}`},
		} {
			m := mustRead(t, head("POST", request.wire, "api", request.path, "Content-Type: application/json"), fmt.Sprintf(request.body, blob))
			seen := false
			for _, p := range m.Parts {
				seen = seen || p.Text == blob && p.Role != content.RoleOther
			}
			if seen != c.seen {
				t.Errorf("%s in %.40s: seen %t", name, request.body, seen)
			}
			if name == "text after noise" && !strings.Contains(show(m), "4000 0000 0000 0002") {
				t.Errorf("%s in %.40s: its text is not shown", name, request.body)
			}
		}
	}
}

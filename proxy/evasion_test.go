package proxy_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// What is hidden. One of each is enough for the default packs to act.
var hidden = []struct{ entity, value string }{
	{"CREDIT_CARD", "4111 1111 1111 1111"},
	{"US_SSN", "536-22-1047"},
	{"GITHUB_PAT", "ghp_" + "x7Kq2mPv9Rt4Wz8Yb3Nc6Jd1Lf5Gh0SaQeUi"},
	{"AWS_ACCESS_TOKEN", "AKIA" + "Q3EGU7ZP4MXWN2LV"},
	{"CREDIT_CARD", "4539148803436467"},
}

// disguises are what a value is hidden by; the result is UTF-8.
var disguises = []struct {
	name string
	hide func(string) string
}{
	{"plain", func(s string) string { return s }},
	{"full width", func(s string) string { return shift(s, 0x21, 0x7e, 0xff01) }},
	{"mathematical", func(s string) string {
		return shift(shift(shift(s, '0', '9', 0x1d7ce), 'a', 'z', 0x1d41a), 'A', 'Z', 0x1d400)
	}},
	{"zero width", func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") }},
	{"look-alikes", func(s string) string {
		return strings.NewReplacer("A", "А", "I", "І", "K", "К", "p", "р", "h", "һ", "1", "１", "-", "‐").Replace(s)
	}},
	{"marks", func(s string) string { return strings.Join(strings.Split(s, ""), "\u0336") + "\u0336" }},
	{"percent", func(s string) string { return perByte(s, "%%%02x") }},
	{"percent twice", func(s string) string { return url.QueryEscape(perByte(s, "%%%02X")) }},
	{"HTML", func(s string) string { return perByte(s, "&#%d;") }},
	{"escapes", func(s string) string { return perByte(s, `\u%04x`) }},
	{"hex escapes", func(s string) string { return perByte(s, `\x%02x`) }},
	{"quoted-printable", func(s string) string { return perByte(s, "=%02X") }},
	{"base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"base64 for URLs", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
	{"base64 twice", func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	}},
	{"base64 of gzip", func(s string) string {
		return base64.StdEncoding.EncodeToString(pack(s, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }))
	}},
	{"MCP's base64", func(s string) string { return "=?base64?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?=" }},
	{"hexadecimal", func(s string) string { return hex.EncodeToString([]byte(s)) }},
	{"tags", func(s string) string { return "hi" + shift(s, 0x20, 0x7e, 0xe0020) }},
	{"backwards", func(s string) string {
		r := []rune(s)
		slices.Reverse(r)
		return "\u202e" + string(r) + "\u202c"
	}},
}

// carriers are where a disguised value stands in a request. blocked says that
// nothing can be rewritten there.
var carriers = []struct {
	name    string
	blocked bool
	request func(text string) (method, target, kind, body string, header http.Header)
}{
	{"message", false, func(text string) (string, string, string, string, http.Header) {
		return "POST", "https://api.openai.com/v1/chat/completions", "application/json", message("see " + text + " there"), nil
	}},
	{"unknown field", false, func(text string) (string, string, string, string, http.Header) {
		return "POST", "https://api.openai.com/v1/chat/completions", "application/json",
			`{"model":"m","messages":[{"role":"user","content":"hi"}],"new_field":[{"a":` + quote(text) + `}]}`, nil
	}},
	{"tool arguments", false, func(text string) (string, string, string, string, http.Header) {
		arguments := quote(`{"note":` + quote(text) + `}`)
		return "POST", "https://api.openai.com/v1/chat/completions", "application/json",
			`{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":` + arguments + `}}]}]}`, nil
	}},
	{"form", false, func(text string) (string, string, string, string, http.Header) {
		return "POST", "https://app.jasper.ai/api/write", "application/x-www-form-urlencoded", url.Values{"text": {"see " + text}}.Encode(), nil
	}},
	{"multipart", false, func(text string) (string, string, string, string, http.Header) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.WriteField("text", "see "+text)
		_ = w.Close()
		return "POST", "https://app.jasper.ai/api/write", w.FormDataContentType(), b.String(), nil
	}},
	{"query", false, func(text string) (string, string, string, string, http.Header) {
		return "GET", "https://www.perplexity.ai/search?q=" + url.QueryEscape("see "+text), "", "", nil
	}},
	{"header", false, func(text string) (string, string, string, string, http.Header) {
		return "POST", "https://api.openai.com/v1/chat/completions", "application/json", message("hello"), http.Header{"X-Note": {"see " + text}}
	}},
	{"MCP header", false, func(text string) (string, string, string, string, http.Header) {
		return "POST", "https://app.jasper.ai/api/write", "application/json", `{"text":"hello"}`, http.Header{"Mcp-Param-Query": {text}}
	}},
	{"path", true, func(text string) (string, string, string, string, http.Header) {
		return "POST", "https://app.jasper.ai/api/ask/" + url.PathEscape("please see "+text) + "/now", "application/json", `{"text":"hello"}`, nil
	}},
}

// TestEvasions sends every disguise in every carrier: what arrives holds neither
// the value nor its disguise, the record names the entity, and nothing of the
// value is in it.
func TestEvasions(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Hosts = []string{host, "app.jasper.ai", "www.perplexity.ai"}
		s.Sanctioned = []string{"openai-api", "jasper", "perplexity"}
	})
	tried := 0
	for c, carrier := range carriers {
		for d, disguise := range disguises {
			v := hidden[(c+d)%len(hidden)]
			text := disguise.hide(v.value)
			if text == v.value && disguise.name != "plain" {
				continue
			}
			tried++
			t.Run(carrier.name+"/"+disguise.name+"/"+v.entity, func(t *testing.T) {
				method, target, kind, body, header := carrier.request(text)
				evade(t, p, method, target, kind, []byte(body), header, v.entity, v.value, text, carrier.blocked)
			})
		}
	}
	if tried < 150 {
		t.Errorf("%d evasions", tried)
	}
}

// TestPackedEvasions packs the whole body.
func TestPackedEvasions(t *testing.T) {
	p := start(t, nil)
	text := "see " + hidden[0].value
	for name, c := range map[string]struct {
		kind, coding string
		body         []byte
	}{
		"gzip":     {"application/json", "gzip", pack(message(text), func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })},
		"zlib":     {"application/json", "deflate", pack(message(text), func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })},
		"deflate":  {"application/json", "deflate", pack(message(text), func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 6); return z })},
		"br":       {"application/json", "br", pack(message(text), func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })},
		"zstd":     {"application/json", "zstd", pack(message(text), func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z })},
		"UTF-16":   {"application/json; charset=utf-16", "", utf16LE("\ufeff" + message(text))},
		"unmarked": {"application/json; charset=utf-16le", "", utf16LE(message(text))},
		"silent":   {"application/json", "", utf16LE(message(text))},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			if c.coding != "" {
				header.Set("Content-Encoding", c.coding)
			}
			evade(t, p, "POST", "https://api.openai.com/v1/chat/completions", c.kind, c.body, header, hidden[0].entity, hidden[0].value, hidden[0].value, false)
		})
	}
}

// TestTextAsPicture: text that claims to be a picture is read and rewritten.
func TestTextAsPicture(t *testing.T) {
	p := start(t, nil)
	text := strings.Repeat("the card is "+hidden[0].value+". ", 4)
	resp, answer := post(t, p, true, strings.NewReader(`{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,`+
		base64.StdEncoding.EncodeToString([]byte(text))+`"}}]}]}`))
	got := p.Origin.Received()
	if resp.StatusCode != 200 || len(got) != 1 {
		t.Fatalf("got %d: %s", resp.StatusCode, answer)
	}
	_, blob, _ := strings.Cut(string(got[0].Payload), "base64,")
	blob, _, _ = strings.Cut(blob, `"`)
	if arrived, err := base64.StdEncoding.DecodeString(blob); err != nil || !strings.HasPrefix(string(arrived), "the card is [CREDIT_CARD_") || strings.Contains(string(arrived), "4111") {
		t.Errorf("arrived: %q, %v", arrived, err)
	}
}

// evade makes one request and sees what came of it.
func evade(t *testing.T, p *proxytest.Proxy, method, target, kind string, body []byte, header http.Header, entity, value, disguised string, blocked bool) {
	t.Helper()
	p.Origin.Received()
	r, err := http.NewRequest(method, target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	resp, err := p.Client("", true).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	got := p.Origin.Received()
	switch {
	case blocked && (len(got) > 0 || resp.StatusCode != 403):
		t.Errorf("not blocked: %d", resp.StatusCode)
	case !blocked && (len(got) != 1 || resp.StatusCode != 200):
		t.Errorf("%d, and the origin got %d requests: %s", resp.StatusCode, len(got), answer)
	}
	for _, g := range got {
		arrived := g.URL.String() + "\n" + fmt.Sprint(g.Header) + "\n" + string(g.Payload)
		plain := strings.ReplaceAll(arrived, "\x00", "")
		query, _ := url.QueryUnescape(plain)
		for _, s := range []string{value, disguised, strings.Trim(quote(disguised), `"`)} {
			if strings.Contains(plain, s) || strings.Contains(query, s) {
				t.Errorf("%q arrived: %q", s, arrived)
			}
		}
		if !strings.Contains(query, "["+entity+"_") {
			t.Errorf("no placeholder in %q", arrived)
		}
	}
	found := false
	for _, line := range p.Lines(t, "decision") {
		findings, _ := line["findings"].([]any)
		for _, f := range findings {
			found = found || f.(map[string]any)["entity"] == entity
		}
		record, _ := json.Marshal(line)
		for _, s := range []string{value, disguised} {
			if strings.Contains(string(record), s) {
				t.Errorf("%q is in the record", s)
			}
		}
	}
	if !found {
		t.Error("the record does not name the entity")
	}
}

// TestInnocentHeads: what clients send every day is neither changed nor refused.
func TestInnocentHeads(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) {
		s.Hosts = []string{host, "chatgpt.com", "claude.ai", "app.jasper.ai"}
		s.Sanctioned = []string{"openai-api"} // the others are not approved: a finding would block
	})
	for _, line := range []string{
		"User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.86",
		"User-Agent: OpenAI/Python 1.57.4",
		"X-Stainless-Runtime-Version: 3.12.4",
		"X-Stainless-Package-Version: 10.11.12.13",
		"X-Request-Id: 550e8400-e29b-41d4-a716-446655440000",
		"Idempotency-Key: stainless-python-retry-7c0f1a52-6a8e-4b54-9d0e-0f6e1f1c8d11",
		"X-Datadog-Trace-Id: 4111111111111111",
		"Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"Baggage: sentry-environment=production,sentry-release=2026.11.25,sentry-trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
		"Oai-Device-Id: 1f2e3d4c-5b6a-4978-8a9b-0c1d2e3f4a5b",
		"Oai-Client-Build-Number: 4411223344",
		"Oai-Client-Version: prod-8b8a4e6fc8d3c5b1c2d3e4f5a6b7c8d9e0f1a2b3",
		"Oai-Echo-Logs: 0,2343,1,3432,0,12345,1,23456",
		"Openai-Sentinel-Chat-Requirements-Token: gAAAAABn" + base64.StdEncoding.EncodeToString([]byte(`["3071","Wed Nov 25 2026 18:00:00 GMT+0000",4294705152,0,"Mozilla/5.0","https://cdn.example/x.js",null,"en-US","en-US,en",1732557600123.4]`)),
		"X-Csrf-Token: 4111111111111111",
		"X-Client-Data: CIa2yQEIorbJAQipncoBCMDdygEIlaHLAQiFoM0BCNy9zQEI",
		"X-Goog-Ext-525001261-Jspb: [1,null,null,null,\"9ec249fc9ad08861\",null,null,0,[4],null,null,1]",
		"Anthropic-Client-Platform: web_claude_ai",
		"Anthropic-Anonymous-Id: claudeai.v1.7d5a8c1e-0c7a-4f53-9a57-3b0f5ce1a2b4",
		"Vscode-Sessionid: 0f6e1f1c-6a8e-4b54-9d0e-7c0f1a521732557600123",
		"Vscode-Machineid: 8b8a4e6fc8d3c5b1c2d3e4f5a6b7c8d9e0f1a2b38b8a4e6fc8d3c5b1c2d3e4f5",
		"Copilot-Integration-Id: vscode-chat",
		"X-Github-Api-Version: 2026-03-10",
		"X-Forwarded-For: 203.0.113.77, 198.51.100.20",
		"Accept-Language: de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7",
		"If-None-Match: W/\"4111111111111111\"",
		"Referer: https://chatgpt.com/c/67448d21-1c40-8004-8f27-8a8d5c1e2f3a?model=gpt-5",
		"Authorization: Bearer sk-proj-" + strings.Repeat("aB3dE5gH7jK9mN1pQ", 3),
		"Cookie: session=eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6Im5hZGlhQGJyaWdodGZpZWxkLmV4YW1wbGUifQ.c2lnbmF0dXJlc2lnbmF0dXJl",
		"X-App-Session: eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6Im5hZGlhQGJyaWdodGZpZWxkLmV4YW1wbGUifQ.c2lnbmF0dXJlc2lnbmF0dXJl",
		"X-Timestamp: 1732557600123",
		"X-Screen: 1920x1080@2x",
	} {
		name, value, _ := strings.Cut(line, ": ")
		for _, target := range []string{
			"https://api.openai.com/v1/chat/completions",
			"https://app.jasper.ai/api/users/4111111111111111/chats/550e8400-e29b-41d4-a716-446655440000",
		} {
			r, err := http.NewRequest(http.MethodPost, target, strings.NewReader(message("hello")))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(name, value)
			resp, err := p.Client("", true).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			got := p.Origin.Received()
			if len(got) != 1 || got[0].Header.Get(name) != value {
				t.Errorf("%.60s to %s: %d, %d requests arrived", line, target, resp.StatusCode, len(got))
			}
		}
	}
}

func message(text string) string {
	return `{"model":"m","messages":[{"role":"user","content":` + quote(text) + `}]}`
}

func quote(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(out)
}

// shift moves characters of a range to where another script or style has them.
func shift(s string, from, to, base rune) string {
	return strings.Map(func(r rune) rune {
		if r >= from && r <= to {
			return base + r - from
		}
		return r
	}, s)
}

func perByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func pack(s string, open func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	w := open(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.Bytes()
}

func utf16LE(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

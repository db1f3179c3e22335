package content_test

import (
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/content"
)

var apiHead = head("POST", "openai-chat", "api", "/chat/completions", "Content-Type: application/json")

func TestMalformedAtAKnownEndpoint(t *testing.T) {
	for _, body := range []string{
		`{`, `{"messages":[`, `{"messages":[{"content":"x`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `{'a':1}`, `{"a":01}`, `{"a":1.}`, `{"a":+1}`, `{"a":.5}`,
		`{"a":NaN}`, `{"a":nul}`, `{"a":truee}`, `{"a":"\x41"}`, `{"a":"\u00g0"}`, "{\"a\":\"\n\"}", "{\"a\":\"\x00\"}", `{}{}`, `{} x`, `[1,]`, `[1 2]`, `]`, `}`, `,`,
		`{"a":1}]`, `// c` + "\n{}", `{"a":1e}`, `{"a":-}`, "\x1e{}", `a=b`, strings.Repeat("[", 513) + strings.Repeat("]", 513),
		strings.Repeat(`{"a":`, 1<<16), strings.Repeat("[", 1<<20), "\xef\xbb\xbf\xef\xbb\xbf{}", "{}\x00",
	} {
		if _, err := content.Read(apiHead, []byte(body), content.Limits{}); !errors.Is(err, content.ErrMalformed) {
			t.Errorf("%.60q: %v", body, err)
		} else if len(body) > 8 && strings.Contains(err.Error(), body) {
			t.Errorf("the error quotes the body: %v", err)
		}
	}
	for _, body := range []string{
		"", " \n", `{}`, `[]`, `"x"`, `null`, ` {"a":-0.5e-7} `, "\xef\xbb\xbf{}", `{"a":"\ud800"}`, `{"":""}`, `{"a":"\/"}`, "{\"a\":\"\x7f\"}", "{\"a\":\"\xff\"}",
		strings.Repeat("[", 512) + strings.Repeat("]", 512), `{"a":` + strings.Repeat("9", 100000) + `}`,
	} {
		if _, err := content.Read(apiHead, []byte(body), content.Limits{}); err != nil {
			t.Errorf("%.60q: %v", body, err)
		}
	}
}

// TestTruncatedJSON: every prefix of a body is read without error, and what is
// in it is seen.
func TestTruncatedJSON(t *testing.T) {
	const body = `{"model":"m","n":[true,false,null,-1.5e+3,12345678],"messages":[{"role":"user","content":"one \u00e9\ud83c\udf27 two é"},{"role":"user","content":[{"type":"text","text":"three"}]}]}`
	h := *apiHead
	h.Truncated = true
	for n := range len(body) + 1 {
		m, err := content.Read(&h, []byte(body[:n]), content.Limits{})
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if seen := strings.Contains(show(m), "one"); seen != (n >= strings.Index(body, "one")+3) {
			t.Errorf("cut at %d: %s", n, show(m))
		}
	}
}

// TestStringsAreSeen: every string of a body is seen in every format, wherever
// it stands and however it is written.
func TestStringsAreSeen(t *testing.T) {
	const secret = "value 4000000000000002"
	for _, h := range []*content.Head{
		apiHead, head("POST", "openai-*", "api", "/v1/responses"), head("POST", "anthropic-messages", "api", "/v1/messages"),
		head("POST", "anthropic-messages", "api", "/v1/messages/batches"), head("POST", "chatgpt-web", "web", "/backend-api/conversation"),
		head("POST", "chatgpt-web", "web", "/backend-api/files"), head("POST", "", "web", "/x"), head("POST", "chatgpt-web", "web", "/other"),
	} {
		for _, body := range []string{
			`%`, `[%]`, `{"new":%}`, `{"new":{"a":[{"b":%}]}}`, `{%:1}`, `{"messages":%}`, `{"messages":[%]}`, `{"messages":{"a":%}}`, `{"messages":[[%]]}`,
			`{"messages":[{"content":%}]}`, `{"messages":[{"content":{"text":%}}]}`, `{"messages":[{"content":{"parts":%}}]}`, `{"messages":[{"content":[%]}]}`,
			`{"messages":[{"content":[[%]]}]}`, `{"messages":[{"role":%}]}`, `{"messages":[{"role":"user","role":%}]}`, `{"messages":[{"content":[{"type":%}]}]}`,
			`{"messages":[{"content":[{"type":"x","y":{"z":%}}]}]}`, `{"messages":[{"tool_calls":%}]}`, `{"messages":[{"tool_calls":[%]}]}`, `{"messages":[{"tool_calls":[{"function":%}]}]}`,
			`{"messages":[{"audio":%}]}`, `{"messages":[{"content":[{"image_url":%}]}]}`, `{"messages":[{"content":[{"image_url":{"url":%}}]}]}`, `{"messages":[{"content":[{"file":%}]}]}`,
			`{"messages":[{"content":[{"file":{"filename":%}}]}]}`, `{"messages":[{"content":[{"file":{"file_data":%}}]}]}`, `{"messages":[{"content":[{"input_audio":{"data":%}}]}]}`,
			`{"messages":[{"content":[{"type":"image","source":{"type":"base64","data":%}}]}]}`, `{"messages":[{"content":[{"type":"document","source":%}]}]}`,
			`{"messages":[{"content":[{"type":"thinking","thinking":%}]}]}`, `{"messages":[{"content":[{"type":"thinking","thinking":"a b","signature":%}]}]}`,
			`{"messages":[{"content":[{"type":"redacted_thinking","data":%}]}]}`, `{"messages":[{"content":[{"type":"tool_use","input":{"a":%}}]}]}`,
			`{"messages":[{"content":[{"type":"tool_result","content":%}]}]}`, `{"messages":[{"content":[{"type":"tool_result","content":[{"type":"text","text":%}]}]}]}`,
			`{"messages":[{"content":[{"type":"tool_result","content":[{"content":[{"text":%}]}]}]}]}`,
			`{"messages":[{"author":%}]}`, `{"messages":[{"author":{"name":%}}]}`, `{"messages":[{"metadata":%}]}`, `{"messages":[{"metadata":{"attachments":%}}]}`, `{"messages":[{"metadata":{"attachments":[%]}}]}`,
			`{"messages":[{"metadata":{"attachments":[{"name":%}]}}]}`, `{"messages":[{"content":{"parts":[%]}}]}`, `{"messages":[{"content":{"parts":[{"x":%}]}}]}`,
			`{"partial_query":%}`, `{"partial_query":{"x":%}}`, `{"system_hints":[%]}`, `{"requests":%}`, `{"requests":[%]}`, `{"requests":[{"params":%}]}`, `{"requests":[{"x":%}]}`, `{"requests":[{"params":{"system":%}}]}`,
			`{"input":%}`, `{"input":[%]}`, `{"input":[{"content":%}]}`, `{"input":[{"output":%}]}`, `{"input":[{"output":{"x":%}}]}`, `{"input":[{"type":"reasoning","encrypted_content":%}]}`, `{"input":[{"summary":[{"text":%}]}]}`,
			`{"input":[{"type":"image_generation_call","result":%}]}`, `{"conversation":%}`, `{"conversation":{"id":%}}`, `{"instructions":%}`, `{"prompt":%}`, `{"prompt":[%]}`, `{"prompt":{"variables":{"a":%}}}`,
			`{"tools":%}`, `{"tools":[%]}`, `{"tools":[{"name":%}]}`, `{"tools":[{"function":{"description":%}}]}`, `{"tools":[{"headers":{"a":%}}]}`, `{"mcp_servers":[{"authorization_token":%}]}`, `{"functions":{"a":%}}`,
			`{"model":%}`, `{"model":{"a":%}}`, `{"user":%}`, `{"metadata":{"user_id":%}}`, `{"metadata":{%:"a"}}`, `{"stream_options":%}`, `{"suffix":%}`, `{"file_name":%}`, `{"file_size":%}`, `{"type":%}`, `{"role":{"type":%}}`,
		} {
			for _, written := range []string{`"value 4000000000000002"`, `"value\u00204000000000000002"`, `"\u0076\u0061lue 4000000000000002"`} {
				m := mustRead(t, h, strings.ReplaceAll(body, "%", written))
				found := false
				for _, p := range m.Parts {
					found = found || p.Text == secret
				}
				if !found && !(strings.Contains(body, `"stream":`)) {
					t.Errorf("%s %s: not seen: %v", h.Path, body, m.Parts)
				}
			}
		}
	}
}

// TestLongIdentifiers: what is too long for an identifier is content.
func TestLongIdentifiers(t *testing.T) {
	for _, body := range []string{`{"user":"%"}`, `{"messages":[{"tool_call_id":"%"}]}`, `{"model":"%"}`} {
		m := mustRead(t, apiHead, strings.ReplaceAll(body, "%", strings.Repeat("a b ", 200)))
		if m.Parts[0].Role != content.RolePrompt {
			t.Errorf("%s: role %s", body, m.Parts[0].Role)
		}
		m = mustRead(t, apiHead, strings.ReplaceAll(body, "%", "a b"))
		if m.Parts[0].Role != content.RoleOther {
			t.Errorf("%s: role %s", body, m.Parts[0].Role)
		}
	}
}

// TestLargeBodies: time grows with size, not with its square, also for edits.
func TestLargeBodies(t *testing.T) {
	const size = 256 << 10
	for name, body := range map[string]string{
		"escapes":       `{"messages":[{"content":"` + strings.Repeat(`\u0061 `, size/7) + `"}]}`,
		"nested":        `{"messages":[{"content":"{\"a\":\"` + strings.Repeat(`\\u0061 `, size/8) + `\"}"}]}`,
		"nested broken": `{"messages":[{"content":"{\"a\":\"` + strings.Repeat(`\\u0061 \"`, size/10) + `"}]}`,
		"invalid":       "{\"messages\":[{\"content\":\"" + strings.Repeat("\xff a \\n", size/6) + "\"}]}",
		"numbers":       `{"messages":[{"content":[` + strings.Repeat("12345678,", size/9) + `1]}]}`,
		"strings":       `{"messages":[{"content":[` + strings.Repeat(`"a ",`, size/5) + `"a"]}]}`,
		"keys":          `{"messages":[{` + strings.Repeat(`"role":"user",`, size/14) + `"role":"user"}]}`,
		"messages":      `{"messages":[` + strings.Repeat(`{"role":"user","content":"a "},`, size/31) + `{}]}`,
		"again":         `{` + strings.Repeat(`"messages":[{"role":"user"}],`, size/29) + `"messages":[]}`,
		"files":         `{"messages":[{"content":[` + strings.Repeat(`{"type":"file","file":{"filename":"a"}},`, size/40) + `{}]}]}`,
		"tools":         `{"tools":[` + strings.Repeat(`{"name":"ab"},`, size/14) + `{}]}`,
		"braces":        `{"messages":[{"content":"` + strings.Repeat(`{\"`, size/3) + `"}]}`,
	} {
		start := time.Now()
		var before, after runtime.MemStats
		var reserved uint64
		lim := content.Limits{Reserve: func(n int64) error { reserved += uint64(n); return nil }}
		runtime.ReadMemStats(&before)
		m, err := content.Read(apiHead, []byte(body), lim)
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > reserved*5/4+uint64(len(body))+64<<10 {
			t.Errorf("%s: took %d KiB, reserved %d KiB", name, taken>>10, reserved>>10)
		}
		if err != nil {
			if name != "strings" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var edits []content.Edit
		for i, p := range m.Parts {
			for at := 0; m.CanRewrite(i) && at+1 <= len(p.Text); at += 8 {
				edits = append(edits, content.Edit{Part: i, Start: at, End: at + 1, Text: "x"})
			}
		}
		if _, err := m.Rewrite(edits); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		took := time.Since(start)
		if took > 5*time.Second {
			t.Errorf("%s: %v for %d edits", name, took, len(edits))
		}
	}
}

// FuzzJSON compares the scanner with another reader: what Read accepts at a known
// endpoint is JSON, what it refuses is not, and every string is seen.
func FuzzJSON(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	for _, s := range []string{`[1,2.5e3,-0,true,null,"\ud83c\udf27\u0000"]`, `{"a":{"b":[[]]},"a":{}}`, "\xef\xbb\xbf[]", "[\"\xff\"]", ` 1 `} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := content.Read(apiHead, body, content.Limits{})
		trimmed := strings.TrimPrefix(string(body), "\xef\xbb\xbf")
		if strings.TrimSpace(trimmed) == "" || strings.Contains(trimmed, "\x00") || strings.HasPrefix(trimmed, "\xff\xfe") || strings.HasPrefix(trimmed, "\xfe\xff") {
			return
		}
		if valid := json.Valid([]byte(trimmed)); valid != (err == nil) {
			t.Fatalf("valid %v, error %v", valid, err)
		}
		if err != nil {
			return
		}
		var v any
		if json.Unmarshal([]byte(trimmed), &v) != nil {
			return
		}
		texts := map[string]bool{}
		for _, p := range m.Parts {
			texts[p.Text] = true
		}
		eachString(v, "", func(key, s string) {
			word := strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.$") == ""
			if !texts[s] && !word && !strings.HasPrefix(s, "data:") && key != "file_data" && key != "data" {
				t.Fatalf("%q is not seen in %v", s, m.Parts)
			}
		})
	})
}

// eachString visits every string value with the key that it stands under.
func eachString(v any, key string, visit func(key, s string)) {
	switch v := v.(type) {
	case string:
		visit(key, v)
	case []any:
		for _, item := range v {
			eachString(item, key, visit)
		}
	case map[string]any:
		for k, item := range v {
			eachString(item, k, visit)
		}
	}
}

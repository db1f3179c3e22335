package content_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// redact replaces every occurrence of a value in every part that can be
// rewritten and reports how many there were.
func redact(tb testing.TB, m *content.Message, value, text string) (*content.Rewritten, int) {
	tb.Helper()
	var edits []content.Edit
	for i, p := range m.Parts {
		if !m.CanRewrite(i) {
			continue
		}
		for at := 0; ; {
			n := strings.Index(p.Text[at:], value)
			if n < 0 {
				break
			}
			edits = append(edits, content.Edit{Part: i, Start: at + n, End: at + n + len(value), Text: text})
			at += n + len(value)
		}
	}
	w, err := m.Rewrite(edits)
	if err != nil {
		tb.Fatalf("rewrite %v: %v", edits, err)
	}
	return w, len(edits)
}

// TestRewrite: what is planted in each place is found and replaced, and nothing
// else changes.
func TestRewrite(t *testing.T) {
	const card = "4000000000000002"
	chat := func(content string) string {
		return `{"messages":[{"role":"user","content":` + content + `}],"x":[ 1 , 2.50 ]}`
	}
	args := func(arguments string) string {
		return `{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":` + arguments + `}}]}]}`
	}
	api := head("POST", "openai-chat", "api", "/chat/completions")
	for _, tc := range []struct {
		name       string
		head       *content.Head
		body, want string
	}{
		{"plain", api, chat(`"a 4000000000000002 b"`), chat(`"a [C\"] b"`)},
		{"twice", api, chat(`"4000000000000002 4000000000000002"`), chat(`"[C\"] [C\"]"`)},
		{"escaped", api, chat(`"\ud83c\udf27\n\u0034000\u00300000000\u0030002\t\u00e9"`), chat(`"\ud83c\udf27\n[C\"]\t\u00e9"`)},
		{"lone surrogate", api, chat(`"\ud800 4000000000000002 \udc00"`), chat(`"\ud800 [C\"] \udc00"`)},
		{"invalid bytes", api, chat("\"\xff\xfe 4000000000000002 \xc0\""), chat("\"\xff\xfe [C\\\"] \xc0\"")},
		{"number", api, `{"messages":[{"role":"user","content":"x","n":4000000000000002}]}`, `{"messages":[{"role":"user","content":"x","n":"[C\"]"}]}`},
		{"number with exponent", api, `{"n":4.000000000000002e15}`, `{"n":"[C\"]"}`},
		{"number in an array", api, `{"n":[1,4000000000000002,2]}`, `{"n":[1,"[C\"]",2]}`},
		{"part of a number", api, `{"n":94000000000000002}`, `{"n":"9[C\"]"}`},
		{"key", api, `{"messages":[{"4000000000000002":1}]}`, `{"messages":[{"[C\"]":1}]}`},
		{"escaped key of messages", api, `{"m\u0065ssages":[{"role":"user","content":"4000000000000002"}]}`, `{"m\u0065ssages":[{"role":"user","content":"[C\"]"}]}`},
		{"duplicate keys", api, `{"messages":[{"content":"4000000000000002"}],"messages":[{"content":"4000000000000002","content":"4000000000000002"}]}`,
			`{"messages":[{"content":"[C\"]"}],"messages":[{"content":"[C\"]","content":"[C\"]"}]}`},
		{"arguments", api, args(`"{\"card\":\"4000000000000002\"}"`), args(`"{\"card\":\"[C\\\"]\"}"`)},
		{"number in arguments", api, args(`"{\"card\":4000000000000002,\"n\":1}"`), args(`"{\"card\":\"[C\\\"]\",\"n\":1}"`)},
		{"escaped in arguments", api, args(`"{\"card\":\"\\u0034000000000000002\",\"b\":\"\\n\"}"`), args(`"{\"card\":\"[C\\\"]\",\"b\":\"\\n\"}"`)},
		{"both in arguments", api, args(`"{\"card\":\"\\n4000000000000002\"}"`), args(`"{\"card\":\"\\n[C\\\"]\"}"`)},
		{"arguments that do not parse", api, args(`"{\"card\":\"\\u0034000000000000002"`), args(`"{\"card\":\"[C\"]"`)},
		{"text in base64", api, chat(`[{"type":"file","file":{"file_data":"data:text/plain;base64,YSA0MDAwMDAwMDAwMDAwMDAyIGI="}}]`),
			chat(`[{"type":"file","file":{"file_data":"data:text/plain;base64,YSBbQyJdIGI="}}]`)},
		{"form", head("POST", "", "web", "/", "Content-Type: application/x-www-form-urlencoded"), "a=%zz+%34000000000000002+b%C3%A9&c;d", "a=%zz+%5BC%22%5D+b%C3%A9&c;d"},
		{"form in pieces", head("POST", "", "web", "/", "Content-Type: application/x-www-form-urlencoded"), "a=1;q=4000000000000002", "a=1;q=%5BC%22%5D"},
		{"JSON that claims to be a form", head("POST", "", "web", "/", "Content-Type: application/x-www-form-urlencoded"), `{"a":"%34000000000000002 4000000000000002"}`, `{"a":"%5BC%22%5D %5BC%22%5D"}`},
		{"multipart", head("POST", "", "web", "/", "Content-Type: multipart/form-data; boundary=b"),
			"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n4000000000000002\r\n--b\r\nContent-Disposition: form-data; name=y; filename=z\r\n\r\n\xff\xfe4\x000\x000\x000\x000\x000\x000\x000\x000\x000\x000\x000\x000\x000\x000\x002\x00\r\n--b--",
			"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n[C\"]\r\n--b\r\nContent-Disposition: form-data; name=y; filename=z\r\n\r\n\xff\xfe[\x00C\x00\"\x00]\x00\r\n--b--"},
		{"beside the parts", head("POST", "", "web", "/", "Content-Type: multipart/form-data; boundary=b"), "4000000000000002\r\n--b--\r\n4000000000000002", "[C\"]\r\n--b--\r\n[C\"]"},
		{"text", head("POST", "", "web", "/", "Content-Type: text/plain"), "\xef\xbb\xbfa 4000000000000002\x80", "\xef\xbb\xbfa [C\"]\x80"},
		{"broken JSON elsewhere", head("POST", "", "web", "/", "Content-Type: application/json"), `{"a":"\u0034000000000000002",}`, `{"a":"[C"]",}`}, // it is text: nothing is known of its escapes
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := mustRead(t, tc.head, tc.body)
			w, n := redact(t, m, card, `[C"]`)
			if n == 0 {
				t.Fatalf("not seen: %v", m.Parts)
			}
			if tc.name == "JSON that claims to be a form" {
				if strings.Contains(string(w.Body), card) || strings.Contains(string(w.Body), "%34") {
					t.Errorf("got %s", w.Body)
				}
				return
			}
			if string(w.Body) != tc.want {
				t.Errorf("got  %s\nwant %s", w.Body, tc.want)
			}
			again, err := w.Reread(content.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range again.Parts {
				if strings.Contains(p.Text, card) {
					t.Errorf("left in %q", p.Text)
				}
			}
		})
	}
}

func TestRewriteQuery(t *testing.T) {
	h := head("GET", "chatgpt-web", "web", "/?a=4000000000000002&q=my+%34000000000000002%21&x=%zz")
	m := mustRead(t, h, "")
	w, n := redact(t, m, "4000000000000002", "[C]")
	if want := "a=4000000000000002&q=my+%5BC%5D%21&x=%zz"; n != 1 || w.RawQuery != want || w.Remove != nil {
		t.Errorf("query %q, %d edits", w.RawQuery, n)
	}
	for i, p := range m.Parts {
		if p.Role == content.RoleOther {
			if _, err := m.Rewrite([]content.Edit{{Part: i, Start: 0, End: 1, Text: "x"}}); !errors.Is(err, content.ErrCannotRewrite) {
				t.Errorf("part %d: %v", i, err)
			}
		}
	}
}

func TestBadEdits(t *testing.T) {
	m := mustRead(t, head("POST", "openai-chat", "api", "/chat/completions"), `{"user":"u 1","messages":[{"content":"abcdef"}]}`)
	text := len(m.Parts) - 1
	if m.Parts[text].Role != content.RolePrompt {
		t.Fatal(m.Parts)
	}
	for _, tc := range []struct {
		edits []content.Edit
		want  error
	}{
		{[]content.Edit{{Part: text, Start: 0, End: 3}, {Part: text, Start: 2, End: 4}}, content.ErrEdit},
		{[]content.Edit{{Part: text, Start: 2, End: 4}, {Part: text, Start: 0, End: 3}}, content.ErrEdit},
		{[]content.Edit{{Part: text, Start: 2, End: 2}}, content.ErrEdit},
		{[]content.Edit{{Part: text, Start: -1, End: 2}}, content.ErrEdit},
		{[]content.Edit{{Part: text, Start: 3, End: 2}}, content.ErrEdit},
		{[]content.Edit{{Part: text, Start: 3, End: 7}}, content.ErrEdit},
		{[]content.Edit{{Part: 9, Start: 0, End: 1}}, content.ErrEdit},
		{[]content.Edit{{Part: -1, Start: 0, End: 1}}, content.ErrEdit},
		{[]content.Edit{{Part: 0, Start: 0, End: 1}}, content.ErrCannotRewrite},
	} {
		if w, err := m.Rewrite(tc.edits); !errors.Is(err, tc.want) || w != nil {
			t.Errorf("%v: %v", tc.edits, err)
		}
	}
	w, err := m.Rewrite([]content.Edit{{Part: text, Start: 3, End: 6, Text: "2"}, {Part: text, Start: 0, End: 3, Text: "1"}})
	if err != nil || string(w.Body) != `{"user":"u 1","messages":[{"content":"12"}]}` {
		t.Errorf("%v %v", w, err)
	}
}

// TestOtherIsNeverRewritten: at a service with formats nothing of a request that
// matches none can be edited.
func TestOtherIsNeverRewritten(t *testing.T) {
	for _, h := range []*content.Head{
		head("POST", "openai-*", "web", "/v1/unknown?x=abc"),
		head("GET", "openai-*", "api", "/v1/unknown?x=abc"),
		head("DELETE", "anthropic-messages", "api", "/v1/unknown?x=abc"),
		head("POST", "anthropic-messages", "api", "/v1/oauth/token?q=abc"),
		head("POST", "chatgpt-web", "web", "/backend-api/me?x=abc"),
		head("POST", "chatgpt-web", "api", "/backend-api/me?x=abc"),
		head("POST", "chatgpt-web", "auth", "/login?prompt=abc"),
		head("POST", "", "auth", "/login?q=abc"),
		head("POST", "chatgpt-web", "web", "/api/auth/callback?q=abc"),
	} {
		m := mustRead(t, h, `{"a":"one","b":["two",12345678,"{\"x\":\"\\u0041\"}"],"data 1":"data:text/plain;base64,aGVsbG8="}`)
		if len(m.Parts) < 6 || m.Kind == content.KindPrompt {
			t.Errorf("%s: kind %s, %d parts", h.Path, m.Kind, len(m.Parts))
		}
		for i, p := range m.Parts {
			if p.Role != content.RoleOther || m.CanRewrite(i) {
				t.Errorf("%s: part %q has role %s", h.Path, p.Text, p.Role)
			}
		}
	}
}

// seeds for the fuzz targets: the values are planted at %s.
var seeds = []string{
	`{"model":"m","messages":[{"role":"user","content":"%s"}]}`,
	`{"messages":[{"role":"user","content":[{"type":"text","text":"a\n%s\u00e9"}]}],"tools":[{"function":{"name":"f","description":"%s"}}]}`,
	`{"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"{\"a\":\"%s\",\"b\":\"\\n%s\",\"c\":1}"}}]}]}`,
	`{"input":[{"type":"function_call_output","output":"[\"%s\\t\"]"}],"instructions":"%s"}`,
	`{"system":[{"type":"text","text":"%s"}],"messages":[{"role":"user","content":[{"type":"tool_result","content":"%s"}]}]}`,
	`{"messages":[{"author":{"role":"user"},"content":{"parts":["%s",{"text":"%s"}]},"metadata":{"attachments":[{"name":"%s"}]}}]}`,
	`{"partial_query":{"content":{"parts":["\ud800%s"]}}}`,
	`{"%s":{"%s":["%s"]}}`,
	`a=%s&b=1;c=%s`,
	"just %s words",
}

// fuzzRewrite holds the three properties of a format's rewrite: no edits give the
// same bytes, an edit changes nothing else, and a planted value never survives.
func fuzzRewrite(f *testing.F, heads ...*content.Head) {
	for _, s := range seeds {
		f.Add([]byte(s), uint8(0), uint8(3))
	}
	f.Fuzz(func(t *testing.T, template []byte, which, style uint8) {
		const value = "zq7731-KEEPOUT"
		h := heads[int(which)%len(heads)]
		written := value
		switch style % 4 {
		case 1: // every character as an escape
			written = ""
			for _, c := range value {
				written += `\u00` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
			}
		case 2:
			written = "zq7731\\u002dKEEPOUT"
		}
		body := strings.ReplaceAll(string(template), "%s", written)
		m, err := content.Read(h, []byte(body), content.Limits{Expanded: 1 << 20})
		if err != nil {
			return
		}
		same, err := m.Rewrite(nil)
		if err != nil || string(same.Body) != body {
			t.Fatalf("no edits changed the body: %v", err)
		}
		for i, p := range m.Parts {
			if strings.Contains(p.Text, value) && !m.CanRewrite(i) {
				return // an identifier: never rewritten
			}
		}
		w, n := redact(t, m, value, "[GONE]")
		if n == 0 {
			return
		}
		again, err := w.Reread(content.Limits{})
		if err != nil {
			t.Fatalf("the edited body cannot be read: %v\n%q\n%q", err, body, w.Body)
		}
		for _, p := range again.Parts {
			if strings.Contains(p.Text, value) {
				t.Fatalf("the value survived in %q\n%q\n%q", p.Text, body, w.Body)
			}
		}
		// A second reader agrees, and sees that nothing else changed.
		var was, is any
		if json.Unmarshal([]byte(body), &was) == nil && strings.HasPrefix(h.Path, "/v1/") {
			if err := json.Unmarshal(w.Body, &is); err != nil {
				t.Fatalf("the edited body is no JSON: %v\n%q\n%q", err, body, w.Body)
			}
			sameBut(t, was, is, value)
		}
	})
}

// sameBut checks that two JSON values differ only in the planted value.
func sameBut(t *testing.T, was, is any, value string) {
	t.Helper()
	switch was := was.(type) {
	case map[string]any:
		is, ok := is.(map[string]any)
		if !ok {
			t.Fatalf("%v became %v", was, is)
		}
		for k, v := range was {
			key := strings.ReplaceAll(k, value, "[GONE]")
			if _, twice := was[key]; key != k && twice {
				continue // now two keys have one name
			}
			if _, ok := is[key]; !ok {
				if looseEqual(is, key) {
					continue
				}
				t.Fatalf("key %q is gone", key)
			}
			sameBut(t, v, is[key], value)
		}
	case []any:
		is, ok := is.([]any)
		if !ok || len(is) != len(was) {
			t.Fatalf("%v became %v", was, is)
		}
		for i := range was {
			sameBut(t, was[i], is[i], value)
		}
	case string:
		is, ok := is.(string)
		if !ok || strings.Contains(is, value) {
			t.Fatalf("%q became %q", was, is)
		}
		var innerWas, innerIs any
		if !nested(was) || json.Unmarshal([]byte(was), &innerWas) != nil {
			if want := strings.ReplaceAll(was, value, "[GONE]"); is != want && !nested(was) {
				t.Fatalf("%q became %q", was, is)
			}
			return
		}
		if err := json.Unmarshal([]byte(is), &innerIs); err != nil {
			t.Fatalf("the JSON in %q became %q", was, is)
		}
		sameBut(t, innerWas, innerIs, value)
	default:
		if was != is {
			t.Fatalf("%v became %v", was, is)
		}
	}
}

// nested reports whether a string may itself be JSON, where edits escape.
func nested(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && (s[0] == '{' || s[0] == '[')
}

// looseEqual finds a key that was edited as nested JSON.
func looseEqual(m map[string]any, key string) bool {
	for k := range m {
		if nested(k) && nested(key) {
			return true
		}
	}
	return false
}

func FuzzOpenAI(f *testing.F) {
	fuzzRewrite(f, head("POST", "openai-*", "api", "/v1/chat/completions"), head("POST", "openai-*", "api", "/v1/responses"))
}

func FuzzAnthropic(f *testing.F) {
	fuzzRewrite(f, head("POST", "anthropic-messages", "api", "/v1/messages"), head("POST", "anthropic-messages", "api", "/v1/messages/batches"))
}

func FuzzChatGPT(f *testing.F) {
	fuzzRewrite(f, head("POST", "chatgpt-web", "web", "/backend-api/f/conversation"), head("POST", "chatgpt-web", "web", "/backend-api/files"), head("POST", "chatgpt-web", "web", "/backend-api/memories"))
}

func FuzzGeneric(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=x\r\n\r\n%s\r\n--b--\r\n"), uint8(2), uint8(0))
	f.Add([]byte("\xff\xfe%\x00s\x00"), uint8(3), uint8(0))
	fuzzRewrite(f,
		head("POST", "", "web", "/ask", "Content-Type: application/json"),
		head("POST", "", "web", "/ask", "Content-Type: application/x-www-form-urlencoded"),
		head("POST", "", "web", "/ask", "Content-Type: multipart/form-data; boundary=b"),
		head("POST", "", "web", "/ask", "Content-Type: text/plain; charset=windows-1252"),
		head("POST", "", "web", "/ask"),
		head("POST", "openai-*", "api", "/v1/embeddings"))
}

func FuzzQuery(f *testing.F) {
	f.Add("q=a+b&prompt=%41;text=c")
	f.Fuzz(func(t *testing.T, query string) {
		h := &content.Head{Method: "GET", Path: "/", RawQuery: query}
		m, err := content.Read(h, nil, content.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var edits []content.Edit
		for i, p := range m.Parts {
			if m.CanRewrite(i) {
				edits = append(edits, content.Edit{Part: i, Start: 0, End: len(p.Text), Text: "[GONE]"})
			}
		}
		w, err := m.Rewrite(edits)
		if err != nil {
			t.Fatal(err)
		}
		if len(edits) == 0 && w.RawQuery != query {
			t.Fatalf("%q became %q", query, w.RawQuery)
		}
		values, err := url.ParseQuery(w.RawQuery)
		if err != nil {
			return // Go does not read semicolons
		}
		for _, name := range []string{"q", "query", "prompt", "text"} {
			for _, v := range values[name] {
				if v != "" && v != "[GONE]" {
					t.Fatalf("%q left %q in %q", query, v, w.RawQuery)
				}
			}
		}
	})
}

package content_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// head makes a head; options are Name: value headers.
func head(method, wire, role, path string, headers ...string) *content.Head {
	h := &content.Head{Method: method, Host: "ai.example", Wire: wire, Role: role, Header: http.Header{}}
	h.Path, h.RawQuery, _ = strings.Cut(path, "?")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h.Header.Add(name, value)
	}
	return h
}

func mustRead(t testing.TB, h *content.Head, body string) *content.Message {
	t.Helper()
	m, err := content.Read(h, []byte(body), content.Limits{})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return m
}

// show writes a message as text: its facts in one line, then each part.
func show(m *content.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", m.Format, m.Kind)
	for _, fact := range []struct {
		name  string
		value any
		has   bool
	}{
		{"model", m.Model, m.Model != ""},
		{"conversation", m.Conversation, m.Conversation != ""},
		{"stream", "", m.Streaming},
		{"draft", "", m.Draft},
		{"anonymous", "", m.Anonymous},
		{"tools", m.Tools, m.Tools != nil},
		{"tenant", m.TenantIDs, m.TenantIDs != nil},
		{"files", m.Files, m.Files != nil},
		{"opaque", m.Opaque, m.Opaque != nil},
	} {
		if fact.has {
			fmt.Fprintf(&b, " %s", strings.TrimSuffix(fmt.Sprintf("%s=%v", fact.name, fact.value), "="))
		}
	}
	b.WriteByte('\n')
	for _, p := range m.Parts {
		if p.Apart { // of the head: see fields_test.go
			continue
		}
		old := ""
		if p.Old {
			old = " old"
		}
		fmt.Fprintf(&b, "%s%s: %q\n", p.Role, old, p.Text)
	}
	return b.String()
}

const sealedText = "gAAAAABn3xq9Zr1tKQv8WmYpL2uNf0sXbCdEhGjIkMlOoPqRsTtUvVwXyYzZ0123456789abcdefABCDEF=="

// golden is what each format reads.
var golden = []struct {
	name string
	head *content.Head
	body string
	want string
}{
	{
		name: "chat",
		head: head("POST", "openai-*", "api", "/v1/chat/completions", "OpenAI-Organization: org-north"),
		body: `{"tools":[{"type":"function","function":{"name":"find_order","description":"Finds an order.","parameters":{"type":"object","properties":{"id":{"type":"string","description":"The order's number."}}}}}],
			"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Where is my parcel?"},
			{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"find_order","arguments":"{\"id\":\"A\\u0037\"}"}}]},
			{"content":"Parcel is in Oslo.","tool_call_id":"call_1","role":"tool"}],
			"model":"gpt-x","stream":true,"user":"u-1","metadata":{"desk":"north 7"},"seed":7}`,
		want: `openai-chat prompt model=gpt-x stream tools=[find_order] tenant=[org-north]
system old: "find_order"
system old: "Finds an order."
system old: "The order's number."
system old: "Be kind."
prompt old: "Where is my parcel?"
other old: "call_1"
prompt old: "find_order"
prompt old: "{\"id\":\"A\\u0037\"}"
tool_result: "Parcel is in Oslo."
other: "call_1"
other old: "u-1"
prompt old: "north 7"
prompt old: "A7"
`,
	},
	{
		name: "chat with media",
		head: head("POST", "openai-chat", "api", "/openai/v1/chat/completions/"),
		body: `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Look."},
			{"type":"image_url","image_url":{"url":"data:image/png;base64,` + strings.Repeat("iVBORw0K", 12) + `"}},
			{"type":"image_url","image_url":{"url":"https://pictures.example/a.png"}},
			{"type":"input_audio","input_audio":{"data":"` + strings.Repeat("UklGRiQA", 12) + `","format":"wav"}},
			{"type":"file","file":{"filename":"plan.txt","file_data":"data:text/plain;base64,VGhlIHBsYW4gZm9yIE1heS4="}},
			{"type":"file","file":{"file_id":"file-9"}}]}]}`,
		want: `openai-chat prompt model=m files=[{plan.txt text/plain 18}] opaque=[image audio]
prompt: "Look."
prompt: "https://pictures.example/a.png"
file: "plan.txt"
file: "The plan for May."
other: "file-9"
`,
	},
	{
		name: "azure deployment",
		head: head("POST", "openai-chat", "api", "/openai/deployments/team-four/chat/completions?api-version=2024-10-21"),
		body: `{"messages":[{"role":"user","content":"Hi."}]}`,
		want: "openai-chat prompt model=team-four\nprompt: \"Hi.\"\nother: \"2024-10-21\"\n",
	},
	{
		name: "legacy completion",
		head: head("POST", "openai-*", "api", "/v1/completions"),
		body: `{"model":"m","prompt":["Once upon","a time"],"suffix":"end"}`,
		want: "openai-chat prompt model=m\nprompt: \"Once upon\"\nprompt: \"a time\"\nprompt: \"end\"\n",
	},
	{
		name: "legacy completion of tokens",
		head: head("POST", "openai-*", "api", "/v1/completions"),
		body: `{"model":"m","prompt":[15496,995]}`,
		want: "openai-chat prompt model=m opaque=[tokens]\n",
	},
	{
		name: "responses",
		head: head("POST", "openai-responses", "web", "/backend-api/codex/responses", "chatgpt-account-id: ws-7"),
		body: `{"model":"gpt-x","instructions":"Be brief.","stream":true,"store":false,"include":["reasoning.encrypted_content"],
			"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"List the files."}]},
			{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Use ls."}],"encrypted_content":"` + sealedText + `"},
			{"type":"function_call","call_id":"c1","name":"shell","arguments":"{\"cmd\":\"ls\"}"},
			{"type":"function_call_output","call_id":"c1","output":"notes.txt"}],
			"tools":[{"type":"function","name":"shell","description":"Runs it."},{"type":"web_search"},{"type":"mcp","server_label":"crm","server_url":"https://crm.example/mcp","authorization":"tok-1"}]}`,
		want: `openai-responses prompt model=gpt-x stream tools=[shell web_search crm] tenant=[ws-7]
system old: "Be brief."
prompt old: "List the files."
other old: "rs_1"
prompt old: "Use ls."
other old: "c1"
prompt old: "shell"
prompt old: "{\"cmd\":\"ls\"}"
other: "c1"
tool_result: "notes.txt"
system old: "shell"
system old: "Runs it."
system old: "crm"
system old: "https://crm.example/mcp"
other old: "tok-1"
`,
	},
	{
		name: "responses, only the new turn",
		head: head("POST", "openai-*", "api", "/v1/responses"),
		body: `{"model":"m","input":"And now?","previous_response_id":"resp_3","prompt":{"id":"pmpt_1","variables":{"city":"Oslo"}}}`,
		want: `openai-responses prompt model=m conversation=resp_3
prompt: "And now?"
other: "resp_3"
prompt: "pmpt_1"
prompt: "Oslo"
`,
	},
	{
		name: "anthropic",
		head: head("POST", "anthropic-messages", "api", "/v1/messages"),
		body: `{"model":"claude-x","max_tokens":64,"stream":true,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
			"metadata":{"user_id":"user_ab_account_cd"},
			"tools":[{"name":"read","description":"Reads a file.","input_schema":{"type":"object","properties":{"path":{"type":"string"}}}}],
			"messages":[{"role":"user","content":"Read it."},
			{"role":"assistant","content":[{"type":"thinking","thinking":"I should read.","signature":"` + sealedText + `"},{"type":"redacted_thinking","data":"` + sealedText + `"},{"type":"tool_use","id":"tu_1","name":"read","input":{"path":"/srv/a b"}}]},
			{"role":"user","content":[{"type":"tool_result","tool_use_id":"tu_1","content":[{"type":"text","text":"Found it."}]},{"type":"text","text":"Go on."}]}]}`,
		want: `anthropic-messages prompt model=claude-x stream tools=[read]
system old: "Be brief."
system old: "read"
system old: "Reads a file."
prompt old: "Read it."
other old: "I should read."
other old: "tu_1"
prompt old: "read"
prompt old: "/srv/a b"
other: "tu_1"
tool_result: "Found it."
prompt: "Go on."
`,
	},
	{
		name: "anthropic documents",
		head: head("POST", "openai-chat", "api", "/anthropic/v1/messages"),
		body: `{"messages":[{"role":"user","content":[
			{"type":"document","title":"Plan","source":{"type":"text","media_type":"text/plain","data":"The plan for May."}},
			{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"` + strings.Repeat("JVBERi0x", 12) + `"}},
			{"type":"document","source":{"type":"base64","media_type":"text/plain","data":"VGhlIHBsYW4gZm9yIE1heS4="}},
			{"type":"image","source":{"type":"url","url":"https://pictures.example/a.png"}}]}]}`,
		want: `anthropic-messages prompt files=[{ text/plain 17} { application/pdf 72} { text/plain 18}] opaque=[file]
prompt: "Plan"
other: "text/plain"
file: "The plan for May."
other: "base64"
other: "application/pdf"
file: "%PDF-1%PDF-1%PDF-1%PDF-1%PDF-1%PDF-1%PDF-1%PDF-1%PDF-1%PDF-1%PDF-1%PDF-1"
other: "base64"
other: "text/plain"
file: "The plan for May."
prompt: "https://pictures.example/a.png"
`,
	},
	{
		name: "anthropic batch",
		head: head("POST", "anthropic-messages", "api", "/v1/messages/batches"),
		body: `{"requests":[{"custom_id":"r1","params":{"model":"c","messages":[{"role":"user","content":"One."}]}},{"custom_id":"r2","params":{"messages":[{"role":"user","content":"Two."}]}}]}`,
		want: "anthropic-messages prompt model=c\nother: \"r1\"\nprompt: \"One.\"\nother: \"r2\"\nprompt: \"Two.\"\n",
	},
	{
		name: "anthropic token count",
		head: head("POST", "anthropic-messages", "api", "/v1/messages/count_tokens"),
		body: `{"messages":[{"role":"user","content":"Count me."}]}`,
		want: "anthropic-messages prompt\nprompt: \"Count me.\"\n",
	},
	{
		name: "chatgpt turn",
		head: head("POST", "chatgpt-web", "web", "/backend-api/f/conversation", "ChatGPT-Account-Id: ws-1"),
		body: `{"action":"next","messages":[{"id":"m-1","author":{"role":"user"},"create_time":1790000000.0,"content":{"content_type":"multimodal_text","parts":["What is this?",{"content_type":"image_asset_pointer","asset_pointer":"sediment://file_1","width":10}]},
			"metadata":{"attachments":[{"id":"file_1","name":"roof.png","mime_type":"image/png","size":321}]}}],
			"conversation_id":"c-1","parent_message_id":"p-1","model":"auto","timezone":"Europe/Oslo","system_hints":["search"],"new_field":"seen"}`,
		want: `chatgpt-web prompt model=auto conversation=c-1 stream tools=[search] tenant=[ws-1] files=[{roof.png image/png 321}]
other: "m-1"
other: "1790000000.0"
prompt: "What is this?"
other: "sediment://file_1"
other: "file_1"
file: "roof.png"
other: "image/png"
other: "c-1"
other: "p-1"
other: "Europe/Oslo"
prompt: "seen"
`,
	},
	{
		name: "chatgpt draft, signed out",
		head: head("POST", "chatgpt-web", "web", "/backend-anon/f/conversation/prepare"),
		body: `{"action":"next","partial_query":{"id":"d","author":{"role":"user"},"content":{"content_type":"text","parts":["Half a thou"]}}}`,
		want: "chatgpt-web prompt draft anonymous\nprompt: \"Half a thou\"\n",
	},
	{
		name: "chatgpt file",
		head: head("POST", "chatgpt-web", "web", "/backend-api/files"),
		body: `{"file_name":"plan.docx","file_size":812,"use_case":"my_files"}`,
		want: "chatgpt-web upload files=[{plan.docx  812}]\nfile: \"plan.docx\"\n",
	},
	{
		name: "chatgpt blob of text",
		head: head("PUT", "chatgpt-web", "upload", "/file-1?sig=x", "Content-Type: text/plain"),
		body: "The plan for May.",
		want: "chatgpt-web upload\nfile: \"The plan for May.\"\nother: \"x\"\n",
	},
	{
		name: "chatgpt blob of bytes",
		head: head("PUT", "chatgpt-web", "upload", "/file-1", "Content-Type: image/png"),
		body: "\x89PNG\r\n\x1a\n\x00\x00",
		want: "chatgpt-web upload files=[{ image/png 10}] opaque=[image]\n",
	},
	{
		name: "chatgpt history",
		head: head("GET", "chatgpt-web", "web", "/backend-api/conversation/c-1"),
		want: "chatgpt-web history\n",
	},
	{
		name: "chatgpt resume",
		head: head("POST", "chatgpt-web", "web", "/backend-api/f/conversation/resume"),
		body: `{"conversation_id":"c-1","offset":0}`,
		want: "chatgpt-web history\nother: \"c-1\"\n",
	},
	{
		name: "chatgpt sign-in",
		head: head("POST", "chatgpt-web", "web", "/api/auth/signin/login?prompt=login", "Content-Type: application/x-www-form-urlencoded"),
		body: `login_hint=jo%40example.com&password=open+sesame`,
		want: "chatgpt-web sign_in\nother: \"jo@example.com\"\nother: \"open sesame\"\nother: \"login\"\n",
	},
	{
		name: "auth host",
		head: head("POST", "chatgpt-web", "auth", "/u/login/password"),
		body: `{"username":"jo@example.com"}`,
		want: "generic sign_in\nother: \"jo@example.com\"\n",
	},
	{
		name: "chatgpt telemetry",
		head: head("POST", "chatgpt-web", "web", "/ces/v1/t", "Content-Type: text/plain;charset=UTF-8"),
		body: `{"event":"Open Page","properties":{"email":"jo@example.com"}}`,
		want: "generic other\nother: \"Open Page\"\nother: \"jo@example.com\"\n",
	},
	{
		name: "a prompt in the address",
		head: head("GET", "chatgpt-web", "web", "/?q=Why+is+the%20sky%20blue&src=bar"),
		want: "generic prompt\nprompt: \"Why is the sky blue\"\nother: \"bar\"\n",
	},
	{
		name: "service without formats",
		head: head("POST", "", "web", "/api/ask", "Content-Type: application/json"),
		body: `{"question":"Why?","card":4111111111111111,"n":3,"jo@example.com":true,"image":"data:image/gif;base64,` + strings.Repeat("R0lGODlh", 12) + `"}`,
		want: "generic prompt opaque=[image]\nprompt: \"Why?\"\nprompt: \"4111111111111111\"\nprompt: \"jo@example.com\"\nfile: \"GIF89aGIF89aGIF89aGIF89aGIF89aGIF89aGIF89aGIF89aGIF89aGIF89aGIF89aGIF89a\"\n",
	},
	{
		name: "preflight",
		head: head("OPTIONS", "openai-*", "api", "/v1/chat/completions"),
		want: "openai-chat other\n",
	},
	{
		name: "lists of stored completions",
		head: head("GET", "openai-*", "api", "/v1/chat/completions?limit=3"),
		want: "openai-chat history\nother: \"3\"\n",
	},
	{
		name: "form",
		head: head("POST", "", "web", "/ask", "Content-Type: application/x-www-form-urlencoded"),
		body: `text=caf%C3%A9+%zz&a=1;b=two`,
		want: "generic prompt\nprompt: \"café %zz\"\nprompt: \"1;b=two\"\nprompt: \"1\"\nprompt: \"two\"\n",
	},
	{
		name: "multipart",
		head: head("POST", "", "web", "/ask", "Content-Type: multipart/form-data; boundary=xx"),
		body: "--xx\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nSum it up.\r\n" +
			"--xx\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\nname,age\n\r\n" +
			"--xx\r\nContent-Disposition: form-data; name=\"g\"; filename=\"b.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\x00\x01\r\n--xx--\r\n",
		want: `generic prompt files=[{a.csv text/csv 9} {b.png image/png 6}] opaque=[image]
prompt: "Sum it up."
file: "a.csv"
file: "name,age\n"
file: "b.png"
`,
	},
	{
		name: "json lines",
		head: head("POST", "", "api", "/ingest", "Content-Type: application/x-ndjson"),
		body: "{\"a\":\"one\"}\n{\"a\":\"two\"}\n\x1e{\"a\":\"three\"}\n",
		want: "generic prompt\nprompt: \"one\"\nprompt: \"two\"\nprompt: \"three\"\n",
	},
	{
		name: "plain text",
		head: head("POST", "", "web", "/ask", "Content-Type: text/plain"),
		body: "Just words.",
		want: "generic prompt\nprompt: \"Just words.\"\n",
	},
	{
		name: "bytes",
		head: head("POST", "", "web", "/ask"),
		body: "\x00\x01\x02\x03",
		want: "generic prompt opaque=[binary]\n",
	},
}

func TestGolden(t *testing.T) {
	for _, tc := range golden {
		t.Run(tc.name, func(t *testing.T) {
			m := mustRead(t, tc.head, tc.body)
			if diff := cmp.Diff(tc.want, show(m)); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if m.Matched != (m.Format != "generic") {
				t.Error("matched and format disagree")
			}
			w, err := m.Rewrite(nil)
			if err != nil || string(w.Body) != tc.body || w.RawQuery != tc.head.RawQuery || w.Remove != nil {
				t.Error("no edits changed something", err)
			}
		})
	}
}

// TestMatch lists which format reads which path of which service.
func TestMatch(t *testing.T) {
	for _, tc := range []struct{ wire, path, want string }{
		{"openai-*", "/v1/chat/completions", "openai-chat"},
		{"openai-chat", "/api/v1/chat/completions", "openai-chat"},
		{"openai-chat", "//v1/./chat/x/../completions", "openai-chat"},
		{"openai-chat", "//v1/./chat//completions;a=b/", "openai-chat"},
		{"openai-chat", "/v1/ch%61t%2Fcompletions", "openai-chat"},
		{"openai-chat", "/V1/Chat/Completions", "openai-chat"},
		{"openai-*", "/v1/responses", "openai-responses"},
		{"openai-*", "/v1/responses/compact", "openai-responses"},
		{"anthropic-messages", "/v1/messages", "anthropic-messages"},
		{"anthropic-messages", "/v1/chat/completions", "openai-chat"},
		{"openai-chat", "/v1/messages", "anthropic-messages"},
		{"chatgpt-web", "/backend-alt/f/conversation", "chatgpt-web"},
		{"chatgpt-web", "/backend-api/conversation", "chatgpt-web"},
		{"chatgpt-web", "/backend-api/me", "generic"},
		{"chatgpt-web", "/backend-api/codex/responses", "generic"},
		{"chatgpt-web", "/v1/chat/completions", "generic"},
		{"", "/v1/chat/completions", "generic"},
		{"cohere", "/compatibility/v1/chat/completions", "openai-chat"},
		{"gemini-api", "/v1beta/openai/chat/completions", "openai-chat"},
		{"bedrock-*", "/openai/v1/chat/completions", "openai-chat"},
		{"ollama", "/v1/messages", "anthropic-messages"},
		{"poe", "/v1/chat/completions", "generic"},
	} {
		h := head("POST", tc.wire, "web", tc.path)
		m := mustRead(t, h, `{"a":"b"}`)
		if m.Format != tc.want || content.Matches(tc.wire, h) != (tc.want != "generic") {
			t.Errorf("%s %s: %s, want %s", tc.wire, tc.path, m.Format, tc.want)
		}
	}
	for wire, want := range map[string]bool{"openai-*": true, "openai-chat": true, "chatgpt-web": true, "anthropic-messages": true,
		"openai-embeddings": true, "gemini-api": true, "bedrock-*": true, "": false, "*": false, "openai": false, "poe": false} {
		if content.HasFormat(wire) != want {
			t.Errorf("HasFormat(%q) is not %v", wire, want)
		}
	}
}

package content_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-proxy/sluice/proxy/content"
)

const form = "--xx\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nuser data\r\n" +
	"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{\"t\":\"Ann\"}\n\r\n--xx--\r\n"

// apiCalls are requests to API hosts that no format reads.
var apiCalls = []struct {
	name string
	head *content.Head
	body string
	want string
}{
	{"moderations", head("POST", "openai-chat", "api", "/v1/moderations"), `{"input":"One."}`, "generic prompt\nprompt: \"One.\"\n"},
	{"thread", head("POST", "openai-*", "api", "/v1/threads/t_1/messages"), `{"role":"user","content":"Hi."}`, "generic prompt\nprompt: \"Hi.\"\n"},
	{"conversation items", head("POST", "openai-*", "api", "/v1/conversations/c_1/items"), `{"items":[{"type":"message","content":"Hi."}]}`, "generic prompt\nprompt: \"Hi.\"\n"},
	{"batches", head("POST", "openai-*", "api", "/v1/batches"), `{"metadata":{"desk":"north 7"}}`, "generic prompt\nprompt: \"north 7\"\n"},
	{"files of Anthropic", head("POST", "anthropic-messages", "api", "/v1/files", "Content-Type: multipart/form-data; boundary=xx"), form,
		"generic upload files=[{a.jsonl  12}]\nfile: \"user data\"\nfile: \"a.jsonl\"\nfile: \"{\\\"t\\\":\\\"Ann\\\"}\\n\"\n"},
	{"put", head("PUT", "openai-chat", "api", "/v2/things/1"), `{"a":"One."}`, "generic prompt\nprompt: \"One.\"\n"},
	{"patch", head("PATCH", "openai-chat", "api", "/v2/things/1"), "One.", "generic prompt\nprompt: \"One.\"\n"},
	{"a method of its own", head("QUERY", "openai-chat", "api", "/v2/things"), "One.", "generic prompt\nprompt: \"One.\"\n"},
	{"disguised", head("POST", "openai-*", "api", "/v1//oauth/token/%2e%2e/../moderations"), `{"input":"One."}`, "generic prompt\nprompt: \"One.\"\n"},
	{"no text", head("POST", "openai-*", "api", "/v1/batches/b_1/cancel"), `{}`, "generic other\n"},
	{"no body", head("POST", "openai-*", "api", "/v1/batches/b_1/cancel?x=abc 1"), "", "generic other\nother: \"abc 1\"\n"},
	{"get", head("GET", "openai-*", "api", "/v1/models?after=abc 1"), "", "generic other\nother: \"abc 1\"\n"},
	{"delete", head("DELETE", "openai-*", "api", "/v1/files/f_1"), `{"a":"One."}`, "generic other\nother: \"One.\"\n"},
	{"token", head("POST", "anthropic-messages", "api", "/v1/oauth/token"), `{"assertion":"a.b 1"}`, "generic sign_in\nother: \"a.b 1\"\n"},
	{"usage of Claude Code", head("POST", "anthropic-messages", "api", "/api/event_logging/v2/batch"), `{"events":[{"a":"Open it"}]}`, "generic other\nother: \"Open it\"\n"},
	{"flags of Claude Code", head("POST", "anthropic-messages", "api", "/api/eval/sdk-1"), `{"attributes":{"a":"Open it"}}`, "generic other\nother: \"Open it\"\n"},
	{"no usage", head("POST", "anthropic-messages", "api", "/api/event_logging/../ask"), `{"a":"Open it"}`, "generic prompt\nprompt: \"Open it\"\n"},
	{"usage elsewhere", head("POST", "openai-*", "api", "/api/event_logging/v2/batch"), `{"a":"Open it"}`, "generic prompt\nprompt: \"Open it\"\n"},
	{"asset host", head("POST", "anthropic-messages", "asset", "/v1/log"), `{"event":"Open it"}`, "generic other\nother: \"Open it\"\n"},
	{"api host of an app", head("POST", "chatgpt-web", "api", "/v1/log"), `{"event":"Open it"}`, "generic other\nother: \"Open it\"\n"},
}

func TestAPICalls(t *testing.T) {
	for _, tc := range apiCalls {
		t.Run(tc.name, func(t *testing.T) {
			m := mustRead(t, tc.head, tc.body)
			if diff := cmp.Diff(tc.want, show(m)); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if m.Matched || content.Matches(tc.head.Wire, tc.head) {
				t.Error("a format matches")
			}
		})
	}
}

// TestAPICallRewrite: what is content at an API host can be redacted, and a
// refusal has the provider's shape.
func TestAPICallRewrite(t *testing.T) {
	for _, tc := range []struct{ wire, path, refusal string }{
		{"openai-*", "/v1/moderations", `"type":"request_forbidden"`},
		{"openai-chat", "/v1/threads", `"type":"request_forbidden"`},
		{"openai-responses", "/v1/new", `"type":"request_forbidden"`},
		{"gemini-api", "/v1beta/corpora", `"status":"PERMISSION_DENIED"`},
		{"bedrock-*", "/agents/a/agentAliases/b/sessions/c/text", `{"message":"`},
		{"cohere", "/v1/connectors", `"message":"`},
		{"anthropic-messages", "/v1/files", `"type":"permission_error"`},
	} {
		h := head("POST", tc.wire, "api", tc.path)
		m := mustRead(t, h, `{"input":"Ask Ann now.","n":2}`)
		w, err := m.Rewrite([]content.Edit{{Start: 4, End: 7, Text: "[NAME]"}})
		if err != nil || string(w.Body) != `{"input":"Ask [NAME] now.","n":2}` {
			t.Errorf("%s: %v %v", tc.path, w, err)
		}
		if a := content.Refuse(h, m, content.Notice{ID: "x7"}); !strings.Contains(string(a.Body), tc.refusal) {
			t.Errorf("%s: refused with %s", tc.path, a.Body)
		}
	}
}

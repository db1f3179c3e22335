package content_test

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-proxy/sluice/proxy/content"
)

func TestRefuse(t *testing.T) {
	notice := content.Notice{ID: "x7", Title: "Card numbers stay here", Text: "Remove them: 50% \"done\" <b>é", Link: "https://sluice.internal/", Rule: "pci.bulk"}
	const text = `Card numbers stay here. Remove them: 50% \"done\" \u003cb\u003eé. More: https://sluice.internal/ (exchange x7)`
	for _, tc := range []struct {
		name   string
		head   *content.Head
		status int
		want   string
	}{
		{"openai", head("POST", "openai-*", "api", "/v1/chat/completions"), 0, `{"error":{"message":"` + text + `","type":"request_forbidden","param":null,"code":"pci.bulk"}}`},
		{"openai, no format matches", head("POST", "openai-*", "api", "/v1/unknown"), 0, `{"error":{"message":"` + text + `","type":"request_forbidden","param":null,"code":"pci.bulk"}}`},
		{"openai, busy", head("POST", "openai-responses", "api", "/v1/responses"), 503, `{"error":{"message":"` + text + `","type":"server_error","param":null,"code":"pci.bulk"}}`},
		{"openai, too large", head("POST", "openai-chat", "api", "/v1/chat/completions"), 413, `{"error":{"message":"` + text + `","type":"invalid_request_error","param":null,"code":"pci.bulk"}}`},
		{"anthropic", head("POST", "anthropic-messages", "api", "/v1/messages"), 0, `{"type":"error","error":{"type":"permission_error","message":"` + text + `"},"request_id":"x7"}`},
		{"anthropic, proxy sign-in", head("POST", "anthropic-messages", "api", "/v1/messages"), 407, `{"type":"error","error":{"type":"authentication_error","message":"` + text + `"},"request_id":"x7"}`},
		{"openai at anthropic", head("POST", "anthropic-messages", "api", "/v1/chat/completions"), 0, `{"error":{"message":"` + text + `","type":"request_forbidden","param":null,"code":"pci.bulk"}}`},
		{"chatgpt", head("POST", "chatgpt-web", "web", "/backend-api/f/conversation"), 0, `{"detail":"` + text + `"}`},
		{"chatgpt, any call", head("POST", "chatgpt-web", "web", "/backend-api/me"), 0, `{"detail":"` + text + `"}`},
		{"google", head("POST", "gemini-api", "api", "/v1beta/models/m:generateContent"), 0, `{"error":{"code":403,"message":"` + text + `","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"pci.bulk","domain":"sluice"}]}}`},
		{"google, busy", head("POST", "gemini-api", "api", "/v1beta/models/m:generateContent"), 503, `{"error":{"code":503,"message":"` + text + `","status":"UNAVAILABLE","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"pci.bulk","domain":"sluice"}]}}`},
		{"gemini, not a turn", head("POST", "gemini-web", "web", "/_/BardChatUi/data/batchexecute"), 0, `{"error":{"code":403,"message":"` + text + `","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"pci.bulk","domain":"sluice"}]}}`},
		{"bedrock", head("POST", "bedrock-*", "api", "/model/m/converse"), 0, `{"message":"` + text + `"}`},
		{"cohere", head("POST", "cohere", "api", "/v2/chat"), 0, `{"id":"x7","message":"` + text + `"}`},
		{"ollama", head("POST", "ollama", "api", "/api/chat"), 0, `{"error":"` + text + `"}`},
		{"mistral", head("POST", "mistral", "api", "/v1/chat/completions"), 0, `{"object":"error","message":"` + text + `","type":"request_forbidden","param":null,"code":"pci.bulk"}`},
		{"le chat", head("POST", "mistral-lechat", "web", "/api/chat"), 401, `[{"error":{"json":{"message":"` + text + `","code":-32001,"data":{"code":"UNAUTHORIZED","httpStatus":401}}}}]`},
		{"copilot", head("POST", "github-copilot", "api", "/v1/engines/m/completions"), 0, `{"error":{"message":"` + text + `","type":"request_forbidden","param":null,"code":"pci.bulk"}}`},
		{"claude.ai", head("POST", "claude-web", "web", "/api/organizations/o/chat_conversations/c/completion"), 0, `{"type":"error","error":{"type":"permission_error","message":"` + text + `"},"request_id":"x7"}`},
		{"perplexity, sign-in", head("POST", "perplexity-web", "web", "/rest/sse/perplexity_ask"), 401, `{"status":"failed","error_code":"pci.bulk","error_message":"` + text + `"}`},
		{"deepseek, sign-in", head("POST", "deepseek-web", "web", "/api/v0/chat/completion"), 401, `{"code":0,"msg":"","data":{"biz_code":1,"biz_msg":"` + text + `","biz_data":null}}`},
		{"generic", head("POST", "", "web", "/ask"), 0, `{"error":{"message":"` + text + `","type":"refused","code":"pci.bulk","id":"x7"}}`},
		{"connect", head("POST", "", "api", "/x.Y/Z", "Content-Type: application/proto"), 0, `{"code":"permission_denied","message":"` + text + `"}`},
	} {
		n := notice
		n.Status = tc.status
		a := content.Refuse(tc.head, nil, n)
		if diff := cmp.Diff(tc.want+"\n", string(a.Body)); diff != "" {
			t.Errorf("%s: want -, got +\n%s", tc.name, diff)
		}
		want := tc.status
		if want == 0 {
			want = 403
		}
		if a.Status != want || a.Header.Get("Content-Type") != "application/json" || !json.Valid(a.Body) {
			t.Errorf("%s: %d %v", tc.name, a.Status, a.Header)
		}
		if retry := a.Header.Get("X-Should-Retry"); (retry == "") != (want == 503) {
			t.Errorf("%s: x-should-retry %q", tc.name, retry)
		}
	}
}

// TestRefuseInDialect: apps that show nothing of an error get a reply, which their
// own reader takes apart. Lengths of Gemini's frames count UTF-16 units.
func TestRefuseInDialect(t *testing.T) {
	n := content.Notice{ID: "x7", Title: "Stays here 🏛"}
	const text = "Stays here 🏛. (exchange x7)"
	a := content.Refuse(head("POST", "gemini-web", "web", "/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate"), nil, n)
	rest, ok := strings.CutPrefix(string(a.Body), ")]}'\n\n")
	if !ok || a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	var frames []string
	for rest != "" {
		digits, after, _ := strings.Cut(rest, "\n")
		length, err := strconv.Atoi(digits)
		units := utf16.Encode([]rune("\n" + after))
		if err != nil || length > len(units) {
			t.Fatalf("frame %q: %v", digits, err)
		}
		frames = append(frames, string(utf16.Decode(units[:length])))
		rest = string(utf16.Decode(units[length:]))
	}
	var outer, inner []any
	if len(frames) != 2 || json.Unmarshal([]byte(frames[0]), &outer) != nil {
		t.Fatalf("frames %q", frames)
	}
	if err := json.Unmarshal([]byte(outer[0].([]any)[2].(string)), &inner); err != nil {
		t.Fatal(err)
	}
	if got := inner[4].([]any)[0].([]any)[1].([]any)[0]; got != text {
		t.Errorf("gemini shows %q", got)
	}

	a = content.Refuse(head("POST", "perplexity-web", "web", "/rest/sse/perplexity_ask"), nil, n)
	events := strings.Split(string(a.Body), "\n\n")
	if len(events) != 3 || !strings.HasPrefix(events[0], "event: message\ndata: {") || !strings.Contains(events[0], `"answer":"`+text+`"`) || events[1] != "event: end_of_stream\ndata: {}" || events[2] != "" {
		t.Errorf("perplexity: %q", events)
	}

	a = content.Refuse(head("POST", "deepseek-web", "web", "/api/v0/chat/completion"), nil, n)
	if a.Status != 200 || !strings.Contains(string(a.Body), `"biz_msg":"`+text+`"`) {
		t.Errorf("deepseek: %d %s", a.Status, a.Body)
	}
	if a := content.Refuse(head("POST", "bedrock-*", "api", "/model/m/invoke"), nil, content.Notice{Status: 429}); a.Header.Get("X-Amzn-Errortype") != "ThrottlingException" {
		t.Errorf("bedrock: %v", a.Header)
	}
}

func TestRefuseStreams(t *testing.T) {
	n := content.Notice{ID: "x7", Title: "No streams é", Status: 403}
	a := content.Refuse(head("POST", "", "api", "/x", "Content-Type: application/grpc+proto"), nil, n)
	message, err := url.PathUnescape(a.Header.Get("Grpc-Message"))
	if err != nil || a.Status != 200 || len(a.Body) != 0 || a.Header.Get("Grpc-Status") != "7" || a.Header.Get("Content-Type") != "application/grpc+proto" || message != "No streams é. (exchange x7)" {
		t.Errorf("gRPC: %+v", a)
	}
	n.Status = 503
	a = content.Refuse(head("POST", "", "api", "/x", "Content-Type: application/connect+proto"), nil, n)
	if a.Status != 200 || a.Body[0] != 2 || int(a.Body[3])<<8|int(a.Body[4]) != len(a.Body)-5 || !strings.HasPrefix(string(a.Body[5:]), `{"error":{"code":"unavailable"`) {
		t.Errorf("Connect: %q", a.Body)
	}
}

// TestRefuseAfterRead uses the format that read the request.
func TestRefuseAfterRead(t *testing.T) {
	h := head("POST", "chatgpt-web", "web", "/backend-api/f/conversation")
	m := mustRead(t, h, `{"messages":[{"content":{"parts":["private words"]}}]}`)
	a := content.Refuse(h, m, content.Notice{ID: "x7"})
	if got := string(a.Body); got != "{\"detail\":\"Refused by your organisation's AI proxy. (exchange x7)\"}\n" {
		t.Error(got)
	}
}

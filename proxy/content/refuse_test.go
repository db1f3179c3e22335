package content_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

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

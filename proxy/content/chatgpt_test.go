package content_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// TestChatGPTText: calls of the ChatGPT apps that carry text for the model, and
// neighbours that do not.
func TestChatGPTText(t *testing.T) {
	for _, tc := range []struct{ method, path, want string }{
		{"POST", "/backend-api/user_system_messages", "chatgpt-web prompt\nprompt: \"Ask Ann\"\n"},
		{"PATCH", "/backend-api/user_system_messages/", "chatgpt-web prompt\nprompt: \"Ask Ann\"\n"},
		{"POST", "/backend-api/memories", "chatgpt-web prompt\nprompt: \"Ask Ann\"\n"},
		{"POST", "/backend-api/gizmos", "chatgpt-web prompt\nprompt: \"Ask Ann\"\n"},
		{"PUT", "/backend-api/gizmos/g-1", "chatgpt-web prompt\nprompt: \"Ask Ann\"\n"},
		{"POST", "/backend-api/projects", "chatgpt-web prompt\nprompt: \"Ask Ann\"\n"},
		{"POST", "/backend-api/wham/tasks", "chatgpt-web prompt\nprompt: \"Ask Ann\"\n"},
		{"POST", "/backend-anon/autocompletions", "chatgpt-web prompt draft anonymous\nprompt: \"Ask Ann\"\n"},
		{"DELETE", "/backend-api/memories/m-1", "generic other\nother: \"Ask Ann\"\n"},
		{"GET", "/backend-api/gizmos/g-1", "generic other\nother: \"Ask Ann\"\n"},
		{"POST", "/backend-api/conversation/init", "generic other\nother: \"Ask Ann\"\n"},
		{"POST", "/backend-api/wham/usage", "generic other\nother: \"Ask Ann\"\n"},
		{"POST", "/backend-api/memories_seen", "generic other\nother: \"Ask Ann\"\n"},
		{"POST", "/backend-api/me", "generic other\nother: \"Ask Ann\"\n"},
		{"POST", "/backend-api/sentinel/chat-requirements", "generic other\nother: \"Ask Ann\"\n"},
		{"POST", "/ces/v1/t", "generic other\nother: \"Ask Ann\"\n"},
	} {
		h := head(tc.method, "chatgpt-web", "web", tc.path)
		m := mustRead(t, h, `{"a":"Ask Ann"}`)
		if diff := cmp.Diff(tc.want, show(m)); diff != "" {
			t.Errorf("%s %s: want -, got +\n%s", tc.method, tc.path, diff)
		}
		if m.CanRewrite(0) != m.Matched {
			t.Errorf("%s %s: rewrite %v", tc.method, tc.path, m.CanRewrite(0))
		}
	}
	if m := mustRead(t, head("POST", "chatgpt-web", "web", "/backend-api/gizmos/g-1/promote"), ""); m.Kind != content.KindOther {
		t.Errorf("without a body: %s", m.Kind)
	}
}

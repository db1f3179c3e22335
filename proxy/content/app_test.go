package content_test

import (
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// TestFieldsOfTurns: a field of a new message that an app's table does not name is
// the prompt, also one without a name.
func TestFieldsOfTurns(t *testing.T) {
	for wire, path := range map[string]string{
		"deepseek-web": "/api/v0/chat/completion", "mistral-lechat": "/api/chat", "perplexity-web": "/rest/sse/perplexity_ask",
		"claude-web": "/api/organizations/o/chat_conversations/c/completion", "chatgpt-web": "/backend-api/conversation",
	} {
		m := mustRead(t, head("POST", wire, "web", path), `{"":"one two","new":"three four"}`)
		if m.Model != "" || m.Conversation == "one two" || len(m.Parts) < 2 {
			t.Errorf("%s: model %q, conversation %q, parts %v", wire, m.Model, m.Conversation, m.Parts)
		}
		for _, p := range m.Parts {
			if p.Role != content.RolePrompt && p.Text != "o" {
				t.Errorf("%s: %q is %s", wire, p.Text, p.Role)
			}
		}
	}
}

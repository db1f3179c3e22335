package content_test

import (
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content"
)

func TestPromptNames(t *testing.T) {
	for query, want := range map[string]content.Role{
		"q=Ask+Ann":            content.RolePrompt,
		"q[]=Ask+Ann":          content.RolePrompt,
		"q%5B%5D=Ask+Ann":      content.RolePrompt,
		"Prompt[0]=Ask+Ann":    content.RolePrompt,
		"text[a][]=Ask+Ann":    content.RolePrompt,
		"query%5b1%5D=Ask+Ann": content.RolePrompt,
		"seq[]=Ask+Ann":        content.RoleOther,
		"[q]=Ask+Ann":          content.RoleOther,
		"filter[q]=Ask+Ann":    content.RoleOther,
	} {
		m := mustRead(t, head("GET", "chatgpt-web", "web", "/?"+query), "")
		last := m.Parts[len(m.Parts)-1]
		if last.Text != "Ask Ann" || last.Role != want || (m.Kind == content.KindPrompt) != (want == content.RolePrompt) {
			t.Errorf("%s: %s", query, show(m))
		}
	}
}

package content

import (
	"net/http"
	"strings"
)

// matchCopilot matches the inline completions of GitHub Copilot: code around the
// cursor, sent at each pause. Its chat, agents and embeddings are the formats of
// OpenAI and Anthropic; everything else at its API hosts is content. What the
// pages at github.com/copilot send is text too. Sources: ericc-ch/copilot-api
// (October 2025), xtekky/gpt4free (August 2026).
func matchCopilot(wire string, h *Head) bool {
	if wire != "github-copilot" || reads(h) || h.Method == http.MethodDelete {
		return false
	}
	path := cleanPath(h.Path)
	return strings.Contains(path, "/engines/") || h.Role == "web" && below(path, "/copilot")
}

func readCopilot(r *reading) {
	if r.h.Role == "web" {
		r.walkBody()
		r.kindOfText()
		return
	}
	r.m.Kind = KindPrompt
	r.m.Model = segmentAfter(r.h.Path, "engines")
	if !r.json() {
		return
	}
	r.object(RolePrompt, 0, func(name string, k, v int) {
		switch name {
		case "prompt", "suffix":
			r.legacyPrompt(v)
		case "nwo", "stop":
			r.ident(RolePrompt, v)
		default:
			r.common(name, k, v)
		}
	})
}

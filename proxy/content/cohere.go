package content

import (
	"net/http"
	"strings"
)

// cohereCalls are the endpoints of the Cohere API that take text. Source:
// docs.cohere.com, 2026; v1 and v2.
var cohereCalls = []string{"/chat", "/embed", "/rerank", "/classify", "/generate", "/summarize", "/tokenize", "/detokenize"}

func matchCohere(wire string, h *Head) bool {
	return wire == "cohere" && !reads(h) && h.Method != http.MethodDelete && isCohere(cleanPath(h.Path))
}

func isCohere(path string) bool {
	for _, call := range cohereCalls {
		if strings.HasSuffix(path, call) {
			return true
		}
	}
	return false
}

func readCohere(r *reading) {
	r.m.Kind = KindPrompt
	if r.json() {
		r.cohereRequest(0)
	}
}

// cohereRequest reads a request object of any endpoint. In v1 the new message
// stands beside the history.
func (r *reading) cohereRequest(n int) {
	d := &r.doc
	old := r.hasOld(n, "messages", r.messageRole)
	r.object(RolePrompt, n, func(name string, k, v int) {
		r.old = old
		switch name {
		case "messages":
			r.messages(v)
		case "chat_history":
			r.cohereHistory(v)
		case "preamble", "preamble_override":
			r.old = r.old || d.Field(n, "chat_history") >= 0
			r.walk(RoleSystem, v)
		case "tool_results":
			r.walk(RoleToolResult, v)
		case "tools":
			r.definitions(v)
		case "images":
			r.list(RolePrompt, v, func(image int) { r.walkMedia(RolePrompt, image, "image/*") })
		case "conversation_id":
			r.m.Conversation, _ = d.Str(v)
			r.ident(RolePrompt, v)
		case "tokens":
			r.noteTokens(v)
			r.walk(RolePrompt, v)
		case "connectors", "input_type", "embedding_types", "truncate", "safety_mode", "prompt_truncation", "citation_options", "response_format":
			r.ident(RolePrompt, v)
		default:
			r.common(name, k, v)
		}
	})
	r.old = false
}

// cohereHistory reads $.chat_history of v1; all of it was said before.
func (r *reading) cohereHistory(n int) {
	r.old = true
	r.list(RolePrompt, n, func(message int) {
		role := RolePrompt
		switch strings.ToUpper(r.strField(message, "role")) {
		case "SYSTEM":
			role = RoleSystem
		case "TOOL":
			role = RoleToolResult
		}
		r.object(role, message, func(_ string, k, v int) { r.field(role, k, v) })
	})
}

// refuseCohere is the error of the Cohere API (docs.cohere.com/reference/errors).
func refuseCohere(_ *Head, n Notice) *Answer {
	return jsonAnswer(n, struct {
		ID      string `json:"id"`
		Message string `json:"message"`
	}{n.ID, n.text()})
}

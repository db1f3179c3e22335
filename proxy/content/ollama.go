package content

import (
	"net/http"
	"strings"
)

// matchOllama matches the API of Ollama, in the cloud or where a catalogue file
// names a host of the company's. Source: github.com/ollama/ollama docs/api.md,
// August 2026.
func matchOllama(wire string, h *Head) bool {
	return wire == "ollama" && !reads(h) && h.Method != http.MethodDelete && strings.HasPrefix(cleanPath(h.Path), "/api/")
}

func readOllama(r *reading) {
	path := strings.TrimPrefix(cleanPath(r.h.Path), "/api/")
	switch {
	case path == "chat" || path == "generate":
		r.m.Kind = KindPrompt
		r.m.Streaming = true // unless the request says no
		r.ollamaRequest()
	case path == "embed" || path == "embeddings":
		r.m.Kind = KindPrompt
		r.ollamaRequest()
	case strings.HasPrefix(path, "blobs/"):
		r.m.Kind = KindUpload
		r.walkBodyAs(RoleFile)
	case path == "pull" || path == "push" || path == "show" || path == "copy" || path == "me":
		r.role = RoleOther // names of models
		r.walkBody()
	default: // create, web_search, web_fetch and what is added
		r.walkBody()
		r.kindOfText()
	}
}

func (r *reading) ollamaRequest() {
	if !r.json() {
		return
	}
	d := &r.doc
	old := r.hasOld(0, "messages", r.messageRole)
	r.object(RolePrompt, 0, func(name string, k, v int) {
		r.old = old
		switch name {
		case "messages":
			r.ollamaMessages(v)
		case "system", "template":
			r.walk(RoleSystem, v)
		case "images":
			r.list(RolePrompt, v, func(image int) { r.walkMedia(RolePrompt, image, "image/*") })
		case "context": // the conversation so far, in tokens
			r.noteTokens(v)
			r.walk(RolePrompt, v)
		case "tools":
			r.definitions(v)
		case "stream":
			r.m.Streaming = d.Nodes[v].Kind != 'f' && r.m.Streaming
		case "options", "keep_alive", "think":
			r.ident(RolePrompt, v)
		default:
			r.common(name, k, v)
		}
	})
	r.old = false
}

func (r *reading) ollamaMessages(list int) {
	r.eachTurn(list, r.messageRole, func(role Role, n int) {
		r.object(role, n, func(name string, k, v int) {
			switch name {
			case "role", "tool_name", "tool_call_id":
				r.ident(role, v)
			case "images":
				r.list(role, v, func(image int) { r.walkMedia(role, image, "image/*") })
			default:
				r.field(role, k, v)
			}
		})
	})
}

// refuseOllama is the error of Ollama's API.
func refuseOllama(_ *Head, n Notice) *Answer {
	return jsonAnswer(n, struct {
		Error string `json:"error"`
	}{n.text()})
}

package content

import (
	"net/http"
	"strings"
)

// matchMistral matches every call of the Mistral API that may carry something.
// Chat, FIM, agents, embeddings and audio are the shapes of OpenAI; conversations,
// OCR and libraries are its own. Source: docs.mistral.ai/api, 2026.
func matchMistral(wire string, h *Head) bool {
	return wire == "mistral" && h.Role == "api" && !reads(h) && h.Method != http.MethodDelete && !isMessages(h)
}

// isMessages reports whether a request is for a path of Anthropic's Messages API.
func isMessages(h *Head) bool { return strings.HasSuffix(cleanPath(h.Path), "/messages") }

func readMistral(r *reading) {
	path := cleanPath(r.h.Path)
	switch {
	case isCompletions(path):
		readChat(r)
	case strings.HasSuffix(path, "/embeddings"), strings.HasSuffix(path, "/moderations"), strings.HasSuffix(path, "/classifications"):
		readEmbeddings(r)
	case strings.Contains(path, "/conversations"):
		r.mistralConversation()
	case strings.Contains(path, "/audio/"):
		readMedia(r)
	case isFilePath(path), strings.HasSuffix(path, "/documents"):
		readFiles(r)
	default: // OCR, agents, libraries and what is added
		r.walkForModel(RolePrompt)
		r.tokens()
	}
}

// mistralConversation reads a conversation that the provider keeps: only new
// entries are sent, in $.inputs.
func (r *reading) mistralConversation() {
	r.m.Kind = KindPrompt
	r.m.Conversation = segmentAfter(r.h.Path, "conversations")
	if !r.json() {
		return
	}
	r.object(RolePrompt, 0, func(name string, k, v int) {
		switch name {
		case "inputs":
			r.input(v)
			r.old = false
		case "instructions":
			r.content(RoleSystem, v)
		case "tools":
			r.definitions(v)
		case "agent_id", "handoff_execution", "completion_args":
			r.ident(RolePrompt, v)
		default:
			r.common(name, k, v)
		}
	})
}

// refuseMistral is the error of the Mistral API, as its clients describe it.
func refuseMistral(_ *Head, n Notice) *Answer {
	return jsonAnswer(n, struct {
		Object  string  `json:"object"`
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    string  `json:"code"`
	}{"error", n.text(), "request_forbidden", nil, n.code()})
}

package content

import "strings"

// leChat are the calls of chat.mistral.ai. The first message of a chat is a tRPC
// mutation, later ones go to /api/chat; their fields change often, so all text in
// either is a prompt. Source: several public clients, July 2025 to 2026.
var leChat = &app{
	calls: []appCall{
		{"/api/auth", callSignIn},
		{"/api/ory", callSignIn},
		{"/self-service", callSignIn},
		{"/api/monitoring", callNone},
		{"/api/chat", callTurn},
		{"/api/trpc/message.newchat", callTurn},
		{"/api", callText},
	},
	history: []string{"/api/trpc", "/api/chat"},
}

func matchLeChat(wire string, h *Head) bool {
	return wire == "mistral-lechat" && leChat.call(h) != callNone
}

func readLeChat(r *reading) {
	c := leChat.call(r.h)
	r.m.Streaming = cleanPath(r.h.Path) == "/api/chat"
	r.readApp(c, func() {
		if r.json() {
			r.leChatTurn(0)
		}
	})
}

// leChatFields are those of a message: $.messageInput of /api/chat, or
// $.0.json.content of tRPC, is the prompt.
var leChatFields = &fields{
	model:        "model",
	conversation: "chatId",
	tools:        []string{"features"},
	files:        []string{"files", "messageFiles"},
	ids:          []string{"mode", "messageId", "clientPromptData"},
}

func (r *reading) leChatTurn(n int) {
	r.readFields(leChatFields, n, func(name string, v int) bool {
		batch := r.doc.Nodes[v].Kind == '{' && strings.Trim(name, "0123456789") == ""
		if batch || name == "json" {
			r.leChatTurn(v)
		}
		return batch || name == "json"
	})
}

// refuseLeChat is the error of a tRPC call (trpc.io/docs/rpc), one for the batch
// of one that the app sends.
func refuseLeChat(_ *Head, n Notice) *Answer {
	type data struct {
		Code   string `json:"code"`
		Status int    `json:"httpStatus"`
	}
	type inner struct {
		Message string `json:"message"`
		Code    int    `json:"code"`
		Data    data   `json:"data"`
	}
	type object struct {
		JSON inner `json:"json"`
	}
	type item struct {
		Error object `json:"error"`
	}
	code, name := -32003, "FORBIDDEN"
	if n.wantsSignIn() {
		code, name = -32001, "UNAUTHORIZED"
	}
	return jsonAnswer(n, []item{{object{inner{n.text(), code, data{name, n.status()}}}}})
}

package content

import (
	"slices"
	"strings"
)

// matchChatGPTPush matches the socket over which ChatGPT delivers replies. The
// client only subscribes to topics. Source: client write-ups, July to September
// 2026.
func matchChatGPTPush(wire string, h *Head) bool {
	return wire == "chatgpt-web" && h.WebSocket && h.Role != "auth" && strings.Contains(cleanPath(h.Path)+"/", "/ws/")
}

// chatGPTCommands are what a client says there; other commands are content.
var chatGPTCommands = []string{"connect", "subscribe", "unsubscribe", "ack", "ping", "pong", "presence"}

// readChatGPTPush reads an array of commands: {"id", "command": {"type", …}}.
func readChatGPTPush(r *reading) {
	if !r.json() {
		return
	}
	if r.doc.nodes[0].kind != '[' {
		r.chatGPTCommand(0)
	}
	for n := range r.doc.items(0) {
		r.chatGPTCommand(n)
	}
	if slices.ContainsFunc(r.parts, func(p Part) bool { return p.Role != RoleOther }) {
		r.m.Kind = KindPrompt
	}
}

func (r *reading) chatGPTCommand(n int) {
	for k, v := range r.doc.fields(n) {
		switch r.doc.name(k) {
		case "id", "type":
			r.ident(RolePrompt, v)
		case "command":
			at := r.doc.field(v, "type")
			name := ""
			if at >= 0 {
				name, _ = r.doc.str(at)
			}
			if slices.Contains(chatGPTCommands, name) {
				r.ident(RolePrompt, v)
			} else {
				r.walk(RolePrompt, v)
			}
		default:
			r.field(RolePrompt, k, v)
		}
	}
	if r.doc.nodes[n].kind != '{' {
		r.walk(RolePrompt, n)
	}
}

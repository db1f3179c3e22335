package content

import (
	"fmt"
	"strings"
)

// chatGPTReply is the stream of the ChatGPT apps, delta encoding v1: events whose
// data are patches {p, o, v}; p and o keep their last value where they are absent.
// Events without a name are objects with a type, one of which repeats the prompt.
// The patches name paths such as /message/content/parts/0, whose
// text comes in pieces. Source: github.com/xtekky/gpt4free, client write-ups of
// 2026.
var chatGPTReply = &replyFormat{read: readChatGPTEvent, passed: chatGPTPassed, end: endChatGPT}

// readChatGPTEvent reads a patch. What is none is read by the generic reader.
func readChatGPTEvent(rec *record) bool {
	if rec.doc.Nodes[0].Kind != '{' || rec.doc.Field(0, "v") < 0 || rec.doc.Field(0, "type") >= 0 {
		return false
	}
	rec.patch(0)
	return true
}

// patch reads one patch: its text continues the text at its path, lists hold
// further patches, and a whole message begins the texts of its parts.
func (rec *record) patch(n int) {
	state := &rec.reply.state
	v := -1
	for k, value := range rec.doc.Fields(n) {
		switch name := rec.doc.Name(k); {
		case name == "p" && rec.doc.Nodes[value].Kind == '"':
			state.path = strings.Clone(rec.doc.Name(value))
			rec.whole(value)
		case name == "o" && rec.doc.Nodes[value].Kind == '"':
			state.op = strings.Clone(rec.doc.Name(value))
			rec.whole(value)
		case name == "v":
			v = value
		default:
			rec.walkRange(RoleReply, k, int(rec.doc.Nodes[value].Next))
		}
	}
	if v < 0 {
		return
	}
	switch op := strings.ToLower(state.op); rec.doc.Nodes[v].Kind {
	case '"':
		if op == "replace" || op == "set" || op == "add" {
			state.message++ // the text begins anew
		}
		rec.join(rec.patched(state.path), RoleReply, v)
	case '[':
		if op != "patch" && op != "batch" {
			rec.fragments(v, state.path)
			return
		}
		path, kept := state.path, state.op
		for item := range rec.doc.Items(v) {
			if rec.doc.Nodes[item].Kind == '{' && rec.doc.Field(item, "v") >= 0 {
				state.op = ""
				rec.patch(item)
			} else {
				rec.whole(item)
			}
		}
		state.path, state.op = path, kept
	case '{':
		if op == "" || op == "add" || op == "replace" || op == "set" {
			state.message++
		}
		rec.fragments(v, state.path)
	default:
		rec.whole(v)
	}
}

// fragments reads a new object or list, whose strings begin texts at their own
// paths.
func (rec *record) fragments(n int, path string) {
	path = strings.TrimSuffix(path, "/")
	switch rec.doc.Nodes[n].Kind {
	case '{':
		for k, v := range rec.doc.Fields(n) {
			rec.key(RoleReply, k)
			rec.fragments(v, path+"/"+rec.doc.Name(k))
		}
	case '[':
		i := 0
		for v := range rec.doc.Items(n) {
			rec.fragments(v, fmt.Sprintf("%s/%d", path, i))
			i++
		}
	case '"':
		if text := rec.doc.Name(n); len(text) > 0 && (strings.Contains(path, "/content/") || strings.HasSuffix(path, "/content")) {
			rec.join(rec.patched(path), RoleReply, n)
			return
		}
		rec.whole(n)
	default:
		rec.whole(n)
	}
}

// patched names the channel of a path in the message that the stream is at.
func (rec *record) patched(path string) string {
	return fmt.Sprintf("%d%s", rec.reply.state.message, path)
}

// chatGPTPassed notes that the client has the message that the patches are for.
func chatGPTPassed(r *Reply, u *unit) {
	r.remember(u, "conversation_id")
	if len(u.doc.Nodes) == 0 || u.doc.Nodes[0].Kind != '{' {
		return
	}
	if v := u.doc.Field(0, "v"); v >= 0 && u.doc.Nodes[v].Kind == '{' {
		r.state.open = "message"
	}
}

// endChatGPT adds the notice to the message that the page shows, or makes one,
// and ends the stream: one without [DONE] is taken as broken, and resumed.
func endChatGPT(r *Reply, n Notice) []byte {
	type object = map[string]any
	var out []byte
	if !r.state.begun {
		out = appendEvent(out, "delta_encoding", "v1")
	}
	text := r.paragraph(n)
	if r.state.open != "message" {
		text = n.text()
		out = appendEvent(out, "delta", object{"p": "", "o": "add", "c": 0, "v": object{"message": object{
			"id": n.ID, "author": object{"role": "assistant"}, "content": object{"content_type": "text", "parts": []string{""}},
			"status": "in_progress", "weight": 1, "metadata": object{}, "recipient": "all",
		}, "conversation_id": r.recalled("conversation_id", "")}})
	}
	out = appendEvent(out, "delta", object{"p": "/message/content/parts/0", "o": "append", "v": text})
	out = appendEvent(out, "delta", object{"p": "", "o": "patch", "v": []object{
		{"p": "/message/status", "o": "replace", "v": "finished_successfully"},
		{"p": "/message/end_turn", "o": "replace", "v": true},
	}})
	out = appendEvent(out, "", object{"type": "message_stream_complete", "conversation_id": r.recalled("conversation_id", "")})
	return append(out, "data: [DONE]\n\n"...)
}

package content

import (
	"slices"
	"strconv"
	"strings"
)

// chatGPTPushReply are the messages of that socket: lists of objects, somewhere in
// which encoded_item is a slice of the event stream of an answer. Several answers
// may come at once, each under its topic_id.
var chatGPTPushReply = &replyFormat{read: func(rec *record) bool {
	rec.pushed(0, "")
	return true
}}

// pushed reads a value of a message that belongs to a topic.
func (rec *record) pushed(n int, topic string) {
	switch rec.doc.Nodes[n].Kind {
	case '{':
		if at := rec.doc.Field(n, "topic_id"); at >= 0 && rec.doc.Nodes[at].Kind == '"' {
			topic = rec.doc.Name(at)
			topic = strings.Clone(topic[:min(len(topic), maxName/2)])
		}
		for k, v := range rec.doc.Fields(n) {
			rec.key(RoleReply, k)
			if rec.doc.Name(k) == "encoded_item" && rec.doc.Nodes[v].Kind == '"' {
				rec.pushedEvents(v, topic)
			} else {
				rec.pushed(v, topic)
			}
		}
	case '[':
		for v := range rec.doc.Items(n) {
			rec.pushed(v, topic)
		}
	default:
		rec.whole(n)
	}
}

// pushedEvents reads a slice of an event stream that is a string of the document.
// Its events are those of the chat's own stream.
func (rec *record) pushedEvents(n int, name string) {
	outside, part, state := rec.doc, len(rec.parts), rec.reply.state
	rec.str(RoleReply, n)
	if len(rec.parts) == part {
		return
	}
	t, err := rec.reply.topic(name)
	if err != nil {
		rec.fail(err)
		return
	}
	rec.topic, rec.inner = strconv.Itoa(len(name))+" "+name, inner{part: int32(part)} // no topic begins like another
	rec.slice(t, rec.parts[part].Text)
	rec.topic, rec.inner = "", inner{part: fromBody}
	rec.doc, rec.sliced, rec.reply.state = outside, nil, state
}

// pushedData reads the document of one event, as far as it has come.
func (rec *record) pushedData() {
	rec.path = rec.path[:0]
	if rec.sliced.whole {
		rec.endings()
	}
	if !readChatGPTEvent(rec) {
		rec.walkReply(0)
	}
}

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
	if r.doc.Nodes[0].Kind != '[' {
		r.chatGPTCommand(0)
	}
	for n := range r.doc.Items(0) {
		r.chatGPTCommand(n)
	}
	if slices.ContainsFunc(r.parts, func(p Part) bool { return p.Role != RoleOther }) {
		r.m.Kind = KindPrompt
	}
}

func (r *reading) chatGPTCommand(n int) {
	for k, v := range r.doc.Fields(n) {
		switch r.doc.Name(k) {
		case "id", "type":
			r.ident(RolePrompt, v)
		case "command":
			at := r.doc.Field(v, "type")
			name := ""
			if at >= 0 {
				name, _ = r.doc.Str(at)
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
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(RolePrompt, n)
	}
}

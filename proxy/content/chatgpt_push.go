package content

import (
	"errors"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
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
func (rec *record) pushedEvents(n int, topic string) {
	outside, part := rec.doc, len(rec.parts)
	rec.str(RoleReply, n)
	if len(rec.parts) == part {
		return
	}
	r := rec.reply
	state := r.state
	r.state, rec.topic = r.topics[topic], topic+" "
	text := rec.parts[part].Text
	at := 0
	for line := range eventLines([]byte(text)) {
		name, value := eventField(line)
		start := at + strings.LastIndex(strings.TrimRight(line, "\r\n"), value)
		at += len(line)
		switch name {
		case "event", "id", "retry", "":
			continue
		case "data":
		default: // the rest of a line that was cut
			value = strings.TrimRight(line, "\r\n")
			start = at - len(line)
		}
		rec.inner = inner{int32(part), uint32(start)}
		rec.pushedData(value)
	}
	rec.inner, rec.doc = inner{part: fromBody}, outside
	if r.topics == nil || len(r.topics) > maxChannels {
		r.topics = map[string]replyState{}
	}
	r.topics[topic] = r.state
	r.state, rec.topic = state, ""
}

// pushedData reads the data of one event. What is no JSON is a piece of some: it
// continues what was so, too.
func (rec *record) pushedData(data string) {
	if data == "[DONE]" {
		rec.unit.ends = append(rec.unit.ends, scope{topic: rec.topic})
		return
	}
	doc, err := scanJSON(data, false, false, rec.lim.reserve)
	if err == nil && len(doc.Nodes) > 0 {
		rec.doc, rec.path = doc, rec.path[:0]
		rec.endings()
		if !readChatGPTEvent(rec) {
			rec.walkReply(0)
		}
		return
	}
	if err != nil && !errors.Is(err, ErrMalformed) {
		rec.fail(err)
		return
	}
	before := len(rec.parts)
	rec.add(RoleReply, rec.decode(codec.JSON, data), rec.at(0, uint32(len(data)), codec.JSON))
	if len(rec.parts) > before {
		rec.unit.runs = append(rec.unit.runs, rec.extend("cut", RoleReply, before, rec.parts[before].Text))
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

package content

import "strconv"

// anthropicReply is the streamed reply of the Messages API: message_start, blocks
// of content in deltas, message_delta, message_stop. Source:
// github.com/anthropics/anthropic-sdk-python. The replies of claude.ai use the
// same events.
var anthropicReply = &replyFormat{read: readAnthropicEvent, passed: anthropicPassed, end: endAnthropic}

// readAnthropicEvent reads a delta of thinking, which is signed: it is seen but
// not changed, because the provider refuses a changed one with the next turn. All
// other events are read by the generic reader.
func readAnthropicEvent(rec *record) bool {
	delta := rec.doc.Field(0, "delta")
	if delta < 0 || rec.strField(delta, "type") != "thinking_delta" {
		return false
	}
	at := rec.doc.Field(delta, "thinking")
	if at < 0 || rec.doc.Nodes[at].Kind != '"' {
		return false
	}
	rec.count(0)
	rec.join(string(rec.path)+".thinking", RoleOther, at)
	return true
}

func anthropicPassed(r *Reply, u *unit) {
	if len(u.doc.Nodes) == 0 {
		return
	}
	r.state.begun = true
	if at := u.doc.Field(0, "index"); at >= 0 {
		v := u.doc.Nodes[at]
		if n, err := strconv.Atoi(u.doc.Text[v.Start:v.End]); err == nil {
			r.state.block = n
		}
	}
	switch u.event {
	case "content_block_start":
		r.state.open = "other"
		if at := u.doc.Field(0, "content_block"); at >= 0 {
			if kind := u.doc.Field(at, "type"); kind >= 0 && u.doc.Name(kind) == "text" {
				r.state.open = "text"
			}
		}
	case "content_block_stop":
		r.state.open = ""
		r.state.block++
	}
}

// endAnthropic ends the open block, puts the notice into a block of text, the
// open one if it is text, and ends the message as refused.
func endAnthropic(r *Reply, n Notice) []byte {
	type object = map[string]any
	var out []byte
	put := func(name string, v object) {
		v["type"] = name
		out = appendEvent(out, name, v)
	}
	if !r.state.begun {
		put("message_start", object{"message": object{
			"id": "msg_" + n.ID, "type": "message", "role": "assistant", "model": "", "content": []any{},
			"stop_reason": nil, "stop_sequence": nil, "usage": object{"input_tokens": 0, "output_tokens": 0},
		}})
	}
	block := r.state.block
	text := r.paragraph(n)
	if r.state.open == "other" {
		put("content_block_stop", object{"index": block})
		block++
	}
	if r.state.open != "text" {
		text = n.text()
		put("content_block_start", object{"index": block, "content_block": object{"type": "text", "text": ""}})
	}
	put("content_block_delta", object{"index": block, "delta": object{"type": "text_delta", "text": text}})
	put("content_block_stop", object{"index": block})
	put("message_delta", object{"delta": object{"stop_reason": "refusal", "stop_sequence": nil}, "usage": object{"output_tokens": 0}})
	put("message_stop", object{})
	return out
}

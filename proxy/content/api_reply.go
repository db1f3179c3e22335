package content

import (
	"encoding/json"
	"strings"
)

// marshal is v as JSON; what this package writes always has one.
func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return []byte("{}")
	}
	return text
}

// cohereReply is the stream of Cohere: named events in v2, lines of JSON in v1.
var cohereReply = &replyFormat{lines: true, passed: coherePassed, end: endCohere}

func coherePassed(r *Reply, u *unit) {
	r.remember(u, "event_type", "index")
	if len(u.doc.Nodes) == 0 {
		return
	}
	switch at := u.doc.Field(0, "type"); {
	case at < 0:
	case u.doc.Name(at) == "content-start":
		r.state.open = "text"
	case u.doc.Name(at) == "content-end":
		r.state.open = ""
	}
}

// endCohere adds the notice to the text and ends the message as one that failed.
func endCohere(r *Reply, n Notice) []byte {
	type object = map[string]any
	if r.recalled("event_type", "") != "" {
		var out []byte
		for _, v := range []object{
			{"event_type": "text-generation", "text": r.paragraph(n), "is_finished": false},
			{"event_type": "stream-end", "is_finished": true, "finish_reason": "ERROR_TOXIC", "response": object{"text": n.text()}},
		} {
			out = append(append(out, marshal(v)...), '\n')
		}
		return out
	}
	var out []byte
	put := func(name string, v object) {
		v["type"] = name
		out = appendEvent(out, name, v)
	}
	index := json.RawMessage(r.recalled("index", "0"))
	if !r.state.begun {
		put("message-start", object{"id": n.ID, "delta": object{"message": object{"role": "assistant", "content": []any{}}}})
	}
	if r.state.open != "text" {
		put("content-start", object{"index": index, "delta": object{"message": object{"content": object{"type": "text", "text": ""}}}})
	}
	put("content-delta", object{"index": index, "delta": object{"message": object{"content": object{"text": r.paragraph(n)}}}})
	put("content-end", object{"index": index})
	put("message-end", object{"delta": object{"finish_reason": "ERROR", "error": n.text()}})
	return out
}

// ollamaReply are the lines of Ollama: a message or, of /api/generate, a response
// in pieces; the last one says done.
var ollamaReply = &replyFormat{lines: true, passed: ollamaPassed, end: endOllama}

func ollamaPassed(r *Reply, u *unit) {
	r.remember(u, "model", "created_at")
	if len(u.doc.Nodes) > 0 && u.doc.Field(0, "response") >= 0 {
		r.state.open = "response"
	}
}

func endOllama(r *Reply, n Notice) []byte {
	type message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	type line struct {
		Model    string   `json:"model"`
		Created  string   `json:"created_at"`
		Message  *message `json:"message,omitempty"`
		Response *string  `json:"response,omitempty"`
		Done     bool     `json:"done"`
		Reason   string   `json:"done_reason,omitempty"`
	}
	var out []byte
	for _, text := range []string{r.paragraph(n), ""} {
		v := line{Model: r.recalled("model", ""), Created: r.recalled("created_at", "1970-01-01T00:00:00Z"), Done: text == ""}
		if v.Done {
			v.Reason = "stop"
		}
		if r.state.open == "response" {
			v.Response = &text
		} else {
			v.Message = &message{"assistant", text}
		}
		out = append(append(out, marshal(v)...), '\n')
	}
	return out
}

// mistralReply is a stream of chat, or of a conversation, whose events have types
// of their own.
var mistralReply = &replyFormat{passed: mistralPassed, end: endMistral}

func mistralPassed(r *Reply, u *unit) {
	chatPassed(r, u)
	if strings.Contains(u.event, ".") {
		r.state.open = "conversation"
	}
}

func endMistral(r *Reply, n Notice) []byte {
	if r.state.open != "conversation" {
		return endChat(r, n)
	}
	return appendEvent(nil, "conversation.response.error", struct {
		Type    string `json:"type"`
		Message string `json:"message"`
		Code    int    `json:"code"`
	}{"conversation.response.error", n.text(), n.status()})
}

// completionsReply is the stream of inline completions. They stand in a person's
// code, so a notice is not put there: the completion ends.
var completionsReply = &replyFormat{passed: chatPassed, end: func(r *Reply, n Notice) []byte {
	type choice struct {
		Index  int    `json:"index"`
		Text   string `json:"text"`
		Reason string `json:"finish_reason"`
	}
	out := appendEvent(nil, "", struct {
		ID      string   `json:"id"`
		Choices []choice `json:"choices"`
	}{r.recalled("id", "cmpl-"+n.ID), []choice{{Reason: "content_filter"}}})
	return append(out, "data: [DONE]\n\n"...)
}}

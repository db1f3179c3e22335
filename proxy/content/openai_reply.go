package content

import (
	"encoding/json"
	"fmt"
	"strings"
)

// chatReply is the streamed reply of Chat Completions: chunks in data lines,
// [DONE] at the end. Source: github.com/openai/openai-openapi.
var chatReply = &replyFormat{passed: chatPassed, end: endChat}

// chatPassed keeps what the end of the stream has to repeat.
func chatPassed(r *Reply, u *unit) {
	r.remember(u, "id", "model", "object")
}

// endChat adds the notice to the text and ends the choice as one that a filter
// stopped.
func endChat(r *Reply, n Notice) []byte {
	type delta struct {
		Role    string `json:"role,omitempty"`
		Content string `json:"content,omitempty"`
	}
	type choice struct {
		Index        int     `json:"index"`
		Delta        delta   `json:"delta"`
		FinishReason *string `json:"finish_reason"`
	}
	type chunk struct {
		ID      string   `json:"id"`
		Object  string   `json:"object"`
		Created int      `json:"created"`
		Model   string   `json:"model"`
		Choices []choice `json:"choices"`
	}
	text := choice{Delta: delta{Content: r.paragraph(n)}}
	if !r.state.begun {
		text.Delta.Role = "assistant"
	}
	filtered := "content_filter"
	var out []byte
	for _, c := range []choice{text, {FinishReason: &filtered}} {
		out = appendEvent(out, "", chunk{
			ID: r.recalled("id", "chatcmpl-"+n.ID), Object: r.recalled("object", "chat.completion.chunk"), Model: r.recalled("model", ""), Choices: []choice{c},
		})
	}
	return append(out, "data: [DONE]\n\n"...)
}

// responsesReply is the streamed reply of the Responses API: named events, the
// text repeated in those that end something. There is no [DONE].
var responsesReply = &replyFormat{passed: responsesPassed, end: endResponses}

func responsesPassed(r *Reply, u *unit) {
	r.remember(u, "item_id", "output_index", "content_index")
	if len(u.doc.Nodes) > 0 {
		if at := u.doc.Field(0, "response"); at >= 0 {
			if id := u.doc.Field(at, "id"); id >= 0 {
				r.recall("response", u.doc.Name(id))
			}
		}
		if at := u.doc.Field(0, "sequence_number"); at >= 0 {
			v := u.doc.Nodes[at]
			_, _ = fmt.Sscan(u.doc.Text[v.Start:v.End], &r.state.block) // no number: it stays
		}
	}
	if strings.HasSuffix(u.event, "output_text.delta") {
		r.state.open = "text"
	} else if strings.HasSuffix(u.event, "output_text.done") {
		r.state.open = ""
	}
}

// endResponses adds the notice to the text that is open and ends the response as
// incomplete, for the reason of a filter.
func endResponses(r *Reply, n Notice) []byte {
	type details struct {
		Reason string `json:"reason"`
	}
	type failure struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	type response struct {
		ID         string   `json:"id"`
		Object     string   `json:"object"`
		Status     string   `json:"status"`
		Incomplete *details `json:"incomplete_details"`
		Error      *failure `json:"error"`
		Output     []any    `json:"output"`
	}
	var out []byte
	number := r.state.block
	if r.state.open == "text" {
		number++
		out = appendEvent(out, "response.output_text.delta", struct {
			Type     string          `json:"type"`
			Number   int             `json:"sequence_number"`
			Item     string          `json:"item_id"`
			Output   json.RawMessage `json:"output_index"`
			Content  json.RawMessage `json:"content_index"`
			Delta    string          `json:"delta"`
			Logprobs []any           `json:"logprobs"`
		}{"response.output_text.delta", number, r.recalled("item_id", ""), json.RawMessage(r.recalled("output_index", "0")), json.RawMessage(r.recalled("content_index", "0")), r.paragraph(n), []any{}})
	}
	return appendEvent(out, "response.incomplete", struct {
		Type     string   `json:"type"`
		Number   int      `json:"sequence_number"`
		Response response `json:"response"`
	}{"response.incomplete", number + 1, response{
		ID: r.recalled("response", "resp_"+n.ID), Object: "response", Status: "incomplete",
		Incomplete: &details{"content_filter"}, Error: &failure{n.code(), n.text()}, Output: []any{},
	}})
}

// paragraph is a notice as it stands behind text that the client shows already.
func (r *Reply) paragraph(n Notice) string {
	if r.state.begun {
		return "\n\n" + n.text()
	}
	return n.text()
}

// remember keeps short fields of a record's top, as they stand there, for the
// end of the stream.
func (r *Reply) remember(u *unit, names ...string) {
	if len(u.doc.Nodes) == 0 {
		return
	}
	r.state.begun = true
	for _, name := range names {
		at := u.doc.Field(0, name)
		if at < 0 {
			continue
		}
		switch v := u.doc.Nodes[at]; {
		case v.End-v.Start > 256:
		case v.Kind == '"':
			r.recall(name, u.doc.Name(at))
		case v.Kind == '0':
			r.recall(name, u.doc.Text[v.Start:v.End])
		}
	}
}

func (r *Reply) recall(name, value string) {
	if r.state.ids == nil {
		r.state.ids = map[string]string{}
	}
	r.state.ids[name] = strings.Clone(value)
}

// recalled is what was kept under a name.
func (r *Reply) recalled(name, otherwise string) string {
	if value, ok := r.state.ids[name]; ok {
		return value
	}
	return otherwise
}

// appendEvent adds an event of an event stream.
func appendEvent(out []byte, name string, v any) []byte {
	if name != "" {
		out = append(out, "event: "+name+"\n"...)
	}
	data, err := json.Marshal(v)
	if err != nil { // structs of strings and numbers always marshal
		data = []byte("{}")
	}
	return append(append(append(out, "data: "...), data...), "\n\n"...)
}

// transcriptReply is the streamed transcript of a recording: its text comes in
// pieces and again as a whole.
var transcriptReply = &replyFormat{
	passed: func(r *Reply, _ *unit) { r.state.begun = true },
	end: func(r *Reply, n Notice) []byte {
		out := appendEvent(nil, "transcript.text.delta", map[string]string{"type": "transcript.text.delta", "delta": r.paragraph(n)})
		return appendEvent(out, "transcript.text.done", map[string]string{"type": "transcript.text.done", "text": n.text()})
	},
}

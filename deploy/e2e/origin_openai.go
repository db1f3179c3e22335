package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// openAI speaks the formats of api.openai.com. The model repeats what it was told.
func (o *Origin) openAI() {
	for _, place := range []string{"api.openai.com/v1", plainAI + "/openai/v1"} {
		o.mux.HandleFunc("POST "+place+"/chat/completions", o.chatCompletions)
	}
	o.mux.HandleFunc("POST api.openai.com/v1/responses", o.responses)
}

func (o *Origin) chatCompletions(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Model    string `json:"model"`
		Stream   bool   `json:"stream"`
		Messages []struct {
			Content words `json:"content"`
		} `json:"messages"`
	}
	if !read(w, r, &asked) {
		return
	}
	said := "You said: "
	if n := len(asked.Messages); n > 0 {
		said += string(asked.Messages[n-1].Content)
	}
	if !asked.Stream {
		reply(w, map[string]any{
			"id": "chatcmpl-0", "object": "chat.completion", "created": 1790000000, "model": asked.Model,
			"choices": []any{map[string]any{
				"index": 0, "finish_reason": "stop",
				"message": map[string]any{"role": "assistant", "content": said, "refusal": nil},
			}},
			"usage": map[string]any{"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18},
		})
		return
	}
	chunk := func(delta any, finish any) string {
		return "data: " + text(map[string]any{
			"id": "chatcmpl-0", "object": "chat.completion.chunk", "created": 1790000000, "model": asked.Model,
			"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}},
		}) + "\n\n"
	}
	events := []string{chunk(map[string]any{"role": "assistant", "content": ""}, nil)}
	for _, piece := range pieces(said) {
		events = append(events, chunk(map[string]any{"content": piece}, nil))
	}
	o.stream(w, r, append(events, chunk(map[string]any{}, "stop")+"data: [DONE]\n\n"))
}

func (o *Origin) responses(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Model  string `json:"model"`
		Stream bool   `json:"stream"`
		Input  words  `json:"input"`
	}
	if !read(w, r, &asked) {
		return
	}
	said := "You said: " + string(asked.Input)
	if !asked.Stream {
		reply(w, response(asked.Model, "completed", responseMessage(said)))
		return
	}
	var events []string
	for _, event := range responseEvents(asked.Model, said) {
		var named struct {
			Type string `json:"type"`
		}
		_ = json.Unmarshal([]byte(event), &named) // it is made here
		events = append(events, fmt.Sprintf("event: %s\ndata: %s\n\n", named.Type, event))
	}
	// The item and its part begin together, and all that ends.
	events = slices.Concat(events[:1], []string{events[1] + events[2]}, events[3:6], []string{strings.Join(events[6:], "")})
	o.stream(w, r, events)
}

func response(model, status string, output ...any) map[string]any {
	return map[string]any{
		"id": "resp_0", "object": "response", "created_at": 1790000000, "status": status,
		"model": model, "output": append([]any{}, output...), "error": nil,
	}
}

func responseMessage(said string) map[string]any {
	return map[string]any{
		"id": "msg_0", "type": "message", "role": "assistant", "status": "completed",
		"content": []any{map[string]any{"type": "output_text", "text": said, "annotations": []any{}}},
	}
}

// responseEvents are the events of a reply, as a stream and a socket of the
// Responses API carry them.
func responseEvents(model, said string) []string {
	var events []string
	event := func(name string, fields map[string]any) {
		fields["type"], fields["sequence_number"] = name, len(events)
		events = append(events, text(fields))
	}
	part := func(name, key, value string) {
		event(name, map[string]any{"item_id": "msg_0", "output_index": 0, "content_index": 0, key: value})
	}
	event("response.created", map[string]any{"response": response(model, "in_progress")})
	item := map[string]any{"id": "msg_0", "type": "message", "role": "assistant", "status": "in_progress", "content": []any{}}
	event("response.output_item.added", map[string]any{"output_index": 0, "item": item})
	event("response.content_part.added", map[string]any{
		"item_id": "msg_0", "output_index": 0, "content_index": 0,
		"part": map[string]any{"type": "output_text", "text": "", "annotations": []any{}},
	})
	for _, piece := range pieces(said) {
		part("response.output_text.delta", "delta", piece)
	}
	part("response.output_text.done", "text", said)
	event("response.output_item.done", map[string]any{"output_index": 0, "item": responseMessage(said)})
	event("response.completed", map[string]any{"response": response(model, "completed", responseMessage(said))})
	return events
}

// words is what a person said: text, or the last of parts, blocks or items.
type words string

func (w *words) UnmarshalJSON(in []byte) error {
	var text string
	if json.Unmarshal(in, &text) == nil {
		*w = words(text)
		return nil
	}
	var list []struct {
		Text    words `json:"text"`
		Content words `json:"content"`
	}
	if err := json.Unmarshal(in, &list); err != nil || len(list) == 0 {
		return err
	}
	*w = list[len(list)-1].Text + list[len(list)-1].Content
	return nil
}

// read decodes a body, or answers as an API does that cannot.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		http.Error(w, `{"error":{"message":"the origin cannot read this","type":"invalid_request_error"}}`, http.StatusBadRequest)
		return false
	}
	return true
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(text(value)))
}

func text(value any) string {
	out, err := json.Marshal(value)
	if err != nil {
		panic(err) // the values are made here
	}
	return string(out)
}

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
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
			Content string `json:"content"`
		} `json:"messages"`
	}
	if !read(w, r, &asked) {
		return
	}
	said := "You said: "
	if n := len(asked.Messages); n > 0 {
		said += asked.Messages[n-1].Content
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
		Input  string `json:"input"`
	}
	if !read(w, r, &asked) {
		return
	}
	said := "You said: " + asked.Input
	response := func(status string, output ...any) map[string]any {
		return map[string]any{
			"id": "resp_0", "object": "response", "created_at": 1790000000, "status": status,
			"model": asked.Model, "output": append([]any{}, output...), "error": nil,
		}
	}
	message := map[string]any{
		"id": "msg_0", "type": "message", "role": "assistant", "status": "completed",
		"content": []any{map[string]any{"type": "output_text", "text": said, "annotations": []any{}}},
	}
	if !asked.Stream {
		reply(w, response("completed", message))
		return
	}
	number := 0
	event := func(name string, fields map[string]any) string {
		fields["type"], fields["sequence_number"] = name, number
		number++
		return fmt.Sprintf("event: %s\ndata: %s\n\n", name, text(fields))
	}
	part := func(name, key, value string) string {
		return event(name, map[string]any{"item_id": "msg_0", "output_index": 0, "content_index": 0, key: value})
	}
	events := []string{event("response.created", map[string]any{"response": response("in_progress")})}
	item := map[string]any{"id": "msg_0", "type": "message", "role": "assistant", "status": "in_progress", "content": []any{}}
	events = append(events,
		event("response.output_item.added", map[string]any{"output_index": 0, "item": item})+
			event("response.content_part.added", map[string]any{
				"item_id": "msg_0", "output_index": 0, "content_index": 0,
				"part": map[string]any{"type": "output_text", "text": "", "annotations": []any{}},
			}))
	for _, piece := range pieces(said) {
		events = append(events, part("response.output_text.delta", "delta", piece))
	}
	events = append(events,
		part("response.output_text.done", "text", said)+
			event("response.output_item.done", map[string]any{"output_index": 0, "item": message})+
			event("response.completed", map[string]any{"response": response("completed", message)}))
	o.stream(w, r, events)
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

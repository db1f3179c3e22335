package e2e

import (
	"fmt"
	"net/http"
	"slices"
)

// anthropic speaks the format of api.anthropic.com. The model repeats what it was
// told.
func (o *Origin) anthropic() {
	o.mux.HandleFunc("POST api.anthropic.com/v1/messages", o.messages)
}

func (o *Origin) messages(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Model    string `json:"model"`
		Stream   bool   `json:"stream"`
		Messages []struct {
			Role    string `json:"role"`
			Content words  `json:"content"`
		} `json:"messages"`
	}
	if !read(w, r, &asked) {
		return
	}
	said := "You said: "
	for _, m := range slices.Backward(asked.Messages) {
		if m.Role == "user" {
			said += string(m.Content)
			break
		}
	}
	message := func(stop any, content ...any) map[string]any {
		return map[string]any{
			"id": "msg_0", "type": "message", "role": "assistant", "model": asked.Model,
			"content": append([]any{}, content...), "stop_reason": stop, "stop_sequence": nil,
			"usage": map[string]any{"input_tokens": 9, "output_tokens": 9},
		}
	}
	if !asked.Stream {
		reply(w, message("end_turn", map[string]any{"type": "text", "text": said}))
		return
	}
	event := func(name string, fields map[string]any) string {
		fields["type"] = name
		return fmt.Sprintf("event: %s\ndata: %s\n\n", name, text(fields))
	}
	events := []string{
		event("message_start", map[string]any{"message": message(nil)}),
		event("content_block_start", map[string]any{"index": 0, "content_block": map[string]any{"type": "text", "text": ""}}) +
			event("ping", map[string]any{}),
	}
	for _, piece := range pieces(said) {
		events = append(events, event("content_block_delta", map[string]any{
			"index": 0, "delta": map[string]any{"type": "text_delta", "text": piece},
		}))
	}
	o.stream(w, r, append(events,
		event("content_block_stop", map[string]any{"index": 0})+
			event("message_delta", map[string]any{
				"delta": map[string]any{"stop_reason": "end_turn", "stop_sequence": nil},
				"usage": map[string]any{"output_tokens": 9},
			})+
			event("message_stop", map[string]any{})))
}

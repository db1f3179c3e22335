package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// The hosts of providers whose SDKs ask here.
const (
	azure   = "team-four.openai.azure.com"
	cohere  = "api.cohere.com"
	gemini  = "generativelanguage.googleapis.com"
	mistral = "codestral.mistral.ai"
	ollama  = "ollama.com"
)

// providers speak the formats of Azure, Cohere, Gemini, Mistral and Ollama, and of
// what OpenAI has beside chat. The models repeat what they were told.
func (o *Origin) providers() {
	o.mux.HandleFunc("POST "+azure+"/openai/deployments/{deployment}/chat/completions", o.chatCompletions)
	o.mux.HandleFunc("POST "+mistral+"/v1/chat/completions", o.chatCompletions)
	for _, version := range []string{"v1", "v1beta"} {
		o.mux.HandleFunc("POST "+gemini+"/"+version+"/models/{method}", o.generateContent)
	}
	o.mux.HandleFunc("POST "+cohere+"/v2/chat", o.cohereChat)
	o.mux.HandleFunc("POST "+ollama+"/api/chat", o.ollamaChat)
	for path, answer := range map[string]any{
		"/v1/embeddings": map[string]any{
			"object": "list", "model": "model-e2e", "data": []any{
				map[string]any{"object": "embedding", "index": 0, "embedding": []float64{0.5, 0.25}},
				map[string]any{"object": "embedding", "index": 1, "embedding": []float64{0.5, 0.75}},
			},
		},
		"/v1/files":                map[string]any{"id": "file-0", "object": "file", "bytes": 9, "created_at": 1790000000, "filename": "notes.txt", "purpose": "assistants"},
		"/v1/audio/transcriptions": map[string]any{"text": "Spoken."},
		"/v1/images/generations":   map[string]any{"created": 1790000000, "data": []any{map[string]any{"url": "https://pictures.example/a.png", "revised_prompt": "Painted."}}},
	} {
		o.mux.HandleFunc("POST api.openai.com"+path, func(w http.ResponseWriter, _ *http.Request) { reply(w, answer) })
	}
}

func (o *Origin) generateContent(w http.ResponseWriter, r *http.Request) {
	type turn struct {
		Parts []struct {
			Text string `json:"text"`
		} `json:"parts"`
	}
	var asked struct {
		Contents []turn `json:"contents"`
	}
	if !read(w, r, &asked) {
		return
	}
	if r.PathValue("method") == "model-e2e:batchEmbedContents" {
		reply(w, map[string]any{"embeddings": []any{map[string]any{"values": []float64{0.5, 0.25}}}})
		return
	}
	said := "You said: "
	for _, t := range asked.Contents {
		for _, part := range t.Parts {
			said += part.Text
		}
	}
	answer := func(text string, done bool) map[string]any {
		candidate := map[string]any{"index": 0, "content": map[string]any{"role": "model", "parts": []any{map[string]any{"text": text}}}}
		if done {
			candidate["finishReason"] = "STOP"
		}
		return map[string]any{"candidates": []any{candidate}, "modelVersion": "model-e2e"}
	}
	if r.URL.Query().Get("alt") != "sse" {
		reply(w, answer(said, true))
		return
	}
	var events []string
	for _, piece := range pieces(said) {
		events = append(events, "data: "+text(answer(piece, false))+"\r\n\r\n")
	}
	o.stream(w, r, append(events, "data: "+text(answer("", true))+"\r\n\r\n"))
}

func (o *Origin) cohereChat(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Stream   bool `json:"stream"`
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
			"id": "x", "finish_reason": "COMPLETE",
			"message": map[string]any{"role": "assistant", "content": []any{map[string]any{"type": "text", "text": said}}},
		})
		return
	}
	event := func(name string, fields map[string]any) string {
		fields["type"] = name
		return fmt.Sprintf("event: %s\ndata: %s\n\n", name, text(fields))
	}
	content := func(fields map[string]any) map[string]any {
		return map[string]any{"index": 0, "delta": map[string]any{"message": map[string]any{"content": fields}}}
	}
	events := []string{event("message-start", map[string]any{"id": "x", "delta": map[string]any{"message": map[string]any{
		"role": "assistant", "content": []any{}, "tool_plan": "", "tool_calls": []any{}, "citations": []any{},
	}}}) + event("content-start", content(map[string]any{"type": "text", "text": ""}))}
	for _, piece := range pieces(said) {
		events = append(events, event("content-delta", content(map[string]any{"text": piece})))
	}
	o.stream(w, r, append(events, event("content-end", map[string]any{"index": 0})+
		event("message-end", map[string]any{"delta": map[string]any{"finish_reason": "COMPLETE"}})))
}

func (o *Origin) ollamaChat(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Stream   *bool `json:"stream"`
		Messages []struct {
			Content string `json:"content"`
		} `json:"messages"`
	}
	body, err := io.ReadAll(r.Body) // its clients may send no content type
	if err != nil || json.Unmarshal(body, &asked) != nil {
		http.Error(w, `{"error":"the origin cannot read this"}`, http.StatusBadRequest)
		return
	}
	said := "You said: "
	if n := len(asked.Messages); n > 0 {
		said += asked.Messages[n-1].Content
	}
	line := func(piece string, done bool) map[string]any {
		return map[string]any{
			"model": "model-e2e", "created_at": "2026-11-23T00:00:00Z", "done": done,
			"message": map[string]any{"role": "assistant", "content": piece},
		}
	}
	if asked.Stream != nil && !*asked.Stream {
		reply(w, line(said, true))
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	var events []string
	for _, piece := range pieces(said) {
		events = append(events, text(line(piece, false))+"\n")
	}
	o.stream(w, r, append(events, text(line("", true))+"\n"))
}

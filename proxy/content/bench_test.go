package content_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// chatRequest is a chat request of about 2 KB: a system prompt, three turns and
// a tool.
func chatRequest(tb testing.TB) []byte {
	tb.Helper()
	prose := "The quarterly plan for the Northwind office needs a second look before Friday. "
	body := map[string]any{
		"model": "gpt-x", "stream": true, "temperature": 0.2,
		"messages": []any{
			map[string]any{"role": "system", "content": "You are a careful assistant.\nAnswer in one paragraph."},
			map[string]any{"role": "user", "content": strings.Repeat(prose, 6)},
			map[string]any{"role": "assistant", "content": strings.Repeat("Here is a \"short\" summary of it.\n", 9)},
			map[string]any{"role": "user", "content": []any{
				map[string]any{"type": "text", "text": strings.Repeat(prose, 6) + "Write to jo.field@example.com about it."},
			}},
		},
		"tools": []any{map[string]any{"type": "function", "function": map[string]any{
			"name": "lookup", "description": "Looks a customer up by name.",
			"parameters": map[string]any{"type": "object", "properties": map[string]any{"name": map[string]any{"type": "string"}}},
		}}},
	}
	out, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func chatHead() *content.Head {
	return &content.Head{
		Method: http.MethodPost, Host: "api.openai.com", Path: "/v1/chat/completions", Role: "api", Wire: "openai-*",
		Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer x"}},
	}
}

// BenchmarkChat reads and rewrites a chat request of 2 KB. The budget is 30 µs.
func BenchmarkChat(b *testing.B) {
	body, h := chatRequest(b), chatHead()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := content.Read(h, body, content.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		var edits []content.Edit
		for i, p := range m.Parts {
			if at := strings.Index(p.Text, "jo.field@example.com"); at >= 0 {
				edits = append(edits, content.Edit{Part: i, Start: at, End: at + 20, Text: "[EMAIL_ADDRESS_x7k2]"})
			}
		}
		w, err := m.Rewrite(edits)
		if err != nil || len(edits) != 1 || len(w.Body) != len(body) {
			b.Fatal(err, edits)
		}
	}
}

// BenchmarkReadLarge reads an agent's request of 1 MiB.
func BenchmarkReadLarge(b *testing.B) {
	var messages []any
	for range 500 {
		messages = append(messages, map[string]any{"role": "user", "content": strings.Repeat("Line of a file.\n", 128)})
	}
	body, err := json.Marshal(map[string]any{"model": "m", "messages": messages})
	if err != nil {
		b.Fatal(err)
	}
	h := chatHead()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := content.Read(h, body, content.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

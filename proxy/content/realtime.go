package content

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// matchRealtime matches the socket of OpenAI's Realtime API, also at services
// that speak the same. Source: github.com/openai/openai-openapi (2026-08-21).
func matchRealtime(wire string, h *Head) bool {
	return h.WebSocket && isAPI(wire) && strings.HasSuffix(cleanPath(h.Path), "/realtime")
}

// readRealtime reads one event of the client's.
func readRealtime(r *reading) {
	if query, err := url.ParseQuery(r.m.stream.first.RawQuery); err == nil {
		r.m.Model = query.Get("model")
	}
	if !r.json() {
		return
	}
	if r.doc.Nodes[0].Kind != '{' {
		r.m.Kind = KindPrompt
		r.walk(RolePrompt, 0)
		return
	}
	for k, v := range r.doc.Fields(0) {
		switch r.doc.Name(k) {
		case "type", "event_id", "item_id", "previous_item_id", "response_id":
			r.ident(RolePrompt, v)
		case "session", "response":
			r.realtimeSession(v)
		case "item":
			role, _ := r.itemRole(v)
			r.item(role, v)
		case "audio": // of input_audio_buffer.append, a piece at a time
			r.audio(RolePrompt, k, v)
		default:
			r.field(RolePrompt, k, v)
		}
	}
	if len(r.parts) > 0 || len(r.m.Opaque) > 0 {
		r.m.Kind = KindPrompt
	}
}

// audio reads a piece of sound in base64; what is none is text.
func (r *reading) audio(role Role, k, v int) {
	if text, ok := r.doc.Str(v); ok && codec.IsBase64(text) && !beginsLegible(text) {
		r.opaque("audio", text)
		return
	}
	r.field(role, k, v)
}

// realtimeReply are the events of the server. Only sound is special: it comes in
// pieces under the name that text has, too.
var realtimeReply = &replyFormat{read: func(rec *record) bool {
	name := ""
	if at := rec.doc.Field(0, "type"); at >= 0 {
		name = rec.doc.Name(at)
	}
	if !strings.HasSuffix(name, "audio.delta") {
		return false
	}
	for k, v := range rec.doc.Fields(0) {
		if rec.doc.Name(k) == "delta" {
			rec.audio(RoleReply, k, v)
		} else {
			rec.field(RoleReply, k, v)
		}
	}
	return true
}}

// realtimeSession reads $.session or $.response: instructions, input and tools.
func (r *reading) realtimeSession(n int) {
	r.object(RolePrompt, n, func(name string, k, v int) {
		switch name {
		case "instructions":
			r.content(RoleSystem, v)
		case "input":
			r.input(v)
		case "tools":
			r.definitions(v)
		case "id", "object", "type", "voice", "output_modalities":
			r.ident(RolePrompt, v)
		default:
			r.common(name, k, v)
		}
	})
}

// refuseRealtime is the error event of the Realtime API, which the client shows
// and after which the session goes on.
func refuseRealtime(_ *Message, n Notice) [][]byte {
	type object struct {
		Type    string  `json:"type"`
		Code    string  `json:"code"`
		Message string  `json:"message"`
		Param   *string `json:"param"`
	}
	return events(struct {
		Type    string `json:"type"`
		EventID string `json:"event_id"`
		Error   object `json:"error"`
	}{"error", "event_" + n.ID, object{"invalid_request_error", n.code(), n.text(), nil}})
}

// events are values as the text of one message each.
func events(values ...any) [][]byte {
	var out [][]byte
	for _, v := range values {
		if text, err := json.Marshal(v); err == nil { // structs of strings always marshal
			out = append(out, text)
		}
	}
	return out
}

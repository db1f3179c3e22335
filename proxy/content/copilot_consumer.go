package content

import (
	"slices"
	"strings"
)

// matchConsumerCopilot matches the chat socket of the consumer Copilot and the upload of
// attachments. Source: github.com/xtekky/gpt4free g4f/Provider/Copilot.py
// (2026-08-21).
func matchConsumerCopilot(wire string, h *Head) bool {
	if wire != "copilot-consumer" || h.Role == "auth" {
		return false
	}
	path := cleanPath(h.Path)
	return h.WebSocket && strings.HasPrefix(path, "/c/api/") || !reads(h) && strings.HasPrefix(path, "/c/api/attachments")
}

// readConsumerCopilot reads an attachment: a file's bytes, or a form with it.
func readConsumerCopilot(r *reading) {
	r.m.Kind = KindUpload
	r.walkBodyAs(RoleFile)
}

// consumerCopilotQuiet are the events that carry nothing for the model; the answer to a
// challenge is a token.
var consumerCopilotQuiet = []string{"ping", "setOptions", "reportLocalConsents", "challengeResponse"}

// readConsumerCopilotEvent reads one event of the client's; send carries the new turn.
func readConsumerCopilotEvent(r *reading) {
	if !r.json() {
		return
	}
	if r.doc.Nodes[0].Kind != '{' {
		r.m.Kind = KindPrompt
		r.walk(RolePrompt, 0)
		return
	}
	event := ""
	if at := r.doc.Field(0, "event"); at >= 0 {
		event, _ = r.doc.Str(at)
	}
	if slices.Contains(consumerCopilotQuiet, event) {
		r.role = RoleOther
		r.walk(RoleOther, 0)
		return
	}
	for k, v := range r.doc.Fields(0) {
		switch r.doc.Name(k) {
		case "event":
			r.ident(RolePrompt, v)
		case "conversationId":
			r.conversation(v)
		case "mode":
			r.m.Model, _ = r.doc.Str(v)
			r.ident(RolePrompt, v)
		case "content":
			for item := range r.doc.Items(v) {
				r.consumerCopilotItem(item)
			}
			if r.doc.Nodes[v].Kind != '[' {
				r.walk(RolePrompt, v)
			}
		default:
			r.field(RolePrompt, k, v)
		}
	}
	if len(r.parts) > 0 {
		r.m.Kind = KindPrompt
	}
}

// consumerCopilotItem reads one piece of a turn: text, or the name of what was uploaded.
func (r *reading) consumerCopilotItem(n int) {
	r.object(RolePrompt, n, func(name string, k, v int) {
		switch name {
		case "type", "attachmentId":
			r.ident(RolePrompt, v)
		case "url": // of an image that was uploaded
			r.ident(RolePrompt, v)
		default:
			r.field(RolePrompt, k, v)
		}
	})
}

// refuseConsumerCopilot answers as the model would: a message with text, and its end.
func refuseConsumerCopilot(_ *Message, n Notice) [][]byte {
	type event struct {
		Event     string `json:"event"`
		MessageID string `json:"messageId"`
		PartID    string `json:"partId,omitempty"`
		Text      string `json:"text,omitempty"`
	}
	return events(
		event{Event: "startMessage", MessageID: n.ID},
		event{Event: "appendText", MessageID: n.ID, PartID: "0", Text: n.text()},
		event{Event: "partCompleted", MessageID: n.ID, PartID: "0"},
		event{Event: "done", MessageID: n.ID},
	)
}

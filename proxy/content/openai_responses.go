package content

import (
	"net/http"
	"strings"
)

// matchResponses matches the Responses API, also where Codex uses it on a
// ChatGPT sign-in. Source: github.com/openai/openai-openapi.
func matchResponses(wire string, h *Head) bool {
	if !isAPI(wire) {
		return false
	}
	path := cleanPath(h.Path)
	return strings.HasSuffix(path, "/responses") || strings.Contains(path, "/responses/")
}

// readResponses reads $.input, $.instructions, $.prompt and $.tools.
func readResponses(r *reading) {
	if r.beginAPI() {
		r.responsesRequest(0)
	}
}

// responsesRequest reads a request object.
func (r *reading) responsesRequest(n int) {
	d := &r.doc
	r.old = r.hasOld(n, "input", r.itemRole)
	for k, v := range d.Fields(n) {
		switch name := d.Name(k); name {
		case "input":
			was := r.old
			r.input(v)
			r.old = was
		case "instructions":
			r.content(RoleSystem, v)
		case "tools":
			r.definitions(v)
		case "conversation", "previous_response_id":
			r.conversation(v)
		default:
			r.common(name, k, v)
		}
	}
	if d.Nodes[n].Kind != '{' {
		r.walk(RolePrompt, n)
	}
}

// conversation reads $.conversation, a string or an object with an id, or
// $.previous_response_id.
func (r *reading) conversation(n int) {
	at := n
	if r.doc.Nodes[n].Kind == '{' {
		at = r.doc.Field(n, "id")
	}
	if at >= 0 {
		if id, ok := r.doc.Str(at); ok && id != "" {
			r.m.Conversation = id
		}
	}
	r.ident(RolePrompt, n)
}

// itemRole is the role of an input item: of a message as it says, of others by
// their type.
func (r *reading) itemRole(n int) (Role, bool) {
	at := r.doc.Field(n, "type")
	if at < 0 {
		return r.messageRole(n)
	}
	kind, _ := r.doc.Str(at)
	switch {
	case strings.HasSuffix(kind, "_output"):
		return RoleToolResult, false
	case strings.HasSuffix(kind, "_call"), kind == "reasoning", kind == "compaction", kind == "mcp_list_tools", kind == "mcp_approval_request":
		return RolePrompt, true
	}
	return r.messageRole(n)
}

// input reads $.input: a string, or items.
func (r *reading) input(n int) {
	if r.doc.Nodes[n].Kind != '[' {
		r.old = false
	}
	r.eachTurn(n, r.itemRole, r.item)
}

func (r *reading) item(role Role, n int) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(role, n)
		return
	}
	for k, v := range r.doc.Fields(n) {
		switch r.doc.Name(k) {
		case "type", "role", "status", "phase", "object", "agent_id":
			r.ident(role, v)
		case "id", "call_id", "approval_request_id":
			r.ident(role, v)
		case "content", "output", "summary":
			r.content(role, v)
		case "result": // of an image generation call
			r.walkMedia(role, v, "image/*")
		case "encrypted_content": // sealed by the provider; see the package's doc
			if !r.sealed(role, v) {
				r.walk(role, v)
			}
		default:
			r.field(role, k, v)
		}
	}
}

// refuseResponses is how the Responses API's socket says that a response failed.
// Codex would send a prompt twelve times that an error event refuses with 403, and
// waits on for an event without a status. What may pass with time is such an
// error. Source: github.com/openai/openai-openapi (ResponseErrorCode,
// BetaResponseWsError).
func refuseResponses(_ *Message, n Notice) [][]byte {
	if n.status() != http.StatusForbidden {
		return events(struct {
			Type   string      `json:"type"`
			Status int         `json:"status"`
			Error  openAIError `json:"error"`
		}{"error", n.status(), n.openAI()})
	}
	type failure struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	type response struct {
		ID     string   `json:"id"`
		Object string   `json:"object"`
		Status string   `json:"status"`
		Error  failure  `json:"error"`
		Output []string `json:"output"`
	}
	return events(struct {
		Type     string   `json:"type"`
		Number   int      `json:"sequence_number"`
		Response response `json:"response"`
	}{"response.failed", 0, response{"resp_" + n.ID, "response", "failed", failure{"invalid_prompt", n.text()}, []string{}}})
}

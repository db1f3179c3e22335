package content

import "strings"

// matchAnthropic matches the Messages API, its token count and batches, and the
// old /v1/complete. Source: github.com/anthropics/anthropic-sdk-python.
func matchAnthropic(wire string, h *Head) bool {
	if !isAPI(wire) {
		return false
	}
	path := cleanPath(h.Path)
	return strings.HasSuffix(path, "/v1/messages") || strings.Contains(path, "/v1/messages/") || strings.HasSuffix(path, "/v1/complete")
}

// readAnthropic reads a message request, or each of a batch.
func readAnthropic(r *reading) {
	if !r.beginAPI() {
		return
	}
	d := &r.doc
	if d.Nodes[0].Kind != '{' {
		r.walk(RolePrompt, 0)
		return
	}
	batch := strings.HasSuffix(cleanPath(r.h.Path), "/batches")
	if !batch {
		r.anthropicRequest(0)
		return
	}
	for k, v := range d.Fields(0) {
		if d.Name(k) != "requests" || d.Nodes[v].Kind != '[' {
			r.field(RolePrompt, k, v)
			continue
		}
		for request := range d.Items(v) {
			r.batched(request)
		}
	}
}

func (r *reading) batched(n int) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(RolePrompt, n)
	}
	for k, v := range r.doc.Fields(n) {
		switch {
		case r.doc.Name(k) == "params" && r.doc.Nodes[v].Kind == '{':
			r.anthropicRequest(v)
		case r.doc.Name(k) == "custom_id":
			r.ident(RolePrompt, v)
		default:
			r.field(RolePrompt, k, v)
		}
	}
}

// anthropicRequest reads one request object.
func (r *reading) anthropicRequest(n int) {
	d := &r.doc
	old, seen := true, false
	for k, v := range d.Fields(n) {
		if d.Name(k) == "messages" {
			_, last := r.turns(v, r.messageRole)
			old, seen = old && last > 0, true
		}
	}
	old = old && seen
	for k, v := range d.Fields(n) {
		r.old = old
		switch name := d.Name(k); name {
		case "messages":
			r.anthropicMessages(v)
		case "system":
			r.anthropicContent(RoleSystem, v)
		case "tools":
			r.definitions(v)
		case "mcp_servers":
			r.definitions(v)
		case "anthropic_version", "anthropic_beta", "metadata", "container", "thinking", "tool_choice", "service_tier", "cache_control":
			r.ident(RolePrompt, v)
		default:
			r.common(name, k, v)
		}
	}
}

func (r *reading) anthropicMessages(list int) {
	r.eachTurn(list, r.messageRole, func(role Role, n int) {
		r.object(role, n, func(name string, k, v int) {
			switch name {
			case "role":
				r.ident(role, v)
			case "content":
				r.anthropicContent(role, v)
			default:
				r.field(role, k, v)
			}
		})
	})
}

// anthropicContent reads a string or blocks. Blocks nest (a tool result holds
// blocks); two levels are read by their types, the rest is walked.
func (r *reading) anthropicContent(role Role, n int) {
	if r.doc.Nodes[n].Kind != '[' {
		r.walk(role, n)
		return
	}
	for block := range r.doc.Items(n) {
		r.anthropicBlock(role, block, true)
	}
}

func (r *reading) anthropicBlock(role Role, n int, outer bool) {
	kind := r.strField(n, "type")
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(role, n)
		return
	}
	if strings.HasSuffix(kind, "tool_result") {
		role = RoleToolResult
	}
	signed := r.hasSealed(n, "signature")
	for k, v := range r.doc.Fields(n) {
		switch name := r.doc.Name(k); {
		case name == "type":
			r.ident(role, v)
		case name == "id", name == "tool_use_id", name == "cache_control":
			r.ident(role, v)
		case name == "source":
			r.anthropicSource(role, v)
		case name == "thinking" && signed:
			r.ident(RoleOther, v)
		case (name == "signature" || name == "data" && kind == "redacted_thinking" || name == "encrypted_content" || name == "encrypted_index") && r.sealed(role, v):
			// sealed by the provider; see the package's doc
		case name == "content" && outer && r.doc.Nodes[v].Kind == '[':
			for block := range r.doc.Items(v) {
				r.anthropicBlock(role, block, false)
			}
		default:
			r.field(role, k, v)
		}
	}
}

// anthropicSource reads the source of an image or document: base64, text, url,
// file or content.
func (r *reading) anthropicSource(role Role, n int) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(role, n)
		return
	}
	kind := r.strField(n, "type")
	media := strings.ToLower(r.strField(n, "media_type"))
	for k, v := range r.doc.Fields(n) {
		switch name := r.doc.Name(k); {
		case name == "type", name == "media_type":
			r.ident(role, v)
		case name == "file_id":
			r.ident(role, v)
		case name == "data" && kind == "base64":
			if media == "" {
				media = "application/octet-stream"
			}
			r.file(File{Type: media, Bytes: int64(r.doc.Nodes[v].End-r.doc.Nodes[v].Start) * 3 / 4})
			r.walkMedia(role, v, media)
		case name == "data" && kind == "text":
			r.file(File{Type: media, Bytes: int64(r.doc.Nodes[v].End - r.doc.Nodes[v].Start)})
			r.walk(RoleFile, v)
		case name == "content":
			r.walk(RoleFile, v)
		default:
			r.field(role, k, v)
		}
	}
}

// strField is the last string under a key, empty when there is none.
func (r *reading) strField(n int, name string) string {
	if at := r.doc.Field(n, name); at >= 0 {
		text, _ := r.doc.Str(at)
		return text
	}
	return ""
}

// hasSealed reports whether an object has a sealed field of this name.
func (r *reading) hasSealed(n int, name string) bool {
	at := r.doc.Field(n, name)
	if at < 0 {
		return false
	}
	_, text := r.unseal(at)
	return text == allSealed
}

// refuseAnthropic is the error object of the Anthropic API
// (docs.anthropic.com/en/api/errors).
func refuseAnthropic(_ *Head, n Notice) *Answer {
	kind := "invalid_request_error"
	switch status := n.status(); {
	case status == 401 || status == 407:
		kind = "authentication_error"
	case status == 403:
		kind = "permission_error"
	case status == 413:
		kind = "request_too_large"
	case status == 429:
		kind = "rate_limit_error"
	case status == 503:
		kind = "overloaded_error"
	case status == 504:
		kind = "timeout_error"
	case status >= 500:
		kind = "api_error"
	}
	type object struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	}
	return jsonAnswer(n, struct {
		Type      string `json:"type"`
		Error     object `json:"error"`
		RequestID string `json:"request_id"`
	}{"error", object{kind, n.text()}, n.ID})
}

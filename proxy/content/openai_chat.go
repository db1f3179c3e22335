package content

import (
	"net/http"
	"strings"
)

// matchChat matches Chat Completions of OpenAI and of the many compatible
// providers, whatever stands before /chat/completions, and the legacy
// /completions. Source: github.com/openai/openai-openapi.
func matchChat(wire string, h *Head) bool {
	return isAPI(wire) && isCompletions(cleanPath(h.Path))
}

func isCompletions(path string) bool {
	return strings.HasSuffix(path, "/completions") || strings.Contains(path, "/chat/completions/")
}

// readChat reads $.messages, $.tools and, in the legacy form, $.prompt.
func readChat(r *reading) {
	r.m.Model = deployment(r.h.Path)
	if r.beginAPI() {
		r.chatRequest(0)
	}
}

// chatRequest reads a request object.
func (r *reading) chatRequest(n int) {
	d := &r.doc
	r.old = r.hasOld(n, "messages", r.messageRole)
	for k, v := range d.Fields(n) {
		switch name := d.Name(k); name {
		case "messages":
			was := r.old
			r.messages(v)
			r.old = was
		case "prompt", "suffix":
			r.legacyPrompt(v)
		case "tools", "functions":
			r.definitions(v)
		case "request": // of Perplexity's calls whose answer is fetched later
			if d.Nodes[v].Kind == '{' {
				r.chatRequest(v)
			} else {
				r.field(RolePrompt, k, v)
			}
		case "data_sources":
			r.dataSources(v)
		default:
			r.common(name, k, v)
		}
	}
	if d.Nodes[n].Kind != '{' {
		r.walk(RolePrompt, n)
	}
}

// beginAPI scans the body of a request to an API and sets the kind. It reports
// false when there is nothing to read.
func (r *reading) beginAPI() bool {
	r.m.Kind = KindPrompt
	if reads(r.h) && len(r.m.body) == 0 {
		r.m.Kind = KindHistory
		if r.h.Method == http.MethodOptions {
			r.m.Kind = KindOther
		}
	}
	return r.json()
}

// hasOld reports whether every array of this name in an object begins with an
// earlier turn; then what stands beside it was sent before too.
func (r *reading) hasOld(n int, name string, roleOf func(int) (Role, bool)) bool {
	old := false
	for k, v := range r.doc.Fields(n) {
		if r.doc.Name(k) == name {
			_, last := r.turns(v, roleOf)
			if old = last > 0; !old {
				return false
			}
		}
	}
	return old
}

// common reads the fields at the top that the OpenAI APIs share.
func (r *reading) common(name string, k, v int) {
	switch name {
	case "model":
		if model, ok := r.doc.Str(v); ok {
			r.m.Model = model
		}
		r.ident(RolePrompt, v)
	case "stream":
		r.m.Streaming = r.m.Streaming || r.isTrue(v)
	case "user", "safety_identifier", "prompt_cache_key", "service_tier", "tool_choice", "function_call", "reasoning_effort",
		"verbosity", "modalities", "include", "truncation", "prompt_cache_retention", "stream_options", "previous_response_id",
		"models", "provider", "route", "agent_id":
		r.ident(RolePrompt, v)
	default:
		r.field(RolePrompt, k, v)
	}
}

// messages reads $.messages.
func (r *reading) messages(list int) {
	r.eachTurn(list, r.messageRole, r.message)
}

func (r *reading) message(role Role, n int) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(role, n)
		return
	}
	for k, v := range r.doc.Fields(n) {
		switch r.doc.Name(k) {
		case "role":
			r.ident(role, v)
		case "content":
			r.content(role, v)
		case "tool_calls":
			r.toolCalls(role, v)
		case "tool_call_id", "id":
			r.ident(role, v)
		case "audio": // an earlier spoken reply, by id
			r.mediaField(role, v, "audio/*", "data")
		default:
			r.field(role, k, v)
		}
	}
}

// toolCalls reads the calls that the model made; the arguments are JSON in a
// string.
func (r *reading) toolCalls(role Role, n int) {
	if r.doc.Nodes[n].Kind != '[' {
		r.walk(role, n)
	}
	for call := range r.doc.Items(n) {
		if r.doc.Nodes[call].Kind != '{' {
			r.walk(role, call)
		}
		for k, v := range r.doc.Fields(call) {
			switch r.doc.Name(k) {
			case "id":
				r.ident(role, v)
			default:
				r.field(role, k, v)
			}
		}
	}
}

// legacyPrompt reads $.prompt of /completions: a string, strings, or tokens.
func (r *reading) legacyPrompt(n int) {
	r.noteTokens(n)
	r.walk(RolePrompt, n)
}

// deployment is the model that the path of Azure names.
func deployment(path string) string {
	_, rest, ok := strings.Cut(path, "/deployments/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

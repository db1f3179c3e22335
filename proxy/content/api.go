package content

import (
	"net/http"
	"strings"
)

// isAPICall reports whether a request goes to the API host of a service that
// speaks a public API and may carry something there, at whatever path. The
// package's doc says why such a request is never an app's background call.
func isAPICall(h *Head) bool {
	return h.Role == "api" && isAPI(h.Wire) && !reads(h) && h.Method != http.MethodDelete
}

// readAPICall reads a request to an API host that no format matches: embeddings,
// images, audio, threads, batches, files and all that is added to the APIs.
func (r *reading) readAPICall() {
	path := cleanPath(r.h.Path)
	switch {
	case strings.HasSuffix(path, "/oauth/token"):
		// A program trades its credentials for a token (RFC 6749 section 3.2).
		// Anthropic has this at its API host.
		r.m.Kind = KindSignIn
		r.role = RoleOther
		r.walkBody()
		return
	case isReport(r.h.Wire, path):
		r.role = RoleOther
		r.walkBody()
		return
	case isFilePath(path):
		r.walkForModel(RoleFile)
		if r.m.Kind == KindPrompt {
			r.m.Kind = KindUpload
		}
	default:
		r.walkForModel(RolePrompt)
	}
	r.tokens()
}

// isReport reports whether a path takes what Claude Code tells of itself: usage
// events and the evaluation of feature flags. The rest of its own calls only read.
// Source: requests of @anthropic-ai/claude-code 2.1.332 (2026-11).
func isReport(wire, path string) bool {
	return wire == "anthropic-messages" && (below(path, "/api/event_logging") || below(path, "/api/eval"))
}

// isFilePath reports whether a path of an API takes files: /v1/files,
// /v1/vector_stores/{id}/files, /v1/uploads and what stands below it. Source:
// github.com/openai/openai-openapi, github.com/anthropics/anthropic-sdk-python.
func isFilePath(path string) bool {
	return strings.HasSuffix(path, "/files") || strings.HasSuffix(path, "/uploads") || strings.Contains(path, "/uploads/")
}

// walkForModel reads a body of any shape that is meant for a model. One with
// files is an upload.
func (r *reading) walkForModel(role Role) {
	r.walkBodyAs(role)
	switch {
	case len(r.m.Files) > 0:
		r.m.Kind = KindUpload
	case len(r.parts) > 0 || len(r.m.Opaque) > 0:
		r.m.Kind = KindPrompt
	}
}

// tokens notes numbers that stand for text, as embeddings take them.
func (r *reading) tokens() {
	for root := 0; root < len(r.doc.Nodes); root = int(r.doc.Nodes[root].Next) {
		for k, v := range r.doc.Fields(root) {
			switch r.doc.Name(k) {
			case "input", "prompt", "tokens":
				r.noteTokens(v)
			}
		}
	}
	if len(r.m.Opaque) > 0 && r.m.Kind == KindOther {
		r.m.Kind = KindPrompt
	}
}

// noteTokens lists a value as opaque when numbers stand in it.
func (r *reading) noteTokens(n int) {
	for i := n; i < int(r.doc.Nodes[n].Next); i++ {
		if r.doc.Nodes[i].HasNumbers() {
			r.opaque("tokens", r.doc.Text[r.doc.Nodes[i].Start:r.doc.Nodes[i].End])
		}
	}
}

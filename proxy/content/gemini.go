package content

import (
	"net/http"
	"strings"
)

// matchGemini matches the methods of the Gemini API, Vertex AI and Gemini Code
// Assist, which stand behind a colon at the end of the path, and uploads of files.
// Sources: ai.google.dev/api, github.com/googleapis/python-genai.
func matchGemini(wire string, h *Head) bool {
	if wire != "gemini-api" || reads(h) || h.Method == http.MethodDelete {
		return false
	}
	path := cleanPath(h.Path)
	return geminiMethod(path) != "" || strings.Contains(path, "/upload/") || strings.HasSuffix(path, "/cachedcontents")
}

// geminiMethod is what stands behind the colon of a clean path.
func geminiMethod(path string) string {
	_, method, _ := strings.Cut(path[strings.LastIndexByte(path, '/')+1:], ":")
	return method
}

// readGemini reads a request of the Gemini family.
func readGemini(r *reading) {
	path := cleanPath(r.h.Path)
	method := geminiMethod(path)
	if strings.Contains(path, "/upload/") {
		r.m.Kind = KindUpload
		r.googleUpload()
		return
	}
	r.m.Model = geminiModel(r.h.Path)
	r.m.Streaming = strings.HasPrefix(method, "stream") || strings.HasPrefix(method, "serverstreaming")
	if isCodeAssistCall(method) {
		r.role = RoleOther
		r.walkBody()
		return
	}
	r.m.Kind = KindPrompt
	if !r.json() {
		return
	}
	switch publisher := segmentAfter(path, "publishers"); {
	case strings.HasSuffix(method, "rawpredict") && publisher == "anthropic":
		r.anthropicRequest(0)
	case strings.HasSuffix(method, "rawpredict"):
		r.chatRequest(0)
	default:
		r.geminiRequest(0)
	}
}

// isCodeAssistCall reports whether a method of v1internal is a call of the
// command line's own: signing up, settings, quota, metrics.
func isCodeAssistCall(method string) bool {
	for _, start := range []string{"load", "onboard", "list", "get", "fetch", "retrieve", "record"} {
		if strings.HasPrefix(method, start) {
			return true
		}
	}
	return false
}

// geminiModel is the model that a path names.
func geminiModel(path string) string {
	path = strings.NewReplacer("%3A", ":", "%3a", ":").Replace(path)
	for _, name := range []string{"models", "tunedModels", "endpoints"} {
		if model := segmentAfter(path, name); model != "" {
			model, _, _ = strings.Cut(model, ":")
			return model
		}
	}
	return ""
}

// protoName is a field's name as the JSON of protocol buffers reads it: with or
// without underscores.
func protoName(name string) string {
	if strings.IndexByte(name, '_') < 0 {
		return name
	}
	words := strings.Split(name, "_")
	for i := 1; i < len(words); i++ {
		if words[i] != "" {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return strings.Join(words, "")
}

// geminiRequest reads a request object: for content, an embedding, a count, a
// batch of these, or one in an envelope of Code Assist.
func (r *reading) geminiRequest(n int) {
	old := r.hasOld(n, "contents", r.messageRole)
	r.object(RolePrompt, n, func(name string, k, v int) {
		r.old = old
		switch protoName(name) {
		case "contents":
			r.geminiContents(v)
		case "content":
			r.geminiContent(RolePrompt, v)
		case "systemInstruction":
			r.geminiContent(RoleSystem, v)
		case "tools":
			r.geminiTools(v)
		case "request", "generateContentRequest", "embedContentRequest":
			r.geminiRequest(v)
		case "requests":
			r.list(RolePrompt, v, r.geminiRequest)
		case "model":
			if model, ok := r.doc.Str(v); ok {
				r.m.Model = strings.TrimPrefix(model, "models/")
			}
			r.ident(RolePrompt, v)
		case "sessionId":
			r.m.Conversation, _ = r.doc.Str(v)
			r.ident(RolePrompt, v)
		case "project", "userPromptId", "cachedContent", "safetySettings", "toolConfig", "taskType", "labels", "ttl", "expireTime":
			r.ident(RolePrompt, v)
		default:
			r.field(RolePrompt, k, v)
		}
	})
	r.old = false
}

func (r *reading) geminiContents(n int) {
	if r.doc.Nodes[n].Kind == '{' { // one turn without a list is allowed
		r.old = false
		r.geminiContent(RolePrompt, n)
		return
	}
	r.eachTurn(n, r.messageRole, r.geminiContent)
}

// geminiContent reads a turn: a role and parts.
func (r *reading) geminiContent(role Role, n int) {
	r.object(role, n, func(name string, k, v int) {
		switch name {
		case "role":
			r.ident(role, v)
		case "parts":
			if r.doc.Nodes[v].Kind == '{' {
				r.geminiPart(role, v)
				return
			}
			r.list(role, v, func(part int) { r.geminiPart(role, part) })
		default:
			r.field(role, k, v)
		}
	})
}

func (r *reading) geminiPart(role Role, n int) {
	r.object(role, n, func(name string, k, v int) {
		switch protoName(name) {
		case "inlineData":
			r.geminiData(role, v)
		case "fileData":
			r.ident(role, v)
		case "functionResponse", "codeExecutionResult":
			r.geminiCall(RoleToolResult, v)
		case "functionCall":
			r.geminiCall(role, v)
		case "thoughtSignature":
			if !r.sealed(role, v) {
				r.walk(role, v)
			}
		default:
			r.field(role, k, v)
		}
	})
}

func (r *reading) geminiCall(role Role, n int) {
	r.object(role, n, func(name string, k, v int) {
		if name == "id" || name == "outcome" {
			r.ident(role, v)
			return
		}
		r.field(role, k, v)
	})
}

// geminiData reads bytes that stand in the request.
func (r *reading) geminiData(role Role, n int) {
	kind := ""
	for k, v := range r.doc.Fields(n) {
		if protoName(r.doc.Name(k)) == "mimeType" {
			kind, _ = r.doc.Str(v)
		}
	}
	if kind = strings.ToLower(kind); kind == "" {
		kind = "application/octet-stream"
	}
	f := File{Type: kind}
	r.object(role, n, func(name string, k, v int) {
		switch protoName(name) {
		case "mimeType":
			r.ident(role, v)
		case "displayName":
			f.Name, _ = r.doc.Str(v)
			r.walk(RoleFile, v)
		case "data":
			f.Bytes = int64(r.doc.Nodes[v].End-r.doc.Nodes[v].Start) * 3 / 4
			r.walkMedia(role, v, kind)
		default:
			r.field(role, k, v)
		}
	})
	r.file(f)
}

// geminiTools reads tool definitions and notes the names of functions, and of
// tools that Google runs.
func (r *reading) geminiTools(n int) {
	for tool := range r.doc.Items(n) {
		for k, v := range r.doc.Fields(tool) {
			if name := r.doc.Name(k); protoName(name) != "functionDeclarations" {
				r.tool(name)
				continue
			}
			for function := range r.doc.Items(v) {
				r.tool(r.strField(function, "name"))
			}
		}
	}
	r.walk(RoleSystem, n)
}

// refuseGoogle is the error of Google's APIs (google.aip.dev/193).
func refuseGoogle(_ *Head, n Notice) *Answer {
	type info struct {
		Type   string `json:"@type"`
		Reason string `json:"reason"`
		Domain string `json:"domain"`
	}
	type object struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Status  string `json:"status"`
		Details []info `json:"details"`
	}
	return jsonAnswer(n, struct {
		Error object `json:"error"`
	}{object{n.status(), n.text(), strings.ToUpper(n.rpc().name), []info{
		{"type.googleapis.com/google.rpc.ErrorInfo", n.code(), "sluice"},
	}}})
}

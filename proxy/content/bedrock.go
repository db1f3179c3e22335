package content

import (
	"net/http"
	"strings"
)

// Amazon Bedrock. Its SDKs sign the body (see isSigned), so an edit is possible
// only with a Bedrock API key, which is a bearer token. Source: the Bedrock API
// reference, 2026.

func bedrockCall(wire string, h *Head) string {
	if !strings.HasPrefix(wire, "bedrock-") || reads(h) || h.Method == http.MethodDelete {
		return ""
	}
	path := cleanPath(h.Path)
	if !strings.Contains(path, "/model/") {
		return ""
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

// matchConverse matches Converse and ConverseStream.
func matchConverse(wire string, h *Head) bool {
	call := bedrockCall(wire, h)
	return call == "converse" || call == "converse-stream"
}

// matchInvoke matches InvokeModel, with and without a stream, and the count of
// tokens.
func matchInvoke(wire string, h *Head) bool {
	call := bedrockCall(wire, h)
	return call == "invoke" || call == "invoke-with-response-stream" || call == "count-tokens" || strings.HasPrefix(call, "invoke-")
}

// bedrockModel notes the model of the path. It may be an ARN, which names the
// account that pays.
func (r *reading) bedrockModel() string {
	model := strings.TrimPrefix(r.h.Path, "/")
	_, model, _ = strings.Cut("/"+model, "/model/")
	if at := strings.LastIndexByte(model, '/'); at >= 0 {
		model = model[:at]
	}
	model = segmentAfter("/model/"+strings.ReplaceAll(model, "/", "%2F"), "model")
	r.m.Model = model
	if fields := strings.Split(model, ":"); len(fields) > 5 && fields[0] == "arn" && fields[4] != "" {
		r.tenant(fields[4])
	}
	return model
}

func readConverse(r *reading) {
	r.m.Kind = KindPrompt
	r.bedrockModel()
	r.m.Streaming = strings.HasSuffix(cleanPath(r.h.Path), "-stream")
	if r.json() {
		r.converseRequest(0)
	}
}

// readInvoke reads a body that is the model's own: each maker has a shape.
func readInvoke(r *reading) {
	r.m.Kind = KindPrompt
	model := r.bedrockModel()
	r.m.Streaming = strings.HasSuffix(cleanPath(r.h.Path), "-stream")
	if !r.json() {
		return
	}
	switch {
	case strings.Contains(model, "anthropic.") || r.doc.Field(0, "anthropic_version") >= 0:
		r.anthropicRequest(0)
	case r.doc.Field(0, "chat_history") >= 0 || strings.Contains(model, "cohere."):
		r.cohereRequest(0)
	case r.doc.Field(0, "messages") >= 0:
		r.converseRequest(0)
	default: // $.inputText, $.prompt, $.texts, $.input
		r.object(RolePrompt, 0, func(name string, k, v int) {
			if name == "body" { // of a count: the request in base64
				r.walkMedia(RolePrompt, v, "application/json")
				return
			}
			r.common(name, k, v)
		})
		r.tokens()
	}
	if r.m.Model != model && model != "" {
		r.m.Model = model
	}
}

// converseRequest reads $.system, $.messages and $.toolConfig.
func (r *reading) converseRequest(n int) {
	old := r.hasOld(n, "messages", r.messageRole)
	r.object(RolePrompt, n, func(name string, k, v int) {
		r.old = old
		switch name {
		case "messages":
			r.converseMessages(v)
		case "system":
			r.converseContent(RoleSystem, v)
		case "toolConfig":
			r.converseTools(v)
		case "inferenceConfig", "guardrailConfig", "performanceConfig", "requestMetadata":
			r.ident(RolePrompt, v)
		default:
			r.common(name, k, v)
		}
	})
	r.old = false
}

func (r *reading) converseMessages(list int) {
	r.eachTurn(list, r.messageRole, func(role Role, n int) {
		r.object(role, n, func(name string, k, v int) {
			switch name {
			case "role":
				r.ident(role, v)
			case "content":
				r.converseContent(role, v)
			default:
				r.field(role, k, v)
			}
		})
	})
}

func (r *reading) converseContent(role Role, n int) {
	if r.doc.Nodes[n].Kind != '[' {
		r.walk(role, n)
		return
	}
	for block := range r.doc.Items(n) {
		r.converseBlock(role, block)
	}
}

// converseBlock reads a block: the name of its one field says what it is.
func (r *reading) converseBlock(role Role, n int) {
	r.object(role, n, func(name string, k, v int) {
		switch name {
		case "image", "document", "video", "audio":
			r.converseMedia(role, name, v)
		case "toolResult":
			r.object(RoleToolResult, v, func(name string, k, v int) {
				switch name {
				case "toolUseId", "status":
					r.ident(RoleToolResult, v)
				case "content":
					r.list(RoleToolResult, v, func(block int) { r.converseInner(block) })
				default:
					r.field(RoleToolResult, k, v)
				}
			})
		case "toolUse":
			r.object(role, v, func(name string, k, v int) {
				if name == "toolUseId" {
					r.ident(role, v)
					return
				}
				r.field(role, k, v)
			})
		case "reasoningContent":
			r.converseReasoning(role, v)
		case "cachePoint", "type":
			r.ident(role, v)
		default:
			r.field(role, k, v)
		}
	})
}

// converseInner reads a block in a tool's result.
func (r *reading) converseInner(n int) {
	r.object(RoleToolResult, n, func(name string, k, v int) {
		switch name {
		case "image", "document", "video":
			r.converseMedia(RoleToolResult, name, v)
		default:
			r.field(RoleToolResult, k, v)
		}
	})
}

// converseReasoning reads what a model thought. Signed text cannot be edited.
func (r *reading) converseReasoning(role Role, n int) {
	r.object(role, n, func(name string, k, v int) {
		switch {
		case name == "redactedContent" && r.sealed(role, v):
		case name == "reasoningText" && r.hasSealed(v, "signature"):
			r.object(role, v, func(name string, k, v int) {
				switch {
				case name == "text":
					r.ident(RoleOther, v)
				case name == "signature" && r.sealed(role, v):
				default:
					r.field(role, k, v)
				}
			})
		default:
			r.field(role, k, v)
		}
	})
}

// converseMedia reads an image, document or video: $.format, $.name and
// $.source.bytes or a place in S3.
func (r *reading) converseMedia(role Role, what string, n int) {
	format := strings.ToLower(r.strField(n, "format"))
	kind := what + "/" + format
	if what == "document" {
		kind = "application/" + format
		switch format {
		case "txt":
			kind = "text/plain"
		case "md", "csv", "html":
			kind = "text/" + format
		}
	}
	f := File{Type: kind}
	r.object(role, n, func(name string, k, v int) {
		switch name {
		case "format":
			r.ident(role, v)
		case "name":
			f.Name, _ = r.doc.Str(v)
			r.walk(RoleFile, v)
		case "source":
			r.object(role, v, func(name string, k, v int) {
				switch name {
				case "bytes":
					f.Bytes = int64(r.doc.Nodes[v].End-r.doc.Nodes[v].Start) * 3 / 4
					r.walkMedia(role, v, kind)
				case "s3Location":
					r.ident(role, v)
				default:
					r.field(role, k, v)
				}
			})
		default:
			r.field(role, k, v)
		}
	})
	r.file(f)
}

// converseTools reads $.toolConfig.
func (r *reading) converseTools(n int) {
	for k, v := range r.doc.Fields(n) {
		if r.doc.Name(k) != "tools" {
			continue
		}
		for tool := range r.doc.Items(v) {
			if spec := r.doc.Field(tool, "toolSpec"); spec >= 0 {
				r.tool(r.strField(spec, "name"))
			}
		}
	}
	r.walk(RoleSystem, n)
}

// refuseBedrock is an exception of Bedrock (docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html).
// The SDKs take its kind from the header.
func refuseBedrock(_ *Head, n Notice) *Answer {
	kind := "AccessDeniedException"
	switch status := n.status(); {
	case status == http.StatusTooManyRequests:
		kind = "ThrottlingException"
	case status == http.StatusServiceUnavailable:
		kind = "ServiceUnavailableException"
	case status >= 500:
		kind = "InternalServerException"
	case status == http.StatusBadRequest || status >= 404 && status != http.StatusProxyAuthRequired:
		kind = "ValidationException"
	}
	answer := jsonAnswer(n, struct {
		Message string `json:"message"`
	}{n.text()})
	answer.Header.Set("X-Amzn-Errortype", kind)
	answer.Header.Set("X-Amzn-Requestid", n.ID)
	return answer
}

package content

import (
	"net/http"
	"slices"
	"strings"
)

// matchChatGPT matches the calls of the ChatGPT apps that carry conversations,
// text for the model, files or credentials. The other calls of the apps match nothing, so that
// profile and telemetry keep working.
func matchChatGPT(wire string, h *Head) bool {
	return wire == "chatgpt-web" && h.Role != "auth" && chatGPTCall(h) != callNone
}

// chatGPTCall tells by path and method what a request does.
func chatGPTCall(h *Head) call {
	path := cleanPath(h.Path)
	if h.Role == "upload" {
		if reads(h) {
			return callNone
		}
		return callBlob
	}
	for _, pattern := range []string{"/api/auth", "/auth", "/oauth", "/login"} {
		if below(path, pattern) {
			return callSignIn
		}
	}
	rest, ok := strings.CutPrefix(path, "/backend-")
	if !ok {
		return callNone
	}
	_, rest, _ = strings.Cut(rest, "/")
	rest = strings.TrimPrefix(rest, "f/")
	switch {
	case rest == "conversation/resume", reads(h) && (rest == "conversation" || rest == "conversations" || strings.HasPrefix(rest, "conversation/") || strings.HasPrefix(rest, "conversations/")):
		return callHistory
	case rest == "conversation", rest == "conversation/prepare":
		return callTurn
	case !reads(h) && (rest == "files" || strings.HasPrefix(rest, "files/")):
		return callFile
	case !reads(h) && h.Method != http.MethodDelete && slices.ContainsFunc(chatGPTText, func(pattern string) bool { return below(rest, pattern) }):
		return callText
	}
	return callNone
}

// chatGPTText are calls other than turns that carry what a person writes for the
// model: custom instructions, memories, GPTs and their drafts, projects, tasks
// for Codex in the cloud, and half a prompt for completion. They are known from
// general use of the apps alone, their bodies not at all, so any string in them is
// content. A path belongs to one when it is the same or below it.
var chatGPTText = []string{"user_system_messages", "memories", "gizmos", "projects", "wham/tasks", "autocompletions"}

// chatGPTDraft reports whether a call carries a prompt that is not sent yet.
func chatGPTDraft(h *Head) bool {
	path := cleanPath(h.Path)
	return strings.HasSuffix(path, "/conversation/prepare") || strings.HasSuffix(path, "/autocompletions")
}

// readChatGPT reads one call.
func readChatGPT(r *reading) {
	r.m.Draft = chatGPTDraft(r.h)
	switch c := chatGPTCall(r.h); c {
	case callText:
		r.walkForModel(RolePrompt)
	case callFile:
		r.m.Kind = KindUpload
		r.chatGPTFile()
	default:
		r.readApp(c, func() {
			r.m.Streaming = strings.HasSuffix(cleanPath(r.h.Path), "/conversation")
			r.chatGPTTurn()
		})
	}
}

// chatGPTTurn reads a new turn, or the draft of one that /prepare carries. Only
// the new turn is sent, so nothing is old.
func (r *reading) chatGPTTurn() {
	if !r.json() {
		return
	}
	r.readFields(chatGPTFields, 0, func(name string, v int) bool {
		if name == "messages" || name == "partial_query" {
			r.chatGPTMessages(v)
			return true
		}
		return false
	})
}

var chatGPTFields = &fields{
	model:        "model",
	conversation: "conversation_id",
	tools:        []string{"system_hints"},
	ids: []string{"action", "parent_message_id", "timezone", "conversation_mode", "supported_encodings", "websocket_request_id",
		"conversation_origin", "client_contextual_info", "variant_purpose", "paragen_cot_summary_display_override",
		"fork_from_shared_post", "client_prepare_state"},
}

func (r *reading) chatGPTMessages(n int) {
	switch r.doc.Nodes[n].Kind {
	case '[':
		for message := range r.doc.Items(n) {
			r.chatGPTMessage(message)
		}
	case '{':
		r.chatGPTMessage(n)
	default:
		r.walk(RolePrompt, n)
	}
}

// chatGPTMessage reads one message: author, content and attachments.
func (r *reading) chatGPTMessage(n int) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(RolePrompt, n)
		return
	}
	role := RolePrompt
	if author := r.doc.Field(n, "author"); author >= 0 {
		role, _ = r.messageRole(author)
	}
	for k, v := range r.doc.Fields(n) {
		switch r.doc.Name(k) {
		case "id", "create_time", "update_time", "recipient", "channel":
			r.ident(role, v)
		case "content":
			r.chatGPTContent(role, v)
		case "metadata":
			r.chatGPTMetadata(role, v)
		default:
			r.field(role, k, v)
		}
	}
}

// chatGPTContent reads the parts of a message: strings, and objects with text or
// a pointer to an uploaded file.
func (r *reading) chatGPTContent(role Role, n int) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(role, n)
		return
	}
	for k, v := range r.doc.Fields(n) {
		switch name := r.doc.Name(k); {
		case name == "content_type":
			r.ident(role, v)
		case name == "parts" && r.doc.Nodes[v].Kind == '[':
			for part := range r.doc.Items(v) {
				r.chatGPTPart(role, part)
			}
		default:
			r.field(role, k, v)
		}
	}
}

func (r *reading) chatGPTPart(role Role, n int) {
	r.object(role, n, func(name string, k, v int) {
		switch name {
		case "content_type":
			r.ident(role, v)
		case "asset_pointer":
			r.ident(role, v)
		default:
			r.field(role, k, v)
		}
	})
}

func (r *reading) chatGPTMetadata(role Role, n int) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(role, n)
		return
	}
	for k, v := range r.doc.Fields(n) {
		if r.doc.Name(k) != "attachments" || r.doc.Nodes[v].Kind != '[' {
			r.field(role, k, v)
			continue
		}
		for attachment := range r.doc.Items(v) {
			r.chatGPTAttachment(attachment)
		}
	}
}

// chatGPTAttachment reads what names a file: an attachment, or the call that
// makes one.
func (r *reading) chatGPTAttachment(n int) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(RoleFile, n)
		return
	}
	var f File
	for k, v := range r.doc.Fields(n) {
		switch r.doc.Name(k) {
		case "name", "file_name", "filename":
			f.Name, _ = r.doc.Str(v)
			r.walk(RoleFile, v)
		case "mime_type", "mimetype", "content_type", "file_type":
			f.Type, _ = r.doc.Str(v)
			r.ident(RoleFile, v)
		case "size", "file_size":
			f.Bytes = r.integer(v)
			r.ident(RoleFile, v)
		case "id", "file_id", "use_case", "source", "library_file_id", "index_for_retrieval":
			r.ident(RoleFile, v)
		default:
			r.field(RoleFile, k, v)
		}
	}
	if f != (File{}) {
		r.file(f)
	}
}

// chatGPTFile reads the calls that announce a file or say that it was uploaded.
func (r *reading) chatGPTFile() {
	if strings.HasPrefix(r.ctype, "multipart/") {
		r.walkBodyAs(RoleFile)
		return
	}
	if r.json() {
		r.chatGPTAttachment(0)
	}
}

// integer is a small number of the document; 0 for anything else.
func (r *reading) integer(n int) int64 {
	v := &r.doc.Nodes[n]
	var sum int64
	for _, c := range r.doc.Text[v.Start:v.End] {
		if v.Kind != '0' || c < '0' || c > '9' || sum > 1<<50 {
			return 0
		}
		sum = 10*sum + int64(c-'0')
	}
	return sum
}

// refuseChatGPT is the error of chatgpt.com's own backend: the app shows detail.
func refuseChatGPT(_ *Head, n Notice) *Answer {
	return jsonAnswer(n, struct {
		Detail string `json:"detail"`
	}{n.text()})
}

package content

import (
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// turn is one message of a conversation.
type turn struct {
	node      int
	role      Role
	assistant bool
}

// turns reads the roles of an array of messages and where the last turn begins:
// after the model's last message. When the last message is the model's (a
// prefill), the people's messages before it are still the last turn.
func (r *reading) turns(list int, roleOf func(message int) (Role, bool)) (all []turn, last int) {
	for n := range r.doc.Items(list) {
		role, assistant := roleOf(n)
		all = append(all, turn{n, role, assistant})
	}
	last = len(all)
	for last > 0 && all[last-1].assistant {
		last--
	}
	for last > 0 && !all[last-1].assistant {
		last--
	}
	return all, last
}

// eachTurn calls read for each message of a list, of which those before the last
// turn are old; anything else is walked.
func (r *reading) eachTurn(list int, roleOf func(message int) (Role, bool), read func(role Role, message int)) {
	if r.doc.Nodes[list].Kind != '[' {
		r.walk(RolePrompt, list)
		return
	}
	all, last := r.turns(list, roleOf)
	for i, t := range all {
		r.old = i < last
		read(t.role, t.node)
	}
}

// messageRole is the role of a message object. When the role stands there twice
// and the two differ, it is a person's.
func (r *reading) messageRole(n int) (role Role, assistant bool) {
	seen := false
	for k, v := range r.doc.Fields(n) {
		if r.doc.Name(k) != "role" {
			continue
		}
		name, _ := r.doc.Str(v)
		nextRole, nextAssistant := roleNamed(name)
		if seen && (nextRole != role || nextAssistant != assistant) {
			return RolePrompt, false
		}
		role, assistant, seen = nextRole, nextAssistant, true
	}
	return role, assistant
}

// roleNamed maps the providers' names of roles.
func roleNamed(name string) (role Role, assistant bool) {
	switch name {
	case "system", "developer":
		return RoleSystem, false
	case "tool", "function":
		return RoleToolResult, false
	case "assistant", "model":
		return RolePrompt, true
	}
	return RolePrompt, false
}

// content reads a message's content: a string, or blocks.
func (r *reading) content(role Role, n int) {
	switch r.doc.Nodes[n].Kind {
	case '[':
		for block := range r.doc.Items(n) {
			r.block(role, block)
		}
	case '{':
		r.block(role, n)
	default:
		r.str(role, n)
	}
}

// block reads one block of content in the formats of OpenAI: text, image, audio,
// file.
func (r *reading) block(role Role, n int) {
	if r.doc.Nodes[n].Kind != '{' {
		r.str(role, n)
		return
	}
	for k, v := range r.doc.Fields(n) {
		switch r.doc.Name(k) {
		case "type", "detail", "status":
			r.ident(role, v)
		case "text", "refusal":
			r.str(role, v)
		case "image_url":
			r.mediaField(role, v, "image/*", "url")
		case "input_audio", "audio":
			r.mediaField(role, v, "audio/*", "data")
		case "file":
			if r.doc.Nodes[v].Kind == '{' {
				r.fileBlock(role, v)
			} else {
				r.walk(role, v)
			}
		case "file_data":
			r.walkMedia(role, v, "application/octet-stream")
		case "filename":
			r.walk(RoleFile, v)
		case "file_id", "id":
			r.ident(role, v)
		default:
			r.field(role, k, v)
		}
	}
	r.noteFile(n)
}

// fileBlock reads the object of a file: its name, and its id or data.
func (r *reading) fileBlock(role Role, n int) {
	for k, v := range r.doc.Fields(n) {
		switch r.doc.Name(k) {
		case "file_id":
			r.ident(role, v)
		case "file_data":
			r.walkMedia(role, v, "application/octet-stream")
		case "filename":
			r.walk(RoleFile, v)
		default:
			r.field(role, k, v)
		}
	}
	r.noteFile(n)
}

// noteFile lists a file that an object holds under the names of OpenAI.
func (r *reading) noteFile(n int) {
	name, data := r.doc.Field(n, "filename"), r.doc.Field(n, "file_data")
	if name < 0 && data < 0 {
		return
	}
	f := File{}
	if name >= 0 {
		f.Name, _ = r.doc.Str(name)
	}
	if data >= 0 {
		text, _ := r.doc.Str(data)
		payload := text
		if rest, ok := strings.CutPrefix(text, "data:"); ok {
			var head string
			head, payload, _ = strings.Cut(rest, ",")
			f.Type, _, _ = strings.Cut(strings.ToLower(head), ";")
		}
		f.Bytes = int64(len(payload)) * 3 / 4
	}
	r.file(f)
}

// mediaField reads media that stands as a string or as a string in an object.
func (r *reading) mediaField(role Role, n int, kind, name string) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walkMedia(role, n, kind)
		return
	}
	for k, v := range r.doc.Fields(n) {
		switch r.doc.Name(k) {
		case name:
			r.walkMedia(role, v, kind)
		case "format", "detail":
			r.ident(role, v)
		case "id":
			r.ident(role, v)
		default:
			r.field(role, k, v)
		}
	}
}

// walkMedia reads a string that holds media: a data URL or base64. Anything else
// (a link) is text.
func (r *reading) walkMedia(role Role, n int, kind string) {
	v := &r.doc.Nodes[n]
	if v.Kind != '"' {
		r.walk(role, n)
		return
	}
	if r.dataURL(n) {
		return
	}
	text := r.doc.Name(n)
	l := r.at(v.Start, v.End, codec.Base64)
	if v.Escaped() {
		l = loc{parent: fromHeader}
	}
	if codec.IsBase64(text) && r.media(kind, text, l) {
		return
	}
	r.str(role, n)
}

// sealed reports whether a string is state that a provider sealed: long base64
// and nothing else, of bytes that look random. Text in it is not sealed; where it
// does not begin at once, which a reader of base64 would miss, it is added as a
// part of its own.
func (r *reading) sealed(role Role, n int) bool {
	data, at := r.unseal(n)
	if at > 0 {
		r.add(role, strings.ToValidUTF8(data[at:], "\uFFFD"), loc{parent: fromHeader})
	}
	return at == allSealed
}

const (
	allSealed = -1
	notSealed = -2
)

// unseal is what a string holds that may be sealed, and where text begins in it.
func (r *reading) unseal(n int) (string, int) {
	v := &r.doc.Nodes[n]
	raw := r.doc.Text[v.Start:v.End]
	if v.Kind != '"' || v.Escaped() || len(raw) < minSealed || !codec.IsBase64(raw) {
		return "", notSealed
	}
	if err := r.lim.reserve(int64(2 * len(raw))); err != nil {
		r.fail(err)
		return "", notSealed
	}
	data, ok := codec.DecodeBase64(raw)
	if !ok { // of a length that base64 does not have: a reader may still take the rest
		raw = strings.TrimRight(raw, "=\r\n")
		if data, ok = codec.DecodeBase64(raw[:max(0, len(raw)-1)]); !ok {
			return "", notSealed
		}
	}
	return data, codec.Legible(data)
}

// definitions reads tool definitions and notes their names.
func (r *reading) definitions(n int) {
	for tool := range r.doc.Items(n) {
		r.toolName(tool)
		for k, v := range r.doc.Fields(tool) {
			switch r.doc.Name(k) {
			case "authorization", "authorization_token", "headers": // the provider's credentials for a tool
				r.ident(RoleSystem, v)
			default:
				r.field(RoleSystem, k, v)
			}
		}
	}
	if r.doc.Nodes[n].Kind != '[' {
		r.walk(RoleSystem, n)
	}
	for tool := range r.doc.Items(n) {
		if r.doc.Nodes[tool].Kind != '{' {
			r.walk(RoleSystem, tool)
		}
	}
}

// toolName notes the name of one tool definition, or the type of a built-in one.
func (r *reading) toolName(n int) {
	for _, path := range [][]string{{"name"}, {"function", "name"}, {"custom", "name"}, {"server_label"}, {"type"}} {
		at := n
		for _, step := range path {
			if at >= 0 {
				at = r.doc.Field(at, step)
			}
		}
		if at < 0 {
			continue
		}
		if name, ok := r.doc.Str(at); ok && name != "" {
			r.tool(name)
			return
		}
	}
}

// isTrue reports whether a value is true.
func (r *reading) isTrue(n int) bool { return r.doc.Nodes[n].Kind == 't' }

// openAIError is the error object of the OpenAI APIs
// (platform.openai.com/docs/guides/error-codes).
type openAIError struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    string  `json:"code"`
}

func (n Notice) openAI() openAIError {
	kind := "invalid_request_error"
	switch {
	case n.status() == 403:
		kind = "request_forbidden"
	case n.status() == 401 || n.status() == 407:
		kind = "authentication_error"
	case n.status() >= 500:
		kind = "server_error"
	}
	return openAIError{n.text(), kind, nil, n.code()}
}

func refuseOpenAI(_ *Head, n Notice) *Answer {
	return jsonAnswer(n, struct {
		Error openAIError `json:"error"`
	}{n.openAI()})
}

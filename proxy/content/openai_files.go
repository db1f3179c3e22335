package content

import (
	"errors"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

// matchFiles matches the upload of files, whole or in parts, and what adds them to
// vector stores.
func matchFiles(wire string, h *Head) bool {
	return isOpenAICall(wire, h) && isFilePath(cleanPath(h.Path))
}

// readFiles reads a form with a file, or an object that announces one. A file of
// JSON lines that are requests (a batch) or conversations (for training) is read
// as these: it is a prompt.
func readFiles(r *reading) {
	r.m.Kind = KindUpload
	if r.ctype != "application/json" {
		r.form = r.mediaForm
		r.lines = true
		r.walkBodyAs(RoleFile)
		return
	}
	if !r.json() {
		return
	}
	var f File
	r.object(RoleFile, 0, func(name string, k, v int) {
		switch name {
		case "filename", "file_name":
			f.Name, _ = r.doc.Str(v)
			r.walk(RoleFile, v)
		case "mime_type":
			f.Type, _ = r.doc.Str(v)
			r.ident(RoleFile, v)
		case "bytes":
			f.Bytes = r.integer(v)
			r.ident(RoleFile, v)
		case "purpose", "file_id", "file_ids", "part_ids", "md5", "expires_after":
			r.ident(RoleFile, v)
		default:
			r.field(RoleFile, k, v)
		}
	})
	if f != (File{}) {
		r.file(f)
	}
}

// readLines reads a range of the body as JSON lines that are requests to a model.
// It reports false when they are not, and so are read as the text of a file.
func (r *reading) readLines(start, end int) bool {
	text := r.m.plain.Text[:end]
	if !strings.HasPrefix(strings.TrimLeft(text[start:], " \t\r\n"), "{") {
		return false
	}
	doc, err := scanJSONFrom(text, start, true, r.h.Truncated, r.lim.reserve)
	if err != nil {
		if !errors.Is(err, ErrMalformed) {
			r.fail(err)
		}
		return false
	}
	if len(doc.Nodes) == 0 || len(doc.Nodes) > maxParts || !isRequestLine(&doc, 0) {
		return false
	}
	outer := r.doc
	r.doc = doc
	for line := 0; line < len(doc.Nodes); line = int(doc.Nodes[line].Next) {
		r.line(line)
	}
	r.doc, r.old = outer, false
	r.m.Kind = KindPrompt
	return true
}

// requestFields hold a request or a conversation in a line: the first three of
// OpenAI, request of Google, params of Anthropic.
var requestFields = []string{"body", "messages", "prompt", "request", "params", "contents"}

func isRequestLine(d *jsondoc.Document, n int) bool {
	for _, name := range requestFields {
		if d.Field(n, name) >= 0 {
			return true
		}
	}
	return false
}

// line reads one line of a batch.
func (r *reading) line(n int) {
	r.old = false
	if r.doc.Nodes[n].Kind == '{' && r.doc.Field(n, "messages") >= 0 {
		r.chatRequest(n)
		return
	}
	r.object(RolePrompt, n, func(name string, k, v int) {
		r.old = false
		switch {
		case name == "custom_id", name == "method", name == "url", name == "key":
			r.ident(RolePrompt, v)
		case name == "body" && r.doc.Field(v, "input") >= 0:
			r.responsesRequest(v)
		case name == "body":
			r.chatRequest(v)
		case name == "params":
			r.anthropicRequest(v)
		case name == "request":
			r.geminiRequest(v)
		default:
			r.field(RolePrompt, k, v)
		}
	})
}

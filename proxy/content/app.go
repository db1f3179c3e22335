package content

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// app says by path what the calls of a chat app do. A pattern fits a path that is
// the same or stands below it; a star is one segment. Of the patterns of calls
// the first that fits counts.
type app struct {
	calls   []appCall
	history []string // where a GET reads what was said before
}

type appCall struct {
	pattern string
	call    call
}

// call is what a request of an app does.
type call uint8

const (
	callNone call = iota
	callTurn
	callText
	callHistory
	callFile
	callBlob
	callSignIn
)

// call is what a request does. The package's doc says why a call that
// an app's list leaves to a short pattern such as /api is text for the model.
func (a *app) call(h *Head) call {
	if h.Role == "auth" || h.Role == "asset" {
		return callNone
	}
	path := cleanPath(h.Path)
	if h.Role == "upload" {
		if reads(h) {
			return callNone
		}
		return callBlob
	}
	found := callNone
	for _, c := range a.calls {
		if below(path, c.pattern) {
			found = c.call
			break
		}
	}
	switch {
	case found == callSignIn:
	case reads(h):
		found = callNone
		for _, pattern := range a.history {
			if below(path, pattern) {
				found = callHistory
			}
		}
	case h.Method == http.MethodDelete:
		found = callNone
	}
	return found
}

// below reports whether a path is a pattern's or stands under it.
func below(path, pattern string) bool {
	for pattern != "" {
		var want, have string
		want, pattern, _ = strings.Cut(strings.TrimPrefix(pattern, "/"), "/")
		have, path, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if have != want && (want != "*" || have == "") {
			return false
		}
	}
	return true
}

// readApp reads one call of an app; turn reads a new message to the model.
func (r *reading) readApp(c call, turn func()) {
	switch c {
	case callTurn:
		r.m.Kind = KindPrompt
		turn()
	case callText:
		r.walkBody()
		r.kindOfText()
	case callHistory:
		r.m.Kind = KindHistory
		r.role = RoleOther
		r.walkBody()
	case callFile:
		r.m.Kind = KindUpload
		r.appFile()
	case callBlob:
		r.m.Kind = KindUpload
		r.walkBodyAs(RoleFile)
	case callSignIn, callNone:
		r.m.Kind = KindSignIn
		r.role = RoleOther
		r.walkBody()
	}
}

// fields says what stands at which field of a new message to the model. A field
// that it does not name is the prompt.
type fields struct {
	model, conversation string
	tools               []string // lists of the names of tools on offer
	files               []string // files, or their names
	ids                 []string // identifiers and settings
}

// readFields reads an object by a table; more reads what the table cannot tell and
// says whether it did.
func (r *reading) readFields(f *fields, n int, more func(name string, v int) bool) {
	r.object(RolePrompt, n, func(name string, k, v int) {
		switch {
		case name != "" && name == f.model:
			r.m.Model, _ = r.doc.Str(v)
			r.ident(RolePrompt, v)
		case name != "" && name == f.conversation:
			r.m.Conversation, _ = r.doc.Str(v)
			r.ident(RolePrompt, v)
		case slices.Contains(f.tools, name):
			for tool := range r.doc.Items(v) {
				named, _ := r.doc.Str(tool)
				r.tool(named)
			}
			r.ident(RolePrompt, v)
		case slices.Contains(f.files, name):
			r.walk(RoleFile, v)
		case slices.Contains(f.ids, name):
			r.ident(RolePrompt, v)
		case more == nil || !more(name, v):
			r.field(RolePrompt, k, v)
		}
	})
}

// kindOfText is the kind of a call of an app that may carry text for the model.
// Many carry ids alone: their strings are content all the same, but nobody wrote
// them, so the call is no prompt.
func (r *reading) kindOfText() {
	if len(r.m.Files) > 0 {
		r.m.Kind = KindUpload
		return
	}
	for _, p := range r.parts {
		if p.Role != RoleOther && (len(p.Text) > maxIdentifier || strings.IndexFunc(p.Text, unicode.IsSpace) >= 0) {
			r.m.Kind = KindPrompt
			return
		}
	}
	if len(r.m.Opaque) > 0 {
		r.m.Kind = KindPrompt
	}
}

// appFile reads the calls that announce a file or carry one.
func (r *reading) appFile() {
	if r.ctype != "application/json" || !r.json() {
		r.walkBodyAs(RoleFile)
		return
	}
	r.chatGPTAttachment(0)
}

// object calls read for each field of an object; anything else is walked.
func (r *reading) object(role Role, n int, read func(name string, k, v int)) {
	if r.doc.Nodes[n].Kind != '{' {
		r.walk(role, n)
		return
	}
	for k, v := range r.doc.Fields(n) {
		read(r.doc.Name(k), k, v)
	}
}

// list calls read for each value of an array; anything else is walked.
func (r *reading) list(role Role, n int, read func(v int)) {
	if r.doc.Nodes[n].Kind != '[' {
		r.walk(role, n)
		return
	}
	for v := range r.doc.Items(n) {
		read(v)
	}
}

// segmentAfter is the segment of a path after another, unescaped.
func segmentAfter(path, name string) string {
	_, rest, ok := strings.Cut(path, "/"+name+"/")
	if !ok {
		return ""
	}
	segment, _, _ := strings.Cut(rest, "/")
	if plain, err := url.PathUnescape(segment); err == nil {
		return plain
	}
	return segment
}

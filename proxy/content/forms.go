package content

import (
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// isPromptName reports whether a parameter of a query string holds a prompt. q[]
// and q[0] are q in a list, as PHP, Rails and others read it.
func isPromptName(name string) bool {
	name, _, _ = strings.Cut(name, "[")
	switch strings.ToLower(name) {
	case "q", "query", "prompt", "text":
		return true
	}
	return false
}

// readQuery reads the query string, which every request may have. A parameter
// with the name of a prompt is one, but not where people sign in: prompt=login
// is OpenID Connect.
func (r *reading) readQuery() {
	query := r.m.query
	if query == "" {
		return
	}
	if err := r.lim.reserve(int64(len(query))); err != nil {
		r.fail(err)
		return
	}
	signIn := r.m.Kind == KindSignIn
	kept := r.role
	r.old = false
	for name, value := range formFields(query) {
		role := RoleOther
		if !signIn && isPromptName(codec.Form.Decode(query[name.start:name.end])) {
			role = RolePrompt
			r.role = RolePrompt
			if r.m.Kind == KindOther && value.end-value.start > 0 && !isOIDCPrompt(query[value.start:value.end]) {
				r.m.Kind = KindPrompt
			}
		}
		r.formText(role, query, name, fromQuery, true)
		r.formText(role, query, value, fromQuery, false)
		r.role = kept
	}
}

// isOIDCPrompt reports whether value is one of OpenID Connect's own for the
// parameter prompt (Core section 3.1.2.1).
func isOIDCPrompt(value string) bool {
	switch value {
	case "none", "login", "consent", "select_account", "create":
		return true
	}
	return false
}

// readForm reads a body of application/x-www-form-urlencoded.
func (r *reading) readForm(role Role) {
	text := r.m.plain.Text
	for name, value := range formFields(text) {
		r.formText(role, text, name, fromBody, true)
		r.formText(role, text, value, fromBody, false)
	}
}

// formText adds the text of a name or value.
func (r *reading) formText(role Role, text string, s span, origin int32, name bool) {
	raw := text[s.start:s.end]
	if name && plainWord(raw) {
		return
	}
	r.add(role, r.decode(codec.Form, raw), loc{start: uint32(s.start), end: uint32(s.end), parent: origin, codec: codec.Form})
}

// span is a range of bytes.
type span struct{ start, end int }

// formFields are the names and values of a form. Fields are parted by &; a field
// that holds a semicolon is given whole and then, as some servers read it, in
// pieces.
func formFields(text string) func(yield func(name, value span) bool) {
	return func(yield func(name, value span) bool) {
		for start := 0; start <= len(text); {
			end := len(text)
			if n := strings.IndexByte(text[start:], '&'); n >= 0 {
				end = start + n
			}
			if !field(text, start, end, yield) {
				return
			}
			if strings.IndexByte(text[start:end], ';') >= 0 {
				for from := start; from <= end; {
					to := end
					if n := strings.IndexByte(text[from:end], ';'); n >= 0 {
						to = from + n
					}
					if !field(text, from, to, yield) {
						return
					}
					from = to + 1
				}
			}
			start = end + 1
		}
	}
}

func field(text string, start, end int, yield func(name, value span) bool) bool {
	if start == end {
		return true
	}
	if n := strings.IndexByte(text[start:end], '='); n >= 0 {
		return yield(span{start, start + n}, span{start + n + 1, end})
	}
	return yield(span{start, end}, span{end, end})
}

package secrets

import "strings"

// codeLike tells whether v is a path, a call, a lookup, an address or another
// expression, and which; nothing when it is none.
func codeLike(v string, form valueForm) string {
	if strings.ContainsAny(v, "()[]{}") || strings.Contains(v, "://") || strings.Contains(v, "::") ||
		strings.Contains(v, "->") || strings.Contains(v, "&&") || strings.Contains(v, "||") || strings.Contains(v, "/*") {
		return whyCall
	}
	if strings.HasPrefix(v, "/") || strings.HasPrefix(v, "./") || strings.HasPrefix(v, "../") || strings.HasPrefix(v, "~") ||
		strings.HasPrefix(v, "-") || strings.HasPrefix(v, ".") || strings.HasPrefix(v, "\\") || strings.HasPrefix(v, "arn:") {
		return whyPath
	}
	if !form.quoted() && (strings.ContainsAny(v, "*?|") || strings.Contains(v, "==") && !strings.HasSuffix(v, "==")) {
		return whyCall
	}
	switch {
	case dotted(v):
		return whyDotted
	case slashed(v):
		return whyPath
	}
	return ""
}

// dotted reports whether v is made of names with dots: a host, a version, a
// file name or a member of an object.
func dotted(v string) bool {
	dot := strings.IndexByte(v, '.')
	if dot < 0 {
		return false
	}
	words, judged := wordiness(v)
	return strings.Count(v, ".") >= 3 && len(v) < 24 || judged*2 > len(v) && words > 0 || judged == 0 && len(v) < 16
}

// slashed reports whether v is a path of names.
func slashed(v string) bool {
	if !strings.Contains(v, "/") {
		return false
	}
	words, judged := wordiness(v)
	return judged*2 > len(v) && words > -0.1
}

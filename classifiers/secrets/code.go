package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// codeLike tells whether v is a path, a call, a lookup, an address or another
// expression, and which; nothing when it is none.
func codeLike(v string, form valueForm) string {
	if strings.ContainsAny(v, "()[]{}") || strings.Contains(v, "://") || strings.Contains(v, "::") ||
		strings.Contains(v, "->") || strings.Contains(v, "&&") || strings.Contains(v, "||") || strings.Contains(v, "/*") {
		return whyCall
	}
	if strings.HasPrefix(v, "/") && !padded(v) || strings.HasPrefix(v, "./") || strings.HasPrefix(v, "../") || strings.HasPrefix(v, "~") ||
		strings.HasPrefix(v, "-") && (len(v) < 32 || ascii.Base64URL.Run(v, 0, len(v)) < len(v)) || strings.HasPrefix(v, ".") || strings.HasPrefix(v, "\\") || strings.HasPrefix(v, "arn:") {
		return whyPath
	}
	if !form.quoted() && (strings.ContainsAny(v, "*?|") && !markedWord(v) || strings.Contains(v, "==") && !strings.HasSuffix(v, "==")) {
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

// hashed reports whether v is a digest in small hexadecimal digits, or names and one.
func hashed(v string) bool {
	n := strings.LastIndexByte(v, '-') + 1
	digest := len(v) - n
	return (digest == 40 || digest == 64) && count(v[n:]).upper == 0 && ascii.Hex.Run(v, n, digest) == len(v) && (n == 0 || plain(v[:n]))
}

// ruled reports whether v is a list of rules as validators have it:
// required|string|min:8.
func ruled(v string, k kinds) bool {
	return k.upper == 0 && k.digit < 3 && strings.Count(v, "|") > 1 && ruleClass.Run(v, 0, len(v)) == len(v)
}

var ruleClass = ascii.Of(ascii.Lowers + ascii.Digits + "|:,_")

// padded reports whether v is base64 up to its padding, and no path of names.
func padded(v string) bool {
	return len(v) >= 32 && len(v)%4 == 0 && strings.HasSuffix(v, "=") && ascii.Base64.Run(v, 0, len(v)) == len(v) && !slashed(v)
}

// markedWord reports whether v is letters of both cases and digits with one mark among
// them, as people make passwords, and no expression or pattern: Harbour*4711.
func markedWord(v string) bool {
	k := count(v)
	n := strings.IndexAny(v, "*?")
	return k.mark == 1 && n >= 0 && k.lower > 1 && k.upper > 0 && k.digit > 1 && len(v) >= 8 && (n+1 == len(v) || isDigit(v[n+1]) || n > 0 && isDigit(v[n-1]))
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

// isUUID reports whether v has the form of RFC 9562, section 4.
func isUUID(v string) bool {
	if len(v) != 36 {
		return false
	}
	for i := range len(v) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if v[i] != '-' {
				return false
			}
		} else if !ascii.Hex.Has(v[i]) {
			return false
		}
	}
	return true
}

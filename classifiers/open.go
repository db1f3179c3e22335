package classifiers

import (
	"strings"
	"unicode/utf8"
)

// OpenLimit is how much of the end of a text is held open at most, in bytes. A
// value that is longer is recognised before its end or not held.
const OpenLimit = 256

// Open tells where the end of an unfinished text may be the beginning of a value
// that what follows completes: the offset of its first byte, len(text) when the
// text may be passed on as it is. At most [OpenLimit] bytes are open.
//
// What is open is told by the shape of the end alone: the token that touches the
// end, when it is no plain word or follows what introduces a secret; the groups of
// a number or code before it ("4111 1111 "); a private key whose end has not come.
// A plain word is not held, so that prose streams without delay: of an address
// whose first word was passed on the rest is still found.
func Open(text string) int {
	from := max(0, len(text)-OpenLimit)
	for from > 0 && from < len(text) && !utf8.RuneStart(text[from]) {
		from++
	}
	if at := strings.LastIndex(text, "-----BEGIN "); at >= 0 && !strings.Contains(text[at+1:], "-----END") {
		return max(at, from)
	}
	end := text[from:]
	at := openToken(end)
	return from + openGroups(end, at)
}

// openToken is where the token at the end of text begins, len(text) when there
// is none that is open.
func openToken(text string) int {
	start := len(text)
	for start > 0 && isToken(text[start-1]) {
		start--
	}
	token := text[start:]
	if token == "" {
		return start
	}
	if plainToken(token) && !introduced(text[:start]) {
		return len(text)
	}
	return start
}

// isToken reports whether a byte may stand inside a value: printable ASCII that
// does not part words, and full-width letters and digits.
func isToken(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ';', '(', ')', '<', '>', '{', '}', '[', ']', '"', '\'', '`', '|':
		return false
	}
	return c > ' ' && c < utf8.RuneSelf
}

// plainToken reports whether a token is a word of prose: up to 24 letters, small
// but for the first or all large and short.
func plainToken(token string) bool {
	small, large := 0, 0
	for i := range len(token) {
		switch c := token[i]; {
		case c >= 'a' && c <= 'z':
			small++
		case c >= 'A' && c <= 'Z':
			large++
		default:
			return false
		}
	}
	if len(token) > 24 {
		return false
	}
	first := token[0] >= 'A' && token[0] <= 'Z'
	return large == 0 || large == 1 && first && small > 0 || small == 0 && large <= 1
}

// introducers are parts of words after which any word may be a secret.
var introducers = []string{"passw", "passphrase", "pwd", "secret", "token", "key", "credential", "kennwort", "passwort", "contrase", "mot de passe", "bearer", "basic"}

// introduced reports whether the text before a token says that a value follows:
// an assignment, or a word like password in the few words before it.
func introduced(before string) bool {
	trimmed := strings.TrimRight(before, " \t\"'`")
	if trimmed == "" {
		return false
	}
	if c := trimmed[len(trimmed)-1]; c == ':' || c == '=' {
		return true
	}
	near := strings.ToLower(before[max(0, len(before)-40):])
	for _, word := range introducers {
		if strings.Contains(near, word) {
			return true
		}
	}
	return false
}

// openGroups follows the groups of a number or code backwards from a place:
// tokens of at most eight bytes with a digit, or of two to four capitals, parted
// by one space or another sign that parts digits.
func openGroups(text string, at int) int {
	for {
		i := at
		for i > 0 && strings.IndexByte(" -()./", text[i-1]) >= 0 && at-i < 2 {
			i--
		}
		if i == at && at != len(text) && at > 0 {
			return at // no sign between
		}
		start := i
		for start > 0 && i-start <= 8 && isGroup(text[start-1]) {
			start--
		}
		group := text[start:i]
		if group == "" || len(group) > 8 || start > 0 && isToken(text[start-1]) || !strings.ContainsAny(group, "0123456789") {
			return at
		}
		at = start
	}
}

func isGroup(c byte) bool { return c-'0' <= 9 || c >= 'A' && c <= 'Z' || c == '+' }

package classifiers

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers/shape"
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
	return from + shape.Groups(end, at)
}

// openToken is where the token at the end of text begins, len(text) when there
// is none that is open.
func openToken(text string) int {
	start := len(text)
	for start > 0 && shape.InToken(text[start-1]) {
		start--
	}
	token := text[start:]
	if token == "" {
		return start
	}
	if shape.Plain(token) && !introduced(text[:start]) {
		return len(text)
	}
	return start
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

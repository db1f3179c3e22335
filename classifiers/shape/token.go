package shape

import (
	"strings"
	"unicode/utf8"
)

// InToken reports whether a byte may stand inside a value: printable ASCII that
// does not part words.
func InToken(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ';', '(', ')', '<', '>', '{', '}', '[', ']', '"', '\'', '`', '|':
		return false
	}
	return c > ' ' && c < utf8.RuneSelf
}

// Plain reports whether a token, which must not be empty, is a word of prose: up to 24
// letters of ASCII, small but for the first or all large and short.
func Plain(token string) bool {
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

// Groups follows the groups of a number or code backwards from a place and returns where
// they begin, the place itself without any: tokens of at most eight digits and capitals
// with a digit among them, parted by one sign or two that part digits, as a space does.
func Groups(text string, at int) int {
	for {
		i := at
		for i > 0 && strings.IndexByte(" -()./", text[i-1]) >= 0 && at-i < 2 {
			i--
		}
		if i == at && at != len(text) && at > 0 {
			return at // no sign between
		}
		start := i
		for start > 0 && i-start <= 8 && InGroup(text[start-1]) {
			start--
		}
		group := text[start:i]
		if group == "" || len(group) > 8 || start > 0 && InToken(text[start-1]) || !strings.ContainsAny(group, "0123456789") {
			return at
		}
		at = start
	}
}

// InGroup tells the bytes that stand in such a group.
func InGroup(c byte) bool { return c-'0' <= 9 || c >= 'A' && c <= 'Z' || c == '+' }

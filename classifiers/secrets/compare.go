package secrets

import (
	"bytes"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// What a program compares a password with is the password: password == "x" and
// "x" == password, password.equals("x") and "x".equals(password),
// strcmp(password, "x").

// comparison returns the string that the name is compared with, and the name
// without the word that compares.
func comparison(text string, name span) (span, int, bool) {
	if trimmed, i, ok := comparedTo(text, name); ok {
		return trimmed, i, true
	}
	i, ok := comparedFrom(text, name.start)
	return name, i, ok
}

// comparedTo looks for the string behind the name.
func comparedTo(text string, name span) (span, int, bool) {
	i := closing.Run(text, name.end, 4)
	i = spaces.Run(text, i, 8)
	if i+2 >= len(text) {
		return name, 0, false
	}
	switch rest := text[i:]; {
	case strings.HasPrefix(rest, "=="), strings.HasPrefix(rest, "!="):
		i += 2
		if text[i] == '=' {
			i++
		}
	case rest[0] == '=' && text[i-1] == ' ' && name.start > 1 && text[name.start-2:name.start] == `"$`: // [ "$PASS" = "x" ]
		i++
	case rest[0] == ',' && comparing(text, name.start):
		i++
	case rest[0] == '(':
		dot := strings.LastIndexByte(text[name.start:name.end], '.')
		if dot <= 0 || !comparer(text[name.start+dot:name.end]) {
			return name, 0, false
		}
		i++
		name.end = name.start + dot
	default:
		return name, 0, false
	}
	i = blank.Run(text, i, 24)
	if strings.HasPrefix(text[i:], "[]byte(") {
		i += len("[]byte(")
	}
	_, width := quoteAt(text, i)
	return name, i, width > 0
}

// comparing reports whether the name at start is the first argument of a call that
// compares, also when it is converted: ConstantTimeCompare([]byte(password), ...).
func comparing(text string, start int) bool {
	for range 2 {
		if start == 0 || text[start-1] != '(' {
			return false
		}
		call := ascii.Ident.Back(text, start-1, maxName)
		if comparer(text[call : start-1]) {
			return true
		}
		start = call
		if strings.HasSuffix(text[:start], "[]") {
			start -= 2
		}
	}
	return false
}

// comparedFrom looks for the string in front of the name at start.
func comparedFrom(text string, start int) (int, bool) {
	i := spaces.Back(text, start, 4)
	list := false
	switch {
	case i > 2 && text[i-1] == '=' && (text[i-2] == '=' || text[i-2] == '!'):
		i -= 2
		if text[i-1] == '=' || text[i-1] == '!' {
			i--
		}
	case i > 1 && text[i-1] == '(':
		call := ascii.Ident.Back(text, i-1, maxName)
		if call == i-1 || text[call] != '.' || !comparer(text[call:i-1]) {
			return 0, false
		}
		i = call
	case i > 1 && text[i-1] == ',':
		i--
		list = true
	default:
		return 0, false
	}
	i = spaces.Back(text, i, 4)
	if i == 0 || text[i-1] != '"' && text[i-1] != '\'' {
		return 0, false
	}
	from := max(i-1-maxPassword, 0)
	open := strings.LastIndexByte(text[from:i-1], text[i-1])
	return from + open, open >= 0 && (!list || comparing(text, from+open))
}

// comparer reports whether a call of that name compares two strings.
func comparer(call string) bool {
	var room [maxName]byte
	c := appendLower(room[:0], call)
	for _, w := range comparers {
		if bytes.HasSuffix(c, w) {
			return true
		}
	}
	return false
}

var (
	comparers = bytes.Fields([]byte("equals equalsignorecase eql contentequals compareto compare compare_digest strcmp strcasecmp strncmp stricmp hash_equals timingsafeequal"))
	closing   = ascii.Of(`)]"'?!`)
)

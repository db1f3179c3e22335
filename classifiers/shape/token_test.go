package shape

import "testing"

func TestPlain(t *testing.T) {
	for token, want := range map[string]bool{
		"word": true, "Word": true, "I": true, "abcdefghijklmnopqrstuvwx": true,
		"WORD": false, "passWord": false, "w0rd": false, "it's": false, "größe": false, "abcdefghijklmnopqrstuvwxy": false,
	} {
		if got := Plain(token); got != want {
			t.Errorf("%s: %v", token, got)
		}
	}
}

func TestGroups(t *testing.T) {
	for _, c := range []struct{ before, groups, behind string }{
		{"card ", "4111 1111 ", "1"},
		{"card ", "4111 1111", ""},
		{"4111-1111-", "", "11"}, // one token
		{"call ", "+49 (30) ", "90"},
		{"", "DE89 3704 ", "0044"},
		{"in the year ", "", "2024"},
		{"see x", "", "12"},           // no sign between
		{"AAAA BBBB ", "", "12"},      // no digit
		{"123456789 ", "", "12"},      // too long
		{"a1111 ", "", "12"},          // a part of a token
		{"4111 - ", "", "1111"},       // too far apart
		{"ends 4111 word ", "", "12"}, // a word between
	} {
		text := c.before + c.groups + c.behind
		at := len(c.before) + len(c.groups)
		if got := Groups(text, at); got != len(c.before) {
			t.Errorf("%q from %d: %d", text, at, got)
		}
	}
}

package classifiers_test

import (
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

func TestOpen(t *testing.T) {
	for _, c := range []struct{ text, open string }{
		{"", ""},
		{"The quick brown", ""},
		{"The quick brown ", ""},
		{"Hello", ""},
		{"a sentence.", "sentence."}, // an address may go on
		{"write to jo@", "jo@"},
		{"write to john.doe@example.c", "john.doe@example.c"},
		{"key AKIA", "AKIA"},
		{"your AKIAIOSF", "AKIAIOSF"},
		{"use ghp_", "ghp_"},
		{"card 4111 1111 1", "4111 1111 1"},
		{"card 4111 1111 ", "4111 1111 "},
		{"card 4111-1111-", "4111-1111-"},
		{"call +49 (30) 90", "+49 (30) 90"},
		{"DE89 3704 0044 0", "DE89 3704 0044 0"},
		{"the password is hun", "hun"},
		{`"password": "hun`, "hun"},
		{"x = word", "word"},
		{"-----BEGIN RSA PRIVATE KEY-----\nabc\n", "-----BEGIN RSA PRIVATE KEY-----\nabc\n"},
		{"-----BEGIN X-----\nabc\n-----END X-----\n", ""},
		{"日本語", ""},
	} {
		if got := c.text[classifiers.Open(c.text):]; got != c.open {
			t.Errorf("Open(%q) holds %q, want %q", c.text, got, c.open)
		}
	}
}

// TestOpenLimit: however long a token is, no more than the limit is held.
func TestOpenLimit(t *testing.T) {
	for _, text := range []string{strings.Repeat("a1", 4096), strings.Repeat("12 ", 4096), "-----BEGIN " + strings.Repeat("x", 4096), strings.Repeat("é1", 4096)} {
		if held := len(text) - classifiers.Open(text); held > classifiers.OpenLimit {
			t.Errorf("%d bytes of %.8q… are held", held, text)
		}
	}
}

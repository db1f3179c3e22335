package secrets_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// An explained scan says of each value which filter dropped it or what spoke for it.
func TestExplain(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct {
		text, value string
		reported    bool
		why         string
	}{
		{`password = "changeme1234"`, "changeme1234", false, "placeholder"},
		{`password = "${DB_PASSWORD}"`, "${DB_PASSWORD}", false, "call or expression"},
		{`password = "$DB_PASSWORD"`, "$DB_PASSWORD", false, "template or reference"},
		{`password = "/etc/keys/db.txt"`, "/etc/keys/db.txt", false, "path"},
		{`password = "f47ac10b-58cc-4372-a567-0e02b2c3d479"`, "f47ac10b-58cc-4372-a567-0e02b2c3d479", false, "uuid"},
		{`token = "f47ac10b-58cc-4372-a567-0e02b2c3d479"`, "f47ac10b-58cc-4372-a567-0e02b2c3d479", true, "uuid behind the name of a secret"},
		{`password = "settings.database.secret"`, "settings.database.secret", false, "identifier with dots"},
		{`password = "somethingElse"`, "somethingElse", false, "word or identifier"},
		{`password = "$2b$12$Q9zTnBd5XqW0LmRkVhYc1uJfG8sPaE7oKiN3xUwZlDvCbMtHyR46S"`, "$2b$12$Q9zTnBd5XqW0LmRkVhYc1uJfG8sPaE7oKiN3xUwZlDvCbMtHyR46S", false, "hash of a password"},
		{`password = "x123456x"`, "x123456x", false, "test value: a sequence"},
		{`api_key = "aaaa1111aaaa1111aaaa1111"`, "aaaa1111aaaa1111aaaa1111", false, "one byte again and again"},
		{`monkey = "vK7!qz2-Lw"`, "monkey", false, "no name of a secret"},
		{`password = "vK7!qz2-Lw"`, "vK7!qz2-Lw", true, "three kinds of bytes"},
		{"https://nadia:guest@files.example.net/x", "guest", true, "password of every manual"},
		{"Authorization: Bearer ${ACCESS_TOKEN_FOR_IT}", "ACCESS_TOKEN_FOR_IT", false, ""},
		{`t = "ghp_` + random(31, 36, alnum) + `"`, "ghp_" + random(31, 36, alnum), true, "form of the vendor's tokens; the checksum does not hold"},
		{"key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", false, "allowlist of the rule"},
	} {
		_, looked, err := s.Explain(context.Background(), classifiers.Sample{Text: c.text})
		if err != nil {
			t.Fatal(err)
		}
		at := strings.Index(c.text, c.value)
		said := slices.ContainsFunc(looked, func(l classifiers.Candidate) bool {
			return l.Start == at && l.End == at+len(c.value) && l.Reported == c.reported && l.Why == c.why
		})
		if said == (c.why == "") {
			t.Errorf("%s: want %v, %q; got %+v", c.text, c.reported, c.why, looked)
		}
	}
}

package secrets_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// What fills the form of a vendor's key without being one is stated below what is
// acted on, and takes no account with it; what only refers to a key is not stated.
func TestPlaceholders(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct{ text, value string }{
		{"okta api key: 00-bbbbbbbbbbbbb-bbbbbbbbbbbbbbbbbbbbbbbbb", "00-bbbbbbbbbbbbb-bbbbbbbbbbbbbbbbbbbbbbbbb"},
		{"bugsnag token = your_api_key_goes_here_0001", "your_api_key_goes_here_0001"},
		{"token: glpat-xxxxxxxxxxxxxxxxxxxx", "glpat-xxxxxxxxxxxxxxxxxxxx"},
		{"https://me:password@files.example.net/", "password"},
		{"ftp://me:xxxxxxxx@files.example.net", "xxxxxxxx"},
		{"postgres://app:password@db.example.net/app", "app:password"},
		{"https://me:${PASSWORD}@files.example.net/", ""},
		{"https://me:{{ password }}@files.example.net/", ""},
		{"bugsnag token = ${BUGSNAG_TOKEN}", ""},
		{"see https://bugsnag.example.net/docs/token", ""},
		{`username = "nadia"` + "\n" + `password = "changeme1234"`, ""},
	} {
		found, err := s.Classify(context.Background(), []classifiers.Sample{{Text: c.text}})
		if err != nil {
			t.Fatal(err)
		}
		at := strings.Index(c.text, c.value)
		switch {
		case c.value == "":
			if len(found) > 0 {
				t.Errorf("%q: found:%s", c.text, describe(c.text, found))
			}
		case len(found) != 1 || found[0].Start != at || found[0].End != at+len(c.value) || found[0].Confidence >= acted || found[0].Grade != classifiers.Weak:
			t.Errorf("%q: want %q alone and below %v, found:%s", c.text, c.value, acted, describe(c.text, found))
		}
	}
}

package secrets

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
	"github.com/sluice-proxy/sluice/classifiers/secrets/layout"
)

// Every vendor's name with the word for a key finds what a machine made, and
// says nothing of words, examples, ids and hashes.
func TestNearVendors(t *testing.T) {
	c, s := wholeSet(t)
	if len(c.vendors) < 600 {
		t.Errorf("%d vendors", len(c.vendors))
	}
	for i := range c.vendors {
		v := &c.vendors[i]
		f := v.shape
		if f == nil {
			f = layout.Format{{Class: &ascii.Alnum, Min: 32, Max: 32}}
		}
		r := rand.New(rand.NewPCG(uint64(i), 3))
		value := draw(r, f)
		for k := count(value); k.digit < 3 && v.shape == nil; k = count(value) {
			value = draw(r, f)
		}
		for _, carrier := range []string{"%s_api_key = \"%s\"", "%s SECRET: %s", "My %s token is %s.", "{\"%s-access-key\":\"%s\"}", "the key for %s access key %s"} {
			text := fmt.Sprintf(carrier, v.name, value)
			if at := strings.Index(text, value); !covered(findAll(t, s, text), at, at+len(value)) {
				t.Errorf("%s: missed in %q", v.rule.id, text)
			}
		}
		for _, carrier := range []string{
			"%s key: your_api_key_goes_here_0001", "%s api key xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "%s client id %s", "%s commit hash %s",
			"%s secret management for beginners", "%s token = getSecretTokenFromVault(name)", "%sify key %s", "https://%s.example/docs/%s",
		} {
			args := []any{v.name, value}
			text := fmt.Sprintf(carrier, args[:strings.Count(carrier, "%s")]...)
			for _, f := range findAll(t, s, text) {
				if f.Rule == v.rule.id {
					t.Errorf("%s: found %q in %q", v.rule.id, text[f.Start:f.End], text)
				}
			}
		}
	}
}

func TestNear(t *testing.T) {
	_, s := wholeSet(t)
	for text, want := range map[string]string{
		"lemlistPRIVATE 9f3c1a7be2d84650a1b2c3d4e5f60718":                         "9f3c1a7be2d84650a1b2c3d4e5f60718",
		"apikey=openweather:9f3c1a7be2d84650a1b2c3d4e5f60718":                     "9f3c1a7be2d84650a1b2c3d4e5f60718",
		"bugsnag key for staging: 7d1e9a52-0b3c-4f6d-8e21-5a9b7c3d1f04":           "7d1e9a52-0b3c-4f6d-8e21-5a9b7c3d1f04",
		"cloudsmith 9f3c1a7be2d84650a1b2c3d4e5f60718":                             "9f3c1a7be2d84650a1b2c3d4e5f60718",
		"myGumroadKey: Zk3vQ8wX1rT6yU2iO5pA":                                      "Zk3vQ8wX1rT6yU2iO5pA",
		"actions/checkout in GitHub at 9f3c1a7be2d84650a1b2c3d4e5f6071829304a5b":  "",
		"KeyId: aws.String(\"7d1e9a52-0b3c-4f6d-8e21-5a9b7c3d1f04\")":             "",
		"identicons.github.com%2F9f3c1a7be2d84650a1b2c3d4e5f60718.png":            "",
		"we square the key numbers 2024 and 2025 in this report":                  "",
		"stripe key pk_9f3c1a7be2d84650a1b2c3d4":                                  "",
		"the docker image sha256:9f3c1a7be2d84650a1b2c3d4e5f607189f3c1a7be2d8465": "",
	} {
		found := findAll(t, s, text)
		switch {
		case want == "" && len(found) > 0:
			t.Errorf("%q: found %q by %s", text, text[found[0].Start:found[0].End], found[0].Rule)
		case want != "":
			if at := strings.Index(text, want); !covered(found, at, at+len(want)) {
				t.Errorf("%q: missed", text)
			}
		}
	}
}

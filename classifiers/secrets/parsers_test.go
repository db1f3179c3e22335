package secrets_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// random returns n bytes of the alphabet, the same for the same seed.
func random(seed uint64, n int, alphabet string) string {
	r := rand.New(rand.NewPCG(seed, 2026))
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	alnum  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	body64 = alnum + "+/"
)

func lines(s string, n int) string {
	var b strings.Builder
	for c := range slices.Chunk([]byte(s), n) {
		b.Write(c)
		b.WriteByte('\n')
	}
	return b.String()
}

// covered reports whether findings of the entity cover text[start:end] whole.
func covered(found []classifiers.Finding, entity string, start, end int) bool {
	for _, f := range found {
		if f.Entity == entity && f.Start <= start && f.End >= start {
			start = max(start, f.End)
		}
	}
	return start >= end
}

// A key is redacted whole: of any length, in any number, and also without its
// end or beginning.
func TestPrivateKeyIsCoveredWhole(t *testing.T) {
	s := newSet(t)
	for _, size := range []int{200, 3_000, 50_000, 300_000} {
		body := lines(random(uint64(size), size, body64), 64)
		for _, end := range []string{"-----END RSA PRIVATE KEY-----", ""} {
			key := "-----BEGIN RSA PRIVATE KEY-----\n" + body + end
			text := "Look at this.\n" + key + "\n\nWhat is it? Tell me everything about the format."
			found := classify(t, s, text)
			at := strings.Index(text, key)
			stop := at + len(strings.TrimSpace(key))
			if !covered(found, "PRIVATE_KEY", at, stop) {
				t.Errorf("%d bytes, end %q: not covered by%v", size, end, found)
			}
			if covered(found, "PRIVATE_KEY", at, stop+20) {
				t.Errorf("%d bytes, end %q: the question is covered too", size, end)
			}
		}
	}
	one := "-----BEGIN PRIVATE KEY-----\n" + lines(random(9, 400, body64), 64) + "-----END PRIVATE KEY-----\n"
	if found := classify(t, s, strings.Repeat(one, 20)); len(found) != 20 {
		t.Errorf("20 keys: %d findings", len(found))
	}
	// The key whose end is missing stops where the next begins.
	cut := "-----BEGIN PRIVATE KEY-----\n" + lines(random(8, 400, body64), 64)
	if found := classify(t, s, cut+one); len(found) != 2 || !covered(found, "PRIVATE_KEY", 0, len(cut)-1) {
		t.Errorf("a cut key in front of a whole one: %v", found)
	}
}

// Values that the engine's blocks or a pattern's window cut are found whole.
func TestLongValues(t *testing.T) {
	s := newSet(t)
	for _, before := range []int{0, 100, 65_500, 65_530, 65_536} {
		pad := strings.Repeat("lorem ipsum ", before/12+1)[:before]
		for rule, secret := range map[string]string{
			"1PASSWORD_SERVICE_ACCOUNT_TOKEN": "ops_" + "eyJ" + random(1, 3000, alnum),
			"FLYIO_ACCESS_TOKEN":              "fm2_" + random(2, 2000, alnum),
			"FACEBOOK_PAGE_ACCESS_TOKEN":      "EAAC" + random(3, 1500, alnum),
			"GITHUB_PAT":                      "ghp_" + random(4, 36, alnum),
			"JWT":                             token(`{"alg":"RS256"}`, `{"x":"`+random(5, 9000, alnum)+`"}`, 342),
		} {
			text := pad + "\n" + secret + "\n"
			if found := classify(t, s, text); !covered(found, rule, len(pad)+1, len(pad)+1+len(secret)) {
				t.Errorf("%s behind %d bytes: %v", rule, before, found)
			}
		}
	}
}

func token(header, payload string, signature int) string {
	e := base64.RawURLEncoding.EncodeToString
	return e([]byte(header)) + "." + e([]byte(payload)) + "." + random(7, signature, alnum)
}

// Overlaps: the specific rule is kept, the generic one gives way.
func TestSpecificBeatsGeneric(t *testing.T) {
	s := newSet(t)
	for text, want := range map[string]string{
		`github_token = "ghp_` + random(11, 36, alnum) + `"`:                                                                 "GITHUB_PAT",
		`aws_access_key_id = AKIA` + random(12, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):                                      "AWS_ACCESS_TOKEN",
		`{"api_key": "sk-ant-api03-` + random(13, 93, alnum) + `AA"}`:                                                        "ANTHROPIC_API_KEY",
		`auth_token: "` + token(`{"alg":"HS256"}`, `{"sub":"synthetic-4711"}`, 43) + `"`:                                     "JWT",
		`Authorization: Bearer ` + token(`{"alg":"HS256"}`, `{"sub":"synthetic-4712"}`, 43):                                  "JWT",
		`dropbox_token = "` + random(14, 15, "abcdefghijklmnopqrstuvwxyz0123456789") + `"`:                                   "DROPBOX_API_TOKEN",
		`curl -H "Authorization: Bearer xoxb-` + "123456789012-123456789012" + random(15, 24, alnum) + `" https://h.invalid`: "SLACK_BOT_TOKEN",
	} {
		found := classify(t, s, text)
		if len(found) != 1 || found[0].Entity != want {
			t.Errorf("%s: %s", want, describe(text, found))
		}
	}
}

func TestNothingInOrdinaryText(t *testing.T) {
	s := newSet(t)
	for _, text := range []string{
		"", "key", "=", "key=", "token:", "-----BEGIN", "-----BEGIN PRIVATE KEY-----", "eyJ", "://", "curl", "kind: Secret\ndata:\n",
		"password: ", `"password": ""`, "basic ", "bearer ", "https://:@", "AKIA", "kind:", "SK", prose, code,
		strings.Repeat("ключ: пароль и секрет. ", 50), "パスワード: 秘密のトークン", "\xff\xfekey=\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		if found := classify(t, s, text); len(found) > 0 {
			t.Errorf("%.40q:%s", text, describe(text, found))
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	s := newSet(t)
	all := cases(t)
	done := make(chan string, 4)
	for n := range 4 {
		go func() {
			var b strings.Builder
			for i := range all {
				for _, p := range all[(i+n*7)%len(all)].Positives {
					found, err := s.Classify(t.Context(), []classifiers.Sample{{Text: p.Text}})
					if err != nil || len(found) == 0 {
						fmt.Fprintf(&b, "%q: %v %v\n", p.Text, found, err)
					}
				}
			}
			done <- b.String()
		}()
	}
	for range 4 {
		if problems := <-done; problems != "" {
			t.Error(problems)
		}
	}
}

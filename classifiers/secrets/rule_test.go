package secrets

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The expressions as they were published find the positives of their rules
// too, and no negative: what this package makes of an expression neither adds
// nor loses anything there.
func TestExpressionsAgree(t *testing.T) {
	var file ruleFile
	if err := json.Unmarshal(rulesJSON, &file); err != nil {
		t.Fatal(err)
	}
	expressions := make(map[string][]*regexp.Regexp)
	for _, r := range file.Rules {
		expressions[r.ID] = append(expressions[r.ID], regexp.MustCompile(r.Regex))
	}
	data, err := os.ReadFile("testdata/vendor.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		ID        string
		Positives []struct{ Text, Secret string }
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, rule := range all {
		for _, p := range rule.Positives {
			ok := false
			for _, re := range expressions[rule.ID] {
				ok = ok || strings.Contains(re.FindString(p.Text), p.Secret)
			}
			if !ok {
				t.Errorf("%s: the expression does not find %q", rule.ID, p.Text)
			}
			if len(p.Secret) < 12 {
				t.Errorf("%s: %q is only a part of a secret", rule.ID, p.Secret)
			}
		}
	}
}

func TestAllowlists(t *testing.T) {
	rules, global, err := loadRules(rulesJSON)
	if err != nil {
		t.Fatal(err)
	}
	byID := make(map[string]*rule)
	for i := range rules {
		byID[rules[i].id] = &rules[i]
	}
	for _, c := range []struct {
		id, text string
		want     bool
	}{
		{"aws-access-token", "AKIA" + "IOSFODNN7ABCDEFG", true},
		{"aws-access-token", "AKIA" + "IOSFODNN7EXAMPLE", false},
		{"aws-access-token", "AKIA" + "AAAAAAAAAAAAAAAA", false}, // entropy
		{"gcp-api-key", "AIza" + "SyabcdefghijklmnopqrstuvwxyZ1234567", false},
		{"gcp-api-key", "AIza" + "Sy0q9w8E7r6T5y4U3i2O1pA-bC_dEfGhIjK", true},
		{"vault-service-token", "s." + "abcdefghijKLMNOPQRSTUVWx", false},
		{"vault-service-token", "s." + "aB3dE6gH9jK2mN5pQ8sT1vW4", true},
	} {
		if _, read, why := byID[c.id].atStart(c.text, 0, &global); (read > 0 && why == "") != c.want {
			t.Errorf("%s in %q: read %d, dropped for %q, want it found: %v", c.id, c.text, read, why, c.want)
		}
	}
	l, err := compileAllow(allowData{Target: "line", Regexes: []string{`^# sample`}, Stopwords: []string{"Stop"}})
	if err != nil {
		t.Fatal(err)
	}
	text := "key\n# sample: abc\ndef xSTOPx"
	for _, c := range []struct {
		start, end int
		want       bool
	}{{14, 17, true}, {18, 21, false}, {22, 28, true}} {
		if got := l.allows(text, c.start, c.end, c.start, c.end); got != c.want {
			t.Errorf("%q: allowed %v, want %v", text[c.start:c.end], got, c.want)
		}
	}
}

// Expressions are read when they are needed: all of those that ship can be.
func TestRulesCompile(t *testing.T) {
	rules, _, err := loadRules(rulesJSON)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rules {
		if r := &rules[i]; r.mode != matchParser {
			r.pattern().re()
		}
	}
}

func TestBrokenRules(t *testing.T) {
	for name, data := range map[string]string{
		"not JSON":         `{`,
		"bad expression":   `{"rules":[{"id":"a","regex":"(","match":{"mode":"start","anchors":["a"]}}]}`,
		"unknown mode":     `{"rules":[{"id":"a","regex":"a","match":{"mode":"guess","anchors":["a"]}}]}`,
		"no anchors":       `{"rules":[{"id":"a","regex":"a","match":{"mode":"start"}}]}`,
		"no such group":    `{"rules":[{"id":"a","regex":"(a)","secretGroup":2,"match":{"mode":"start","anchors":["a"]}}]}`,
		"no assignment":    `{"rules":[{"id":"a","regex":"a=b","match":{"mode":"assign","anchors":["a"]}}]}`,
		"bad allowlist":    `{"rules":[{"id":"a","regex":"a","allow":[{"regexes":["("]}],"match":{"mode":"start","anchors":["a"]}}]}`,
		"bad global list":  `{"allow":{"regexes":["("]},"rules":[]}`,
		"both are counted": `{"rules":[{"id":"first","regex":"a","match":{"mode":"guess","anchors":["a"]}},{"id":"second","regex":"a","match":{"mode":"start"}}]}`,
	} {
		rules, _, err := loadRules([]byte(data))
		for i := range rules {
			_, broken := rules[i].compile()
			err = errors.Join(err, broken)
		}
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if name == "both are counted" && (!strings.Contains(err.Error(), "first") || !strings.Contains(err.Error(), "second")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]nameKind{
		"apiKey": nameSecret, "API_KEY": nameSecret, "x-api-key": nameSecret, "clientSecret": nameSecret, "client.secret": nameSecret,
		"AWSSecretAccessKey": nameSecret, "githubToken": nameSecret, "tokens": nameSecret, "authToken2": nameSecret, "token_prod": nameSecret,
		"key": nameKey, "auth": nameKey, "accountKey": nameSecret, "nkey": nameSecret,
		"password": namePassword, "DB_PASSWORD": namePassword, "pgpassword": namePassword, "dbPass": namePassword, "userPwd": namePassword, "passphrase": namePassword,
		"monkey": nameNone, "keyboard": nameNone, "keyId": nameNone, "tokenUrl": nameNone, "secretName": nameNone, "publicKey": nameNone, "primary_key": nameNone,
		"author": nameNone, "bypass": nameNone, "compass": nameNone, "passed": nameNone, "max_tokens": nameNone, "key_path": nameNone, "PasswordPolicy": nameNone, "": nameNone,
	} {
		if got := judgeName(name, ""); got != want {
			t.Errorf("%q is %d, want %d", name, got, want)
		}
	}
	if got := judgeName("key", "api"); got != nameSecret {
		t.Errorf("API key is %d", got)
	}
	if got := judgeName("key", "foreign"); got != nameNone {
		t.Errorf("foreign key is %d", got)
	}
}

func TestWordiness(t *testing.T) {
	for _, w := range []string{"password", "getAccessToken", "conversations", "kubernetes", "authorized-connect-apps"} {
		if score, _ := wordiness(w); score < 0.3 {
			t.Errorf("%s: %.2f, want a word", w, score)
		}
	}
	for _, w := range []string{"fpztrwor", "dqxkvjzbwpt", "gHnXVrAlxPmDKpuXeDsmeJjq", "zqfxkwvbjq"} {
		if score, _ := wordiness(w); score > -0.3 {
			t.Errorf("%s: %.2f, want no word", w, score)
		}
	}
	if _, letters := wordiness("a1b2c3"); letters != 0 {
		t.Errorf("%d letters in runs of one", letters)
	}
}

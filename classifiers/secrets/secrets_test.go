package secrets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/secrets"
)

// rulesCases is the form of the files in testdata. The first byte of every
// secret there is written as an escape, so that nobody's scanner takes the
// random values for real ones.
type rulesCases []struct {
	ID        string `json:"id"`
	Positives []struct {
		Text   string `json:"text"`
		Secret string `json:"secret"`
	} `json:"positives"`
	Negatives []struct {
		Text string `json:"text"`
		Why  string `json:"why"`
	} `json:"negatives"`
}

func cases(t testing.TB) rulesCases {
	t.Helper()
	var all rulesCases
	for _, file := range []string{"testdata/vendor.json", "testdata/parsers.json"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var some rulesCases
		if err := json.Unmarshal(data, &some); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, some...)
	}
	return all
}

func family(t testing.TB) *secrets.Classifier {
	t.Helper()
	c, err := secrets.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// raw runs the family alone, before overlaps are resolved: two rules of one
// form both report.
// acted is the least confidence that is acted on unless the configuration says
// otherwise: TestPlaceholders looks at what is below it.
const acted = 0.5

func raw(t testing.TB, c *secrets.Classifier, text string) []classifiers.Finding {
	t.Helper()
	v := classifiers.View{Text: text, Hi: len(text)}
	lower := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
	for n, a := range c.Describe().Anchors {
		for i := 0; ; {
			at := strings.Index(lower[i:], a)
			if at < 0 {
				break
			}
			v.Hits = append(v.Hits, classifiers.Hit{Anchor: n, Start: i + at, End: i + at + len(a)})
			i += at + 1
		}
	}
	slices.SortStableFunc(v.Hits, func(a, b classifiers.Hit) int { return a.End - b.End })
	found, err := c.Classify(context.Background(), &v, nil)
	if err != nil {
		t.Fatal(err)
	}
	return classifiers.AtLeast(found, acted)
}

func newSet(t testing.TB) *classifiers.Set {
	t.Helper()
	s, err := classifiers.New(classifiers.Options{}, family(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func classify(t testing.TB, s *classifiers.Set, text string) []classifiers.Finding {
	t.Helper()
	found, err := s.Classify(context.Background(), []classifiers.Sample{{Text: text}})
	if err != nil {
		t.Fatal(err)
	}
	return classifiers.AtLeast(found, acted)
}

func describe(text string, found []classifiers.Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "\n\t%s %.2f %q", f.Rule, f.Confidence, text[f.Start:f.End])
	}
	return b.String()
}

func TestEveryRuleHasCases(t *testing.T) {
	data, err := os.ReadFile("gitleaks.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Source map[string]string `json:"source"`
		Rules  []struct {
			ID, Entity, Description, Regex string
			Keywords                       []string
		} `json:"rules"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"project", "repository", "version", "date", "licence", "copyright"} {
		if file.Source[key] == "" {
			t.Errorf("gitleaks.json: source has no %s", key)
		}
	}
	have := map[string][2]int{"url-credentials": {}, "basic-auth": {}, "bearer-token": {}}
	for _, c := range cases(t) {
		have[c.ID] = [2]int{len(c.Positives), len(c.Negatives)}
	}
	known := map[string]bool{"url-credentials": true, "basic-auth": true, "bearer-token": true}
	for _, r := range file.Rules {
		known[r.ID] = true
		if n := have[r.ID]; n[0] < 2 || n[1] < 2 {
			t.Errorf("%s has %d positives and %d negatives, want two of each", r.ID, n[0], n[1])
		}
		if want := strings.ToUpper(strings.ReplaceAll(r.ID, "-", "_")); r.Entity != want {
			t.Errorf("%s: entity %s, want %s", r.ID, r.Entity, want)
		}
		if r.Description == "" || r.Regex == "" || len(r.Keywords) == 0 {
			t.Errorf("%s: description, expression or keywords missing", r.ID)
		}
	}
	for id, n := range have {
		if !known[id] {
			t.Errorf("cases for %s, which is no rule", id)
		}
		if n[0] < 2 || n[1] < 2 {
			t.Errorf("%s has %d positives and %d negatives, want two of each", id, n[0], n[1])
		}
	}
}

func TestContract(t *testing.T) {
	var seeds []string
	for _, c := range cases(t) {
		if text := c.Positives[0].Text; len(text) < 2000 && (len(seeds) < 20 || !strings.Contains(text, "_value =")) {
			seeds = append(seeds, text)
		}
	}
	seeds = append(seeds, prose, code,
		`"Server=db1;Database=shop;User Id=app;Password=Kr7vq!x2;Encrypt=true"`, "pwd=abcd;", "kty:", "k:", "nkey SU",
		`{"kty":"EC","d":"jv_VrhPomm6_WOzb74xF4eMI0hu9p0W1Zlxi0nz8AFs"}`, "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
		"lemlist KEY 9f3c1a7be2d84650a1b2c3d4e5f60718", "lemlist ", "gsk_", "fm1_", "пароль: Zima2024!q", "密码是", "sshpass -p 'zq7-vvx2k'", "machine a.b login c password ",
		`mysqli_connect('db', 'shop', 'zq7vvx2k')`, "password == ", `"x" == password`,
		"SHOP_PASS=springbok", "[a]\npass = w\n", "ENV PASS", "PASS\nvalue:", "strcmp(pass,", "jwt.sign(a,", "auth=(", "$ANSIBLE_VAULT;1", "mnemonic abandon", "0\uFFFD\x02\x01\x030\uFFFD\x06\x09*\uFFFDH\uFFFD\r\x01\x07\x01")
	classifierstest.Contract(t, family(t), seeds)
}

func TestRules(t *testing.T) {
	c, s := family(t), newSet(t)
	for _, rule := range cases(t) {
		t.Run(rule.ID, func(t *testing.T) {
			for _, p := range rule.Positives {
				at := strings.Index(p.Text, p.Secret)
				found := raw(t, c, p.Text)
				if !slices.ContainsFunc(found, func(f classifiers.Finding) bool {
					return f.Rule == rule.ID && f.Start == at && f.End == at+len(p.Secret)
				}) {
					t.Errorf("missed %q in %q; found:%s", p.Secret, p.Text, describe(p.Text, found))
				}
				// Through the set some rule covers the value, and none cuts it.
				found = classify(t, s, p.Text)
				if !slices.ContainsFunc(found, func(f classifiers.Finding) bool {
					return f.Start <= at && f.End >= at+len(p.Secret)
				}) {
					t.Errorf("not covered: %q in %q; found:%s", p.Secret, p.Text, describe(p.Text, found))
				}
			}
			for _, n := range rule.Negatives {
				for _, f := range raw(t, c, n.Text) {
					if f.Rule == rule.ID {
						t.Errorf("found %q in %q (%s)", n.Text[f.Start:f.End], n.Text, n.Why)
					}
				}
			}
		})
	}
}

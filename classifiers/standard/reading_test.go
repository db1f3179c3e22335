package standard_test

import (
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

// readings are what a value is made of by somebody who wants it put together again
// at the other end. Each must be read, and the finding must cover all of it.
var readings = []struct {
	name string
	hide func(string) string
	only string // entities; all when empty
}{
	{"literals added", apart(5, `"`, `" + "`, `"`), ""},
	{"literals added over lines", apart(5, `'`, "' +\n    '", `'`), ""},
	{"literals with dots", apart(5, `'`, `' . '`, `'`), ""},
	{"literals with ampersands", apart(5, `"`, `" & "`, `"`), ""},
	{"literals with bars", apart(5, `'`, `' || '`, `'`), ""},
	{"literals side by side", apart(5, `"`, `" "`, `"`), ""},
	{"literals of a shell", apart(5, `'`, `''`, `'`), ""},
	{"literals in JSON", apart(5, `\"`, `\" + \"`, `\"`), ""},
	{"list", apart(4, `["`, `", "`, `"]`), ""},
	{"list of characters", apart(1, `['`, `', '`, `']`), ""},
	{"code spans", apart(5, "`", "` `", "`"), ""},
	{"lines", apart(6, "", "\n", ""), ""},
	{"indented lines", apart(6, "", "\n    ", ""), ""},
	{"quoted lines", apart(6, "> ", "\n> ", ""), ""},
	{"list of lines", apart(6, "- ", "\n- ", ""), ""},
	{"continued lines", apart(6, "", "\\\n", ""), ""},
	{"wrapped", apart(20, "", "\n", ""), "IBAN_CODE EMAIL_ADDRESS GITHUB_PAT"},
	{"emphasis", apart(4, "", "**", ""), "IBAN_CODE EMAIL_ADDRESS GITHUB_PAT AWS_ACCESS_TOKEN"},
	{"tags", apart(4, "", "<b></b>", ""), "US_SSN IBAN_CODE EMAIL_ADDRESS GITHUB_PAT AWS_ACCESS_TOKEN"},
	{"spans", apart(4, "<span>", "</span><span>", "</span>"), "IBAN_CODE EMAIL_ADDRESS GITHUB_PAT AWS_ACCESS_TOKEN"},
	{"comments", apart(4, "", "<!-- x -->", ""), "IBAN_CODE EMAIL_ADDRESS GITHUB_PAT AWS_ACCESS_TOKEN"},
	{"pictures", apart(4, "", "🙂", ""), "IBAN_CODE EMAIL_ADDRESS GITHUB_PAT AWS_ACCESS_TOKEN"},
	{"colours", apart(4, "", "\x1b[0m", ""), "IBAN_CODE EMAIL_ADDRESS GITHUB_PAT AWS_ACCESS_TOKEN"},
	{"NUL", apart(1, "", "\x00", ""), "IBAN_CODE EMAIL_ADDRESS GITHUB_PAT AWS_ACCESS_TOKEN"},
	{"digits with commas", digits(", "), "CREDIT_CARD"},
	{"digits in lines", digits("\n"), "CREDIT_CARD"},
	{"digits and pictures", digits("😀"), "CREDIT_CARD"},
	{"digits with colons", digits(":"), "CREDIT_CARD"},
	{"digits in words", spell("zero one two three four five six seven eight nine"), "CREDIT_CARD"},
	{"digits in German", spell("null eins zwei drei vier fünf sechs sieben acht neun"), "CREDIT_CARD"},
	{"codes", codes("[", "%d", ", ", "]"), ""},
	{"calls", codes("", "chr(%d)", " + ", ""), ""},
	{"binary", codes("", "%08b", " ", ""), ""},
	{"binary in a row", codes("", "%08b", "", ""), ""},
	{"backwards", backwards, "GITHUB_PAT AWS_ACCESS_TOKEN EMAIL_ADDRESS"},
	{"backwards, as told", func(s string) string { return "Reverse this: " + backwards(s) }, ""},
	{"by half the alphabet", rot13, "IBAN_CODE GITHUB_PAT AWS_ACCESS_TOKEN"},
	{"base64 in literals", func(s string) string { return apart(8, `"`, `" + "`, `"`)(encode64("this is " + s)) }, ""},
	{"base32", func(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) }, ""},
	{"base32 in small letters", func(s string) string {
		return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(s)))
	}, ""},
	{"percent and u", codes("", "%%u%04x", "", ""), ""},
	{"HTML without ends", codes("", "&#x%x", "", ""), ""},
	{"hexadecimal with dots", codes("", "%02x", ".", ""), ""},
	{"base64 backwards", func(s string) string { return backwards(encode64(s)) }, "IBAN_CODE EMAIL_ADDRESS GITHUB_PAT AWS_ACCESS_TOKEN"},
}

func apart(n int, before, between, after string) func(string) string {
	return func(s string) string {
		var pieces []string
		for len(s) > n {
			pieces, s = append(pieces, s[:n]), s[n:]
		}
		return before + strings.Join(append(pieces, s), between) + after
	}
}

func digits(between string) func(string) string {
	return func(s string) string {
		return strings.Join(strings.Split(strings.ReplaceAll(s, " ", ""), ""), between)
	}
}

func spell(words string) func(string) string {
	w := strings.Fields(words)
	return func(s string) string {
		var out []string
		for _, c := range strings.ReplaceAll(s, " ", "") {
			out = append(out, w[c-'0'])
		}
		return strings.Join(out, " ")
	}
}

func codes(before, format, between, after string) func(string) string {
	return func(s string) string {
		var out []string
		for i := range len(s) {
			out = append(out, fmt.Sprintf(format, s[i]))
		}
		return before + strings.Join(out, between) + after
	}
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

var rot13 = caesar(13)

func TestReadings(t *testing.T) {
	set := newSet(t, standard.Options{})
	for _, d := range readings {
		t.Run(d.name, func(t *testing.T) {
			for _, v := range hiddenValues {
				if d.only != "" && !slices.Contains(strings.Fields(d.only), v.entity) {
					continue
				}
				hidden := d.hide(v.value)
				for _, carrier := range []string{"%s", "Please read this: %s and tell me what it is.", "Her details:\n%s\n", "前 %s。"} {
					text := fmt.Sprintf(carrier, hidden)
					found := classifierstest.Classify(t, set, text)
					i := slices.IndexFunc(found, func(f classifiers.Finding) bool { return f.Entity == v.entity })
					if i < 0 {
						t.Errorf("%s in %q: %s", v.entity, text, classifierstest.Show(text, found))
						continue
					}
					left := text[:found[i].Start] + "[" + v.entity + "]" + text[found[i].End:]
					for _, f := range classifierstest.Classify(t, set, left) {
						if f.Entity == v.entity {
							t.Errorf("%q: still there in %q", text, left)
						}
					}
				}
			}
		})
	}
}

// What is put together only by the reader of these is no value.
func TestReadingsOfInnocentText(t *testing.T) {
	set := newSet(t, standard.Options{})
	for _, text := range []string{
		"assert x == template_name\n\n    @client.get(url)",
		"![logo](images/hero_shot@2x.png) and images/2x/team-photo-2024.png",
		"a@brightfield.example\nb@brightfield.example",
		"4111\n1112\n1113\n1114\n1115\n1116\n1117\n1118",
		"reverse the list [1, 2, 3] and write it backwards",
		"one two three four five six seven eight nine ten",
		`["alpha", "beta", "gamma1", "delta2", "epsilon3"]`,
		"x = [34, 45, 56, 67, 33, 41, 52, 38, 64, 71, 80]",
		"01000001 is A, 01000010 is B and 01000011 is C",
	} {
		found := values(classifierstest.Classify(t, set, text))
		found = slices.DeleteFunc(found, func(f classifiers.Finding) bool { return f.Hidden == 0 })
		if len(found) > 0 {
			t.Errorf("%q: %s", text, classifierstest.Show(text, found))
		}
	}
}

// A key that is whole by itself does not take the beginning of the next line with it.
func TestKeysAtLineEnds(t *testing.T) {
	set := newSet(t, standard.Options{})
	key := "sk_live_" + "hjd4BEeccaBGj65bhFGAi5f7"
	for _, next := range []string{
		"JWT_SECRET=springbok7", "DB_HOST=localhost", "region: eu-west-1", "    region: eu", "- name: shop", "DEBUG = True", "2024-01-02 started",
		"host1 port 22", "ENV A=b", "spring.jpa.x=1", "GITHUB_TOKEN=", "100%", "\nGROQ_KEY=abc", "export FOO=1", "thanks", "Thanks\nBob", "    please", "ok",
	} {
		text := "STRIPE_KEY=" + key + "\n" + next + "\n"
		found := classifierstest.Classify(t, set, text)
		i := slices.IndexFunc(found, func(f classifiers.Finding) bool { return strings.HasPrefix(f.Entity, "STRIPE") })
		if i < 0 || text[found[i].Start:found[i].End] != key {
			t.Errorf("%q: %s", text, classifierstest.Show(text, found))
		}
	}
}

// Zeros at the end of a line of base64 begin no token.
func TestZerosInBase64(t *testing.T) {
	set := newSet(t, standard.Options{})
	body := strings.Repeat("MIIDdzCCAl+gAwIBAgIEbGzVnzANBgkq", 2) + "\n" + strings.Repeat("A", 26) + "wQQYDVR0fBDowODA2oDSgMoYwaHR0cDovL2Ny\n" + strings.Repeat("QmFsdGltb3JlIEN5YmVyVHJ1c3QgUm9v", 2) + "\n"
	text := "-----BEGIN CERTIFICATE-----\n" + body + "-----END CERTIFICATE-----\n"
	for _, f := range classifierstest.Classify(t, set, text) {
		if f.Family == classifiers.Secret {
			t.Errorf("%s in %q", f.Rule, text[f.Start:f.End])
		}
	}
}

package standard_test

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

type hiding struct {
	name string
	hide func(string) string
}

// what six kinds of values are hidden by in TestWhatIsSeen.
var hidings = []hiding{
	{"mail [at] [dot]", spellMail("[at]", "[dot]")},
	{"mail (at) (dot)", spellMail("(at)", "(dot)")},
	{"mail ( at ) ( dot )", spellMail(" (at) ", " (dot) ")},
	{"mail at dot", spellMail(" at ", " dot ")},
	{"mail AT DOT", spellMail(" AT ", " DOT ")},
	{"mail {at} {dot}", spellMail("{at}", "{dot}")},
	{"mail <at> <dot>", spellMail("<at>", "<dot>")},
	{"mail -at- -dot-", spellMail("-at-", "-dot-")},
	{"mail _at_ _dot_", spellMail("_at_", "_dot_")},
	{"mail [@] [.]", spellMail("[@]", "[.]")},
	{"mail spaces", spellMail(" @ ", " . ")},
	{"mail (ät) (punkt)", spellMail("(ät)", "(punkt)")},
	{"mail at punkt", spellMail(" at ", " punkt ")},
	{"mail arobase point", spellMail(" arobase ", " point ")},
	{"mail [arobase] [point]", spellMail("[arobase]", "[point]")},
	{"mail arroba punto", spellMail(" arroba ", " punto ")},
	{"mail chiocciola punto", spellMail(" chiocciola ", " punto ")},
	{"mail arroba ponto", spellMail("(arroba)", "(ponto)")},
	{"mail apenstaartje punt", spellMail(" apenstaartje ", " punt ")},
	{"mail собака точка", spellMail(" собака ", " точка ")},
	{"mail małpa kropka", spellMail("(małpa)", "(kropka)")},
	{"mail at only", spellMail(" [at] ", ".")},
	{"mail at only plain", spellMail(" at ", ".")},
	{"css 2", codes("", `\%x `, "", "")},
	{"css 6", codes("", `\%06x`, "", "")},
	{"css 4", codes("", `\%04x`, "", "")},
	{"u+", codes("", "U+%04X", " ", "")},
	{"u+ commas", codes("", "U+%04X", ", ", "")},
	{"u+ none", codes("", "U+%04X", "", "")},
	{"xxd", xxd},
	{"xxd no text", xxdNoText},
	{"hexdump", hexdumpC},
	{"od", dumped(" %02x")},
	{"od -c", dumped("   %c")},
	{"od -b", dumped(" %03o")},
	{"xxd -p", func(s string) string { return lines(hex.EncodeToString([]byte(s)), 16) }},
	{"hex dashes", codes("", "%02x", "-", "")},
	{"hex commas", codes("", "%02x", ",", "")},
	{"hex 0x spaces", codes("", "0x%02x", " ", "")},
	{"hex 0x none", codes("", "0x%02x", "", "")},
	{"hex lines", codes("", "%02x", "\n", "")},
	{"hex underscores", codes("", "%02x", "_", "")},
	{"hex bars", codes("", "%02x", "|", "")},
	{"hex slashes", codes("", "%02x", "/", "")},
	{"hex h", codes("", "%02xh", ", ", "")},
	{"hex $", codes("", "$%02x", ",", "")},
	{"hex #", codes("", "#%02x", "", "")},
	{"hex x", codes("", "x%02x", "", "")},
	{"hex groups 4", func(s string) string { return groupsOf(4, " ")(hex.EncodeToString([]byte(s))) }},
	{"hex groups 4 colon", func(s string) string { return groupsOf(4, ":")(hex.EncodeToString([]byte(s))) }},
	{"hex groups 8", func(s string) string { return groupsOf(8, " ")(hex.EncodeToString([]byte(s))) }},
	{"uuid like", uuidlike},
	{"hex words", words32},
	{"hex quoted list", codes(`["`, "%02x", `", "`, `"]`)},
	{"hex quoted 0x list", codes(`["`, "0x%02x", `", "`, `"]`)},
	{"codes quoted list", codes(`["`, "%d", `", "`, `"]`)},
	{"bytes quoted binary", codes(`["`, "%08b", `", "`, `"]`)},
	{"base58", base58},
	{"big integer", func(s string) string { return new(big.Int).SetBytes([]byte(s)).String() }},
	{"base36", func(s string) string { return new(big.Int).SetBytes([]byte(s)).Text(36) }},
	{"base62", func(s string) string {
		return inBase(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
	}},
	{"base32hex", func(s string) string { return base32.HexEncoding.EncodeToString([]byte(s)) }},
	{"ascii85", a85},
	{"ascii85 adobe", func(s string) string { return "<~" + a85(s) + "~>" }},
	{"base85", base85(b85)},
	{"z85", base85(z85)},
	{"uuencode", uu},
	{"braille", braille},
	{"braille ascii lower", func(s string) string { return braille(strings.ToLower(s)) }},
	{"morse", morse},
	{"morse slashes", func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(morse(s), "/", ""), " ", "/") }},
	{"morse unicode", func(s string) string { return strings.NewReplacer(".", "•", "-", "−").Replace(morse(s)) }},
	{"nato", natoWords},
	{"nato lower", func(s string) string { return strings.ToLower(natoWords(s)) }},
	{"nato dashes", func(s string) string { return strings.ReplaceAll(natoWords(s), " ", "-") }},
	{"nato commas", func(s string) string { return strings.ReplaceAll(natoWords(s), " ", ", ") }},
	{"chars dash", chars("", "-", "")},
	{"chars underscore", chars("", "_", "")},
	{"chars slash", chars("", "/", "")},
	{"chars comma", chars("", ",", "")},
	{"chars comma space", chars("", ", ", "")},
	{"chars bar", chars("", "|", "")},
	{"chars bars spaced", chars("| ", " | ", " |")},
	{"chars star", chars("", "*", "")},
	{"chars colon", chars("", ":", "")},
	{"chars plus", chars("", "+", "")},
	{"chars tilde", chars("", "~", "")},
	{"chars middle dot", chars("", "·", "")},
	{"chars two spaces", chars("", "  ", "")},
	{"chars dash spaced", chars("", " - ", "")},
	{"chars newline", chars("", "\n", "")},
	{"chars blank lines", chars("", "\n\n", "")},
	{"chars bullets", chars("- ", "\n- ", "")},
	{"chars semicolon", chars("", ";", "")},
	{"chars arrow", chars("", " -> ", "")},
	{"chars dots", chars("", ".", "")},
	{"chars ellipsis", chars("", "...", "")},
	{"chars ellipsis1", chars("", "…", "")},
	{"chars tab", chars("", "\t", "")},
	{"chars equals", chars("", "=", "")},
	{"chars hash", chars("", "#", "")},
	{"chars percent", chars("", "%", "")},
	{"chars numbered", func(s string) string {
		var b strings.Builder
		for i, c := range s {
			fmt.Fprintf(&b, "%d. %c\n", i+1, c)
		}
		return b.String()
	}},
	{"chars numbered inline", func(s string) string {
		var b strings.Builder
		for i, c := range s {
			fmt.Fprintf(&b, "%d:%c ", i+1, c)
		}
		return b.String()
	}},
	{"pairs dash", groupsOf(2, "-")},
	{"pairs space", groupsOf(2, " ")},
	{"fours space", groupsOf(4, " ")},
	{"fours dash", groupsOf(4, "-")},
	{"threes dot", groupsOf(3, ".")},
	{"fours slash", groupsOf(4, "/")},
	{"fours underscore", groupsOf(4, "_")},
	{"fours comma", groupsOf(4, ", ")},
	{"fours bar", groupsOf(4, "|")},
	{"rot47", rot47},
	{"rot47 told", func(s string) string { return "rot47: " + rot47(s) }},
	{"atbash told", func(s string) string { return "atbash: " + atbash(s) }},
	{"atbash", atbash},
	{"caesar 3 told", func(s string) string { return "caesar cipher, shift 3: " + caesar(3)(s) }},
	{"caesar 3", caesar(3)},
	{"rot13 told", func(s string) string { return "rot13: " + rot13(s) }},
	{"octal codes", codes("", "%03o", " ", "")},
	{"octal 0o", codes("", "0o%o", ", ", "")},
	{"binary 0b", codes("", "0b%08b", ", ", "")},
	{"binary 7", codes("", "%07b", " ", "")},
	{"binary nibbles", func(s string) string { return groupsOf(4, " ")(codes("", "%08b", "", "")(s)) }},
	{"binary commas", codes("", "%08b", ",", "")},
	{"binary lines", codes("", "%08b", "\n", "")},
	{"codes spaces", codes("", "%d", " ", "")},
	{"codes commas", codes("", "%d", ",", "")},
	{"codes dashes", codes("", "%d", "-", "")},
	{"codes lines", codes("", "%d", "\n", "")},
	{"codes 3 digits", codes("", "%03d", "", "")},
	{"sql char", codes("", "CHAR(%d)", " || ", "")},
	{"vba chr", codes("", "Chr(%d)", " & ", "")},
	{"ps char", codes("", "[char]%d", "+", "")},
	{"ps char spaced", codes("", "[char]%d", " + ", "")},
	{"ps char hex", codes("", "[char]0x%02x", "+", "")},
	{"fromCharCode", codes("String.fromCharCode(", "%d", ",", ")")},
	{"fromCharCode each", codes("", "String.fromCharCode(%d)", "+", "")},
	{"fromCharCode hex", codes("String.fromCharCode(", "0x%x", ",", ")")},
	{"chr hex", codes("", "chr(0x%x)", "+", "")},
	{"vars python", inVars("a = \"%s\"\nb = \"%s\"\nprint(a + b)")},
	{"vars one line", inVars(`a = "%s"; b = "%s"; a + b`)},
	{"vars js", inVars("const a = \"%s\";\nconst b = \"%s\";\nconsole.log(a + b);")},
	{"vars template", inVars("const a = \"%s\";\nconst b = \"%s\";\nfetch(`${a}${b}`);")},
	{"vars fstring", inVars("first = \"%s\"\nsecond = \"%s\"\nkey = f\"{first}{second}\"")},
	{"vars shell", inVars("A=\"%s\"\nB=\"%s\"\nexport K=\"$A$B\"")},
	{"vars shell braces", inVars("A=\"%s\"\nB=\"%s\"\nexport K=${A}${B}")},
	{"vars swapped", func(s string) string {
		h := len(s) / 2
		return fmt.Sprintf("a = \"%s\"\nb = \"%s\"\nprint(b + a)", esc(s[h:]), esc(s[:h]))
	}},
	{"vars go", inVars("a := \"%s\"\nb := \"%s\"\nuse(a + b)")},
	{"vars plus equals", inVars("k = \"%s\"\nk += \"%s\"")},
	{"vars plus equals spread", inVars("k = \"%s\"\nprint('x')\nk += \"%s\"\nsend(k)")},
	{"vars apart", inVars("a = \"%s\"\nfor i in range(3):\n    print(i)\nb = \"%s\"\nuse(a + b)")},
	{"vars join", inVars("a = \"%s\"\nb = \"%s\"\nuse(''.join([a, b]))")},
	{"vars concat", inVars("a = \"%s\"\nb = \"%s\"\na.concat(b)")},
	{"vars php", inVars("$a = \"%s\";\n$b = \"%s\";\necho $a . $b;")},
	{"vars mixed", inVars("a = \"%s\"\nuse(a + \"%s\")")},
	{"vars dict", inVars("{\"p1\": \"%s\", \"p2\": \"%s\"}")},
	{"vars yaml", inVars("part1: \"%s\"\npart2: \"%s\"")},
	{"prose parts", inVars("The first half is %s and the second half is %s.")},
	{"prose parts 2", inVars("first part: %s, second part: %s")},
	{"join call", func(s string) string { return apart(5, `"".join(["`, `","`, `"])`)(s) }},
	{"array join", func(s string) string { return apart(5, `["`, `","`, `"].join("")`)(s) }},
	{"concat call", apart(5, `concat("`, `", "`, `")`)},
	{"concat methods", apart(5, `"`, `".concat("`, `")`)},
	{"append", apart(5, `sb.append("`, `").append("`, `")`)},
	{"append lines", apart(5, `sb.append("`, "\");\nsb.append(\"", `");`)},
	{"format", func(s string) string {
		h := len(s) / 2
		return fmt.Sprintf(`"%%s%%s" %% ("%s", "%s")`, esc(s[:h]), esc(s[h:]))
	}},
	{"ps format", func(s string) string {
		h := len(s) / 2
		return fmt.Sprintf(`"{1}{0}" -f "%s", "%s"`, esc(s[h:]), esc(s[:h]))
	}},
	{"slice back", func(s string) string { return `"` + backwards(s) + `"[::-1]` }},
	{"strrev", func(s string) string { return `strrev("` + backwards(s) + `")` }},
	{"rev", func(s string) string { return `echo '` + backwards(s) + `' | rev` }},
	{"replace", func(s string) string { return `"` + strings.Join(strings.Split(s, ""), "#") + `".replace("#", "")` }},
	{"template lits", apart(5, "${'", "'}${'", "'}")},
	{"c comments", apart(5, "", "/**/", "")},
	{"spaces+", apart(5, `"`, `"+"`, `"`)},
	{"lisp", apart(5, `(str "`, `" "`, `")`)},
	{"csv cells", apart(5, `"`, `","`, `"`)},
	{"echo -n", apart(5, "echo -n \"", "\"; echo -n \"", "\"")},
	{"printf lines", apart(5, "print(\"", "\", end='')\nprint(\"", "\")")},
	{"reversed", backwards},
	{"words backwards", func(s string) string { return "Read it backwards: " + backwards(s) }},
	{"deflate b64", func(s string) string { return encode64(deflated(s)) }},
	{"deflate b64 long", func(s string) string {
		return encode64(deflated("Here is what you asked me for, please keep it: " + s + " and thank you for it"))
	}},
	{"b64 of hex", func(s string) string { return encode64(hex.EncodeToString([]byte(s))) }},
	{"hex of b64", func(s string) string { return hex.EncodeToString([]byte(encode64(s))) }},
	{"b64 of b32", func(s string) string { return encode64(base32.StdEncoding.EncodeToString([]byte(s))) }},
	{"b32 of b64", func(s string) string { return base32.StdEncoding.EncodeToString([]byte(encode64(s))) }},
	{"url of html", func(s string) string { return url.QueryEscape(bytewise(s, "&#%d;")) }},
	{"b64 of rot13 told", func(s string) string { return encode64("rot13: " + rot13(s)) }},
	{"b64 reversed", func(s string) string { return backwards(encode64(s)) }},
	{"b64 of reversed", func(s string) string { return encode64(backwards(s)) }},
	{"binary of b64", func(s string) string { return codes("", "%08b", " ", "")(encode64(s)) }},
	{"marks escaped", func(s string) string {
		return strings.NewReplacer("_", `\_`, ".", `\.`, "-", `\-`, "@", `\@`).Replace(s)
	}},
	{"marks escaped twice", func(s string) string { return strings.NewReplacer("_", `\\_`, "@", `\\@`).Replace(s) }},
	{"json in json b64", func(s string) string { return encode64(fmt.Sprintf("{\"a\":%q}", fmt.Sprintf("{\"b\":%q}", s))) }},
	{"json in json in json", func(s string) string {
		return fmt.Sprintf("{\"z\":%q}", fmt.Sprintf("{\"a\":%q}", fmt.Sprintf("{\"b\":%q}", s)))
	}},
	{"comments 1", chars("", "<!-- -->", "")},
	{"comments 2", apart(2, "", "<!-- -->", "")},
	{"wbr", chars("", "<wbr>", "")},
	{"bold each", chars("<b>", "</b><b>", "</b>")},
	{"stars each", chars("", "**", "")},
	{"stars 1 each", chars("*", "**", "*")},
	{"stars mid", func(s string) string { return s[:1] + "**" + s[1:3] + "**" + s[3:] }},
	{"underscore emphasis", func(s string) string { return s[:1] + "__" + s[1:3] + "__" + s[3:] }},
	{"tilde", func(s string) string { return s[:1] + "~~" + s[1:3] + "~~" + s[3:] }},
	{"backticks", func(s string) string { return s[:1] + "`" + s[1:3] + "`" + s[3:] }},
	{"shy entity", chars("", "&shy;", "")},
	{"zwsp entity", chars("", "&#8203;", "")},
	{"zwsp escape", chars("", `\u200b`, "")},
	{"zwsp percent", chars("", "%E2%80%8B", "")},
	{"brackets each", chars("[", "][", "]")},
	{"parens each", chars("(", ")(", ")")},
	{"braces each", chars("{", "}{", "}")},
	{"emoji each", chars("", "🙂", "")},
	{"backslash each", chars(`\`, `\`, "")},
	{"caret each", chars("", "^", "")},
	{"backtick each", chars("", "`", "")},
	{"shell empty", apart(4, "", "$()", "")},
	{"shell quotes", apart(4, "", `""`, "")},
	{"shell at", apart(4, "", "$@", "")},
	{"selectors bytes", selectors},
	{"zero bits", zeroBits},
	{"accents", accents.Replace},
	{"regional", regional},
	{"kanji", kanji.Replace},
	{"names", names},
	{"b64 groups 4", func(s string) string { return groupsOf(4, " ")(encode64(s)) }},
	{"b64 groups 8", func(s string) string { return groupsOf(8, " ")(encode64(s)) }},
	{"b64 dash groups", func(s string) string { return groupsOf(4, "-")(encode64(s)) }},
	{"b64 dots", func(s string) string { return groupsOf(4, ".")(encode64(s)) }},
	{"b64 shifted", func(s string) string { return "x" + encode64(s) }},
	{"b64 lines quoted", func(s string) string { return "> " + strings.ReplaceAll(lines(encode64(s), 12), "\n", "\n> ") }},
	{"b64 comma list", func(s string) string { return groupsOf(4, ", ")(encode64(s)) }},
	{"b64 utf16be", func(s string) string { return base64.StdEncoding.EncodeToString(wideFirst(s)) }},
	{"utf7", func(s string) string { return "+" + base64.RawStdEncoding.EncodeToString(wideFirst(s)) + "-" }},
	{"hex utf16", func(s string) string { return hex.EncodeToString([]byte(wide(s))) }},
	{"plus spaces", func(s string) string { return strings.ReplaceAll(s, " ", "+") }},
	{"dots digits", func(s string) string { return strings.ReplaceAll(s, " ", ".") }},
	{"number words dashed", numberWords("zero one two three four five six seven eight nine", "-")},
	{"number words commas", numberWords("zero one two three four five six seven eight nine", ", ")},
	{"number words lines", numberWords("zero one two three four five six seven eight nine", "\n")},
	{"number words glued", numberWords("Zero One Two Three Four Five Six Seven Eight Nine", "")},
	{"number words polish", numberWords("zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć", " ")},
	{"number words russian", numberWords("ноль один два три четыре пять шесть семь восемь девять", " ")},
	{"number words swedish", numberWords("noll ett två tre fyra fem sex sju åtta nio", " ")},
	{"number words turkish", numberWords("sıfır bir iki üç dört beş altı yedi sekiz dokuz", " ")},
}

// The values, each of its kind; none is anyone's.
var oneOfEach = []struct{ name, entity, value string }{
	{"key", "AWS_ACCESS_TOKEN", "AKIA" + "Q3EGU7ZP4MXWN2LV"},
	{"card", "CREDIT_CARD", "4539148803436467"},
	{"mail", "EMAIL_ADDRESS", "nadia.weber@brightfield.example"},
	{"iban", "IBAN_CODE", "DE89370400440532013000"},
	{"token", "GITHUB_PAT", "ghp_" + "x7Kq2mPv9Rt4Wz8Yb3Nc6Jd1Lf5Gh0SaQeUi"},
	{"password", "", `password = "kV9#mQ2xR7!pL4z"`},
}

// TestWhatIsSeen hides one value of each kind by everything in the lists. What is seen
// is gone once it is redacted; what is not stands in unseen with its reason, and nothing
// else does.
func TestWhatIsSeen(t *testing.T) {
	set := newSet(t, standard.Options{})
	all := slices.Concat(hidings, layouts)
	for _, d := range disguises {
		all = append(all, hiding{d.name, d.hide})
	}
	for _, d := range readings {
		if !strings.HasPrefix(d.name, "digits") { // of cards alone: TestReadings
			all = append(all, hiding{"put together: " + d.name, d.hide})
		}
	}
	tried := map[string]bool{}
	for _, d := range all {
		missed := ""
		for _, v := range oneOfEach {
			hidden := d.hide(v.value)
			if hidden == v.value {
				continue
			}
			seen := true
			for _, carrier := range []string{"%s", "Please read this: %s and tell me what it is.", "Her details:\n%s\n"} {
				text := fmt.Sprintf(carrier, hidden)
				is := func(f classifiers.Finding) bool {
					return f.Entity == v.entity || v.entity == "" && f.Family == classifiers.Secret
				}
				found := slices.DeleteFunc(classifierstest.Classify(t, set, text), func(f classifiers.Finding) bool { return !is(f) })
				seen = seen && len(found) > 0
				left, end := "", 0
				for _, f := range found {
					if f.Start >= end {
						left += text[end:f.Start] + "[gone]"
					}
					end = max(end, f.End)
				}
				left += text[end:]
				if again := classifierstest.Classify(t, set, left); slices.ContainsFunc(again, is) {
					t.Errorf("%s: %q: still there in %q", d.name, text, left)
				}
			}
			if !seen {
				missed += " " + v.name
			}
		}
		if tried[d.name] {
			t.Errorf("%s: twice in the lists", d.name)
		}
		tried[d.name] = true
		if want := unseen[d.name].values; strings.TrimSpace(missed) != want {
			t.Errorf("%q: {%q, ...}, want %q", d.name, strings.TrimSpace(missed), want)
		}
	}
	for name, u := range unseen {
		if !tried[name] || u.why == "" {
			t.Errorf("%s: in no list, or without a reason", name)
		}
	}
}

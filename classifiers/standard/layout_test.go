package standard_test

import (
	"fmt"
	"regexp"
	"strings"
)

// What people, editors and programs do to a text that they lay out, or tell in pieces, and
// that TestWhatIsSeen tries beside hidings.
var layouts = []hiding{
	{"lines numbered with bars", framedBy("%3d | %s")},
	{"lines of a list in HTML", framedBy("<li id=\"%d\">%s</li>")},
	{"rows of a table in HTML", framedBy("<tr><td>%d</td><td>%s</td></tr>")},
	{"lines found by grep", framedBy("notes.txt:%d:%s")},
	{"lines of a log", framedBy("12:00:%02d INFO %s")},
	{"lines of a spreadsheet", framedBy("%d\t%s")},
	{"lines of a box", framedBy("│ %d │ %-7s │")},
	{"remarks of a batch file", framedBy("REM %d %s")},
	{"lines added to a builder", apart(7, "sb.append(\"", "\");\nsb.append(\"", "\");")},
	{"lines added to a text", apart(7, "k += \"", "\"\nk += \"", "\"")},
	{"lines of a patch", apart(7, "-", "\n-", "")},
	{"lines of a chat", apart(7, "Bob: ", "\nBob: ", "")},
	{"list of code", apart(7, "- `", "`\n- `", "`")},
	{"groups with <br>", apart(5, "", "<br>", "")},
	{"groups with empty quotes", apart(4, "", "''", "")},
	{"groups with carets", apart(3, "", "^", "")},
	{"groups with footnotes", apart(6, "", "[^1]", "")},
	{"groups with allowbreak", apart(6, "", `\allowbreak `, "")},
	{"groups with \\-", apart(6, "", `\-`, "")},
	{"groups with arrows", apart(5, "", "->", "")},
	{"groups with dots", apart(5, "", "...", "")},
	{"groups with empty brackets", apart(5, "", "[]", "")},
	{"groups with variables", apart(5, "", "${x}", "")},
	{"groups with bars", apart(4, "", " | ", "")},
	{"sed", apart(3, "echo '", "#", "' | sed 's/#//g'")},
	{"split and joined", apart(4, `"".join("`, "-_-", `".split("-_-"))`)},
	{"b64 with stars", func(s string) string { return groupsOf(4, "*")(encode64(s)) }},
	{"halves: then add", inHalves("It starts with %s, then add %s at the end.")},
	{"halves: followed by", inHalves("%s followed by %s")},
	{"halves: quoted", inHalves("the first half is \"%s\" and the second half is \"%s\"")},
	{"halves: code", inHalves("the first half is `%s` and the second half is `%s`")},
	{"halves: lines", inHalves("Part A: %s\nPart B: %s")},
	{"halves: of two", inHalves("Part 1/2: %s\nPart 2/2: %s")},
	{"halves: concatenate", inHalves("concatenate %s and %s")},
	{"halves: suffix", inHalves("prefix: %s\nsuffix: %s")},
	{"halves: German", inHalves("die erste Hälfte ist %s und die zweite Hälfte %s")},
	{"halves: French", inHalves("la première moitié est %s, la seconde %s")},
	{"halves: plus", inHalves("%s plus %s")},
	{"halves: arrow", inHalves("%s -> %s")},
	{"shell names", inHalves("A=%s\nB=%s\necho $A$B")},
	{"batch names", inHalves("set A=%s\r\nset B=%s\r\necho %%A%%%%B%%")},
	{"shell name added to", inHalves("K=%s\nK+=%s")},
	{"macros", inHalves("#define A \"%s\"\n#define B \"%s\"\nputs(A B);")},
	{"cells of a row", inHalves("| a | b |\n|---|---|\n| %s | %s |")},
	{"two names in JSON", inHalves(`{"a": "%s", "b": "%s"}`)},
	{"cookies", inHalves("Cookie: k.0=%s; k.1=%s")},
	{"perl q", inHalves("q{%s} . q{%s}")},
	{"empty template", inHalves("`%s${\"\"}%s`")},
	{"concatenate in a sheet", inHalves(`=CONCATENATE("%s";"%s")`)},
	{"basic line continued", inHalves("\"%s\" & _\n    \"%s\"")},
	{"each twice", func(s string) string { return regexp.MustCompile(`.`).ReplaceAllString(s, "$0$0") }},
	{"each with an x", func(s string) string { return regexp.MustCompile(`.`).ReplaceAllString(s, "${0}x") }},
	{"in a word", func(s string) string { return "abc" + s + "xyz" }},
	{"hyphens of a page", apart(12, "", "-\n", "")},
	{"overstruck", func(s string) string { return regexp.MustCompile(`.`).ReplaceAllString(s, "$0\b$0") }},
	{"octal with a zero", codes("", `\0%o`, "", "")},
	{"upper case", strings.ToUpper},
	{"b64 other case", func(s string) string { return swapCase(encode64(s)) }},
	{"small capitals", smallCapitals.Replace},
}

// inHalves writes the two halves of a text as they are.
func inHalves(format string) func(string) string {
	return func(s string) string { return fmt.Sprintf(format, s[:len(s)/2], s[len(s)/2:]) }
}

// framedBy writes seven characters a line behind its number.
func framedBy(format string) func(string) string {
	return func(s string) string {
		var lines []string
		for i := 0; i < len(s); i += 7 {
			lines = append(lines, fmt.Sprintf(format, i/7+1, s[i:min(i+7, len(s))]))
		}
		return strings.Join(lines, "\n")
	}
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if r|0x20 >= 'a' && r|0x20 <= 'z' {
			return r ^ 0x20
		}
		return r
	}, s)
}

var smallCapitals = strings.NewReplacer("a", "ᴀ", "b", "ʙ", "c", "ᴄ", "d", "ᴅ", "e", "ᴇ", "g", "ɢ", "h", "ʜ", "i", "ɪ", "n", "ɴ", "r", "ʀ", "t", "ᴛ", "w", "ᴡ")

package secrets

import (
	"bytes"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// behindName returns where the value begins that is assigned to the name
// ending at end, and how it stands there.
func behindName(text string, start, end int) (int, valueForm, bool) {
	i, quoted := end, false
	if i < len(text) && text[i] == '[' { // char token[24] =
		if n := ascii.Digit.Run(text, i+1, 6); n < len(text) && text[n] == ']' {
			i = n + 1
		}
	}
	for n := 0; n < 4; n++ { // config["token"], "token":, \"token\":
		if _, width := quoteAt(text, i); width > 0 {
			i += width
			quoted = true
		} else if i < len(text) && (text[i] == ']' || text[i] == ')' || text[i] == '*' || text[i] == '?' || text[i] == '!') {
			i++
		} else {
			break
		}
	}
	gap := spaces.Run(text, i, 24)
	if gap >= len(text) {
		return 0, 0, false
	}
	if shown := defaultShown(text, gap); shown > gap && gap > i {
		return valueBehind(text, shown, true, false)
	}
	rest := text[gap:]
	switch n := operator(text, gap); {
	case rest[0] == ',':
		return valueBehind(text, gap+1, quoted, true)
	case rest[0] == '>':
		if text[max(start-1, 0)] != '<' && !strings.HasPrefix(text[max(ascii.Ident.Back(text, start, maxName)-1, 0):], "<") {
			return 0, 0, false
		}
		if gap++; strings.HasPrefix(text[gap:], "<Value>") { // of Windows' answer files
			gap += len("<Value>")
		}
		return gap, formBare, true
	case n > 0:
		if strings.HasPrefix(rest, ":?") && strings.HasSuffix(text[:ascii.Ident.Back(text, start, maxName)], "${") { // a shell's message
			return 0, 0, false
		}
		if rest[0] == ':' && n == 1 {
			gap = annotation(text, gap)
		}
		return valueBehind(text, gap+n, true, false)
	case quoted && (strings.HasPrefix(rest, "->") || strings.HasPrefix(rest, "to ")): // of Scala and Kotlin
		return valueBehind(text, gap+2, true, true)
	case strings.HasPrefix(rest, "!="), strings.HasPrefix(rest, "+="), strings.HasPrefix(rest, "<-"):
		return valueBehind(text, gap+2, true, true)
	case rest[0] == '(':
		if value, form, ok := valueBehind(text, gap+1, true, true); ok || gap == i {
			return value, form, ok
		}
	}
	if gap == i {
		return 0, 0, false
	}
	flag := ascii.Ident.Back(text, start, maxName)
	if text[flag] == '-' { // --token value; dashes belong to an identifier
		return gap, formBare, true
	}
	if _, width := quoteAt(text, gap); width > 0 && judgeName(text[flag:end], "") >= nameSecret { // SQL: PASSWORD 'value'
		return gap, formQuoted, true
	}
	return inProse(text, gap)
}

// defaultShown steps over what a command shows of the value that it asks for, and the
// colon: "AWS Secret Access Key [None]: ".
func defaultShown(text string, i int) int {
	if text[i] != '[' {
		return i
	}
	end := shownClass.Run(text, i+1, 32)
	if !strings.HasPrefix(text[end:], "]: ") || end == i+1 {
		return i
	}
	return end + len("]: ")
}

var shownClass = ascii.Of(ascii.Alnums + "*/")

// inProse returns the value behind a name in a sentence or a table: "key is
// value", "key for staging: value", "key value".
func inProse(text string, i int) (int, valueForm, bool) {
	end := proseClass.Run(text, i, maxProse)
	form, told := formLoose, false
	if end+1 < len(text) && (text[end] == ':' || text[end] == '=') && !strings.HasPrefix(text[end:], "://") {
		i, form = end+1, formProse
	} else if strings.HasPrefix(text[i:], "is ") {
		i, form, told = i+3, formProse, true
	}
	i = spaces.Run(text, i, 8)
	if form == formLoose && i < len(text) && text[i] == '(' {
		i++
	}
	if closing, width := quoteAt(text, i); width > 0 {
		if n := bareClass.Run(text, i+width, maxPassword); told && n-i-width >= 5 && strings.HasPrefix(text[n:], closing) &&
			!strings.ContainsAny(text[i+width:n], ascii.Digits) {
			return i, formTold, true
		}
		i += width
	}
	value := text[i:bareClass.Run(text, i, maxPassword)]
	return i, form, len(value) >= 8 && strings.ContainsAny(value, ascii.Digits)
}

// maxProse bounds the words between a name and the colon in front of its value.
const maxProse = 24

var proseClass = ascii.Of(ascii.Alnums + " ")

// annotation steps over a type between the colon at i and an equal sign, as in
// "token: string = ", and returns the place of the operator in front of the
// value.
func annotation(text string, i int) int {
	j := typeClass.Run(text, i+1, 32)
	if j < len(text) && text[j] == '=' && j > i+2 && !strings.HasPrefix(text[j:], "==") && !strings.HasPrefix(text[j:], "=>") && strings.TrimSpace(text[i+1:j]) != "" {
		return j
	}
	return i
}

var typeClass = ascii.Of(ascii.Alnums + "_.&*?|<>[] '\t")

// valueBehind steps from behind an operator to the value: over space, one line
// break, brackets of lists, string prefixes and the name of a wrapping call
// such as aws.String(. Where quotesOnly holds, only a quoted value counts.
func valueBehind(text string, i int, ok, quotesOnly bool) (int, valueForm, bool) {
	if !ok {
		return 0, 0, false
	}
	for i < len(text) && (text[i] == '=' || text[i] == '>' || text[i] == '~') {
		i++
	}
	if i > 0 && text[i-1] == ':' && strings.HasPrefix(text[i:], "** ") { // **Password:** of Markdown
		i += 2
	}
	i = spaces.Run(text, i, 16)
	if block, ok := blockScalar(text, i); ok && !quotesOnly {
		return block, formBare, true
	}
	line := i
	if i < len(text) && (text[i] == '\n' || text[i] == '\r') {
		i = blank.Run(text, i, 80)
		quotesOnly = true
	}
	at := i
	for n := 0; n < 3 && at < len(text); n++ {
		if _, width := quoteAt(text, at); width > 0 {
			return at, formQuoted, true
		}
		if text[at] == '[' || text[at] == '(' || text[at] == '{' {
			at = blank.Run(text, at+1, 40)
			continue
		}
		word := ascii.Ident.Run(text, at, maxName)
		if word == at || word >= len(text) {
			break
		}
		if _, width := quoteAt(text, word); width > 0 && word-at <= 2 && text[at] != 'f' { // b"", r"", u""
			return word, formQuoted, true
		}
		if text[word] == '(' && !lookup(text[at:word]) {
			at = word + 1
			continue
		}
		break
	}
	if quotesOnly || line >= len(text) {
		return 0, 0, false
	}
	return line, formBare, true
}

// blockScalar steps over the sign of a block in YAML (YAML 1.2, section 8.1) at i to its
// first line, when that is one word.
func blockScalar(text string, i int) (int, bool) {
	if i == 0 || i >= len(text) || text[i] != '|' && text[i] != '>' || text[i-1] != ' ' {
		return 0, false
	}
	i = blockSigns.Run(text, i+1, 2)
	if i >= len(text) || text[i] != '\n' {
		return 0, false
	}
	i = spaces.Run(text, i+1, 32)
	end := i
	for end < len(text) && end-i < maxValue && !blank.Has(text[end]) {
		end++
	}
	return i, end > i && text[i-1] != '\n' && endsLine(text, end)
}

var blockSigns = ascii.Of("+-" + ascii.Digits)

// lookup reports whether a call named so gives the value that its argument
// names, instead of wrapping it.
func lookup(call string) bool {
	var room [maxName]byte
	c := appendLower(room[:0], call)
	for _, w := range lookups {
		if bytes.Contains(c, w) {
			return true
		}
	}
	return string(c) == "t" || string(c) == "_" || endsWith(c, ".t")
}

// lookups are pieces of the names of calls that look a value up.
var lookups = bytes.Fields([]byte("env get find config lookup read load prompt input open path format print param header query select require import fetch exists has label text gettext translate log error"))

var backslashes = ascii.Of(`\`)

// quoteAt returns the quotation mark at i that opens or closes a string, in
// the ways of code, of strings in strings, of HTML and of word processors: the
// mark that closes it, and its width. A width of 0 says that there is none.
func quoteAt(text string, i int) (closing string, width int) {
	if i >= len(text) {
		return "", 0
	}
	switch c := text[i]; c {
	case '"', '\'', '`':
		return text[i : i+1], 1
	case '\\': // escaped, once for each string that it is in
		end := backslashes.Run(text, i, 8)
		if end < len(text) && (text[end] == '"' || text[end] == '\'') {
			return text[i : end+1], end + 1 - i
		}
	case '&':
		for _, q := range []string{"&quot;", "&#34;", "&#39;", "&apos;"} {
			if strings.HasPrefix(text[i:], q) {
				return q, len(q)
			}
		}
	case 0xE2:
		for _, q := range [...][2]string{{"‘", "’"}, {"“", "”"}, {"’", "’"}, {"”", "”"}} {
			if strings.HasPrefix(text[i:], q[0]) {
				return q[1], len(q[0])
			}
		}
	}
	return "", 0
}

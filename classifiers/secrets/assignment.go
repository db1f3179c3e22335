package secrets

import (
	"bytes"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// assignment reads what is assigned to the identifier around the hit: the
// generic rule. It knows the assignments of code, shells, JSON, YAML, ini
// files, URLs, XML, SQL and command lines, and calls like setToken("...").
// What stands there is judged by its shape, see judgeValue.
func (s *scan) assignment(h classifiers.Hit) {
	text := s.text
	if h.End <= s.nameEnd {
		return // in the identifier that was read last
	}
	end := identClass.run(text, h.End, maxName)
	for end > h.End && (text[end-1] == '.' || text[end-1] == '-') {
		end--
	}
	s.nameEnd = end
	start := identClass.back(text, h.Start, maxName)
	form := formCompared
	name, value, ok := comparison(text, span{start, end})
	if !ok {
		form = formLiteral
		value, ok = literalBehind(text, name)
	}
	if !ok {
		value, form, ok = behindName(text, h.Start, end)
		prose := ok && (form == formProse || form == formLoose) && !quotedAt(text, value)
		if (!ok || prose || form == formBare && credentials(text[start:end])) && s.tellNamed(text[start:end], end) && prose {
			return
		}
		if !ok {
			if k := judgeName(text[start:end], wordBefore(text, start)); k == namePassword || k == nameSecret {
				s.column(span{start, end}, k)
			}
			return
		}
	}
	kind := judgeName(text[name.start:name.end], wordBefore(text, start))
	if form == formLoose {
		// "stored account key ABC": without even a colon only a name that says
		// by itself that it is secret counts.
		if kind != nameNone {
			kind = judgeName(text[name.start:name.end], "")
		}
		form = formProse
	}
	if kind == nameNone || form == formProse && kind == nameKey {
		s.drop(ruleGeneric, span{start, end}, whyName)
		return
	}
	switch words := kind == namePassword || kind == nameSecret && secretWord(text[name.start:name.end]); {
	case words && (form == formBare || form == formQuoted) && literalLine(text, name, value):
		form = formLiteral
	case !words && (form == formLiteral || form == formCompared):
		form = formBare // in quotes, it becomes formQuoted
	}
	s.value(value, kind, form)
}

func quotedAt(text string, i int) bool {
	_, width := quoteAt(text, i)
	return width > 0
}

// secretWord reports whether a name ends in the word itself, or in its key: a
// program compares a token with the words of a grammar too, a secret only with the
// secret.
func secretWord(name string) bool {
	var room [maxName]byte
	lower := appendLower(room[:0], name)
	return endsWith(lower, "secret") || endsWith(lower, "secret_key") || endsWith(lower, "secretkey")
}

// wordBefore returns the word that a single space separates from
// the identifier at start, as in "API key".
func wordBefore(text string, start int) string {
	if start < 2 || text[start-1] != ' ' {
		return ""
	}
	from := letterClass.back(text, start-1, 16)
	return text[from : start-1]
}

// behindName returns where the value begins that is assigned to the name
// ending at end, and how it stands there.
func behindName(text string, start, end int) (int, valueForm, bool) {
	i, quoted := end, false
	if i < len(text) && text[i] == '[' { // char token[24] =
		if n := digitClass.run(text, i+1, 6); n < len(text) && text[n] == ']' {
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
	gap := spaces.run(text, i, 24)
	if gap >= len(text) {
		return 0, 0, false
	}
	rest := text[gap:]
	switch n := operator(text, gap); {
	case rest[0] == ',':
		return valueBehind(text, gap+1, quoted, true)
	case rest[0] == '>':
		if text[max(start-1, 0)] != '<' && !strings.HasPrefix(text[max(identClass.back(text, start, maxName)-1, 0):], "<") {
			return 0, 0, false
		}
		return gap + 1, formBare, true
	case n > 0:
		if rest[0] == ':' && n == 1 {
			gap = annotation(text, gap)
		}
		return valueBehind(text, gap+n, true, false)
	case strings.HasPrefix(rest, "!="), strings.HasPrefix(rest, "+="), strings.HasPrefix(rest, "<-"):
		return valueBehind(text, gap+2, true, true)
	case rest[0] == '(':
		return valueBehind(text, gap+1, true, true)
	}
	if gap == i {
		return 0, 0, false
	}
	flag := identClass.back(text, start, maxName)
	if text[flag] == '-' { // --token value; dashes belong to an identifier
		return gap, formBare, true
	}
	if _, width := quoteAt(text, gap); width > 0 && judgeName(text[flag:end], "") >= nameSecret { // SQL: PASSWORD 'value'
		return gap, formQuoted, true
	}
	return inProse(text, gap)
}

// inProse returns the value behind a name in a sentence or a table: "key is
// value", "key for staging: value", "key value".
func inProse(text string, i int) (int, valueForm, bool) {
	end := proseClass.run(text, i, maxProse)
	form, told := formLoose, false
	if end+1 < len(text) && (text[end] == ':' || text[end] == '=') && !strings.HasPrefix(text[end:], "://") {
		i, form = end+1, formProse
	} else if strings.HasPrefix(text[i:], "is ") {
		i, form, told = i+3, formProse, true
	}
	i = spaces.run(text, i, 8)
	if closing, width := quoteAt(text, i); width > 0 {
		if n := bareClass.run(text, i+width, maxPassword); told && n-i-width >= 5 && strings.HasPrefix(text[n:], closing) &&
			!strings.ContainsAny(text[i+width:n], digits) {
			return i, formTold, true
		}
		i += width
	}
	value := text[i:bareClass.run(text, i, maxPassword)]
	return i, form, len(value) >= 8 && strings.ContainsAny(value, digits)
}

// maxProse bounds the words between a name and the colon in front of its value.
const maxProse = 24

var proseClass = of(lowers + uppers + digits + " ")

// annotation steps over a type between the colon at i and an equal sign, as in
// "token: string = ", and returns the place of the operator in front of the
// value.
func annotation(text string, i int) int {
	j := typeClass.run(text, i+1, 32)
	if j < len(text) && text[j] == '=' && j > i+2 && !strings.HasPrefix(text[j:], "==") && !strings.HasPrefix(text[j:], "=>") && strings.TrimSpace(text[i+1:j]) != "" {
		return j
	}
	return i
}

var typeClass = of(lowers + uppers + digits + "_.&*?|<>[] '\t")

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
	i = spaces.run(text, i, 16)
	line := i
	if i < len(text) && (text[i] == '\n' || text[i] == '\r') {
		i = blank.run(text, i, 80)
		quotesOnly = true
	}
	at := i
	for n := 0; n < 3 && at < len(text); n++ {
		if _, width := quoteAt(text, at); width > 0 {
			return at, formQuoted, true
		}
		if text[at] == '[' || text[at] == '(' || text[at] == '{' {
			at = blank.run(text, at+1, 40)
			continue
		}
		word := identClass.run(text, at, maxName)
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
	case '\\':
		if i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\'') {
			return text[i : i+2], 2
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

// maxList bounds how many values of a list are read.
const maxList = 16

// value judges the value at i, and those behind it in a list.
func (s *scan) value(i int, kind nameKind, form valueForm) {
	for range maxList {
		closing, width := quoteAt(s.text, i)
		if width == 0 {
			if form != formQuoted && form != formCompared {
				s.bare(i, kind, form)
			}
			return
		}
		start := i + width
		limit := maxValue
		if strings.HasPrefix(s.text[start:], "eyJ") {
			limit = maxToken
		}
		stop := start + quotedEnd(s.text[start:min(start+limit+8, len(s.text))], closing)
		if stop < start {
			return
		}
		if form == formBare {
			form = formQuoted
		}
		s.judge(start, stop, kind, form)
		next := spaces.run(s.text, stop+len(closing), 8)
		if next >= len(s.text) || s.text[next] != ',' {
			return
		}
		i = blank.run(s.text, next+1, 40)
		if opening, _ := quoteAt(s.text, i); opening != closing {
			return
		}
		// Not a list when this is the next key: "a": "b", "c": "d".
		if kind == namePassword || s.isKey(i, closing) {
			return
		}
	}
}

// isKey reports whether the quoted string at i is followed by an operator.
func (s *scan) isKey(i int, closing string) bool {
	_, width := quoteAt(s.text, i)
	start := i + width
	n := quotedEnd(s.text[start:min(start+maxValue+8, len(s.text))], closing)
	if n < 0 {
		return true
	}
	behind := spaces.run(s.text, start+n+len(closing), 8)
	return behind < len(s.text) && s.text[behind] != ',' && s.text[behind] != ']' && s.text[behind] != ')' && s.text[behind] != '}' && !blank.has(s.text[behind])
}

// quotedEnd returns the offset of the closing mark in s, or -1 when the line
// or s ends first.
func quotedEnd(s, closing string) int {
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], closing):
			return i
		case s[i] == '\n':
			return -1 << 20
		case s[i] == '\\':
			i++
		}
	}
	return -1 << 20
}

// bare judges an unquoted value.
func (s *scan) bare(i int, kind nameKind, form valueForm) {
	end := bareClass.run(s.text, i, maxValue+1)
	if kind != nameKey && end < len(s.text) && strings.IndexByte("{}[]()$<>", s.text[end]) >= 0 && s.scrambled(i, form) {
		return
	}
	for kind == namePassword && end > i && end < len(s.text) && end-i < maxPassword && inPassword(s.text, end) {
		end = bareClass.run(s.text, end+1, maxPassword)
	}
	if end < len(s.text) {
		switch c := s.text[end]; {
		case c == '(' || c == '[' || c == '{' || c == '$' || c == '<' && form == formProse:
			return // a call, an index, a template
		case c >= 0x80:
			return
		}
	}
	for end > i && (s.text[end-1] == '.' || s.text[end-1] == ':' || form == formProse && (s.text[end-1] == '!' || s.text[end-1] == '?')) {
		end--
	}
	if end > i && s.text[end-1] == '\\' {
		end--
	}
	s.judge(i, end, kind, form)
}

// inPassword reports whether the byte at i, which ends other values, can be a
// part of a password: an ampersand that no next parameter of a URL follows, a
// dollar sign that begins no variable.
func inPassword(text string, i int) bool {
	if i+1 >= len(text) {
		return false
	}
	switch next := text[i+1]; text[i] {
	case '&':
		end := identClass.run(text, i+1, maxName)
		return end > i+1 && (end >= len(text) || text[end] != '=' && text[end] != ';') || next == '&' || next == '!'
	case '$':
		return next != '{' && next != '('
	}
	return false
}

var bareClass = of(lowers + uppers + digits + `!#%*+-./:=?@^_|~\`)

func (s *scan) judge(start, end int, kind nameKind, form valueForm) {
	if end <= start {
		return
	}
	at := span{start, end}
	judged := judgeValue(s.text[start:end], kind, form)
	if judged.why == whyQuoted {
		name, _ := nameInFront(s.text, start)
		before := s.text[name.start:name.end]
		if len(before) < 4 || strings.EqualFold(before[len(before)-4:], "pass") { // the next one of a list; renderPass: "geometry"
			judged = no(whyWord)
		}
	}
	if !judged.secret() && kind == namePassword && chosen(s.text[start:end]) && s.hasAccount(at, form) {
		judged = verdict{sureWord, "beside its account"}
	}
	s.settle(ruleGeneric, at, judged)
}

package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
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
	end := ascii.Ident.Run(text, h.End, maxName)
	for end > h.End && (text[end-1] == '.' || text[end-1] == '-') {
		end--
	}
	s.nameEnd = end
	start := ascii.Ident.Back(text, h.Start, maxName)
	form := formCompared
	name, value, ok := comparison(text, span{start, end})
	known := judgeName(text[name.start:name.end], "") // whatever stands in front, nothing does not become more
	if known == nameNone && !s.view.Explaining() {
		return
	}
	if !ok {
		form = formLiteral
		value, ok = literalBehind(text, name)
	}
	if !ok {
		if end < len(text) && text[end] == ' ' && digitOrQuote(text, end) {
			if known != nameNone && (s.device(name, known) || s.phrase(name, known)) {
				return
			}
		}
		value, form, ok = behindName(text, h.Start, end)
		prose := ok && (form == formProse || form == formLoose) && !quotedAt(text, value)
		if (!ok || prose || form == formBare && credentials(text[start:end])) && s.tellNamed(text[start:end], known, end) && prose {
			return
		}
		if !ok {
			kind := known
			if before := wordBefore(text, start); before != "" {
				kind = judgeName(text[start:end], before)
			}
			if !s.column(name, kind) {
				s.below(name, kind)
			}
			return
		}
	}
	if end < len(text) && (text[end] == '"' || text[end] == '\'') && strings.IndexByte(",;\t|", text[min(end+1, len(text)-1)]) >= 0 &&
		s.column(name, known) {
		return
	}
	kind := known
	if before := wordBefore(text, start); before != "" {
		kind = judgeName(text[name.start:name.end], before)
	}
	if start > 0 && text[start-1] == '/' && harmlessBefore[text[ascii.Letter.Back(text, start-1, 16):start-1]] { // checksum/secret, of Helm
		kind = nameNone
	}
	if form == formLoose {
		// "stored account key ABC": without even a colon only a name that says
		// by itself that it is secret counts.
		if kind == nameKey || kind == nameSecret && !drawnKey(text, value) || kind == namePassword {
			kind = known
		}
		form = formProse
	}
	if kind == nameKey && form == formProse && owners[strings.ToLower(wordBefore(text, start))] && drawnKey(text, value) {
		kind = nameSecret // "use this key when you test: "
	}
	if kind == nameNone || form == formProse && kind == nameKey {
		s.drop(ruleGeneric, span{start, end}, whyName)
		return
	}
	if kind == nameSecret && secretWord(text[name.start:name.end]) && strongAt(text, value) {
		kind = namePassword // that somebody has chosen
	}
	switch words := kind == namePassword || kind == nameSecret && secretWord(text[name.start:name.end]); {
	case words && (form == formBare || form == formQuoted) && literalLine(text, name, value):
		form = formLiteral
	case !words && (form == formLiteral || form == formCompared):
		form = formBare // in quotes, it becomes formQuoted
	}
	s.value(value, kind, form)
}

// strongAt reports whether a string of all four kinds of bytes stands at i, as short as
// passwords are.
func strongAt(text string, i int) bool {
	at, _, ok := stringAt(text, i)
	k := count(text[at.start:at.end])
	return ok && k.groups() == 4 && k.other == 0 && k.letters() > 3 && at.end-at.start >= 8 && at.end-at.start <= 20
}

// digitOrQuote reports whether a digit or a quotation mark follows on the line, soon: what
// the passwords of devices and passphrases have, and most sentences have not.
func digitOrQuote(text string, i int) bool {
	for limit := min(i+maxName, len(text)); i < limit && text[i] != '\n'; i++ {
		if c := text[i]; isDigit(c) || c == '"' || c == '\'' || c == '`' {
			return true
		}
	}
	return false
}

// drawnKey reports whether a key of 32 letters and digits or more stands at i.
func drawnKey(text string, i int) bool {
	end := ascii.Alnum.Run(text, i, maxPassword)
	k := count(text[i:end])
	return end-i >= 32 && k.digit > 3 && (k.upper > 0 && k.lower > 0 || ascii.Hex.Run(text, i, maxPassword) == end)
}

// owners stand in front of a key that a sentence tells.
var owners = set("this my our your following new old test live prod production staging dev")

// listed reports whether the string that ends at i has another one behind it and a
// comma, as the words of a list do.
func listed(text string, i int) bool {
	_, width := quoteAt(text, i)
	next := blank.Run(text, i+width, 8)
	if width == 0 || next >= len(text) || text[next] != ',' {
		return false
	}
	at, end, ok := stringAt(text, blank.Run(text, next+1, 8))
	end = blank.Run(text, end, 4)
	return ok && plain(text[at.start:at.end]) && end < len(text) && (text[end] == ')' || text[end] == ']' || text[end] == ',')
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
	from := ascii.Alnum.Back(text, start-1, 16)
	return text[from : start-1]
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
		next := spaces.Run(s.text, stop+len(closing), 8)
		if next >= len(s.text) || s.text[next] != ',' {
			return
		}
		i = blank.Run(s.text, next+1, 40)
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
	behind := spaces.Run(s.text, start+n+len(closing), 8)
	return behind < len(s.text) && s.text[behind] != ',' && s.text[behind] != ']' && s.text[behind] != ')' && s.text[behind] != '}' && !blank.Has(s.text[behind])
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
	if n := i + len("abcd efgh ijkl mnop"); kind == namePassword && form == formBare && n <= len(s.text) && endsLine(s.text, n) && appPassword(s.text[i:n]) {
		s.report(ruleGeneric, span{i, n}, sureChosen, "four times four letters: a password for an application")
		return
	}
	end := bareClass.Run(s.text, i, maxValue+1)
	if kind != nameKey && end < len(s.text) && strings.IndexByte("{}[]()$<>", s.text[end]) >= 0 && s.scrambled(i, form) {
		return
	}
	for kind == namePassword && end > i && end < len(s.text) && end-i < maxPassword && inPassword(s.text, end) {
		end = bareClass.Run(s.text, end+1, maxPassword)
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
		return text[i] == '$'
	}
	switch next := text[i+1]; text[i] {
	case '&':
		end := ascii.Ident.Run(text, i+1, maxName)
		return end > i+1 && (end >= len(text) || text[end] != '=' && text[end] != ';') || next == '&' || next == '!'
	case '$':
		return next != '{' && next != '('
	}
	return false
}

var bareClass = ascii.Of(ascii.Alnums + `!#%*+-./:=?@^_|~\`)

func (s *scan) judge(start, end int, kind nameKind, form valueForm) {
	if end <= start {
		return
	}
	at := span{start, end}
	judged := judgeValue(s.text[start:end], kind, form)
	if judged.why == whyQuoted {
		name, _ := nameInFront(s.text, start)
		before := s.text[name.start:name.end]
		if len(before) < 4 || listed(s.text, end) || strings.EqualFold(before[len(before)-4:], "pass") { // the next one of a list; renderPass: "geometry"
			judged = no(whyWord)
		}
	}
	if !judged.secret() && kind == namePassword && chosen(s.text[start:end]) && s.hasAccount(at, form) {
		judged = verdict{sureWord, "beside its account"}
	}
	s.settle(ruleGeneric, at, judged)
}

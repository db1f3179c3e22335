package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// The judgement of a value by its shape: what may stand behind a secret's name
// without being a secret is far more frequent than a secret.

// valueForm says how a value stands in the text.
type valueForm int

const (
	formQuoted   valueForm = iota
	formBare               // .env, YAML, ini, a URL's query, a command line
	formProse              // "the password is ..."
	formLoose              // nothing but space between the name and the value
	formTold               // the password is "..."
	formLiteral            // a line that allows nothing but a literal
	formCompared           // compared with a string
)

func (f valueForm) quoted() bool { return f == formQuoted || f == formCompared || f == formLiteral }

// kinds counts the bytes of a value.
type kinds struct{ lower, upper, digit, mark, other int }

func count(v string) kinds {
	var k kinds
	for i := range len(v) {
		switch c := v[i]; {
		case isLower(c):
			k.lower++
		case isUpper(c):
			k.upper++
		case isDigit(c):
			k.digit++
		case c > ' ' && c < 0x7f:
			k.mark++
		default:
			k.other++
		}
	}
	return k
}

func (k kinds) letters() int { return k.lower + k.upper }

// groups returns how many of small letters, capital letters, digits and marks
// occur.
func (k kinds) groups() int {
	n := 0
	for _, c := range [...]int{k.lower, k.upper, k.digit, k.mark} {
		if c > 0 {
			n++
		}
	}
	return n
}

// maxValue bounds a generic secret. Longer ones have a format of their own;
// encrypted tokens, which begin like a JSON Web Token, may have maxToken bytes.
const (
	maxValue    = 512
	maxToken    = 8 << 10
	maxPassword = 128
)

// judgeValue returns what becomes of v, assigned to a name of the given kind.
func judgeValue(v string, name nameKind, form valueForm) verdict {
	if strings.HasPrefix(v, "0x") && len(v) <= 18 && ascii.Hex.Run(v, 2, len(v)) == len(v) {
		return no(whyNumber)
	}
	judged := judgeShape(v, name, form)
	if !judged.secret() && (form == formLiteral || form == formCompared) {
		return literalPassword(v)
	}
	return judged
}

// judgeShape judges what an expression could stand in the place of.
func judgeShape(v string, name nameKind, form valueForm) verdict {
	if len(v) < 5 {
		return no(whyShort)
	}
	if name == namePassword || name == nameSecret {
		if scrambled(v) {
			return verdict{sureScrambled, "marks that no code has"}
		}
	}
	if name == namePassword && form.quoted() && appPassword(v) {
		return verdict{sureChosen, "four times four letters: a password for an application"}
	}
	if why := codeLike(v, form); why != "" {
		return no(why)
	}
	k := count(v)
	if name != nameKey && form.quoted() && ruled(v, k) {
		return no(whyCall)
	}
	if k.other > 0 || k.letters()+k.digit == 0 {
		return no(whyBytes)
	}
	if form == formTold {
		if name != namePassword || placeholder(v) || sequence(v) || notTold[strings.ToLower(v)] {
			return no(whyPlaceholder)
		}
		return verdict{sureTold, "a sentence tells it"}
	}
	if k.digit+k.mark == 0 { // the frequent case first: a word or an identifier
		if words, _ := wordiness(v); words > -0.2 && (name != namePassword || form != formQuoted) {
			return no(whyWord)
		}
	}
	if why := template(v); why != "" {
		return no(why)
	}
	if sequence(v) {
		return no(whySequence)
	}
	if strong := name == namePassword && k.groups() >= 3 && k.digit > 0 && len(v) >= 8; !strong && dummyWord(v) {
		return no(whyPlaceholder)
	}
	if isUUID(v) {
		if name == nameSecret && form != formProse {
			return verdict{sureDrawn, "uuid behind the name of a secret"}
		}
		return no(whyUUID)
	}
	if name == namePassword {
		return judgePassword(v, k, form)
	}
	return judgeToken(v, k, name, form)
}

// judgeToken judges what a machine has made.
func judgeToken(v string, k kinds, name nameKind, form valueForm) verdict {
	least := 10
	if name == nameKey && (k.lower == 0 || k.upper == 0 || k.digit == 0 || !form.quoted()) || form == formProse {
		least = 16
	} else if name == nameKey {
		least = 12
	}
	switch {
	case len(v) < least, len(v) < 16 && k.digit < 2 && !form.quoted():
		return no(whyShort)
	case len(v) > maxToken:
		return no(whyLong)
	case name == nameKey && !form.quoted() && hashed(v):
		return no(whyHash) // of a cache's key
	case len(v) == publicNkey && strings.IndexByte("AOU", v[0]) >= 0 && seedClass.Run(v, 0, len(v)) == len(v):
		return no(whyPublic)
	}
	words, judged := wordiness(v)
	if k.digit*5 >= len(v) && ascii.Hex.Run(v, 0, len(v)) == len(v) { // its letters are digits
		words, judged = 0, 0
	}
	switch {
	case k.letters() == 0: // numbers
		if name == nameSecret && len(v) >= 20 && k.mark == 0 {
			return verdict{sureDrawn, "long number behind the name of a secret"}
		}
		return no(whyNumber)
	case k.digit == 0 && k.mark == 0: // letters alone
		limit := -0.45
		if k.lower > 0 && k.upper > 0 {
			limit = -0.2
		}
		if words > limit || len(v) < 12 || name == nameKey && len(v) < 20 || form == formProse {
			return no(whyCase)
		}
		return verdict{sureDrawn, "letters that form no words"}
	case k.digit == 0: // letters and marks: base64 without a digit, or names
		if words > -0.5 || len(v) < 16 || strings.ContainsAny(v, ",:;@ ") || !form.quoted() && strings.IndexByte(v, '.') >= 0 {
			return no(whyWord)
		}
		return verdict{sureChosen, "letters and marks that form no words"}
	}
	if share := float64(judged) / float64(len(v)); share > 0.4 && words > 0.1 || share > 0.2 && words > 0.6 {
		return no(whyWord)
	}
	if k.digit < 2 && len(v) < 24 && (words > -0.3 || judged*2 < len(v) || k.mark > 0) || strings.ContainsAny(v, ",; ") || strings.IndexByte(v, '@') >= 0 && (!form.quoted() || k.groups() < 4 || k.mark < 2 || k.digit < 2 || strings.IndexByte(v, '.') >= 0) || strings.Count(v, ":") > 1 {
		return no(whyWord)
	}
	e := entropy(v)
	if e < 2.5 || len(v) >= 20 && e < 3 {
		return no(whyEntropy)
	}
	if form == formProse && (k.digit < 3 || strings.HasPrefix(v, "0x")) {
		return no(whySentence)
	}
	if e > 3.5 && len(v) >= 16 {
		return verdict{sureDrawn, whyRandom}
	}
	return verdict{sureDrawn, "entropy"}
}

// judgePassword judges what a person may have chosen: a word with a number, a word
// in quotes. What documentation and code are full of, placeholders and the words of
// types and labels, stays out.
func judgePassword(v string, k kinds, form valueForm) verdict {
	words, judged := wordiness(v)
	groups := k.groups()
	least := 6
	if form == formProse {
		least = 8
	}
	switch {
	case len(v) < least:
		return no(whyShort)
	case len(v) > maxPassword:
		return no(whyLong)
	case k.letters() == 0:
		return no(whyNumber)
	case form == formProse && managers[strings.ToLower(strings.TrimRight(v, ascii.Digits))]:
		return no(whyMethod)
	case form == formProse:
		if groups >= 3 && k.digit > 0 && !sentenceEnd(v) {
			return verdict{sureTold, "a sentence tells it: three kinds of bytes"}
		}
		if c := judgeToken(v, k, namePassword, form); c.why == whyRandom {
			return c
		}
		return no(whySentence)
	case k.digit == 0 && k.mark == 0:
		if judged > 0 && words < -0.4 && len(v) <= 64 {
			return verdict{sureDrawn, "letters that form no words"}
		}
		if form != formQuoted || notPasswords[strings.ToLower(v)] || k.upper > 0 && k.lower > 0 && !isUpper(v[0]) { // camelCase
			return no(whyWord)
		}
		return verdict{sureWord, whyQuoted}
	case groups >= 3 && k.digit > 0 && (len(v) >= 8 || form.quoted() && k.letters() >= 4 && k.digit > 1 && !placeholder(v) && !strings.ContainsAny(v, " .:,;%=/|?@")) && (words < 0.9 || k.mark > 0):
		return verdict{sureChosen, "three kinds of bytes"}
	case form.quoted() && k.letters() >= 6 && strings.ContainsAny(v[1:], "!$^&") && !strings.ContainsAny(v, " .:,;%=/|?@") && !placeholder(v):
		return verdict{sureChosen, "marks inside a word"} // super$ecret
	case k.digit > 0 && k.letters() >= 4 && len(v) >= 8 && !placeholder(v) && !strings.ContainsAny(v, " .:,;%=/|?@"):
		return verdict{sureChosen, "a word and a number"}
	case float64(judged)/float64(len(v)) > 0.4 && words > 0.1:
		return no(whyWord)
	case k.digit == 0 && words > -0.4:
		return no(whyWord)
	}
	return verdict{sureDrawn, "letters that form no words, and more"}
}

// notTold are what sentences say of a password in quotes that is none.
var notTold = set("correct incorrect wrong empty valid weak strong hashed encrypted expired missing blank right hidden safe admin guest right good secure null true false here")

// notPasswords are what code and labels have in the place of a password: types,
// states, and the word for it in other languages.
var notPasswords = set("string function object boolean number integer undefined required optional hidden static select varchar nvarchar text bytes binary sensitive secured disabled enabled " +
	"incorrect wrong empty weak strong hashed encrypted expired missing blank forgotten reset confirm mismatch matches submit cancel settings account email login signin signup security " +
	"passwort kennwort contraseña contrasena senha wachtwoord adgangskode lösenord losenord salasana haslo hasło heslo jelszo parola lozinka geslo sandi clave motdepasse passord pasahitza")

func sentenceEnd(v string) bool { return strings.HasSuffix(v, "?") || strings.HasSuffix(v, ":") }

// dummies are pieces of values that stand for a value.
var dummies = piecesOf(
	"example", "sample", "dummy", "placeholder", "change", "replace", "redacted", "removed", "hidden", "masked",
	"your", "insert", "xxxx", "***", "...", "foobar", "lorem", "qwerty", "todo", "fixme", "undefined", "____", "----",
	"${", "{{", "#{", "<%", "%(", "$(", "}}", "localhost", "deadbeef",
)

// Words that make a value a placeholder unless it is a strong password. Long
// random values hold short words.
var (
	dummyWords = piecesOf(
		"undef", "password", "passwd", "passw0rd", "username", "secret", "token", "credential", "apikey", "api_key", "api-key",
		"default", "invalid", "unknown", "string", "value", "optional", "required", "encrypted", "enter", "never", "random",
		"admin123", "letmein", "welcome", "bogus", "hello", "world", "abc123", "logmein",
	)
	shortDummyWords = piecesOf("foo", "asdf", "fake", "none", "null", "test", "-key", "_key", "demo", "mock", "stub", "aaaa", "0000", "1111")
)

// sequences are what fingers type that need some value.
var sequences = piecesOf("abcdef", "012345", "123456", "234567", "987654", "654321", "fedcba")

// placeholder reports whether v stands for a secret instead of being one: an
// example, a template, a reference, or one byte again and again.
func placeholder(v string) bool { return template(v) != "" || dummyWord(v) }

func dummyWord(v string) bool {
	return (dummyWords.in(v) || len(v) < 20 && shortDummyWords.in(v)) && !drawn(dummyWords.without(v))
}

// template is placeholder without the words that a real password may contain. It
// returns what v is taken for, or nothing.
func template(v string) string {
	second := byte(0)
	if len(v) > 1 {
		second = v[1]
	}
	switch v[0] {
	case '$', '%', '@':
		if ascii.Letter.Has(second) || second == '_' || second == '{' || second == '(' {
			return whyTemplate
		}
	case '{', '[', '(', '<':
		return whyTemplate
	}
	if passwordHash(v) {
		return whyHash
	}
	if reference(v) {
		return whyTemplate
	}
	if dummies.in(v) {
		return whyPlaceholder
	}
	if last := v[len(v)-1]; last == '>' || last == '}' {
		return whyTemplate
	}
	var seen ascii.Class
	for i := range min(len(v), 64) {
		seen.Add(v[i])
	}
	if seen.Size() <= 3 || len(v) >= 16 && seen.Size() <= 5 {
		return whySame
	}
	return ""
}

// references begin what says where a secret is kept.
var references = set("file env ext vault ssm op arn kms fd")

// reference reports whether v says where a secret is kept: a path, a name with parts, a
// variable of the environment, a number. Any other word behind the colon may be one.
func reference(v string) bool {
	kind, place, _ := strings.Cut(v, ":")
	return references[kind] && place != "" && (strings.ContainsAny(place, "/:._") || strings.Trim(place, ascii.Uppers+ascii.Digits) == "")
}

// passwordHash reports whether v is the hash of a password in the form of
// crypt(3), as bcrypt and Argon2 have it, or in MySQL's: nothing to log in with.
func passwordHash(v string) bool {
	return len(v) == 41 && v[0] == '*' && ascii.Hex.Run(v, 1, len(v)) == len(v) || len(v) > 20 && v[0] == '$' && strings.IndexByte(v[1:min(len(v), 12)], '$') > 0
}

// sequence reports whether v is what fingers type that need some value. A long
// value may hold a piece of it.
func sequence(v string) bool {
	return len(v) < 20 && sequences.in(v)
}

// called reports whether v begins as a call or an index does: append(tokens[:n.
func called(v string) bool {
	i := ascii.Ident.Run(v, 0, maxName)
	return i > 2 && i < len(v) && (v[i] == '(' || v[i] == '[')
}

// scrambled reports whether v has brackets as no code and no template has them,
// with more of them open than shut or the other way round, and many other marks:
// somebody's strong password. So is what is long and has no mark that paths,
// addresses and lists are made with.
func scrambled(v string) bool {
	if len(v) < 12 || len(v) > maxPassword || called(v) {
		return false
	}
	var stack [16]byte
	depth, broken := 0, false
	var marks ascii.Class
	for i := range len(v) {
		c := v[i]
		switch {
		case c <= ' ' || c >= 0x7f:
			return false
		case !ascii.Word.Has(c):
			marks.Add(c)
		}
		switch c {
		case '(', '[', '{':
			if depth == len(stack) {
				return false
			}
			stack[depth] = c
			depth++
		case ')', ']', '}':
			if depth == 0 || stack[depth-1] != c-1 && stack[depth-1] != c-2 {
				broken = true
			} else {
				depth--
			}
		}
	}
	k := count(v)
	if len(v) >= 40 && k.digit >= 4 && !strings.ContainsAny(v, "/:.,;\\") { // Django's SECRET_KEY
		return marks.Size() >= 6
	}
	return (broken || depth > 0) && marks.Size() >= 6 && k.letters() >= 4 && k.letters()*4 < len(v)*3
}

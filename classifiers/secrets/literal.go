package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// Where a literal must stand, and no expression can, a password may be a word: in
// the lines of environment files, of shells, Dockerfiles and CI, in files of
// sections and keys, and in what a program compares a password with.

// maxAbove bounds how far above a line the header of its section is looked for.
const maxAbove = 512

// literalLine reports whether the value at i, assigned to the name, is the right
// side of such a line. A name in capitals may have a mark of comment, "export",
// "ENV" or an option in front; one in small letters, which code has too, counts
// only below the header of a section or beside a line of the same kind. What a
// closing tag follows is a literal as well.
func literalLine(text string, name span, i int) bool {
	word := text[name.start:name.end]
	if name.end < len(text) && text[name.end] == '>' {
		_, closing, ok := strings.Cut(text[i:min(i+maxPassword, len(text))], "<")
		return ok && strings.HasPrefix(closing, "/"+word)
	}
	upper, tight := capitals(word), i == name.end+1
	end := i
	if at, behind, ok := stringAt(text, i); ok {
		if !upper || at.end == at.start || !tight && !strings.HasSuffix(text[:name.start], "$env:") {
			return false
		}
		end = behind
	}
	for end < len(text) && end-i <= maxPassword && !blank.Has(text[end]) {
		end++
	}
	before, alone := lineBefore(text, name.start), endsLine(text, end)
	if upper {
		front := strings.TrimSpace(before)
		return literalFront(front) || alone && (front == "" || front == "#" || front == "-") || tight && variables[word]
	}
	if tight && literalWord(before, word) {
		return true
	}
	if before != "" || !alone {
		return false
	}
	_, below, _ := strings.Cut(text[end:min(end+maxAbove, len(text))], "\n")
	below, _, _ = strings.Cut(below, "\n")
	return tight && setting(below, true) || settingAbove(text[max(name.start-maxAbove, 0):name.start], tight)
}

// lineBefore returns what stands in front of i on its line, at most maxName bytes.
func lineBefore(text string, i int) string {
	from := max(i-maxName, 0)
	from += strings.LastIndexByte(text[from:i], '\n') + 1
	return text[from:i]
}

// endsLine reports whether nothing but a comment follows at i on the line.
func endsLine(text string, i int) bool {
	i = spaces.Run(text, i, 64)
	return i >= len(text) || strings.IndexByte("\r\n#", text[i]) >= 0
}

// literalFront reports whether the last word in front of a name says that the name
// is a variable of the environment: a command or an option, or another variable.
func literalFront(front string) bool {
	last := front[strings.LastIndexAny(front, " \t\"'")+1:]
	name, _, ok := strings.Cut(last, "=")
	return literalFronts[last] || ok && name != "" && capitals(name)
}

// literalWord reports whether name=value, in small letters, is one word among others
// that hold literals: an option with two dashes, a value of Helm's, the query of a
// URL, or another name=value in front of it.
func literalWord(before, name string) bool {
	if strings.HasPrefix(name, "--") {
		return true
	}
	last := before[strings.LastIndexAny(strings.TrimRight(before, " "), " \t\"'")+1:]
	if strings.HasSuffix(last, "&") || strings.HasSuffix(last, "?") {
		return strings.Contains(last, "://") || strings.Contains(last, "jdbc:")
	}
	last = strings.TrimRight(last, " ")
	return len(last) < len(before) && (last == "--set" || last == "--set-string" || setting(last, true))
}

// variables are those of the environment that programs read a password from, in
// front of the command.
var variables = set("PGPASSWORD MYSQL_PWD RSYNC_PASSWORD SSHPASS RESTIC_PASSWORD BORG_PASSPHRASE REDISCLI_AUTH SMB_PASSWORD ANSIBLE_VAULT_PASSWORD")

// literalBehind returns the literal that belongs to a name that another word
// stands between: ENV NAME value, key="Name" value="...", "name": "NAME", "value":
// "...", and the same in YAML; or that is the text of the element it names.
func literalBehind(text string, name span) (int, bool) {
	i := name.end
	if i >= len(text) {
		return 0, false
	}
	if text[i] == ' ' || text[i] == '\t' {
		front := strings.TrimSpace(lineBefore(text, name.start))
		return spaces.Run(text, i, 8), capitals(text[name.start:name.end]) && (strings.HasSuffix(front, "ENV") || strings.HasSuffix(front, "setenv"))
	}
	_, width := quoteAt(text, i)
	if width == 0 && text[i] != '\n' && (text[i] != ',' || !strings.HasSuffix(text[:name.start], "name: ")) { // {name: NAME, value: ...}, of YAML
		return 0, false
	}
	if i += width; strings.HasPrefix(text[i:], ">") { // <property name="password">...</property>
		value, _, ok := strings.Cut(text[i:min(i+maxPassword, len(text))], "</")
		return i + 1, ok && !strings.Contains(strings.TrimSpace(value), " ")
	}
	if i < len(text) && strings.HasPrefix(text[i:], " {") { // variable "password" { default = "..." }, of Terraform
		return defaultIn(text, i)
	}
	if tag, _, ok := strings.Cut(text[i:min(i+maxName, len(text))], "><value>"); ok && strings.HasPrefix(tag, " ") && !strings.ContainsAny(tag, "<>") { // of .NET's settings
		return i + len(tag) + len("><value>"), true
	}
	i = memberGap.Run(text, i, 64)
	if !strings.HasPrefix(text[i:], "value") {
		return 0, false
	}
	i += len("value")
	if _, width := quoteAt(text, i); width > 0 {
		i += width
	}
	i = spaces.Run(text, i, 4)
	if i >= len(text) || text[i] != '=' && text[i] != ':' {
		return 0, false
	}
	return spaces.Run(text, i+1, 8), true
}

// defaultIn returns the default in the block of Terraform that opens at i.
func defaultIn(text string, i int) (int, bool) {
	block, _, _ := strings.Cut(text[i:min(i+maxAbove, len(text))], "}")
	n := strings.Index(block, "default")
	if n < 0 {
		return 0, false
	}
	i = spaces.Run(text, i+n+len("default"), 16)
	if i >= len(text) || text[i] != '=' {
		return 0, false
	}
	return spaces.Run(text, i+1, 8), true
}

var memberGap = ascii.Of(" \t\r\n,\"'")

// literalFronts are what may stand in front of a variable of the environment, on
// a line that may go on behind it.
var literalFronts = set("export set setenv env ENV ARG -e --env --build-arg Environment= $env:")

// capitals reports whether name is written as variables of the environment are.
func capitals(name string) bool {
	k := count(name)
	return k.lower == 0 && k.upper > 2 && strings.IndexByte(name, '.') < 0 && strings.IndexByte(name, '-') < 0
}

// settingAbove reports whether the last line of text is a setting, or one under
// the header of a section; comments and empty lines do not count. Settings with
// space around the equal sign, as code has them, need the header.
func settingAbove(text string, tight bool) bool {
	for text != "" {
		n := strings.LastIndexByte(text[:len(text)-1], '\n') + 1
		line := strings.TrimSpace(text[n:])
		text = text[:n]
		switch {
		case line == "", line[0] == '#', line[0] == ';':
		case line[0] == '[' && line[len(line)-1] == ']':
			return ascii.Ident.Run(line, 1, maxName) > 1 && strings.IndexByte(line, ',') < 0
		case tight && setting(line, true):
			return true
		case !setting(line, false):
			return false
		}
	}
	return false
}

// setting reports whether a line is "name=value" and nothing of code. With tight
// no space may stand around the equal sign.
func setting(line string, tight bool) bool {
	i := ascii.Ident.Run(line, 0, maxName)
	if i == 0 {
		return false
	}
	if !tight {
		i = spaces.Run(line, i, 16)
	}
	if i+1 >= len(line) || line[i] != '=' || tight && blank.Has(line[i+1]) {
		return false
	}
	return !strings.ContainsAny(line[i+1:], "=()[]{},;\"'`")
}

// literalPassword judges what a person chose, where no expression can stand.
func literalPassword(v string) verdict {
	var room [maxPassword]byte
	lower := appendLower(room[:0], v)
	k := count(v)
	switch {
	case len(v) < 6:
		return no(whyShort)
	case len(v) > maxPassword:
		return no(whyLong)
	case k.letters() == 0:
		return no(whyNumber)
	case k.other > 0:
		return no(whyBytes)
	case template(v) != "", sequence(v), wellKnown(v), notTold[string(lower)], literalDummies.in(v):
		return no(whyPlaceholder)
	}
	if why := codeLike(v, formQuoted); why != "" {
		return no(why)
	}
	return verdict{sureChosen, "a literal that the line allows only"}
}

// literalDummies are pieces of what stands for a password even where words are
// believed.
var literalDummies = piecesOf("pass", "pwd", "secret", "token", "credential", "default", "none", "null", "disable", "enable", "require", "string", "value", "test",
	"prompt", "unset", "empty", "undefined", "number", "boolean", "object", "function")

package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// Passwords on command lines and in the statements of SQL, PowerShell and the
// configuration of routers: what tells them is the command, not a name.

const (
	maxCommand     = 400 // bytes of a command
	maxCommandName = 48
	maxArguments   = 4 // passwords of one command
)

// anyPlace stands for the last of the words that are no options.
const anyPlace = -1

// command reads the passwords of the command that was hit, and the account.
func (s *scan) command(h classifiers.Hit) {
	text := s.text
	if ascii.Word.Has(text[h.Start]) && ascii.WordAt(text, h.Start-1) {
		return
	}
	var room [maxCommandName]byte
	l, ok := commands[string(appendLower(room[:0], text[h.Start:h.End]))]
	if !ok {
		return
	}
	i := h.End
	if ascii.Word.Has(text[i-1]) { // mysql stands for mysqldump, plink for plink.exe
		i = ascii.Ident.Run(text, i, maxName)
		if i < len(text) && (text[i] == '"' || text[i] == '\'') { // "C:\Program Files\PuTTY\plink.exe"
			i++
		}
		if i >= len(text) || !blank.Has(text[i]) {
			return
		}
	}
	end := commandEnd(text, i)
	if l.when != nil && !l.when(text[max(h.Start-maxCommand, 0):h.Start], text[i:end]) {
		return
	}
	a := arguments{login: l}
	a.read(text, i, end)
	found := false
	for _, p := range a.passwords[:a.n] {
		judged := l.judge(text, p, a.named)
		s.settle(ruleCommand, p.span, judged)
		found = found || judged.secret()
	}
	if v := text[a.account.start:a.account.end]; found && a.named && len(v) >= minAccount && accountClass.Run(v, 0, len(v)) == len(v) {
		s.report(ruleAccount, a.account, ruleAccount.sure, "account of a command's password")
	}
}

// An operand is a password that a command is given.
type operand struct {
	span
	quoted, placed bool // placed: its place tells it, no option
}

// arguments are what a command is given.
type arguments struct {
	login     *login
	passwords [maxArguments]operand
	n         int
	account   span
	named     bool // the account is there
}

// read reads the words of text[i:end].
func (a *arguments) read(text string, i, end int) {
	l, words := a.login, 0
	var last span
	for {
		if i = gap(text, i, end); i >= end {
			break
		}
		stop := i
		for stop < end && !blank.Has(text[stop]) {
			stop++
		}
		word := text[i:stop]
		if n := optionOf(word, l.password); n > 0 {
			at, quoted := commandArgument(text, valueAt(text, i+n))
			a.add(text, operand{at, quoted, false})
			i = max(at.end, i+n)
			continue
		}
		if n := optionOf(word, l.account); n > 0 {
			at, quoted := commandArgument(text, valueAt(text, i+n))
			if l.part != 0 {
				if l.part == ',' && !quoted && at.end < len(text) && text[at.end] == ',' {
					rest, _ := commandArgument(text, at.end+1)
					at.end = rest.end
				}
				a.pair(text, at, quoted)
			} else {
				a.account, a.named = at, true
			}
			i = max(at.end, i+n)
			continue
		}
		if word[0] == '<' || word[0] == '>' {
			break
		}
		if strings.IndexByte(`-/\+$&|*`, word[0]) >= 0 || word == ":" || word == "=" || len(word) == 2 && word[1] == ':' { // an option, a path, a drive
			i = stop
			continue
		}
		at, quoted := commandArgument(text, i)
		if l.part != 0 && l.account == "" && a.n == 0 {
			a.pair(text, at, quoted)
		}
		if words++; words == l.place || l.place == anyPlace && words > 1 {
			if a.n = 0; l.place != 1 && l.account == "" {
				a.account, a.named = last, true
			}
			a.add(text, operand{at, quoted, true})
		}
		if last, i = at, stop; l.place != 0 {
			i = max(at.end+1, stop)
		}
	}
}

func (a *arguments) add(text string, p operand) {
	if p.end > p.start && a.n < maxArguments && strings.IndexByte("-/|<>", text[p.start]) < 0 {
		a.passwords[a.n] = p
		a.n++
	}
}

// pair reads an argument that is the account and its password: bob%..., corp/bob:...@host.
func (a *arguments) pair(text string, at span, quoted bool) {
	n := strings.IndexByte(text[at.start:at.end], a.login.part)
	if n <= 0 {
		if a.login.account != "" {
			a.account, a.named = at, true
		}
		return
	}
	password := span{at.start + n + 1, at.end}
	if password.start == password.end && !quoted { // nadia:'...'@host
		password, quoted = commandArgument(text, at.end)
	} else if a.login.host {
		if host := strings.LastIndexByte(text[password.start:password.end], '@'); host >= 0 {
			password.end = password.start + host
		} else if a.login.part == ':' {
			return
		}
	}
	at.end = at.start + n
	at.start += strings.LastIndexByte(text[at.start:at.end], '/') + 1
	if len("userid=") < at.end-at.start && strings.EqualFold(text[at.start:at.start+len("userid=")], "userid=") {
		at.start += len("userid=")
	}
	if !ascii.Alnum.Has(text[at.start]) || accountClass.Run(text, at.start, maxAccount) < at.end {
		return
	}
	a.account, a.named = at, true
	a.add(text, operand{password, quoted, false})
}

// judge judges a password of the command.
func (l *login) judge(text string, p operand, named bool) verdict {
	v := text[p.start:p.end]
	k := count(v)
	switch {
	case p.placed && !p.quoted && !strings.ContainsAny(l.command[len(l.command)-1:], ":=>") && (k.digit == 0 || k.letters() == 0):
		return no(whySentence)
	case !p.quoted && methods[strings.ToLower(strings.TrimRight(v, ascii.Digits+"-"))]: // priv aes128
		return no(whyMethod)
	case k.letters() == 0 && len(v) < 6: // a port
		return no(whyNumber)
	case !p.quoted && k.digit+k.mark == 0 && (!named && l.account != "" || inSentence(text[p.end:])):
		return no(whySentence)
	}
	return argumentPassword(v, p.quoted)
}

// inSentence reports whether a sentence goes on behind a word: the -p option is.
func inSentence(behind string) bool {
	behind = strings.TrimLeft(behind[:min(len(behind), maxName)], " ")
	return sentenceWords[behind[:ascii.Letter.Run(behind, 0, maxName)]]
}

var sentenceWords = set("is are was to and or of for in with flag option switch argument as by your the that which when so on from")

// commandEnd returns where the command ends that text[i:] goes on with: at the end
// of its line, which a mark at its end makes go on, of its pipe, or of inline code.
func commandEnd(text string, i int) int {
	for limit := min(i+maxCommand, len(text)); i < limit; i++ {
		switch c := text[i]; {
		case c == '\n' && strings.IndexByte("\\^`", text[max(i-1, 0)]) < 0, c == '`' && !strings.HasPrefix(text[i+1:], "\n"):
			return i
		case (c == '|' || c == ';' || c == '&' && strings.HasPrefix(text[i:], "&&")) && i+2 < len(text) && (blank.Has(text[i+1]) || blank.Has(text[i+2])) &&
			(c == ';' || blank.Has(text[i-1])):
			return i
		}
	}
	return min(i, len(text))
}

// gap steps over what parts the words of a command: space, and the marks that make a
// line go on.
func gap(text string, i, end int) int {
	for i < end && (blank.Has(text[i]) || strings.IndexByte("\\^`", text[i]) >= 0 && strings.IndexByte("\r\n", text[min(i+1, len(text)-1)]) >= 0) {
		i++
	}
	return i
}

// optionOf returns how much of a word is one of the options, parted by bars, or 0. One
// that ends in a space has its argument behind space, or an equal sign when it has
// two dashes; one that ends in a plus sign has it attached; another either way.
func optionOf(word, options string) int {
	for options != "" {
		var o string
		o, options, _ = strings.Cut(options, "|")
		how := o[len(o)-1]
		if how == ' ' || how == '+' {
			o = o[:len(o)-1]
		}
		if len(word) < len(o) || word[:len(o)] != o && (len(o) <= 4 && o[0] != '/' || !strings.EqualFold(word[:len(o)], o)) {
			continue // of long ones, those of Windows and PowerShell, in any case
		}
		switch rest := word[len(o):]; {
		case rest == "" && how != '+' && how != ':' && how != '=':
			return len(o)
		case rest != "" && how == ' ' && rest[0] == '=' && strings.HasPrefix(o, "--"):
			return len(o) + 1
		case rest != "" && how != ' ' && (strings.IndexByte("+:=", how) >= 0 || count(rest).lower < len(rest)): // -Password
			return len(o)
		}
	}
	return 0
}

// valueAt steps over the space between an option that ends at i and its argument.
func valueAt(text string, i int) int { return spaces.Run(text, i, 8) }

// commandArgument returns the argument at i and whether it is quoted.
func commandArgument(text string, i int) (span, bool) {
	if at, _, ok := stringAt(text, i); ok && text[i] != '`' {
		return at, true
	}
	end := i
	for end < len(text) && end-i < maxPassword && !blank.Has(text[end]) && strings.IndexByte("\"'`;,)<", text[end]) < 0 {
		end++
	}
	return span{i, end}, false
}

// argumentPassword judges the argument of a command.
func argumentPassword(v string, quoted bool) verdict {
	switch {
	case !connectionSecret(v), v[0] == '-', v[0] == '\\', strings.ContainsAny(v, "() "):
		return no(whyPlaceholder)
	case quoted, count(v).digit > 0:
		return verdict{ruleCommand.sure, "argument of a command"}
	}
	if judged := literalPassword(v); !judged.secret() {
		return judged
	}
	return verdict{sureChosen, "argument of a command"}
}

// scrambled reports the value at i when brackets, which end other values, are a
// part of it.
func (s *scan) scrambled(i int, form valueForm) bool {
	end := i
	for end < len(s.text) && end-i <= maxPassword && s.text[end] > ' ' && s.text[end] < 0x7f && strings.IndexByte("\"'`", s.text[end]) < 0 {
		end++
	}
	for end > i && (s.text[end-1] == ',' || s.text[end-1] == ';') {
		end--
	}
	if form == formProse || !scrambled(s.text[i:end]) {
		return false
	}
	s.judge(i, end, namePassword, form)
	return true
}

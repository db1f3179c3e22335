package secrets

import (
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Passwords on command lines and in the statements of SQL and PowerShell: what
// tells them is the command, not a name.

// maxCommand is how far behind a command its option is looked for.
const maxCommand = 200

// A login is a command that takes a password, and often the account it belongs to,
// from its line: the options that they follow, written as the command's manual has
// them. Without an option the password follows the command itself.
type login struct {
	command, account, password string
	attached                   bool // without it the command asks
}

var logins = []login{
	{"sshpass", "", "-p", false},
	{"psexec", "-u ", "-p ", false},
	{"schtasks", "/ru ", "/rp ", false},
	{"cmdkey", "/user:", "/pass:", false},
	{"wmic", "/user:", "/password:", false},
	{"xfreerdp", "/u:", "/p:", false},
	{"evil-winrm", "-u ", "-p ", false},
	{"crackmapexec", "-u ", "-p ", false},
	{"net use", "/user:", "", false}, // the password stands in front of the account
	{"smbclient", "-U ", "%", false},
	{"redis-cli", "", "-a ", false},
	{"mosquitto_pub", "-u ", "-P ", false}, //nolint:misspell // the name of the program
	{"mosquitto_sub", "-u ", "-P ", false}, //nolint:misspell // and this
	{"snmpget", "-u ", "-A ", false},
	{"snmpwalk", "-u ", "-A ", false},
	{"openssl enc", "", "-k ", false},
	{"7z x ", "", "-p", true},
	{"7z a ", "", "-p", true},
	{"v1/devices/me/", "", "-u ", false}, // ThingsBoard's topics: a device's token is its account
	{"ldapsearch", "-D ", "-w ", false},
	{"mysql ", "-u", "-p", true},
	{"mysqldump ", "-u", "-p", true},
	{"mongosh ", "-u ", "-p ", false},
	{"sqlcmd", "-U ", "-P ", false},
	{"docker login", "-u ", "-p ", false},
	{"podman login", "-u ", "-p ", false},
	{"registry login", "-u ", "-p ", false},
	{"oc login", "-u ", "-p ", false},
	{"az login", "-u ", "-p ", false},
	{"connect-viserver", "-user ", "-password ", false},
	{"keytool", "", "-storepass ", false},
	{"-passin pass", "", ":", false},
	{"-passout pass", "", ":", false},
	{"with password ", "", "", false},
	{"with encrypted password ", "", "", false},
	{"with password = ", "", "", false},
	{"identified by ", "", "", false},
	{"identified with mysql_native_password by ", "", "", false},
	{"convertto-securestring ", "", "", false},
}

// commandAnchors are the names of commands, in their order.
var commandAnchors = func() []string {
	var all []string
	for _, l := range logins {
		all = append(all, l.command)
	}
	return all
}()

// command reads the password behind the command that was hit, and the account.
func (s *scan) command(h classifiers.Hit) {
	text := s.text
	if text[h.Start] != '-' && wordAt(text, h.Start-1) {
		return
	}
	line := text[h.End:min(h.End+maxCommand, len(text))]
	line, _, _ = strings.Cut(line, "\n")
	name := strings.ToLower(text[h.Start:h.End])
	n := slices.IndexFunc(logins, func(l login) bool { return l.command == name })
	if n < 0 {
		return
	}
	l := logins[n]
	account, named := argumentOf(line, l.account, false)
	i, given := argumentOf(line, l.password, l.attached)
	switch {
	case l.command == "net use" && named:
		i, given = account-len(l.account)-1, true
		for i > 0 && !blank.has(line[i-1]) {
			i--
		}
		if strings.HasPrefix(line[i:], `\\`) { // no password in front of it, so behind
			who, _ := commandArgument(line, account)
			i = spaces.run(line, who.end, 8)
		}
	case l.password == "":
		i, given = 0, l.command != "net use"
	}
	if !given {
		return
	}
	at, quoted := commandArgument(text, h.End+i)
	if l.password == "" && l.account == "" && !quoted && count(text[at.start:at.end]).digit == 0 {
		return // a sentence
	}
	judged := argumentPassword(text[at.start:at.end], quoted)
	s.settle(ruleCommand, at, judged)
	if !judged.secret() || !named || l.account == "" {
		return
	}
	who, _ := commandArgument(text, h.End+account)
	if n := strings.IndexByte(text[who.start:who.end], '%'); l.password == "%" && n >= 0 {
		who.end = who.start + n
	}
	if v := text[who.start:who.end]; accountClass.run(v, 0, len(v)) == len(v) && len(v) >= minAccount {
		s.report(ruleAccount, who, ruleAccount.sure, "account of a command's password")
	}
}

// argumentOf returns where the argument of an option begins in the line. One that
// ends in a space has it behind space; "-p" may have it attached, and must where
// attached says so.
func argumentOf(line, option string, attached bool) (int, bool) {
	if option == "" {
		return 0, false
	}
	if len(option) > 4 { // /user:, and the words of PowerShell, in any case
		line = strings.ToLower(line)
	}
	for i := 0; ; {
		n := strings.Index(line[i:], option)
		if n < 0 {
			return 0, false
		}
		at := i + n
		i = at + len(option)
		if option[0] != '%' && option[0] != ':' && (at == 0 || !blank.has(line[at-1])) {
			continue // within a word
		}
		if attached && i < len(line) && blank.has(line[i]) {
			continue
		}
		return spaces.run(line, i, 8), true
	}
}

// commandArgument returns the argument at i and whether it is quoted.
func commandArgument(text string, i int) (span, bool) {
	if at, _, ok := stringAt(text, i); ok {
		return at, true
	}
	end := i
	for end < len(text) && end-i < maxPassword && !blank.has(text[end]) && strings.IndexByte("\"'`;,)", text[end]) < 0 {
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

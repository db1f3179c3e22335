package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Passwords on command lines and in the statements of SQL and PowerShell: what
// tells them is the command, not a name.

// maxCommand is how far behind a command its option is looked for.
const maxCommand = 200

// commands are what stands in front of a password: the command, and the option
// that the password follows; none when it follows the command.
var commands = []struct{ name, option string }{
	{"sshpass", "-p"},
	{"psexec", "-p "},
	{"schtasks", "/rp "},
	{"cmdkey", "/pass:"},
	{"net use", "/user:"},
	{"smbclient", "%"},
	{"redis-cli", "-a "},
	{"docker login", "-p "},
	{"identified by ", ""},
	{"identified with mysql_native_password by ", ""},
	{"convertto-securestring ", ""},
}

// commandAnchors are the names of commands, in their order.
var commandAnchors = func() []string {
	var all []string
	for _, c := range commands {
		all = append(all, c.name)
	}
	return all
}()

// command reads the password behind the command that was hit.
func (s *scan) command(h classifiers.Hit) {
	text := s.text
	if wordAt(text, h.Start-1) {
		return
	}
	line := text[h.End:min(h.End+maxCommand, len(text))]
	if n := strings.IndexByte(line, '\n'); n >= 0 {
		line = line[:n]
	}
	name := strings.ToLower(text[h.Start:h.End])
	for _, c := range commands {
		if c.name != name {
			continue
		}
		at := strings.Index(line, c.option)
		if at < 0 || c.option != "" && c.option != "%" && (at == 0 || !blank.has(line[at-1])) {
			return
		}
		i := spaces.run(text, h.End+at+len(c.option), 8)
		if c.name == "net use" { // the password stands in front of the account
			i = h.End + at - 1
			for i > h.End && !blank.has(text[i-1]) {
				i--
			}
		}
		s.argument(i)
		return
	}
}

// argument reports the argument at i, in quotes or not, when it is a password.
func (s *scan) argument(i int) {
	at, _, ok := stringAt(s.text, i)
	if !ok {
		end := i
		for end < len(s.text) && end-i < maxPassword && !blank.has(s.text[end]) && strings.IndexByte("\"'`;,)", s.text[end]) < 0 {
			end++
		}
		at = span{i, end}
	}
	v := s.text[at.start:at.end]
	if connectionSecret(v) && v[0] != '-' && v[0] != '\\' && !strings.ContainsAny(v, "() ") && (ok || count(v).digit > 0) {
		s.report(ruleCommand, at, ruleCommand.sure, "argument of a command")
	} else if v != "" {
		s.drop(ruleCommand, at, whyPlaceholder)
	}
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

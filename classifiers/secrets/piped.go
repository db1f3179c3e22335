package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// Passwords that a command reads from its input: echo ... | sudo -S, chpasswd <<< ...,
// the lines below chpasswd in a shell or in the data of cloud-init.

// pipeAnchors are the commands that read a password, with what tells that they do.
var pipeAnchors = []string{
	"sudo -", "chpasswd", "passwd --stdin", "-password-stdin", " -stdin", "| passwd", "kinit", "smbpasswd -", "vncpasswd -f", "cryptsetup ", "passphrase-fd 0", "-with-token",
}

// maxPairLines is how many lines of accounts and passwords are read.
const maxPairLines = 16

// piped reads what the command that was hit is given.
func (s *scan) piped(h classifiers.Hit) {
	text := s.text
	name := text[h.Start:h.End]
	if ascii.Word.Has(name[0]) && ascii.WordAt(text, h.Start-1) || strings.HasSuffix(name, "udo -") && !strings.Contains(text[h.End:ascii.Letter.Run(text, h.End, 4)], "S") {
		return
	}
	pairs := strings.EqualFold(name, "chpasswd")
	front := max(h.Start-maxCommand, 0)
	front += strings.LastIndexByte(text[front:h.Start], '\n') + 1
	if name[0] == '|' {
		h.Start++
	}
	bar := strings.LastIndexByte(text[front:h.Start], '|')
	if bar >= 0 {
		if i, ok := echoed(text[front : front+bar]); ok {
			s.input(front+i, pairs)
		}
		return
	}
	line := text[h.End:min(h.End+maxCommand, len(text))]
	line, _, _ = strings.Cut(line, "\n")
	if n := strings.Index(line, "<<<"); n >= 0 {
		s.input(spaces.Run(text, h.End+n+3, 4), pairs)
	} else if pairs && (strings.HasPrefix(line, ":") || strings.Contains(line, "<<")) {
		s.pairLines(h.End + len(line) + 1)
	}
}

// echoed returns where in front of a pipe the text begins that is written to it.
func echoed(front string) (int, bool) {
	for _, name := range []string{"echo", "printf", "Write-Output"} {
		i := strings.LastIndex(front, name)
		if i < 0 || ascii.WordAt(front, i-1) {
			continue
		}
		i = spaces.Run(front, i+len(name), 8)
		for i < len(front) && (front[i] == '-' || strings.HasPrefix(strings.TrimLeft(front[i:], "\"'"), "%s")) { // -n, '%s\n'
			for i < len(front) && !blank.Has(front[i]) {
				i++
			}
			i = spaces.Run(front, i, 8)
		}
		return i, i < len(front)
	}
	return 0, false
}

// input judges what is written at i: a password, or an account and its password.
func (s *scan) input(i int, pair bool) {
	at, quoted := commandArgument(s.text, i)
	if n := strings.Index(s.text[at.start:at.end], `\n`); n >= 0 { // told twice
		at.end = at.start + n
	}
	if pair {
		s.pairAt(at)
	} else if at.end > at.start {
		s.settle(ruleCommand, at, argumentPassword(s.text[at.start:at.end], quoted))
	}
}

// pairAt reports an account and its password, parted by a colon.
func (s *scan) pairAt(at span) bool {
	n := strings.IndexByte(s.text[at.start:at.end], ':')
	if n <= 0 || n+1 == at.end-at.start || accountClass.Run(s.text, at.start, maxAccount) != at.start+n {
		return false
	}
	password := span{at.start + n + 1, at.end}
	judged := argumentPassword(s.text[password.start:password.end], true)
	if s.text[password.start:password.end] == "RANDOM" { // cloud-init draws one
		judged = no(whyPlaceholder)
	}
	s.settle(ruleCommand, password, judged)
	if at.end = at.start + n; judged.secret() && accountLike(s.text[at.start:at.end]) {
		s.report(ruleAccount, at, ruleAccount.sure, "account of a command's password")
	}
	return true
}

// pairLines reads lines of accounts and passwords, which the first line may lead to:
// the keys expire and list of cloud-init.
func (s *scan) pairLines(i int) {
	text := s.text
	for range maxPairLines {
		i = spaces.Run(text, min(i, len(text)), 16)
		if strings.HasPrefix(text[i:], "- ") {
			i += 2
		}
		end := i
		for end < len(text) && end-i < maxPassword && !blank.Has(text[end]) {
			end++
		}
		if key := text[i:end]; !s.pairAt(span{i, end}) && !strings.HasSuffix(key, ":") {
			return
		}
		n := strings.IndexByte(text[end:min(end+maxName, len(text))], '\n')
		if n < 0 {
			return
		}
		i = end + n + 1
	}
}

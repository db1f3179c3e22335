package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Passwords by the place where they stand alone: what a script answers when it is asked
// for one, a line of .pgpass, the lines of OpenVPN's auth-user-pass.

// answerAnchors are what expect and pexpect answer with.
var answerAnchors = []string{"send \"", "send -- \"", "sendline("}

// maxAsked is how far in front of an answer the question may stand.
const maxAsked = 120

// answer reads the answer at the hit when a password was asked for.
func (s *scan) answer(h classifiers.Hit) {
	asked := strings.ToLower(s.text[max(h.Start-maxAsked, 0):h.Start])
	if n := strings.LastIndex(asked, "expect"); n < 0 || !strings.Contains(asked[n:], "assword") && !strings.Contains(asked[n:], "assphrase") {
		return
	}
	i := h.End
	if s.text[i-1] == '"' {
		i--
	}
	if at, _, ok := stringAt(s.text, i); ok {
		for strings.HasSuffix(s.text[at.start:at.end], `\r`) || strings.HasSuffix(s.text[at.start:at.end], `\n`) {
			at.end -= 2
		}
		if at.end > at.start {
			s.settle(ruleCommand, at, argumentPassword(s.text[at.start:at.end], true))
		}
	}
}

// pgpassAnchors stand in the lines of .pgpass: host:port:database:user:password
// (PostgreSQL, "The Password File").
var pgpassAnchors = []string{":5432:", "*:*:"}

// pgpass reads the line that was hit.
func (s *scan) pgpass(h classifiers.Hit) {
	text := s.text
	from := max(h.Start-maxName, 0)
	from += strings.LastIndexByte(text[from:h.Start], '\n') + 1
	end := h.End
	for end < len(text) && end-h.End < maxPassword && !blank.has(text[end]) {
		end++
	}
	if from < h.Start && strings.ContainsAny(text[from:h.Start], " \t/") || strings.Count(text[from:end], ":") != 4 {
		return
	}
	at := span{from, end}
	for range 4 {
		at.start += strings.IndexByte(text[at.start:end], ':') + 1
	}
	if at.start < at.end && !strings.ContainsAny(text[from:at.start], "\"'`{}()[]<>$") {
		s.settle(ruleCommand, at, argumentPassword(text[at.start:at.end], false))
	}
}

// inlineAuth reads the account and the password on the lines behind the hit.
func (s *scan) inlineAuth(h classifiers.Hit) {
	text := s.text
	user := blank.run(text, h.End, 4)
	at := span{start: blank.run(text, accountClass.run(text, user, maxAccount), 4)}
	for at.end = at.start; at.end < len(text) && at.end-at.start < maxPassword && !blank.has(text[at.end]); {
		at.end++
	}
	if user > h.End && at.start > user && at.end > at.start && strings.HasPrefix(strings.TrimLeft(text[at.end:min(at.end+24, len(text))], " \r\n"), "</auth") {
		s.settle(ruleCommand, at, argumentPassword(text[at.start:at.end], true))
	}
}

// reply reads what is answered on the line behind a question for a password, which ends
// at i: its last word, when it has marks that only passwords have.
func (s *scan) reply(i int) {
	text := s.text
	if i >= len(text) || text[i] != '\n' {
		return
	}
	line := text[i+1 : min(i+1+toldWindow, len(text))]
	line, _, _ = strings.Cut(strings.TrimLeft(line, "\n"), "\n")
	line = strings.TrimRight(line, " \r.\"'`")
	start := strings.LastIndexAny(line, " \t\"'`") + 1
	v := line[start:]
	if start == 0 || strings.ContainsAny(v, "/:.@(){}<>=") || !strings.ContainsAny(v, "!#$%^&*+?~") || count(v).groups() < 3 {
		return
	}
	from := i + 1 + strings.Index(text[i+1:], line) + start
	s.settle(ruleGeneric, span{from, from + len(v)}, toldPassword(v, true))
}

package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
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

// below reads the line below the name, when the two have their lines to themselves: what
// a page shows, or a picture of one.
func (s *scan) below(name span, kind nameKind) {
	text := s.text
	i := name.end
	if strings.HasPrefix(text[i:], " value") {
		i += len(" value")
	}
	i = spaces.Run(text, i, 4)
	if i < len(text) && text[i] == ':' {
		i = spaces.Run(text, i+1, 4)
	}
	if kind < nameSecret || i >= len(text) || text[i] != '\n' && text[i] != '\r' || !proseLine(lineBefore(text, name.start)) {
		return
	}
	at := span{start: blank.Run(text, i, 8)}
	at.end = ascii.Word.Run(text, at.start, maxValue)
	for at.end < len(text) && at.end-at.start < maxPassword && text[at.end] > ' ' && text[at.end] < 0x7f {
		at.end++
	}
	v := text[at.start:at.end]
	if len(v) < 8 || !endsLine(text, at.end) || strings.IndexByte(":,;{[(", v[len(v)-1]) >= 0 {
		return
	}
	judged := no(whySentence)
	if k := count(v); kind == namePassword && k.groups() >= 3 && k.digit > 0 {
		judged = toldPassword(v, false)
	} else if k.digit > 2 && len(v) >= 16 && tokenBytes.Run(v, 0, len(v)) == len(v) {
		judged = judgeToken(v, k, nameSecret, formProse)
	}
	s.settle(ruleGeneric, at, judged)
}

// phrase reports the words in quotes that are assigned to the name of a passphrase, or
// told of it: four or more in small letters, as dice draw them.
func (s *scan) phrase(name span, kind nameKind) bool {
	text := s.text
	if kind != namePassword || !strings.EqualFold(text[max(name.end-len("phrase"), 0):name.end], "phrase") {
		return false
	}
	i := spaces.Run(text, name.end, 4)
	for _, sign := range []string{"is ", "was ", ":", "="} {
		if strings.HasPrefix(text[i:], sign) {
			i = spaces.Run(text, i+len(sign), 4)
			break
		}
	}
	at, _, ok := stringAt(text, i)
	if !ok {
		return false
	}
	words := 0
	for w := range strings.FieldsSeq(text[at.start:at.end]) {
		if words++; len(w) < 3 || ascii.Letter.Run(w, 0, len(w)) < len(w) || count(w).upper > 0 || phraseStops[w] {
			return false
		}
	}
	if words < 4 || words > 12 {
		return false
	}
	s.report(ruleGeneric, at, sureTold, "words of a passphrase")
	return true
}

// phraseStops are words of sentences about passphrases.
var phraseStops = set("the your you for and must should not with that this phrase passphrase password enter type please new old confirm again characters words long short optional encrypt private key file used when")

// proseLine reports whether a line begins with at most three words and nothing else.
func proseLine(front string) bool {
	front = strings.TrimSpace(front)
	return ascii.Letter.Run(front, 0, maxName) <= len(front) && strings.Count(front, " ") < 3 && proseClass.Run(front, 0, maxName) == len(front)
}

// wifi reads the password in the text of a QR code for a wireless network:
// WIFI:T:WPA;S:name;P:password;; (ZXing, "Barcode contents").
func (s *scan) wifi(h classifiers.Hit) {
	text := s.text
	line := text[h.End:min(h.End+maxCommand, len(text))]
	line, _, _ = strings.Cut(line, "\n")
	n := strings.Index(line, ";P:")
	if strings.HasPrefix(line, "P:") {
		n = -1
	} else if n < 0 || line[1] != ':' || strings.IndexByte("TSH", line[0]) < 0 {
		return
	}
	at := span{start: h.End + n + len(";P:")}
	at.end = at.start + strings.IndexByte(text[at.start:h.End+len(line)], ';')
	if at.end > at.start && (strings.Contains(line, "S:")) {
		s.settle(ruleCommand, at, argumentPassword(text[at.start:at.end], true))
	}
}

// relayAnchors stand in the lines of Postfix' map of passwords: [host]:port user:password
// (Postfix, SASL_README).
var relayAnchors = []string{"]:587 ", "]:465 ", "]:25 ", "]:2525 ", "]:587\t", "]:465\t"}

// relay reads the account and the password behind the hit.
func (s *scan) relay(h classifiers.Hit) {
	i := spaces.Run(s.text, h.End, 16)
	end := i
	for end < len(s.text) && end-i < maxPassword && s.text[end] > ' ' && s.text[end] < 0x7f {
		end++
	}
	s.pairAt(span{i, end})
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
	for end < len(text) && end-h.End < maxPassword && !blank.Has(text[end]) {
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
	user := blank.Run(text, h.End, 4)
	at := span{start: blank.Run(text, accountClass.Run(text, user, maxAccount), 4)}
	for at.end = at.start; at.end < len(text) && at.end-at.start < maxPassword && !blank.Has(text[at.end]); {
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

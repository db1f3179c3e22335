package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// maxCookies bounds how far the cookies of a header are read.
const maxCookies = 2048

// sessionCookies are the names, or their ends, of cookies that stand for a login: those
// of PHP, Java, ASP.NET, Express, Rails, Django, Flask, WordPress and of identity
// providers.
var sessionCookies = ends("sessionid session sessid sess sid token auth jwt remember_me aspxauth applicationcookie cookies rtfa fedauth")

// cookie reads the cookies behind the word, of the headers Cookie and Set-Cookie
// (RFC 6265, section 4), and reports those that are a session.
func (s *scan) cookie(h classifiers.Hit) {
	text := s.text
	if h.Start < s.cookieEnd {
		return
	}
	i := cookieLead.Run(text, h.End, 8)
	if strings.HasPrefix(text[i:], "value") { // "name": "Cookie", "value": "..." of HAR
		i = cookieLead.Run(text, i+len("value"), 8)
	}
	for limit := min(h.End+maxCookies, len(text)); i < limit; s.cookieEnd = i {
		i = cookieGap.Run(text, i, 8)
		end := ascii.Ident.Run(text, i, maxName)
		if end == i || end >= len(text) || text[end] != '=' {
			return
		}
		at := span{end + 1, cookieBytes.Run(text, end+1, maxToken)}
		if name := text[i:end]; at.end-at.start >= 16 && sessionCookie(name) {
			v := text[at.start:at.end]
			judged := no(whyPlaceholder)
			if !placeholder(v) {
				judged = judgeToken(strings.ReplaceAll(v, "%", ""), count(v), nameSecret, formBare)
			}
			if judged.secret() {
				judged.sure = ruleCookie.sure
			}
			s.settle(ruleCookie, at, judged)
		}
		if i = at.end; i >= len(text) || text[i] != ';' {
			return
		}
		i++
	}
}

func sessionCookie(name string) bool {
	var room [maxName]byte
	_, ok := cutEnd(appendLower(room[:0], strings.TrimRight(name, ascii.Digits)), sessionCookies)
	return ok && !strings.Contains(strings.ToLower(name), "csrf") && !strings.Contains(strings.ToLower(name), "xsrf")
}

var (
	cookieLead  = ascii.Of(" \t\"'\\:,=")
	cookieGap   = ascii.Of(" \t\"'\\")
	cookieBytes = ascii.Of(ascii.Alnums + "-._~+/=%:|!")
)

// bitlockerAnchors stand near the recovery password of BitLocker.
var bitlockerAnchors = []string{"bitlocker", "recovery key", "recovery password", "numerical password", "numerisches kennwort", "wiederherstellungsschl"}

// maxRecovery is how far behind the anchor the password may stand.
const maxRecovery = 200

// bitlocker reads the recovery password of BitLocker: eight groups of six digits, each of
// which 11 divides, to less than 2^16 (Microsoft, "BitLocker recovery overview").
func (s *scan) bitlocker(h classifiers.Hit) {
	text := s.text
	limit := min(h.End+maxRecovery, len(text))
	for i := h.End; i < limit; i++ {
		if !isDigit(text[i]) {
			continue
		}
		if end := recoveryEnd(text, i); end > i && strings.Count(text[i:end], text[i:i+6]) == 8 {
			s.drop(ruleBitLocker, span{i, end}, whySame)
			return
		} else if end > i {
			s.report(ruleBitLocker, span{i, end}, ruleBitLocker.sure, "eight groups that eleven divides")
			return
		}
		i = ascii.Digit.Run(text, i, limit-i)
	}
}

func recoveryEnd(text string, i int) int {
	at := i
	for group := range 8 {
		if ascii.Digit.Run(text, at, 7)-at != 6 {
			return i
		}
		n := 0
		for _, c := range []byte(text[at : at+6]) {
			n = n*10 + int(c-'0')
		}
		if n%11 != 0 || n >= 11<<16 {
			return i
		}
		at += 6
		if group < 7 {
			if at >= len(text) || text[at] != '-' {
				return i
			}
			at++
		}
	}
	return at
}

// pinAnchors tell a number that opens something.
var pinAnchors = []string{
	"pin is ", "pin: ", "pin ist ", "pin lautet ", "alarm code", "door code", "gate code", "entry code", "safe code", "combination is ", "combination for ", "passcode: ", "passcode is ", "alarmcode", "türcode",
	"_pin=", "die pin ", "code pin est ", "el pin es ", "o pin é ", "il pin è ", "de pincode is ", "the pin for ",
}

// placePins are the anchors behind which the code of a place may stand.
var placePins = map[string]bool{"pin is ": true, "pin: ": true, "the pin for ": true}

// pin reads the number behind the hit: four to eight digits, which end a clause and
// stand right behind it, or behind a few words and a verb. PIN is also the code of a
// place in India, with six digits, and what people call that of theirs, with five.
func (s *scan) pin(h classifiers.Hit) {
	text := s.text
	if text[h.Start] != '_' && ascii.WordAt(text, h.Start-1) || ascii.Word.Has(text[h.End-1]) && ascii.WordAt(text, h.End) {
		return
	}
	told := pinTold(text[h.Start:h.End])
	i := h.End
	for range 6 {
		for ; i < len(text) && i-h.End < 48 && strings.IndexByte(" :=\"'`*", text[i]) >= 0; i++ {
			told = told || text[i] == ':' || text[i] == '='
		}
		if i >= len(text) || isDigit(text[i]) {
			break
		}
		end := ascii.Letter.Run(text, i, 16)
		if end == i {
			return
		}
		told = pinTold(text[i:end])
		i = end
	}
	end := ascii.Digit.Run(text, i, 9)
	n := end - i
	if !told || n < 4 || n > 8 || (n == 5 || n == 6) && placePins[strings.ToLower(text[h.Start:h.End])] || ascii.WordAt(text, i-1) || !clauseEnd(text, end) {
		return
	}
	v := text[i:end]
	judged := verdict{sureTold, "a sentence tells it"}
	if sequence(v) || strings.Trim(v, v[:1]) == "" || v == "1234" || v == "12345" || v == "4321" || n == 4 && (v[:2] == "19" || v[:2] == "20") {
		judged = no(whySequence)
	}
	s.settle(ruleGeneric, span{i, end}, judged)
}

// pinTold reports whether words end in a verb or a sign that tells a number.
func pinTold(words string) bool {
	words = strings.ToLower(words)
	if strings.HasSuffix(words, ":") || strings.HasSuffix(words, "=") || strings.HasSuffix(words, ": ") {
		return true
	}
	words = strings.TrimSpace(words)
	return pinVerbs[words[strings.LastIndexByte(words, ' ')+1:]]
}

var pinVerbs = set("is was ist lautet war est es é è")

// clauseEnd reports whether a clause ends at i.
func clauseEnd(text string, i int) bool {
	rest := text[i:min(i+8, len(text))]
	if rest == "" || strings.IndexByte("\r\n\"'`*)!?;", rest[0]) >= 0 {
		return true
	}
	if rest[0] == '.' || rest[0] == ',' {
		return len(rest) == 1 || !isDigit(rest[1])
	}
	for _, w := range []string{" and ", " und ", " et ", " y ", " e ", " - ", " ("} {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return strings.HasPrefix(rest, " since ")
}

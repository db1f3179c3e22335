package secrets

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Passwords that a sentence tells, in the languages that the assignment parser
// does not read: "das Kennwort lautet", "la contraseña es", "пароль:", "密码是".

// toldAnchors are the words for a password, without the letters that change.
var toldAnchors = []string{
	"kennwort", "passwort", "contrase", "senha", "mot de passe", "palavra-passe", "wachtwoord", "senord", "adgangskode", "salasana",
	"hasło", "haslo", "heslo", "jelsz", "şifre", "parola", "clave", "lozinka", "mật khẩu", "kata sandi",
	"ароль", "ключ доступа", "密码", "密碼", "口令", "パスワード", "비밀번호", "암호", "रक्षक शब्द", "كلمة المرور", "كلمة السر", "סיסמה", "รหัสผ่าน",
}

// tellers are what may stand between the word and the password.
var tellers = []string{
	"is", "lautet", "ist", "wäre", "est", "es", "é", "è", "foi", "is:", "är", "er", "on", "jest", "to", "je", "az", "adalah", "là", "olan", "que", "la", "el",
	"это", "такой", "следующий", "是", "为", "為", "設定", "は", "が", "는", "은", "가", "है", "هي", "هو", "היא", "คือ",
	"für", "for", "pour", "para", "per", "de", "di", "do", "da", "nova", "nueva", "temporal", "wifi", "wi-fi", "wlan", "vpn",
}

const (
	toldWindow = 96 // bytes between the word and the password
	maxTellers = 4
)

func (s *scan) told(h classifiers.Hit) {
	text := s.text
	if text[h.Start] < utf8.RuneSelf && h.Start > 0 && letterClass.has(text[h.Start-1]) && text[h.Start] != 's' {
		return
	}
	i, sure := h.End, false
	alphabetic := text[h.End-1] < 0xE0 && !ideographic(text, h.End)
	for alphabetic && i < len(text) && i-h.End < 12 && !toldEnd.has(text[i]) && (text[i] < utf8.RuneSelf || !ideographic(text, i+1)) { // the rest of the word
		i++
	}
	limit := min(h.End+toldWindow, len(text))
	for range 2 * maxTellers {
		n, mark := separator(text, i, limit)
		sure = sure || mark
		i += n
		word := teller(text[i:limit])
		if word == 0 {
			break
		}
		sure = true
		i += word
	}
	if !sure || i >= limit {
		return
	}
	end := i
	for end < len(text) && end-i < maxPassword && text[end] > ' ' && text[end] < 0x7f && strings.IndexByte("\"'`<>", text[end]) < 0 {
		end++
	}
	quoted := end < len(text) && strings.IndexByte("\"'`", text[end]) >= 0 || strings.HasPrefix(text[min(end, len(text)):], "”") ||
		strings.HasPrefix(text[min(end, len(text)):], "“") || strings.HasPrefix(text[min(end, len(text)):], "»") || strings.HasPrefix(text[min(end, len(text)):], "」")
	for end > i && strings.IndexByte(".,;:?)", text[end-1]) >= 0 && !quoted {
		end--
	}
	s.settle(ruleGeneric, span{i, end}, toldPassword(text[i:end]))
}

// ideographic reports whether the character that the byte in front of i belongs
// to takes three bytes or more: in scripts that do not part words.
func ideographic(text string, i int) bool {
	for i--; i > 0 && !utf8.RuneStart(text[i]); i-- {
	}
	return text[i] >= 0xE0
}

var toldEnd = of(" \t\r\n:=\"'`,.;!?()[]{}<>-_/\\|")

// separator returns how many bytes of space, quotes and colons stand at i, and
// whether one of them says that a value follows.
func separator(text string, i, limit int) (n int, mark bool) {
	start := i
	for i < limit {
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '`' || c == '*' || c == '-' || c == '(' || c == ')':
			i++
		case c == ':' || c == '=':
			mark = true
			i++
		case c < utf8.RuneSelf:
			return i - start, mark
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			if strings.ContainsRune("：＝", r) {
				mark = true
			} else if !strings.ContainsRune("“”„«»「」『』‘’—–、， ", r) {
				return i - start, mark
			}
			i += size
		}
	}
	return i - start, mark
}

// teller returns the length of the word at the start of text when it tells a
// value. Words of letters with spaces end at one.
func teller(text string) int {
	best := 0
	for _, t := range tellers {
		if len(t) > best && len(text) > len(t) && strings.HasPrefix(text, t) && (t[0] >= utf8.RuneSelf && len(t) > 2 || strings.IndexByte(" :\t\"'`", text[len(t)]) >= 0) {
			best = len(t)
		}
	}
	return best
}

// toldPassword judges what a sentence calls a password: letters and digits, and
// no word.
func toldPassword(v string) verdict {
	switch {
	case len(v) < 6:
		return no(whyShort)
	case len(v) > maxPassword:
		return no(whyLong)
	case sequence(v):
		return no(whySequence)
	}
	if why := codeLike(v, formProse); why != "" {
		return no(why)
	}
	if why := template(v); why != "" {
		return no(why)
	}
	k := count(v)
	switch {
	case k.digit == 0 || k.letters() == 0 || k.groups() < 3 && (len(v) < 8 || plain(v)):
		return no(whyWord)
	case placeholder(v) && k.groups() < 3:
		return no(whyPlaceholder)
	}
	return verdict{sureTold, "a sentence tells it"}
}

package secrets

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// Passwords that a sentence tells: "the wifi password for the office is ...", "das
// Kennwort lautet", "la contraseña es", "пароль:", "密码是", "creds are bob / ...".

// toldAnchors are the words for a password, without the letters that change. The
// English ones are names of assignments too, see assignment.
var toldAnchors = []string{
	"kennwort", "passwort", "contrase", "senha", "mot de passe", "palavra-passe", "wachtwoord", "senord", "adgangskode", "salasana",
	"hasło", "haslo", "heslo", "jelsz", "şifre", "parola", "clave", "lozinka", "mật khẩu", "kata sandi",
	"ароль", "ключ доступа", "密码", "密碼", "口令", "パスワード", "비밀번호", "비번", "암호", "रक्षक शब्द", "पासवर्ड", "পাসওয়ার্ড", "رمز عبور", "ωδικό", "парола", "slaptažod", "zaporka", "geslo", "parool", "lykilor", "kata laluan", "nenosiri", "패스워드", "كلمة المرور", "كلمة السر", "סיסמה", "รหัสผ่าน",
	"pw:", "pw =", "pw=", "pw is ", "mdp:", "mdp :", "mdp =", "mdp est ", "mdp du ", "mdp de ", "wlan-schlüssel", "wifi-schlüssel", "wlan-key",
}

// accountAnchors are the words for an account and its password: "login bob / ...".
var accountAnchors = []string{
	"login", "log in", "logon", "zugangsdaten", "anmeldedaten", "identifiants", "credenciales", "credenciais", "credenziali", "inloggegevens",
}

// tellers stand right in front of a password: verbs, and what may stand between them
// and it.
var tellers = []string{
	"is", "was", "are", "to", "lautet", "lauten", "ist", "wäre", "est", "es", "é", "è", "foi", "är", "er", "on", "jest", "je", "az", "adalah", "là", "olan", "que", "la", "el",
	"sont", "son", "sono", "zijn", "now", "currently", "still", "set", "changed", "reset", "with", "using", "as", "bisher", "actual", "mit", "avec", "con", "com",
	"это", "такой", "следующий", "是", "为", "為", "設定", "は", "が", "는", "은", "가", "है", "هي", "هو", "היא", "คือ", "είναι", "πρόσβασης", "este",
	"für", "for", "pour", "para", "per", "de", "di", "do", "da", "nova", "nueva", "temporal", "wifi", "wi-fi", "wlan", "vpn",
}

// tellersBy are the tellers that begin with each byte.
var tellersBy = func() (by [256][]string) {
	for _, t := range tellers {
		by[t[0]] = append(by[t[0]], t)
	}
	return by
}()

// pairWords may stand between an account and its password.
var pairWords = []string{"/", "|", ":", ",", "and ", "und ", "et ", "y ", "e ", "en "}

const (
	toldWindow = 96 // bytes between the word and the password
	maxTold    = 12 // words between them
)

func (s *scan) told(h classifiers.Hit) {
	text := s.text
	if text[h.Start] < utf8.RuneSelf && h.Start > 0 && ascii.Letter.Has(text[h.Start-1]) && text[h.Start] != 's' {
		return
	}
	i := h.End
	switch {
	case !ascii.Letter.Has(text[i-1]) && text[i-1] < utf8.RuneSelf:
		i = ascii.Letter.Run(text, h.Start, 8) // pw, whose sign tells
	case text[i-1] < 0xE0 && !ideographic(text, i):
		for i < len(text) && i-h.End < 12 && !toldEnd.Has(text[i]) && (text[i] < utf8.RuneSelf || !ideographic(text, i+1)) { // the rest of the word
			i++
		}
	}
	s.tell(i, false)
}

func (s *scan) toldAccount(h classifiers.Hit) {
	if !ascii.WordAt(s.text, h.Start-1) && !ascii.WordAt(s.text, h.End) {
		s.tell(h.End, true)
	}
}

// tellNamed is tell behind an English word of a kind, which is a name of assignments too
// and ends at i. It returns false when no sentence tells what the word stands for.
func (s *scan) tellNamed(name string, kind nameKind, i int) bool {
	switch {
	case kind == namePassword && strings.EqualFold(name, "pass") && !strings.HasPrefix(s.text[i:], " is "): // a verb
		at := s.toldWord(spaces.Run(s.text, i, 4))
		s.settle(ruleGeneric, at, toldPassword(s.text[at.start:at.end], true))
	case kind == namePassword:
		s.tell(i, false)
	case kind == nameSecret && credentials(name):
		s.tell(i, true)
	default:
		return false
	}
	return true
}

func credentials(name string) bool { return len(name) > 4 && strings.EqualFold(name[:4], "cred") }

// tell reports the password that a sentence tells behind the word for it, which ends
// at i: right behind it, or behind a colon or a verb in the same sentence, or behind
// the account that stands there. paired says that it stands behind an account only.
func (s *scan) tell(i int, paired bool) {
	text, limit := s.text, min(i+toldWindow, len(s.text))
	told, loose, account := true, true, false // loose: nothing says that it follows
	for range maxTold {
		n, mark := separator(text, i, limit)
		i += n
		told, loose = told || mark, loose && !mark
		for mark && i < limit && (text[i] == '\n' || text[i] == '\r') {
			n, _ = separator(text, i+1, limit)
			i += 1 + n
		}
		if i >= limit {
			return
		}
		if word := teller(text[i:limit]); word > 0 {
			i += word
			told, loose = true, false
			continue
		}
		at := s.toldWord(i)
		if at.end == at.start {
			if text[i] < utf8.RuneSelf { // the line ends
				if text[i] == '?' {
					s.reply(i + 1)
				}
				return
			}
			for i < limit && text[i] >= utf8.RuneSelf {
				i++
			}
			told = false
			continue
		}
		if n := strings.IndexAny(text[at.start:at.end], ":/"); paired && !account && n > 0 {
			at.end = at.start + n // bob:...
		}
		if paired && !account && accountClass.Run(text, at.start, maxAccount) < at.end {
			return
		}
		if told && (!paired || account && strings.IndexByte(text[at.start:at.end], '/') < 0) {
			v := toldPassword(text[at.start:at.end], loose)
			if s.settle(ruleGeneric, at, v); v.secret() {
				return
			}
		}
		if i = at.end; i < len(text) && strings.IndexByte(".!?;", text[i]) >= 0 { // the sentence ends
			if text[i] == '?' {
				s.reply(i + 1)
			}
			return
		}
		pair := 0
		if told && !account {
			pair = pairWord(text, i)
		}
		if paired && pair == 0 && !account && at.end < limit && text[at.end] == ' ' {
			// "creds for the demo tenant - bob@corp.example / ...": an address in front of a stroke needs no colon.
			if n := strings.IndexByte(text[at.start:at.end], '@'); n > 0 && strings.HasPrefix(text[at.end:], " / ") {
				pair = len(" / ")
			} else {
				told = false
				continue
			}
		}
		if paired && pair == 0 {
			return
		}
		told, account = pair > 0, account || pair > 0
		i += pair
		for pair == 0 && text[i-1] == '=' {
			i--
		}
	}
}

// toldWord returns what stands at i up to a space or a quotation mark, without the
// marks that end a sentence.
func (s *scan) toldWord(i int) span {
	text, end := s.text, i
	for end < len(text) && end-i <= maxPassword && text[end] > ' ' && text[end] < 0x7f && strings.IndexByte("\"'`<>", text[end]) < 0 {
		if _, width := quoteAt(text, end); width > 2 { // of HTML
			break
		}
		end++
	}
	_, quoted := quoteAt(text, end)
	for end > i && strings.IndexByte(".,;:?)", text[end-1]) >= 0 && quoted == 0 && !strings.HasPrefix(text[end:], "»") && !strings.HasPrefix(text[end:], "」") {
		end--
	}
	return span{i, end}
}

// pairWord returns the length of what parts an account that ends at i from its
// password.
func pairWord(text string, i int) int {
	at := spaces.Run(text, i, 4)
	for _, p := range pairWords {
		if strings.HasPrefix(text[at:], p) && (at > i || !ascii.Letter.Has(p[0])) {
			return at + len(p) - i
		}
	}
	return 0
}

// generated reads the password that an installer prints on a line of its own, as
// Jenkins does: "use the following password to proceed:".
func (s *scan) generated(h classifiers.Hit) {
	text := s.text
	limit := min(h.End+toldWindow, len(text))
	n := strings.IndexByte(text[h.End:limit], '\n')
	if n < 0 {
		return
	}
	i := blank.Run(text, h.End+n, 16)
	end := ascii.Word.Run(text, i, maxPassword)
	if end > i && endsLine(text, end) {
		s.settle(ruleGeneric, span{i, end}, judgeValue(text[i:end], namePassword, formBare))
	}
}

// ideographic reports whether the character that the byte in front of i belongs
// to takes three bytes or more: in scripts that do not part words.
func ideographic(text string, i int) bool {
	for i--; i > 0 && !utf8.RuneStart(text[i]); i-- {
	}
	return text[i] >= 0xE0
}

var toldEnd = ascii.Of(" \t\r\n:=\"'`,.;!?()[]{}<>-_/\\|")

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
	if text == "" {
		return 0
	}
	for _, t := range tellersBy[text[0]] {
		if len(t) > best && len(text) > len(t) && strings.HasPrefix(text, t) && (t[0] >= utf8.RuneSelf && len(t) > 2 || strings.IndexByte(" :\t\"'`", text[len(t)]) >= 0) {
			best = len(t)
		}
	}
	return best
}

// toldPassword judges what a sentence calls a password: letters and digits, and
// no word. What has a number behind a word is one when it is no name of a method or
// a version, such as base64 and WPA2.
func toldPassword(v string, loose bool) verdict {
	switch {
	case len(v) < 6:
		return no(whyShort)
	case len(v) > maxPassword:
		return no(whyLong)
	}
	k := count(v)
	if k.digit == 0 || k.letters() == 0 || k.groups() < 3 && (loose && !numberedWord(v, k) || len(v) < 8 || plain(v) && k.digit < 2) ||
		loose && k.digit < 2 && !strings.ContainsAny(v, "!@#$%^&*+?~") { // UTF-8, OAuth2
		return no(whyWord)
	}
	if sequence(v) {
		return no(whySequence)
	}
	if why := codeLike(v, formProse); why != "" {
		return no(why)
	}
	if why := template(v); why != "" {
		return no(why)
	}
	switch {
	case managers[strings.ToLower(strings.TrimRight(v, ascii.Digits))]:
		return no(whyMethod)
	case placeholder(v) && k.groups() < 3, loose && dummyWords.in(v):
		return no(whyPlaceholder)
	case methods[strings.ToLower(strings.TrimRight(v, ascii.Digits+"-"))]:
		return no(whyMethod)
	}
	return verdict{sureTold, "a sentence tells it"}
}

// numberedWord reports whether v is small letters and a number of three digits or more,
// that is no year: heron4471.
func numberedWord(v string, k kinds) bool {
	n := strings.IndexAny(v, ascii.Digits)
	return k.lower == n && n >= 4 && k.lower+k.digit == len(v) && k.digit >= 3 && (k.digit != 4 || v[n:n+2] != "19" && v[n:n+2] != "20")
}

// managers of passwords have names that look like one.
var managers = set("1password keepass keepass2android")

// methods are what stands in front of a number in the names of methods and versions.
var methods = set("base sha md utf aes rsa wpa hmacsha pbkdf ripemd chacha curve ed latin windows office python argon oauth des hmac-sha scrypt bcrypt level version release type")

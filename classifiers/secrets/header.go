package secrets

import (
	"encoding/base64"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// basic reads the credentials of the Basic scheme (RFC 7617) behind the hit.
// They are base64 of "user:password", which prose behind the word is not.
func (s *scan) basic(h classifiers.Hit) {
	if ascii.WordAt(s.text, h.Start-1) {
		return
	}
	start := spaces.Run(s.text, h.End, 8)
	end := ascii.Base64.Run(s.text, start, maxValue)
	if basicCredentials(s.text[start:end]) {
		s.report(ruleBasic, span{start, end}, ruleBasic.sure, "decodes to user:password")
	} else {
		s.drop(ruleBasic, span{start, end}, "does not decode to user:password")
	}
}

// basicCredentials reports whether v decodes to user:password in printable
// text and is no placeholder.
func basicCredentials(v string) bool {
	if len(v) < 8 {
		return false
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "="))
	if err != nil {
		return false
	}
	for _, b := range raw {
		if b < ' ' || b >= 0x7f {
			return false
		}
	}
	user, password, ok := strings.Cut(string(raw), ":")
	if !ok || user == "" && password == "" {
		return false
	}
	return !strings.EqualFold(password, "password") && (password == "" || password[0] != '$' && password[0] != '<' && password[0] != '{')
}

// bearer reads the token of the Bearer scheme (RFC 6750) behind the hit.
func (s *scan) bearer(h classifiers.Hit) {
	if ascii.WordAt(s.text, h.Start-1) {
		return
	}
	start := spaces.Run(s.text, h.End, 8)
	end := tokenBytes.Run(s.text, start, 4096)
	for end > start && s.text[end-1] == '.' {
		end--
	}
	v := s.text[start:end]
	s.settle(ruleBearer, span{start, end}, judgeBearer(v))
}

func judgeBearer(v string) verdict {
	switch {
	case len(v) < 14:
		return no(whyShort)
	case len(v) > maxValue:
		return no(whyLong)
	case placeholder(v):
		return no(whyPlaceholder)
	}
	if why := codeLike(v, formBare); why != "" {
		return no(why)
	}
	if isUUID(v) {
		return verdict{ruleBearer.sure, "uuid behind the scheme"}
	}
	judged := judgeToken(v, count(v), nameSecret, formBare)
	if judged.secret() {
		judged.sure = ruleBearer.sure
	}
	return judged
}

var tokenBytes = ascii.Of(ascii.Alnums + "-._~+/=")

// maxCurl bounds how far behind "curl" its options are looked for.
const maxCurl = 2048

// curl reads the options of the curl command at the hit: -u, --user and the
// headers that carry keys. Reading ends with the next curl, an empty line, or
// maxCurl bytes.
func (s *scan) curl(h classifiers.Hit) {
	if h.Start < s.curlEnd || ascii.WordAt(s.text, h.Start-1) || ascii.WordAt(s.text, h.End) {
		return
	}
	end := min(h.End+maxCurl, len(s.text))
	if n := strings.Index(s.text[h.End:end], "curl"); n >= 0 {
		end = h.End + n
	}
	if n := strings.Index(s.text[h.End:end], "\n\n"); n >= 0 {
		end = h.End + n
	}
	s.curlEnd = end
	for i := h.End; i < end; {
		n := strings.IndexByte(s.text[i:end], '-')
		if n < 0 {
			return
		}
		i += n
		if i == 0 || !blank.Has(s.text[i-1]) {
			i++
			continue
		}
		switch {
		case option(s.text[i:end], "--user"):
			i = s.curlUser(argument(s.text, i, end))
		case userOption(s.text[i:end]) > 0:
			i = s.curlUser(argumentAt(s.text, i+userOption(s.text[i:end]), end))
		case option(s.text[i:end], "-H"), option(s.text[i:end], "--header"):
			i = s.curlHeader(i, end)
		default:
			i++
		}
	}
}

var blank = ascii.Of(" \t\r\n")

// option reports whether the option name stands at the start of s.
func option(s, name string) bool {
	return strings.HasPrefix(s, name) && len(s) > len(name) && (s[len(name)] == ' ' || s[len(name)] == '=' || s[len(name)] == '\t')
}

// argument returns the bounds of the argument of the option at i and where it
// ends with its quotes.
func argument(text string, i, end int) (start, stop, next int) {
	for i < end && text[i] != ' ' && text[i] != '=' && text[i] != '\t' {
		i++
	}
	return argumentAt(text, i+1, end)
}

// userOption returns where the argument of -u begins, which may stand behind options
// that take none and right in front of the argument: -sSku ada:..., -uada:...
func userOption(s string) int {
	i := 1
	for i < len(s) && strings.IndexByte("sSkvLifgGINnOjlM", s[i]) >= 0 {
		i++
	}
	if i+1 >= len(s) || s[i] != 'u' {
		return 0
	}
	return i + 1
}

func argumentAt(text string, i, end int) (start, stop, next int) {
	start = spaces.Run(text, i, 8)
	if start >= end {
		return end, end, end
	}
	if q := text[start]; q == '"' || q == '\'' {
		n := strings.IndexByte(text[start+1:end], q)
		if n < 0 {
			return end, end, end
		}
		return start + 1, start + 1 + n, start + n + 2
	}
	stop = start
	for stop < end && !blank.Has(text[stop]) {
		stop++
	}
	return start, stop, stop
}

func (s *scan) curlUser(start, stop, next int) int {
	user, password, ok := strings.Cut(s.text[start:stop], ":")
	if !ok || len(user)+len(password) < 6 {
		return next
	}
	secret := password
	if password == "" { // an API key as the user name
		secret = user
	}
	from := start + strings.LastIndex(s.text[start:stop], secret)
	at := span{from, from + len(secret)}
	switch {
	case len(secret) < 3:
		s.drop(ruleCurlUser, at, whyShort)
		return next
	case placeholder(secret) || strings.ContainsAny(secret, " \t"):
		s.drop(ruleCurlUser, at, whyPlaceholder)
		return next
	case wellKnown(secret):
		s.drop(ruleCurlUser, at, whyWellKnown)
		return next
	}
	s.report(ruleCurlUser, at, ruleCurlUser.sure, "-u of curl")
	return next
}

// wellKnown reports whether a password is the one of every manual.
func wellKnown(v string) bool {
	switch strings.ToLower(v) {
	case "pass", "pwd", "pw", "passwd", "password", "admin", "root", "user", "guest", "me", "foo", "bar", "x":
		return true
	}
	return false
}

func (s *scan) curlHeader(i, end int) int {
	start, stop, next := argument(s.text, i, end)
	name, _, ok := strings.Cut(s.text[start:stop], ":")
	if !ok {
		return next
	}
	if n := strings.ToLower(name); n != "authorization" && !strings.HasSuffix(n, "key") && !strings.HasSuffix(n, "token") {
		return next
	}
	at := start + len(name) + 1
	at = spaces.Run(s.text, at, 8)
	value := s.text[min(at, stop):stop]
	for _, scheme := range []string{"basic ", "bearer ", "token ", "api-token ", "apikey "} {
		if len(value) > len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
			at += len(scheme)
			value = value[len(scheme):]
		}
	}
	if len(value) < 8 || placeholder(value) || tokenBytes.Run(value, 0, len(value)) != len(value) || entropy(value) <= 2.75 {
		s.drop(ruleCurlHeader, span{at, at + len(value)}, whyPlaceholder)
		return next
	}
	if words, judged := wordiness(value); judged*2 > len(value) && words > 0 && !basicCredentials(value) {
		s.drop(ruleCurlHeader, span{at, at + len(value)}, whyWord)
		return next
	}
	s.report(ruleCurlHeader, span{at, at + len(value)}, ruleCurlHeader.sure, "header of curl")
	return next
}

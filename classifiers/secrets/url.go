package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// maxUserinfo bounds the part of a URL in front of the host.
const maxUserinfo = 256

// url reads the password in the userinfo (RFC 3986, section 3.2.1) of the URL
// whose "://" was hit.
func (s *scan) url(h classifiers.Hit) {
	if h.Start == 0 || !schemeClass.Has(s.text[h.Start-1]) {
		return
	}
	end := userinfoClass.Run(s.text, h.End, maxUserinfo)
	if end >= len(s.text) || s.text[end] != '@' {
		return
	}
	// A password may hold an at sign that should have been escaped.
	if n := userinfoClass.Run(s.text, end+1, maxUserinfo); n < len(s.text) && s.text[n] == '@' {
		end = n
	}
	user, password, ok := strings.Cut(s.text[h.End:end], ":")
	if !ok || end+1 >= len(s.text) || !ascii.Word.Has(s.text[end+1]) && s.text[end+1] != '[' {
		return
	}
	at := span{end - len(password), end}
	if database(s.text, h.Start) { // the account belongs to the database: it is no person's name
		if at.start = h.End; user == "" {
			at.start++
		}
		s.settle(ruleURL, at, judgeUserinfo(user, password, true))
		return
	}
	s.settle(ruleURL, at, judgeUserinfo(user, password, false))
}

// judgeUserinfo judges the password of a URL, of a database or of a site.
func judgeUserinfo(user, password string, database bool) verdict {
	switch {
	case len(password) < 4:
		return no(whyShort)
	case password == user, wellKnown(password):
		return verdict{surePlaceholder, whyWellKnown}
	}
	switch why := template(password); why {
	case "":
	case whyPlaceholder, whySame:
		return verdict{surePlaceholder, why}
	default:
		return no(why)
	}
	if database {
		if connectionSecret(password) {
			return verdict{ruleURL.sure, "userinfo of a database"}
		}
		return verdict{surePlaceholder, whyPlaceholder}
	}
	k := count(password)
	words, judged := wordiness(password)
	switch {
	case k.letters() == 0:
		return no(whyNumber)
	case k.groups() < 3 && placeholder(password):
		return verdict{surePlaceholder, whyPlaceholder}
	case k.groups() < 2 && words > -0.2, k.groups() < 3 && judged*2 > len(password) && words > 0.3 && len(password) < 10:
		if !literalPassword(password).secret() { // a word stands for a password
			return no(whyWord)
		}
		return verdict{sureChosen, "word in the userinfo of a URL"}
	}
	return verdict{ruleURL.sure, "userinfo of a URL"}
}

// database reports whether the scheme that ends at i is one of a database or a
// message broker.
func database(text string, i int) bool {
	scheme := text[schemeClass.Back(text, i, 16):i]
	for _, d := range []string{"postgres", "mysql", "mariadb", "mongodb", "redis", "amqp", "mssql", "sqlserver", "oracle", "cockroach", "clickhouse", "snowflake", "couchbase", "nats", "mqtt", "ldap"} {
		if len(scheme) >= len(d) && strings.EqualFold(scheme[:len(d)], d) {
			return true
		}
	}
	return false
}

var (
	schemeClass   = ascii.Of(ascii.Alnums + "+.-")
	userinfoClass = ascii.Of(ascii.Alnums + "-._~!$&'()*+,;=:%^#")
)

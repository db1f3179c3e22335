package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// maxUserinfo bounds the part of a URL in front of the host.
const maxUserinfo = 256

// url reads the password in the userinfo (RFC 3986, section 3.2.1) of the URL
// whose "://" was hit.
func (s *scan) url(h classifiers.Hit) {
	if h.Start == 0 || !schemeClass.has(s.text[h.Start-1]) {
		return
	}
	end := userinfoClass.run(s.text, h.End, maxUserinfo)
	if end >= len(s.text) || s.text[end] != '@' {
		return
	}
	// A password may hold an at sign that should have been escaped.
	if n := userinfoClass.run(s.text, end+1, maxUserinfo); n < len(s.text) && s.text[n] == '@' {
		end = n
	}
	user, password, ok := strings.Cut(s.text[h.End:end], ":")
	if !ok || end+1 >= len(s.text) || !wordClass.has(s.text[end+1]) && s.text[end+1] != '[' {
		return
	}
	if len(password) < 4 || password == user || template(password) || wellKnown(password) {
		return
	}
	if database(s.text, h.Start) {
		// The account belongs to the database: it is no person's name.
		if connectionSecret(password) {
			start := h.End
			if user == "" {
				start++
			}
			s.report(ruleURL, span{start, end}, ruleURL.confidence)
		}
		return
	}
	k := count(password)
	if k.letters() == 0 || k.groups() < 3 && placeholder(password) {
		return
	}
	words, judged := wordiness(password)
	if k.digit == 0 && k.mark == 0 && words > -0.2 {
		return // a word stands for a password
	}
	if k.groups() < 3 && judged*2 > len(password) && words > 0.3 && len(password) < 10 {
		return
	}
	s.report(ruleURL, span{end - len(password), end}, ruleURL.confidence)
}

// database reports whether the scheme that ends at i is one of a database or a
// message broker.
func database(text string, i int) bool {
	scheme := text[schemeClass.back(text, i, 16):i]
	for _, d := range []string{"postgres", "mysql", "mariadb", "mongodb", "redis", "amqp", "mssql", "sqlserver", "oracle", "cockroach", "clickhouse", "snowflake", "couchbase", "nats", "mqtt", "ldap"} {
		if len(scheme) >= len(d) && strings.EqualFold(scheme[:len(d)], d) {
			return true
		}
	}
	return false
}

var (
	schemeClass   = of(lowers + uppers + digits + "+.-")
	userinfoClass = of(lowers + uppers + digits + "-._~!$&'()*+,;=:%^#")
)

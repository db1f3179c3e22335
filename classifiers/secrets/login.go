package secrets

import (
	"maps"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Calls of libraries that take an account and its password, one behind the other:
// .NET's NetworkCredential and DirectoryEntry, PHP's mysqli, Perl's DBI, requests'
// auth, JDBC, smtplib. The two are reported together.

// loginCalls are what stands in front of the account, and how many arguments stand
// between.
var loginCalls = map[string]int{
	"networkcredential": 0, "directoryentry": 1, "passwordcredentials": 0, "passwordauthentication": 0,
	"with_credentials": 0, "withcredentials": 0, "usernamepasswordcredentials": 0,
	"httpbasicauth": 0, "httpdigestauth": 0, "basicauth": 0, "credentials.basic": 0, "auth=": 0, "auth = ": 0,
	"mysqli_connect": 1, "mysql_connect": 1, "new mysqli": 1, "new pdo": 1, "dbi->connect": 1, "dbi.connect": 1,
	"drivermanager.getconnection": 1, ".login": 0,
	"setauth": 0, "with_auth": 0, "withauth": 0, "basic_auth": 0, "setbasicauth": 0, "set_basic_auth": 0, "authwithpassword": 0, "auth_with_password": 0, "signinwithpassword": 0,
	"signinwithemailandpassword": 0, "createuserwithemailandpassword": 0, "sp_addlinkedsrvlogin": 3,
}

// loginAnchors are the calls.
var loginAnchors = slices.Sorted(maps.Keys(loginCalls))

// login reads the two strings of the call that was hit.
func (s *scan) login(h classifiers.Hit) {
	i := spaces.Run(s.text, h.End, 4)
	if i >= len(s.text) || s.text[i] != '(' && s.text[i] != '\'' {
		return
	}
	if s.text[i] == '\'' { // of T-SQL
		i--
	}
	i = blank.Run(s.text, i+1, 40)
	for range loginCalls[strings.ToLower(s.text[h.Start:h.End])] {
		n := strings.IndexAny(s.text[i:min(i+maxUserinfo, len(s.text))], ",\n;")
		if _, end, ok := stringAt(s.text, i); ok {
			n = end - i
		}
		if n < 0 || i+n >= len(s.text) || s.text[i+n] != ',' {
			return
		}
		i = blank.Run(s.text, i+n+1, 40)
	}
	user, end, ok := stringAt(s.text, i)
	if !ok || user.start == user.end || end >= len(s.text) || s.text[end] != ',' {
		return
	}
	password, _, ok := stringAt(s.text, blank.Run(s.text, end+1, 40))
	if !ok {
		return
	}
	at := span{user.start, password.end}
	if v := s.text[password.start:password.end]; appPassword(v) || connectionSecret(v) && !literalDummies.in(v) {
		s.report(ruleConnection, at, ruleConnection.sure, "account and password of a call")
	} else {
		s.drop(ruleConnection, at, whyPlaceholder)
	}
}

// appPassword reports whether v has the form of the passwords that Google gives to
// applications: four times four small letters (support.google.com/accounts/answer/185833).
func appPassword(v string) bool {
	if len(v) != 19 {
		return false
	}
	for i := range len(v) {
		if i%5 == 4 && v[i] != ' ' || i%5 != 4 && !isLower(v[i]) {
			return false
		}
	}
	words, _ := wordiness(v)
	return words < 0.25
}

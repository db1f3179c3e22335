package secrets

import (
	"bytes"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// Half of a credential is its account: the user name beside a password, the id
// beside a client's secret. By itself it is no secret, so it is looked for only
// around a secret that was found, under the name that belongs to the secret's
// name: DB_USER beside DB_PASSWORD, client_id beside client_secret, -u beside -p.

const (
	maxPair    = 320 // bytes between the two, to either side
	pairLines  = 5   // and lines
	minAccount = 3
	maxAccount = 80
	minID      = 6 // of a client's id
)

// The names of the two halves end so. What stands in front of the ends must be
// the same. Longer ends stand in front of those that they end in.
var (
	pairPasswords = ends("passphrase password passcode passwort passwd pass pwd psw psk")
	pairAccounts  = ends("username userlogin userid loginid accountname login account uname user usr uid ssid")
	pairSecrets   = ends("secret")
	pairIDs       = ends("sid id key")

	// accountOwner may stand between: userPassword belongs to user.
	accountOwner = ends("user login account")

	// notAccounts stand for an account, or nobody has to guess them.
	notAccounts = set("user username name login email account string null none nil undefined true false foo bar foobar test example " +
		"root admin administrator guest anonymous sa postgres mysql oracle ubuntu docker default")
	dummyNames = [][]byte{[]byte("your"), []byte("username"), []byte("user_name"), []byte("xxx"), []byte("placeholder"), []byte("changeme")}

	accountClass = ascii.Of(ascii.Alnums + `._@+-\`)
)

func ends(words string) [][]byte { return bytes.Fields([]byte(words)) }

// accounts reports the accounts of the secrets that were found since the first
// from.
func (s *scan) accounts(from int) {
	for _, f := range s.found[from:] {
		if f.Grade == classifiers.Weak { // a placeholder
			continue
		}
		if at := (span{f.Start, f.End}); !doubtful(s.text[at.start:at.end]) || assignedAlone(s.text, at.start) {
			s.account(at)
		}
	}
}

// doubtful reports whether a password is weak, so that it may be none: its account
// would be a second mistake.
func doubtful(password string) bool {
	k := count(password)
	groups := k.groups() + min(k.other, 1)
	return groups < 2 || groups < 3 && len(password) < 10
}

// assignedAlone reports whether the value at i is assigned by a line that begins with
// its name, as settings are. There the account bears a weak password out; beside a
// member of an object it more often belongs to a test.
func assignedAlone(text string, i int) bool {
	name, _ := nameInFront(text, i)
	return strings.Trim(text[name.end:i], " \t\"'`") == "=" && strings.TrimSpace(lineBefore(text, name.start)) == ""
}

// account reports the account that belongs to the secret.
func (s *scan) account(secret span) {
	if at, ok := s.accountOf(secret); ok && !s.network(at) {
		s.report(ruleAccount, at, ruleAccount.sure, "belongs to the name of a found secret")
	}
}

// network reports whether what stands at a place is the name of a wireless network: it
// bears the password beside it out, but is no account, and everybody near hears it.
func (s *scan) network(at span) bool {
	name, _ := nameInFront(s.text, at.start)
	return name.end-name.start >= len("ssid") && strings.EqualFold(s.text[name.end-len("ssid"):name.end], "ssid")
}

// chosen reports whether v can be a password that a person chose, of words, where
// its account stands beside it: user = "ada", password = "open sesame".
func chosen(v string) bool {
	k := count(v)
	return len(v) >= 5 && len(v) <= maxName && k.letters() >= 3 && k.other == strings.Count(v, " ") && k.other <= 3 && v[0] != ' ' &&
		v[len(v)-1] != '\\' && !placeholder(strings.TrimRight(v, ascii.Digits)) && !sequence(strings.TrimRight(v, ascii.Digits)) &&
		!literalDummies.in(v) && codeLike(v, formQuoted) == ""
}

// hasAccount reports whether the account of the password stands beside it, and
// is not the same word: of a quoted one, of one in a line of YAML, or of an option.
func (s *scan) hasAccount(password span, form valueForm) bool {
	line := strings.TrimSpace(lineBefore(s.text, password.start))
	yaml := form == formBare && strings.HasSuffix(line, ":") && endsLine(s.text, password.end)
	option := form == formBare && strings.HasPrefix(line[strings.LastIndexByte(line, ' ')+1:], "--")
	if form != formQuoted && !yaml && !option {
		return false
	}
	at, ok := s.accountOf(password)
	return ok && !strings.EqualFold(s.text[at.start:at.end], s.text[password.start:password.end]) && (!yaml || endsLine(s.text, at.end))
}

// accountOf returns the account that belongs to the secret, the nearest one and
// rather in front of it.
func (s *scan) accountOf(secret span) (span, bool) {
	name, quoted := nameInFront(s.text, secret.start)
	var room [maxName]byte
	lower := plainName(room[:0], s.text[name.start:name.end])
	flag := name.start < name.end && s.text[name.start] == '-'
	id := false
	prefix, ok := cutEnd(lower, pairPasswords)
	switch {
	case flag && string(lower) == "p":
		prefix = nil
	case ok:
		if owner, owned := cutEnd(prefix, accountOwner); owned {
			prefix = owner
		}
	default:
		if prefix, id = cutEnd(lower, pairSecrets); !id {
			return span{}, false
		}
	}
	lo, hi := pairWindow(s.text, name.start, secret.end)
	at, ok := s.partner(span{lo, name.start}, prefix, id, flag, quoted, true)
	if !ok {
		at, ok = s.partner(span{secret.end, hi}, prefix, id, flag, quoted, false)
	}
	return at, ok
}

// partner returns the account in the window: the last, or the first.
func (s *scan) partner(window span, prefix []byte, id, flag, quoted, last bool) (at span, found bool) {
	for i := window.start; i < window.end && (last || !found); {
		end := ascii.Ident.Run(s.text, i, maxName)
		if end == i {
			i++
			continue
		}
		if named(s.text[i:end], prefix, id, flag) {
			if v, ok := accountValue(s.text, span{i, end}, quoted, id); ok && v.end <= window.end {
				at, found = v, true
			}
		}
		i = end
	}
	return at, found
}

// named reports whether an identifier is the name of the account, or of the id,
// with the prefix; flag says that the secret is an option of a command.
func named(name string, prefix []byte, id, flag bool) bool {
	var room [maxName]byte
	lower := plainName(room[:0], name)
	if flag && name[0] == '-' && string(lower) == "u" {
		return len(prefix) == 0
	}
	ends := pairAccounts
	if id {
		ends = pairIDs
	}
	front, ok := cutEnd(lower, ends)
	return ok && bytes.Equal(front, prefix)
}

// plainName appends the letters and digits of a name in small letters.
func plainName(b []byte, name string) []byte {
	for i := range min(len(name), cap(b)) {
		if c := lowerByte(name[i]); ascii.Alnum.Has(c) {
			b = append(b, c)
		}
	}
	return b
}

// cutEnd cuts the first of the ends that a name has.
func cutEnd(name []byte, ends [][]byte) ([]byte, bool) {
	for _, e := range ends {
		if bytes.HasSuffix(name, e) {
			return name[:len(name)-len(e)], true
		}
	}
	return nil, false
}

// nameInFront returns the name that the value at i is assigned to, empty without
// one, and whether the value is quoted.
func nameInFront(text string, i int) (name span, quoted bool) {
	at := pairQuotes.Back(text, i, 2)
	quoted = at < i
	at = spaces.Back(text, at, 16)
	at = pairOperators.Back(text, at, 3)
	at = spaces.Back(text, at, 16)
	if at > 0 && text[at-1] == ']' { // char token[24] =
		if n := ascii.Digit.Back(text, at-1, 6); n > 0 && text[n-1] == '[' {
			at = n - 1
		}
	}
	at = pairQuotes.Back(text, at, 3)
	return span{ascii.Ident.Back(text, at, maxName), at}, quoted
}

var (
	pairQuotes    = ascii.Of("\"'`\\]")
	pairOperators = ascii.Of("=:>,(~")
)

// pairWindow returns the bounds of the lines around [start, end) that may hold
// the other half: the object that shuts in front, or behind, ends it.
func pairWindow(text string, start, end int) (lo, hi int) {
	lo, hi = start, end
	for lines := 0; lo > max(start-maxPair, 0) && text[lo-1] != '}'; lo-- {
		if text[lo-1] == '\n' {
			if lines++; lines > pairLines {
				break
			}
		}
	}
	for lines := 0; hi < min(end+maxPair, len(text)) && text[hi] != '}'; hi++ {
		if text[hi] == '\n' {
			if lines++; lines > pairLines {
				break
			}
		}
	}
	return lo, hi
}

// accountValue returns what is assigned to the name of an account.
func accountValue(text string, name span, quoted, id bool) (span, bool) {
	i, _, ok := behindName(text, name.start, name.end)
	if next := spaces.Run(text, name.end, 4); next > name.end && next < len(text) && strings.IndexByte("\"'", text[next]) >= 0 { // Gradle: username "ada"
		i, ok = next, true
	}
	if !ok {
		return span{}, false
	}
	at, _, isString := stringAt(text, i)
	if isString != quoted {
		return span{}, false // what is not quoted beside a string is a variable
	}
	if !isString {
		at = span{i, accountClass.Run(text, i, maxAccount+1)}
		if at.end < len(text) && (text[at.end] >= 0x80 || strings.IndexByte("([{$<%*", text[at.end]) >= 0 && !strings.HasPrefix(text[at.end:], "</")) {
			return span{}, false
		}
		if n := strings.Index(text[at.start:at.end], `\n`); n >= 0 && (at.start+n+2 == at.end || !isLower(text[at.start+n+2])) { // a line's end, no CORP\nadia
			at.end = at.start + n
		}
		for at.end > at.start && text[at.end-1] == '.' {
			at.end--
		}
	}
	v := text[at.start:at.end]
	if id {
		return at, clientID(v)
	}
	return at, accountLike(v)
}

// accountLike reports whether v can be the name of an account and stands for none.
func accountLike(v string) bool {
	if len(v) < minAccount || len(v) > maxAccount || !ascii.Alnum.Has(v[0]) || accountClass.Run(v, 0, len(v)) != len(v) || count(v).letters() == 0 {
		return false
	}
	var room [maxAccount]byte
	lower := appendLower(room[:0], v)
	if notAccounts[string(lower)] {
		return false
	}
	for _, w := range dummyNames {
		if bytes.Contains(lower, w) {
			return false
		}
	}
	return true
}

// clientID reports whether v looks like an id that a machine gave.
func clientID(v string) bool {
	if len(v) < minID || !accountLike("a"+v) || monotonous(v) || sequence(v) {
		return false
	}
	k := count(v)
	words, judged := wordiness(v)
	return k.digit >= 2 && (judged*2 < len(v) || words < 0.25)
}

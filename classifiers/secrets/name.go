package secrets

import (
	"bytes"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// nameKind says what an identifier in front of an assignment promises.
type nameKind int

const (
	nameNone     nameKind = iota // nothing, or something that is not secret
	nameKey                      // a bare key, token id or auth: only a value that looks random counts
	nameSecret                   // a secret, token, API key or credential
	namePassword                 // something that a person may have chosen
)

// nameAnchors are the pieces of identifiers that the assignment parser looks
// at. "pass" stands for password, passwd and passphrase too.
var nameAnchors = []string{"key", "secret", "token", "pass", "pwd", "credential", "creds", "auth", "seed", "psk", "pw"}

// The lists below are compared with the words of an identifier: apiKey,
// API_KEY, api-key and api.key are api and key.
var (
	passwordEnds = []string{"password", "passwd", "passwort", "pwd", "pass", "passphrase", "passcode", "psw", "psk", "authtok"}
	secretEnds   = []string{"secret", "secrete", "token", "credential", "cred", "apikey", "accesskey", "secretkey", "authkey", "privatekey", "nkey", "xkey", "passkey", "seed"}
	keyEnds      = []string{"key", "auth"}

	// notEnds only look like the ends above.
	notEnds = set("bypass compass encompass surpass trespass overpass underpass monkey donkey turkey hockey jockey whiskey hotkey lackey mickey turnkey pubkey subkey onkey iskey haskey getkey jsonwebtoken")

	// strongBefore turns a key into an API key.
	strongBefore = set("unseal recovery api secret private access auth encryption encrypt signing master service app application client account storage shared license licence ssh aes hmac jwt crypt cipher session server admin cookie deploy write webhook")

	// harmlessBefore makes what follows public or technical.
	harmlessBefore = set("public pub publishable site primary foreign sort partition cache idempotency dedup dedupe object row map dict header i18n translation lookup index unique natural composite cursor page next continuation sync cancellation cancel lexer bos eos pad sep cls mask unk max min num total count short hot group range hash etag checksum fingerprint json xml css sql column field property attr attribute config setting csrf xsrf kms arn route event query param encrypted wrapped enc recv non no not")

	// behind are words that may follow and change nothing.
	behind = set("value val string str text txt hex base64 b64 raw plain plaintext prod production dev development test testing staging live default old new current data content primary secondary main a b c sandbox v1 v2 v3 v4 v5 v int local env secure super sec base")
)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// networks are what a key that a person has chosen belongs to: the WPA2 key.
var networks = set("wpa wifi wlan")

// maxName bounds an identifier.
const maxName = 80

// judgeName returns what an identifier promises. before is the word in front
// of it in the text, as in "API key", or empty. It takes no memory: most names
// that are judged promise nothing.
func judgeName(name, before string) nameKind {
	var buf [16]span
	var room [4 * maxName]byte
	words, lower := splitName(buf[:0], room[:0], name)
	for i := len(words) - 1; i >= 0; i-- {
		w := lower[words[i].start:words[i].end]
		if string(w) == "pw" && (i == 0 || count(name).lower > 0 || strings.IndexByte(name, '_') >= 0) { // no random capitals
			return namePassword
		}
		if kind := wordKind(w); kind != nameNone {
			if i > 0 {
				return refine(kind, lower[words[i-1].start:words[i-1].end], w)
			}
			var front [maxName]byte
			return refine(kind, appendLower(front[:0], before), w)
		}
		if !behind[string(w)] && len(bytes.Trim(w, ascii.Digits)) > 0 {
			return nameNone
		}
	}
	return nameNone
}

func refine(kind nameKind, before, w []byte) nameKind {
	if harmlessBefore[string(before)] && kind != namePassword {
		return nameNone
	}
	if kind == nameSecret && string(before) == "key" && string(w) == "token" { // .NET's PublicKeyToken
		return nameNone
	}
	if string(w) == "key" && networks[string(withoutDigits(before))] {
		return namePassword
	}
	if kind == nameSecret && string(before) == "bind" { // ldap.bind.credentials
		return namePassword
	}
	if kind == nameKey && (strongBefore[string(before)] || len(w) > 3 && endsWith(w, "key")) {
		return nameSecret
	}
	return kind
}

// withoutDigits is w without the digits at its end.
func withoutDigits(w []byte) []byte {
	for len(w) > 0 && isDigit(w[len(w)-1]) {
		w = w[:len(w)-1]
	}
	return w
}

func wordKind(w []byte) nameKind {
	w = withoutDigits(w)
	if !endsWith(w, "pass") && endsWith(w, "s") {
		w = w[:len(w)-1]
	}
	if len(w) < 3 || notEnds[string(w)] {
		return nameNone
	}
	for _, e := range passwordEnds {
		if endsWith(w, e) {
			return namePassword
		}
	}
	for _, e := range secretEnds {
		if endsWith(w, e) {
			return nameSecret
		}
	}
	for _, e := range keyEnds {
		if endsWith(w, e) {
			return nameKey
		}
	}
	return nameNone
}

func endsWith(w []byte, end string) bool {
	return len(w) >= len(end) && string(w[len(w)-len(end):]) == end
}

func appendLower(b []byte, s string) []byte {
	for i := range min(len(s), cap(b)) {
		b = append(b, lowerByte(s[i]))
	}
	return b
}

// splitName appends to words where the words of an identifier stand in lower,
// which holds it in small letters. One that is too long for lower is cut at its
// front.
func splitName(words []span, lower []byte, name string) ([]span, []byte) {
	name = name[max(len(name)-cap(lower), 0):]
	lower = appendLower(lower, name)
	start := 0
	cut := func(end int) {
		if end > start && len(words) < cap(words) {
			words = append(words, span{start, end})
		}
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case !ascii.Word.Has(c) || c == '_':
			cut(i)
			start = i + 1
		case i > start && isUpper(c) && (!isUpper(name[i-1]) || i+1 < len(name) && isLower(name[i+1])):
			cut(i)
			start = i
		}
	}
	cut(len(name))
	return words, lower
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

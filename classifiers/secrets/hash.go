package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// The hashes of passwords, from which weak ones are guessed offline. Only where they
// are an account's are they reported: in the lines of shadow (shadow(5)), .htpasswd
// and pwdump, the configuration of devices, the rows of a table. Elsewhere they are
// mostly of tests and manuals.

// hashAnchors begin the forms of crypt(5), and of Cisco's types 8 and 9.
var hashAnchors = []string{"$1$", "$5$", "$6$", "$2a$", "$2b$", "$2y$", "$y$", "$apr1$", "$argon2", "$8$", "$9$"}

// hashForms are the forms by what they begin with: how long the salt may be, how long
// the hash is.
var hashForms = []struct {
	prefix       string
	salt, length int
}{
	{"$1$", 8, 22}, {"$apr1$", 8, 22}, {"$5$", 16, 43}, {"$6$", 16, 86}, {"$8$", 14, 43}, {"$9$", 14, 43},
}

var cryptClass = ascii.Of(ascii.Alnums + "./")

// hashEnd returns where the hash ends that begins at i, or i when none does.
func hashEnd(text string, i int) int {
	rest := text[i:]
	switch {
	case len(rest) < 20 || rest[0] != '$':
		return i
	case strings.HasPrefix(rest, "$2"): // bcrypt: cost, and salt and hash in one
		if len(rest) >= 60 && rest[3] == '$' && rest[6] == '$' && ascii.Digit.Run(rest, 4, 3) == 6 && cryptClass.Run(rest, 7, 54) == 60 {
			return i + 60
		}
		return i
	case strings.HasPrefix(rest, "$y$"), strings.HasPrefix(rest, "$argon2"): // parameters, salt, hash
		end := i
		for end < len(text) && end-i < maxValue && (cryptClass.Has(text[end]) || strings.IndexByte("$=,+", text[end]) >= 0) {
			end++
		}
		if n := strings.Count(text[i:end], "$"); (n == 4 || n == 5) && end-strings.LastIndexByte(text[:end], '$') > 20 {
			return end
		}
		return i
	}
	for _, f := range hashForms {
		if !strings.HasPrefix(rest, f.prefix) {
			continue
		}
		at := i + len(f.prefix)
		if strings.HasPrefix(text[at:], "rounds=") {
			if at = ascii.Digit.Run(text, at+len("rounds="), 9); at < len(text) && text[at] == '$' {
				at++
			}
		}
		salt := cryptClass.Run(text, at, f.salt+1)
		if salt == at || salt-at > f.salt || salt >= len(text) || text[salt] != '$' {
			return i
		}
		if end := cryptClass.Run(text, salt+1, f.length+1); end-salt-1 == f.length {
			return end
		}
		return i
	}
	return i
}

// hash reports the hash at the hit behind the name of an account and a colon, up to
// the end of the field. In the files of Compose its dollar signs are doubled.
func (s *scan) hash(h classifiers.Hit) {
	text := s.text
	start := h.Start
	end := hashEnd(text, start)
	if end == start && start > 0 && text[start-1] == '$' {
		if v := text[start:min(start+maxPassword, len(text))]; strings.HasPrefix(v, "$apr1$$") {
			salt := cryptClass.Run(text, start+len("$apr1$$"), 9)
			if e := cryptClass.Run(text, salt+2, 23); strings.HasPrefix(text[salt:], "$$") && e-salt-2 == 22 {
				start, end = start-1, e
			}
		}
	}
	front := strings.TrimRight(text[max(start-maxName, 0):start], " :\"'")
	named := strings.HasSuffix(front, " phash") || strings.HasSuffix(front, " passwd") || strings.HasSuffix(front, "crypted password") // PAN-OS, cloud-init, debconf
	if end == h.Start || start < 2 || !named && (text[start-1] != ':' || !accountClass.Has(text[start-2])) {
		return
	}
	if end < len(text) && strings.IndexByte(":\"'`,;<\\ \t\r\n", text[end]) < 0 || monotonous(text[h.Start:end]) {
		return
	}
	s.report(ruleHash, span{start, end}, ruleHash.sure, "hash behind an account")
}

// pwdump reports the hashes in a line of pwdump and secretsdump: account, number, LAN
// Manager's and NT's hash, and three colons, where the hit is (Samba, smbpasswd(5)).
func (s *scan) pwdump(h classifiers.Hit) {
	text := s.text
	nt := ascii.Hex.Back(text, h.Start, 33)
	lm := ascii.Hex.Back(text, nt-1, 33)
	if h.Start-nt != 32 || nt-1-lm != 32 || text[nt-1] != ':' || lm < 3 || text[lm-1] != ':' || !isDigit(text[lm-2]) {
		return
	}
	if strings.EqualFold(text[nt:h.Start], emptyNT) {
		s.drop(ruleHash, span{lm, h.Start}, whyWellKnown)
		return
	}
	s.report(ruleHash, span{lm, h.Start}, ruleHash.sure, "hashes of an account of Windows")
}

// emptyNT is the NT hash of the empty password.
const emptyNT = "31d6cfe0d16ae931b73c59d7e0c089c0"

package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// signingAnchors are the calls of the libraries for JSON Web Tokens of JavaScript
// and Python, whose second argument is the secret that signs.
var signingAnchors = []string{"jwt.sign(", "jwt.verify(", "jwt.encode(", "jwt.decode("}

// keyAnchors are the calls of libraries whose first argument is a key.
var keyAnchors = []string{"fernet(", "secretkeyspec(", "aes.new(", "hmac.new("}

// keyed reads the key that the call at the hit is given.
func (s *scan) keyed(h classifiers.Hit) {
	i := blank.Run(s.text, h.End, 40)
	if i < len(s.text) && s.text[i] == 'b' {
		i++
	}
	if at, _, ok := stringAt(s.text, i); ok && at.end > at.start {
		s.settle(ruleGeneric, at, judgeValue(s.text[at.start:at.end], nameSecret, formQuoted))
	}
}

// maxSigned bounds the first argument, what is signed.
const maxSigned = 512

// signing reads the secret that a call signs tokens with.
func (s *scan) signing(h classifiers.Hit) {
	text := s.text
	depth := 0
	for i := h.End; i < min(h.End+maxSigned, len(text)); i++ {
		switch text[i] {
		case '(', '{', '[':
			depth++
		case ')', '}', ']':
			depth--
		}
		if depth < 0 {
			return
		}
		if depth > 0 || text[i] != ',' {
			continue
		}
		at, _, ok := stringAt(text, blank.Run(text, i+1, 40))
		if v := text[at.start:at.end]; ok && !strings.HasPrefix(v, "-----") {
			judged := judgeValue(v, nameSecret, formLiteral)
			s.settle(ruleSigning, at, judged)
		}
		return
	}
}

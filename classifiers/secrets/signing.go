package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// signingAnchors are the calls of the libraries for JSON Web Tokens of JavaScript
// and Python, whose second argument is the secret that signs.
var signingAnchors = []string{"jwt.sign(", "jwt.verify(", "jwt.encode(", "jwt.decode("}

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
		at, _, ok := stringAt(text, blank.run(text, i+1, 40))
		if v := text[at.start:at.end]; ok && !strings.HasPrefix(v, "-----") {
			judged := judgeValue(v, nameSecret, formLiteral)
			s.settle(ruleSigning, at, judged)
		}
		return
	}
}

package secrets

import (
	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// ciscoAnchors stand in front of a password of type 7 in the configuration of a
// Cisco device: it is only scrambled, and read by everybody (Cisco IOS, "service
// password-encryption").
var ciscoAnchors = []string{"password 7 ", "secret 7 ", "key 7 ", "key-string 7 ", "server-key 7 "}

// maxCiscoSalt is the greatest place in the table of type 7 that begins a password.
const maxCiscoSalt = 15

// cisco reads the password of type 7 behind the hit: a number of two digits, and
// two hexadecimal digits for each byte.
func (s *scan) cisco(h classifiers.Hit) {
	end := ascii.Hex.Run(s.text, h.End, maxPassword)
	v := s.text[h.End:end]
	if len(v) < 8 || len(v)%2 != 0 || ascii.WordAt(s.text, end) || !isDigit(v[0]) || !isDigit(v[1]) || (v[0]-'0')*10+v[1]-'0' > maxCiscoSalt {
		return
	}
	s.report(ruleCisco, span{h.End, end}, ruleCisco.sure, "password of type 7")
}

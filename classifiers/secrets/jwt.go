package secrets

import (
	"encoding/base64"
	"encoding/json"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// jwt reads the JSON Web Token (RFC 7519, compact form of RFC 7515) that begins
// at the hit: a header and a payload that are JSON objects in base64url, and a
// signature, which an unsecured token leaves empty.
func (s *scan) jwt(h classifiers.Hit) {
	text, i := s.text, h.Start
	if i > 0 && ascii.Base64URL.Has(text[i-1]) || !jsonInBase64(text, i) {
		return
	}
	header := ascii.Base64URL.Run(text, i, len(text))
	if header-i < 19 || header >= len(text) || text[header] != '.' || !jsonInBase64(text, header+1) {
		return
	}
	valid, unsecured := readHeader(text[i:header])
	if !valid {
		return
	}
	payload := s.part(0, header+1)
	if payload-header < 20 || payload >= len(text) || text[payload] != '.' {
		return
	}
	end := s.part(1, payload+1)
	if n := end - payload - 1; n > 0 && n < 10 {
		return
	}
	for pad := 0; pad < 2 && end < len(text) && text[end] == '='; pad++ {
		end++
	}
	switch {
	case unsecured && end == payload+1:
		s.drop(ruleJWT, span{i, end}, "unsecured: anybody can make it")
	case entropy(text[i:min(end, i+512)]) <= 3:
		s.drop(ruleJWT, span{i, end}, whyEntropy)
	default:
		s.report(ruleJWT, span{i, end}, ruleJWT.sure, "header decodes to JSON")
	}
}

// readHeader reports whether a token's header is a JSON object, and whether it says
// that the token is unsecured (RFC 7519, section 6).
func readHeader(v string) (valid, unsecured bool) {
	if len(v) > maxHeader {
		return true, false // too long to be worth the work, and long enough to be one
	}
	raw, err := base64.RawURLEncoding.DecodeString(v)
	if err != nil {
		return false, false
	}
	var header struct{ Alg string }
	if json.Unmarshal(raw, &header) != nil {
		return json.Valid(raw), false
	}
	return true, header.Alg == "none"
}

const maxHeader = 16 << 10

// part returns the end of the run of token bytes at i. It remembers the last
// run of each part, so that a run full of anchors is read once.
func (s *scan) part(n, i int) int {
	if p := s.parts[n]; i >= p.start && i < p.end {
		return p.end
	}
	end := tokenClass.Run(s.text, i, len(s.text))
	s.parts[n] = span{i, end}
	return end
}

// tokenClass is base64url and what escaping puts in between: gitleaks accepts
// slashes and backslashes too.
var tokenClass = ascii.Of(ascii.Alnums + `-_/\`)

// jsonInBase64 reports whether base64 at i decodes to the start of a JSON
// object: {" or { followed by space.
func jsonInBase64(text string, i int) bool {
	if len(text)-i < 4 || text[i] != 'e' {
		return false
	}
	switch text[i+1] {
	case 'y':
		return text[i+2] == 'J' || text[i+2] == 'A' || text[i+2] == 'B' || text[i+2] == 'I'
	case 'w': // a brace and a line break
		return text[i+2] == 'o' || text[i+2] == '0'
	}
	return false
}

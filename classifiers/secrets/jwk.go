package secrets

import (
	"encoding/base64"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// maxJWK is how far from its "kty" the members of a JSON Web Key are looked for:
// an RSA key of 4096 bits has some 3,200 bytes of base64url.
const maxJWK = 4096

// jwk reads the private members of the JSON Web Key (RFC 7517, RFC 7518 section
// 6) whose "kty" was hit: d, p, q, dp, dq and qi, and k of a symmetric key. What
// is reported reaches from the first of them to the last.
func (s *scan) jwk(h classifiers.Hit) {
	text := s.text
	if ascii.WordAt(text, h.Start-1) || ascii.WordAt(text, h.End) || h.Start < s.jwkEnd {
		return
	}
	lo, hi := max(h.Start-maxJWK, s.jwkEnd), min(h.End+maxJWK, len(text))
	if open := strings.LastIndexByte(text[lo:h.Start], '{'); open >= 0 {
		lo += open
	}
	if shut := strings.IndexByte(text[h.End:hi], '}'); shut >= 0 {
		hi = h.End + shut
	}
	found := span{}
	for i := lo; i < hi; {
		colon := strings.IndexByte(text[i:hi], ':')
		if colon < 0 {
			break
		}
		colon += i
		i = colon + 1
		name := colon
		for name > lo && name > colon-4 && strings.IndexByte(`"' \`, text[name-1]) >= 0 {
			name--
		}
		start := ascii.Letter.Back(text, name, 3)
		if ascii.WordAt(text, start-1) || !privateMember(text[start:name]) {
			continue
		}
		for i < hi && strings.IndexByte(" \t\r\n\"'\\", text[i]) >= 0 {
			i++
		}
		end := ascii.Base64URL.Run(text, i, hi-i)
		if end-i < 20 {
			continue
		}
		if monotonous(text[i:end]) || counting(text[i:end]) {
			s.drop(ruleJWK, span{i, end}, whySequence)
			continue
		}
		if found.end == 0 {
			found.start = i
		}
		found.end = end
		i = end
	}
	s.jwkEnd = hi // all members up to there were looked at
	if found.end > 0 {
		s.report(ruleJWK, found, ruleJWK.sure, "private members of a JSON Web Key")
	}
}

// counting reports whether the bytes that v stands for count up, as they do in
// the keys of test suites: 1, 2, 3 ...
func counting(v string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(v[:min(len(v), 32)&^3])
	if err != nil {
		return false
	}
	for i := 1; i < len(raw); i++ {
		if raw[i] != raw[i-1]+1 {
			return false
		}
	}
	return true
}

func privateMember(name string) bool {
	switch name {
	case "d", "p", "q", "dp", "dq", "qi", "k":
		return true
	}
	return false
}

// nkey reads the seed (NATS nkeys: base32 of a prefix, a key and a checksum, 58
// bytes that begin with S) that stands near the hit.
func (s *scan) nkey(h classifiers.Hit) {
	if h.Start < s.nkeyEnd {
		return
	}
	hi := min(h.End+nkeyWindow, len(s.text))
	s.nkeyEnd = hi
	for i := h.End; i < hi; {
		end := seedClass.Run(s.text, i, maxName)
		if end-i == seedLength && s.text[i] == 'S' && strings.IndexByte("UAONCXP", s.text[i+1]) >= 0 && !ascii.WordAt(s.text, i-1) && !ascii.WordAt(s.text, end) {
			s.report(ruleNkey, span{i, end}, ruleNkey.sure, "form of a seed")
		}
		i = max(end, i+1)
	}
}

const (
	nkeyWindow = 512
	seedLength = 58
	publicNkey = 56
)

var seedClass = ascii.Of(ascii.Uppers + "234567")

package secrets

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Key stores in the format of PKCS #12 (RFC 7292, section 4), .p12 and .pfx files:
// a sequence of the version 3 and of content of the type data. They are encrypted,
// but often with a password that everybody knows.

const (
	pfxBase64 = "csqgsib3dqehaacc" // the type data and the tag of what follows, where all lengths have two bytes
	pfxBytes  = "\r\x01\x07\x01"   // the end of the type data
	pfxType   = "\x02\x01\x03\x30\x82..\x06\x09\x2a\x86\x48\x86\xf7"
	maxPFX    = 1 << 16 // a length of two bytes
)

// pfx reads the key store around the hit, as base64 or as bytes.
func (s *scan) pfx(h classifiers.Hit) {
	if h.Start < s.pfxEnd {
		return
	}
	at, ok := pfxEncoded(s.text, h)
	if !ok {
		at, ok = pfxRaw(s.text, h.Start)
	}
	if ok {
		s.pfxEnd = at.end
		s.report(rulePEM, at, rulePEM.sure, "version and content of a PKCS #12 key store")
	}
}

func pfxEncoded(text string, h classifiers.Hit) (span, bool) {
	i := h.Start - 16
	if i < 0 || !strings.EqualFold(text[h.Start:h.End], pfxBase64) || text[i:i+3] != "MII" || text[i+8:i+12] != "AzCC" {
		return span{}, false
	}
	limit := min(i+2*maxPFX, len(text))
	end := i + bodyLines(text[i:limit])
	return span{i, end}, keyBody(text[i:end], minOpenKey)
}

func pfxRaw(text string, end int) (span, bool) {
	i := end - len(pfxType) - 4
	if i < 0 || text[i:i+2] != "\x30\x82" {
		return span{}, false
	}
	for n := range len(pfxType) {
		if pfxType[n] != '.' && text[i+4+n] != pfxType[n] {
			return span{}, false
		}
	}
	size := 4 + int(text[i+2])<<8 + int(text[i+3])
	if size < len(pfxType)+minOpenKey {
		return span{}, false
	}
	stop := min(i+size, len(text))
	for stop < len(text) && !utf8.RuneStart(text[stop]) {
		stop++
	}
	return span{i, stop}, true
}

package privatekey

import (
	"strings"
	"unicode/utf8"
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

// PKCS12Anchors stand in a key store, as base64 and as bytes. They are in small letters,
// and not to be changed.
var PKCS12Anchors = []string{pfxBase64, pfxBytes}

// PKCS12 returns the key store around the anchor at text[from:to]: as base64, as bytes,
// or as bytes that a decoder has replaced in part.
func PKCS12(text string, from, to int) (start, end int, ok bool) {
	if start, end, ok = pfxEncoded(text, from, to); ok {
		return start, end, true
	}
	if start, end, ok = pfxRaw(text, from); ok {
		return start, end, true
	}
	return pfxLossy(text, from)
}

func pfxEncoded(text string, from, to int) (start, end int, ok bool) {
	i := from - 16
	if i < 0 || !strings.EqualFold(text[from:to], pfxBase64) || text[i:i+3] != "MII" || text[i+8:i+12] != "AzCC" {
		return 0, 0, false
	}
	limit := min(i+2*maxPFX, len(text))
	end = i + bodyLines(text[i:limit])
	return i, end, keyBody(text[i:end], minOpenKey)
}

func pfxRaw(text string, anchor int) (start, end int, ok bool) {
	i := anchor - len(pfxType) - 4
	if i < 0 || text[i:i+2] != "\x30\x82" {
		return 0, 0, false
	}
	for n := range len(pfxType) {
		if pfxType[n] != '.' && text[i+4+n] != pfxType[n] {
			return 0, 0, false
		}
	}
	size := 4 + int(text[i+2])<<8 + int(text[i+3])
	if size < len(pfxType)+minOpenKey {
		return 0, 0, false
	}
	stop := min(i+size, len(text))
	for stop < len(text) && !utf8.RuneStart(text[stop]) {
		stop++
	}
	return i, stop, true
}

// pfxLossy reads a key store whose bytes that are no UTF-8 were read as U+FFFD,
// each or each run of them, as decoders of JSON do: what is sent has them still.
// Its length is not told any more, so it ends where text begins.
func pfxLossy(text string, anchor int) (start, end int, ok bool) {
	const lost = "\uFFFD"
	from := max(anchor-48, 0)
	head := text[from:anchor]
	version := strings.LastIndex(head, "\x02\x01\x030"+lost)
	if version < 0 {
		return 0, 0, false
	}
	start = strings.LastIndex(head[:version], "0"+lost)
	content := strings.Index(head[version:], "\x06\x09*"+lost+"H"+lost)
	if start < 0 || version-start > 1+3*len(lost) || content < 0 {
		return 0, 0, false
	}
	plain := 0
	i := anchor
	for i < min(anchor+3*maxPFX, len(text)) && plain < textRun {
		if c := text[i]; c >= ' ' && c < 0x7f || c == '\n' {
			plain++
		} else {
			plain = 0
		}
		i++
	}
	if plain == textRun { // its last bytes may look like text
		i -= plain
		i += max(strings.IndexByte(text[i:i+plain], '\n'), 0)
	}
	return from + start, i, i-anchor > minOpenKey
}

// textRun is a run of letters, marks and digits that no key store has.
const textRun = 40

package content

import (
	"encoding/binary"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A codec says how text stands in its bytes. Decoding goes by units: a unit is
// the bytes that make one character, so an offset of the text leads back to one
// of the bytes.
type codec uint8

const (
	codecPlain         codec = iota // UTF-8, valid
	codecLossy                      // UTF-8 with invalid bytes, each read as U+FFFD
	codecJSON                       // the inside of a JSON string
	codecNumber                     // a JSON number; edited, it becomes a string
	codecForm                       // application/x-www-form-urlencoded
	codecBase64                     // base64 of UTF-8 text
	codecJSONTwice                  // the inside of a JSON string in a JSON string
	codecFormJSON                   // the inside of a JSON string in a form
	codecFormJSONTwice              // the inside of a JSON string in a JSON string in a form
	codecUTF16LE                    // …
	codecUTF16BE
	codecUTF32LE
	codecUTF32BE
	codecCharmap // and up: index in charmap.All
)

// unit decodes the first character of raw: the character and the number of its
// bytes, at least 1. raw is not empty.
func (c codec) unit(raw string) (rune, int) {
	switch c {
	case codecJSON:
		if raw[0] == '\\' {
			return unescape(raw)
		}
	case codecForm:
		if raw[0] == '%' || raw[0] == '+' {
			return formUnit(raw)
		}
		if raw[0] >= utf8.RuneSelf {
			return formUnit(raw)
		}
	case codecJSONTwice:
		return layeredUnit(codecPlain, raw, 2)
	case codecFormJSON:
		return layeredUnit(codecForm, raw, 1)
	case codecFormJSONTwice:
		return layeredUnit(codecForm, raw, 2)
	case codecUTF16LE:
		return utf16Unit(raw, binary.LittleEndian)
	case codecUTF16BE:
		return utf16Unit(raw, binary.BigEndian)
	case codecUTF32LE:
		return utf32Unit(raw, binary.LittleEndian)
	case codecUTF32BE:
		return utf32Unit(raw, binary.BigEndian)
	case codecPlain, codecLossy, codecNumber, codecBase64:
	default:
		return charmapOf(c).DecodeByte(raw[0]), 1
	}
	return utf8.DecodeRuneInString(raw)
}

// charmapOf is the single-byte character set of a codec.
func charmapOf(c codec) *charmap.Charmap {
	return charmap.All[c-codecCharmap].(*charmap.Charmap)
}

// decodeAll is the text of raw.
func decodeAll(c codec, raw string) string {
	if c == codecPlain || c == codecNumber {
		return raw
	}
	var b strings.Builder
	b.Grow(decodedSize(c, raw))
	for i := 0; i < len(raw); {
		end := len(raw)
		if c == codecJSON && raw[i] != '\\' { // what stands between escapes is copied
			if n := strings.IndexByte(raw[i:], '\\'); n >= 0 {
				end = i + n
			}
			if utf8.ValidString(raw[i:end]) {
				b.WriteString(raw[i:end])
				i = end
				continue
			}
		} else {
			end = i + 1
		}
		for i < end {
			r, n := c.unit(raw[i:])
			b.WriteRune(r)
			i += n
		}
	}
	return b.String()
}

// decodedSize is at least the size of what decodeAll returns.
func decodedSize(c codec, raw string) int {
	switch c {
	case codecUTF16LE, codecUTF16BE:
		return len(raw)/2*3 + 3
	case codecUTF32LE, codecUTF32BE:
		return len(raw) + 3
	case codecPlain, codecLossy, codecJSON, codecNumber, codecForm, codecBase64, codecJSONTwice, codecFormJSON, codecFormJSONTwice:
		if utf8.ValidString(raw) {
			return len(raw)
		}
	}
	return 3 * len(raw)
}

// rawRanges maps ranges of the decoded text, in order, to the bytes that make
// them. A range that begins or ends inside a character is widened to all of it.
func (c codec) rawRanges(raw string, ranges []change) {
	i, at := 0, 0 // bytes of raw and of the text that are behind
	for k := range ranges {
		start, end := ranges[k].start, ranges[k].end
		for i < len(raw) {
			r, n := c.unit(raw[i:])
			if at+utf8.RuneLen(r) > start {
				break
			}
			i, at = i+n, at+utf8.RuneLen(r)
		}
		ranges[k].start = i
		for i < len(raw) && at < end {
			r, n := c.unit(raw[i:])
			i, at = i+n, at+utf8.RuneLen(r)
		}
		ranges[k].end = i
	}
}

// wholeRunes widens a range to whole characters.
func wholeRunes(s string, start, end int) (int, int) {
	for start > 0 && start < len(s) && !utf8.RuneStart(s[start]) {
		start--
	}
	for end < len(s) && !utf8.RuneStart(s[end]) {
		end++
	}
	return start, end
}

// encode is text in the form that stands between other units. It reports false
// when the character set has no such character.
func (c codec) encode(text string) (string, bool) {
	switch c {
	case codecPlain, codecLossy:
		return text, true
	case codecJSON:
		return escapeJSON(text), true
	case codecForm:
		return url.QueryEscape(text), true
	case codecJSONTwice:
		return escapeJSON(escapeJSON(text)), true
	case codecFormJSON:
		return url.QueryEscape(escapeJSON(text)), true
	case codecFormJSONTwice:
		return url.QueryEscape(escapeJSON(escapeJSON(text))), true
	case codecUTF16LE, codecUTF16BE:
		return encodeUTF16(text, c == codecUTF16BE), true
	case codecUTF32LE, codecUTF32BE:
		return encodeUTF32(text, c == codecUTF32BE), true
	case codecNumber, codecBase64:
		return "", false // these are replaced whole
	}
	set := charmapOf(c)
	out := make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := set.EncodeRune(r)
		if !ok {
			return "", false
		}
		out = append(out, b)
	}
	return string(out), true
}

// unescape decodes the JSON escape at the start of raw. A lone surrogate is
// U+FFFD. What is no escape is a backslash.
func unescape(raw string) (rune, int) {
	if len(raw) < 2 {
		return '\\', 1
	}
	switch raw[1] {
	case '"', '\\', '/':
		return rune(raw[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, ok := hex4(raw[2:])
		if !ok {
			return '\\', 1
		}
		if !utf16.IsSurrogate(r) {
			return r, 6
		}
		if len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u' {
			if low, ok := hex4(raw[8:]); ok {
				if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
					return whole, 12
				}
			}
		}
		return utf8.RuneError, 6
	}
	return '\\', 1
}

// hex4 reads four hexadecimal digits.
func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for i := range 4 {
		d, ok := hexDigit(s[i])
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c-'0' <= 9:
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// escapeJSON is text as the inside of a JSON string.
func escapeJSON(text string) string {
	clean := true
	for i := range len(text) {
		clean = clean && plainByte[text[i]]
	}
	if clean && utf8.ValidString(text) {
		return text
	}
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20:
			b.WriteString(`\u00`)
			b.WriteByte(digits[r>>4])
			b.WriteByte(digits[r&15])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// formByte decodes one byte of a form. A percent sign that begins no escape is
// itself, as in the URL Standard.
func formByte(raw string) (byte, int) {
	switch raw[0] {
	case '+':
		return ' ', 1
	case '%':
		if len(raw) >= 3 {
			high, ok1 := hexDigit(raw[1])
			low, ok2 := hexDigit(raw[2])
			if ok1 && ok2 {
				return high<<4 | low, 3
			}
		}
	}
	return raw[0], 1
}

// formUnit decodes one character of a form, which may be several escaped bytes.
func formUnit(raw string) (rune, int) {
	var buf [utf8.UTFMax]byte
	var ends [utf8.UTFMax]int
	n, at := 0, 0
	for n < len(buf) && at < len(raw) {
		b, size := formByte(raw[at:])
		at += size
		buf[n], ends[n] = b, at
		n++
		if utf8.FullRune(buf[:n]) {
			break
		}
	}
	r, size := utf8.DecodeRune(buf[:n])
	return r, ends[size-1]
}

// layeredUnit decodes one character of JSON strings that stand in each other, in
// text of another codec. An escape of one layer is spelt in characters of the
// layer below.
func layeredUnit(below codec, raw string, layers int) (rune, int) {
	if layers == 0 {
		return below.unit(raw)
	}
	r, n := layeredUnit(below, raw, layers-1)
	if r != '\\' {
		return r, n
	}
	var escape [12]byte // as long as a pair of surrogates
	var ends [12]int
	length := 0
	for at := 0; length < len(escape) && at < len(raw); length++ {
		c, size := layeredUnit(below, raw[at:], layers-1)
		if c >= utf8.RuneSelf || length == 2 && escape[1] != 'u' {
			break
		}
		at += size
		escape[length], ends[length] = byte(c), at
	}
	r, n = unescape(string(escape[:length]))
	return r, ends[n-1]
}

func utf16Unit(raw string, order binary.ByteOrder) (rune, int) {
	if len(raw) < 2 {
		return utf8.RuneError, len(raw)
	}
	r := rune(order.Uint16([]byte(raw[:2])))
	if !utf16.IsSurrogate(r) {
		return r, 2
	}
	if len(raw) >= 4 {
		if whole := utf16.DecodeRune(r, rune(order.Uint16([]byte(raw[2:4])))); whole != utf8.RuneError {
			return whole, 4
		}
	}
	return utf8.RuneError, 2
}

func utf32Unit(raw string, order binary.ByteOrder) (rune, int) {
	if len(raw) < 4 {
		return utf8.RuneError, len(raw)
	}
	r := order.Uint32([]byte(raw[:4]))
	if r > utf8.MaxRune || !utf8.ValidRune(rune(r)) {
		return utf8.RuneError, 4
	}
	return rune(r), 4
}

func encodeUTF16(text string, big bool) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			out = binary.BigEndian.AppendUint16(out, u)
		} else {
			out = binary.LittleEndian.AppendUint16(out, u)
		}
	}
	return string(out)
}

func encodeUTF32(text string, big bool) string {
	var out []byte
	for _, r := range text {
		if big {
			out = binary.BigEndian.AppendUint32(out, uint32(r))
		} else {
			out = binary.LittleEndian.AppendUint32(out, uint32(r))
		}
	}
	return string(out)
}

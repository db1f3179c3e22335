package codec

import (
	"encoding/binary"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A Codec says how text stands in its bytes. Decoding goes by units: a unit is
// the bytes that make one character, so an offset of the text leads back to one
// of the bytes.
type Codec uint8

// The codecs. Those of one byte a character come from [Charset].
const (
	Plain         Codec = iota // UTF-8, valid
	Lossy                      // UTF-8 with invalid bytes, each read as U+FFFD
	JSON                       // the inside of a JSON string
	Number                     // a JSON number; edited, it becomes a string
	Form                       // application/x-www-form-urlencoded
	Base64                     // base64 of UTF-8 text
	JSONTwice                  // the inside of a JSON string in a JSON string
	FormJSON                   // the inside of a JSON string in a form
	FormJSONTwice              // the inside of a JSON string in a JSON string in a form
	UTF16LE                    // …
	UTF16BE
	UTF32LE
	UTF32BE
	firstCharmap // and up: index in charmap.All
)

// Unit decodes the first character of raw: the character and the number of its
// bytes, at least 1. raw is not empty.
func (c Codec) Unit(raw string) (rune, int) {
	switch c {
	case JSON:
		if raw[0] == '\\' {
			return unescape(raw)
		}
	case Form:
		if raw[0] == '%' || raw[0] == '+' || raw[0] >= utf8.RuneSelf {
			return formUnit(raw)
		}
	case JSONTwice:
		return layeredUnit(Plain, raw, 2)
	case FormJSON:
		return layeredUnit(Form, raw, 1)
	case FormJSONTwice:
		return layeredUnit(Form, raw, 2)
	case UTF16LE:
		return utf16Unit(raw, binary.LittleEndian)
	case UTF16BE:
		return utf16Unit(raw, binary.BigEndian)
	case UTF32LE:
		return utf32Unit(raw, binary.LittleEndian)
	case UTF32BE:
		return utf32Unit(raw, binary.BigEndian)
	case Plain, Lossy, Number, Base64:
	default:
		return charmapOf(c).DecodeByte(raw[0]), 1
	}
	return utf8.DecodeRuneInString(raw)
}

// charmapOf is the single-byte character set of a codec.
func charmapOf(c Codec) *charmap.Charmap {
	return charmap.All[c-firstCharmap].(*charmap.Charmap)
}

// Decode is the text of raw.
func (c Codec) Decode(raw string) string {
	if c == Plain || c == Number {
		return raw
	}
	var b strings.Builder
	b.Grow(c.Size(raw))
	for i := 0; i < len(raw); {
		end := len(raw)
		if c == JSON && raw[i] != '\\' { // what stands between escapes is copied
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
			r, n := c.Unit(raw[i:])
			b.WriteRune(r)
			i += n
		}
	}
	return b.String()
}

// Size is at least the size of what decode returns.
func (c Codec) Size(raw string) int {
	switch c {
	case UTF16LE, UTF16BE:
		return len(raw)/2*3 + 3
	case UTF32LE, UTF32BE:
		return len(raw) + 3
	case Plain, Lossy, JSON, Number, Form, Base64, JSONTwice, FormJSON, FormJSONTwice:
		if utf8.ValidString(raw) {
			return len(raw)
		}
	}
	return 3 * len(raw)
}

// encode is text in the form that stands between other units. It reports false
// when the character set has no such character.
func (c Codec) encode(text string) (string, bool) {
	switch c {
	case Plain, Lossy:
		return text, true
	case JSON:
		return EscapeJSON(text), true
	case Form:
		return url.QueryEscape(text), true
	case JSONTwice:
		return EscapeJSON(EscapeJSON(text)), true
	case FormJSON:
		return url.QueryEscape(EscapeJSON(text)), true
	case FormJSONTwice:
		return url.QueryEscape(EscapeJSON(EscapeJSON(text))), true
	case UTF16LE, UTF16BE:
		return encodeUTF16(text, c == UTF16BE), true
	case UTF32LE, UTF32BE:
		return encodeUTF32(text, c == UTF32BE), true
	case Number, Base64:
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
func layeredUnit(below Codec, raw string, layers int) (rune, int) {
	if layers == 0 {
		return below.Unit(raw)
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

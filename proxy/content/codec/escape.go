package codec

import (
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// plainByte marks the bytes that a JSON string holds as they are.
var plainByte = func() (t [256]bool) {
	for c := 0x20; c < 256; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// PlainRun is how many bytes at the start of s a JSON string holds as they are.
// It looks at eight bytes at a time: in each the top bit is set for a byte that
// is a quote, a backslash or a control character.
func PlainRun(s string) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		c := s[i : i+8]
		w := uint64(c[0]) | uint64(c[1])<<8 | uint64(c[2])<<16 | uint64(c[3])<<24 |
			uint64(c[4])<<32 | uint64(c[5])<<40 | uint64(c[6])<<48 | uint64(c[7])<<56
		quote, slash := w^'"'*ones, w^'\\'*ones
		found := ((quote-ones)&^quote | (slash-ones)&^slash | (w-0x20*ones)&^w) & tops
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(s) && plainByte[s[i]] {
		i++
	}
	return i
}

// EscapeLen is the length of the JSON escape that the backslash at the start of s
// begins, 0 when it begins none.
func EscapeLen(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(s[2:]); ok {
			return 6
		}
	}
	return 0
}

// WholeEscapes is how much of the inside of a JSON string that is not complete
// can be decoded: what follows is the beginning of an escape, or the first half of
// a pair of surrogates whose second may come.
func WholeEscapes(raw string) int {
	for i := 0; ; {
		n := strings.IndexByte(raw[i:], '\\')
		if n < 0 {
			return len(raw)
		}
		i += n
		if beginsEscape(raw[i:]) {
			return i
		}
		r, n := unescape(raw[i:])
		if r == utf8.RuneError && n == 6 && raw[i+3]|0x20 < 'c' && (i+n == len(raw) || beginsEscape(raw[i+n:])) {
			return i // U+D800 to U+DBFF
		}
		i += n
	}
}

// beginsEscape reports whether s is the beginning of an escape, but not all of it.
func beginsEscape(s string) bool {
	if s == "" || s[0] != '\\' || len(s) > 1 && s[1] != 'u' || len(s) >= 6 {
		return false
	}
	for i := 2; i < len(s); i++ {
		if _, ok := hexDigit(s[i]); !ok {
			return false
		}
	}
	return true
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

// EscapeJSON is text as the inside of a JSON string.
func EscapeJSON(text string) string {
	if PlainRun(text) == len(text) && utf8.ValidString(text) {
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

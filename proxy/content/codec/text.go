package codec

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// IsText reports whether s can be read by people: no control characters but the
// usual ones, and at most one byte in eight that is not UTF-8.
func IsText(s string) bool {
	bad := 0
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			bad++
		case r < 0x20 && (r < '\t' || r > '\r') && r != 0x1b && r != 0x1e:
			return false
		}
	}
	return bad*8 <= len(s)
}

// Legible is where text begins in data, -1 when there is none. It looks at pieces
// of 48 bytes, of which four in five must be text: of random bytes, one in three
// is. Data that was compressed holds what it holds, and counts as text.
func Legible(data string) int {
	const piece = 48
	for _, magic := range [...]string{"\x1f\x8b\x08", "\x28\xb5\x2f\xfd"} { // gzip, zstd
		if strings.HasPrefix(data, magic) {
			return 0
		}
	}
	for at := 0; at < len(data); at += piece {
		end := min(at+piece, len(data))
		good, zero := 0, 0
		for i := at; i < end; i++ {
			switch c := data[i]; {
			case c == 0:
				zero++
			case c >= ' ' && c < 0x7f, c == '\n', c == '\t', c == '\r':
				good++
			case c >= utf8.RuneSelf:
				if r, size := utf8.DecodeRuneInString(data[i:]); r != utf8.RuneError {
					good += size
					i += size - 1
				}
			}
		}
		if n := end - at; n >= piece/2 && (good*5 >= n*4 || zero*2 >= n-2 && (good+zero)*5 >= n*4 && good*5 >= n*2) { // also UTF-16
			return at
		}
	}
	return -1
}

// IsBase64 reports whether s holds nothing but base64, of either alphabet, with
// white space.
func IsBase64(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c-'0' <= 9, c == '+', c == '/', c == '=', c == '-', c == '_', c == '\n', c == '\r':
		default:
			return false
		}
	}
	return s != ""
}

// DecodeBase64 is the content of s, of either alphabet, with or without padding and
// line breaks.
func DecodeBase64(s string) (string, bool) {
	s = strings.TrimRight(strings.Map(func(c rune) rune {
		switch c {
		case '\n', '\r':
			return -1
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return c
	}, s), "=")
	out, err := base64.RawStdEncoding.DecodeString(s)
	return string(out), err == nil
}

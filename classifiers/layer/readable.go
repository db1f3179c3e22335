package layer

import (
	"unicode/utf16"
	"unicode/utf8"
)

// chunk is how many bytes are judged at a time.
const chunk = 48

// readable tells whether data is text: nearly all of it characters that can be
// seen, and all of it when it is short. Random bytes are not: of eleven, all are
// characters of ASCII in one case of forty thousand.
func readable(data []byte) bool {
	if len(data) < minPairs {
		return false
	}
	return !mangled(data)
}

// mangled tells whether too much of a piece of data is no text.
func mangled(data []byte) bool {
	if wide, ok := fromUTF16(data); ok {
		data = wide
	}
	bad := unreadable(data)
	if len(data) < chunk/2 {
		return bad > 0
	}
	return bad*5 > len(data)
}

// unreadable counts the bytes that are no part of a character with a meaning. A
// character that is cut by the end is not counted.
func unreadable(data []byte) int {
	bad := 0
	for i := 0; i < len(data); {
		c := data[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
				bad++
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			if !utf8.FullRune(data[i:]) {
				return bad
			}
			bad++
		}
		i += size
	}
	return bad
}

// plainText appends data as text, with a space for each byte that is none.
func plainText(out, data []byte) []byte {
	if wide, ok := fromUTF16(data); ok {
		data = wide
	}
	for _, c := range data {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			c = ' '
		}
		out = append(out, c)
	}
	return out
}

// fromUTF16 is text of which every other byte is NUL, as the shells of Windows
// encode commands, in UTF-8.
func fromUTF16(data []byte) ([]byte, bool) {
	if len(data) >= 2 && (data[0] == 0xff && data[1] == 0xfe || data[0] == 0xfe && data[1] == 0xff) {
		data = data[2:]
	}
	var zero [2]int
	for i, c := range data {
		if c == 0 {
			zero[i&1]++
		}
	}
	half := len(data) / 2
	low := 0 // where the byte stands that is not NUL
	switch {
	case half < 6:
		return nil, false
	case zero[1]*10 >= half*8 && zero[0] == 0:
	case zero[0]*10 >= half*8 && zero[1] == 0:
		low = 1
	default:
		return nil, false
	}
	units := make([]uint16, half)
	for i := range units {
		units[i] = uint16(data[2*i+low]) | uint16(data[2*i+1-low])<<8
	}
	return []byte(string(utf16.Decode(units))), true
}

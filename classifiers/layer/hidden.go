package layer

import "unicode/utf8"

// hiddenBytes reads text that stands in characters without a glyph: a byte in each
// variation selector (U+FE00 to U+FE0F and U+E0100 to U+E01EF are the values from 0 to
// 255), or a bit in each of two characters. It is nil when there is none.
func hiddenBytes(run string) []byte {
	var bytes []byte
	var two [2]rune
	n := 0
	for _, r := range run {
		switch {
		case r >= 0xFE00 && r <= 0xFE0F:
			bytes = append(bytes, byte(r-0xFE00))
		case r >= 0xE0100 && r <= 0xE01EF:
			bytes = append(bytes, byte(r-0xE0100+16))
		}
		if n++; two[0] == 0 || r == two[0] {
			two[0] = r
		} else if two[1] == 0 {
			two[1] = r
		}
	}
	if readable(bytes) {
		return bytes
	}
	if n < 8*minPairs || n%8 != 0 || two[1] == 0 {
		return nil
	}
	bytes = bytes[:0]
	ones := make([]byte, 0, n/8)
	bits, have := byte(0), 0
	for i := 0; i < len(run); {
		r, size := utf8.DecodeRuneInString(run[i:])
		if r != two[0] && r != two[1] {
			return nil
		}
		bits = bits<<1 | byte(btoi(r == two[1]))
		if have++; have%8 == 0 {
			bytes, ones = append(bytes, bits), append(ones, ^bits)
		}
		i += size
	}
	switch { // text of ASCII begins with a 0
	case readable(bytes):
		return bytes
	case readable(ones):
		return ones
	}
	return nil
}

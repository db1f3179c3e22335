package shape

import "unicode"

// Letters of the alphabets with two-byte encodings and of those next to them, in
// the lower case; 0 for what is no letter. Marks are their own lower case.
const alphabets = 0x0E00

var letters = func() (t [alphabets]uint16) {
	for r := range rune(alphabets) {
		if unicode.In(r, unicode.L, unicode.M) {
			t[r] = uint16(unicode.ToLower(r))
		}
	}
	return t
}()

// Letter returns the lower case of a letter or of a mark on one, 0 for what is no part
// of a word.
func Letter(r rune) rune {
	if r < alphabets {
		return rune(letters[r])
	}
	return letter(r)
}

func letter(r rune) rune {
	switch {
	case ideograph(r):
		return r
	case unicode.In(r, unicode.L, unicode.M):
		return unicode.ToLower(r)
	}
	return 0
}

// RunsOn tells the characters of scripts that write words without spaces: Han, kana,
// Thai, Lao, Khmer, Burmese.
func RunsOn(r rune) bool { return r >= alphabets && runsOn(r) }

func runsOn(r rune) bool {
	return ideograph(r) || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// ideograph tells what nearly all characters of Chinese and Japanese are, quickly.
func ideograph(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3041 && r <= 0x3096 || r >= 0x30A1 && r <= 0x30FA
}

// Lower is the small letter of a capital of ASCII, and every other byte as it is.
func Lower(c byte) byte {
	if c-'A' < 26 {
		c |= 0x20
	}
	return c
}

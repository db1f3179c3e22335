package shape

import (
	"testing"
	"unicode"
)

// TestLetters: tables and short cuts say what Unicode says of every character.
func TestLetters(t *testing.T) {
	for r := range unicode.MaxRune + 1 {
		want := rune(0)
		if unicode.In(r, unicode.L, unicode.M) {
			want = unicode.ToLower(r)
		}
		if got := Letter(r); got != want {
			t.Errorf("Letter(%U) is %U, not %U", r, got, want)
		}
		runs := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
		if got := RunsOn(r); got != runs {
			t.Errorf("RunsOn(%U) is %v", r, got)
		}
		if r < 0x80 && rune(Lower(byte(r))) != unicode.ToLower(r) || r >= 0x80 && r < 0x100 && Lower(byte(r)) != byte(r) {
			t.Errorf("Lower(%#x) is %#x", r, Lower(byte(r)))
		}
	}
}

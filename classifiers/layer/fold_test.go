package layer

import (
	"strings"
	"testing"
)

// TestFoldConverges: what is folded once is folded. A word that goes on and on was
// judged in parts, and each layer judged the next part anew.
func TestFoldConverges(t *testing.T) {
	long := strings.Repeat("ιωάсеἄ", 200)
	for name, text := range map[string]string{
		"one letter in front": "a" + long, "one behind": long + "a", "in the middle": long + "1" + long,
	} {
		space := room{left: 1 << 20}
		l, err := fold(text, &space)
		if err != nil || l == nil {
			t.Fatalf("%s: no layer: %v", name, err)
		}
		if again, err := fold(l.text, &space); again != nil || err != nil {
			t.Errorf("%s: is folded again, %v", name, err)
		}
	}
}

// FuzzFold: the same, of any text.
func FuzzFold(f *testing.F) {
	for _, text := range []string{
		"a————————————————b", "————b", "слово—a", "ιо́а\u0301\u0302 b", "é三四", "a\u00a0—é12", "\u202e—аb1\u0301", "a\u200b—\u200bб", " \u0301\u200b—ａ", "\U000E0041\U000E0042—я1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		space := room{left: 1 << 20}
		l, err := fold(text, &space)
		if l == nil || err != nil || strings.Count(l.text, "\n") > strings.Count(text, "\n") {
			return // what was turned round, or said without a glyph, is another text
		}
		if again, err := fold(l.text, &space); again != nil || err != nil {
			t.Errorf("%q is %q, is %q: %v", text, l.text, again.text, err)
		}
	})
}

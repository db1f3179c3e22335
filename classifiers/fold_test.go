package classifiers

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

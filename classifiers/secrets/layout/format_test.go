package layout

import (
	"strings"
	"testing"
)

// A pattern finds the tokens that are made after it; one that makes no sense is refused.
func TestFormatLanguage(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          string
	}{
		{"ab_[h4]", "x ab_12ef y", "ab_12ef"},
		{"ab_[h4]", "x ab_12efa y", ""}, // longer
		{"ab_[h4]", "xab_12ef", ""},     // inside a word
		{"ab_[h4]", "AB_12ef", ""},      // another case
		{"ab_[h4-6]", "ab_12efa", "ab_12efa"},
		{"ab_[h4-]", "ab_12efaaaaaa", "ab_12efaaaaaa"},
		{"[d3]:XY[b4]", "id 123:XYa-_b.", "123:XYa-_b"},
		{"[d3]:XY[b4]", "id 1234:XYa-_b", ""},
		{"s_[a2-9]MARK[a2]", "s_abcdMARKxy", "s_abcdMARKxy"}, // the run holds the literal
		{"tok[z2]", "", "error"},
		{"tok[a0]", "", "error"},
		{"tok[a5-2]", "", "error"},
		{"tok(a", "", "error"},
		{"", "", "error"},
	} {
		formats, err := ParseAll(c.pattern)
		if (err != nil) != (c.want == "error") {
			t.Errorf("%q: %v", c.pattern, err)
		}
		if err != nil {
			continue
		}
		got := ""
		for _, f := range formats {
			n := f.Anchor()
			if i := strings.Index(strings.ToLower(c.text), strings.ToLower(f[n].Text)); i >= 0 {
				if start, end, fit := f.At(c.text, n, i); fit == Whole {
					got = c.text[start:end]
				}
			}
		}
		if got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.pattern, c.text, got, c.want)
		}
	}
}

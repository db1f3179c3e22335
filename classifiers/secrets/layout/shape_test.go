package layout

import (
	"regexp/syntax"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// fits reports whether the bytes of text belong to the classes, one each.
func fits(shape []ascii.Class, text string) bool {
	if len(text) < len(shape) {
		return false
	}
	for i := range shape {
		if !shape[i].Has(text[i]) {
			return false
		}
	}
	return true
}

// The classes are those of all matches, as far as their bytes have one place.
func TestShape(t *testing.T) {
	for _, c := range []struct {
		expr, yes, no string
		length        int
	}{
		{`\b(ghp_[0-9a-z]{3})x`, "ghp_a1bx", "ghp_a-bx", 8},
		{`(?i)AB{2}c`, "aBbC", "aBc", 4},
		{`(?:sk|rk)_(?:test|live)_[a-z]`, "rk_live_z", "sk_tesX_z", 9},
		{`(?:a|bc)d`, "ad", "xd", 1},
		{`x[a-z]{2,5}y`, "xab", "xa1", 3},
		{`x?y`, "anything", "", 0},
		{`pat[[:alnum:]]{14}\.`, "patabcdefghij1234.", "patabcdefghij1234,", 18},
	} {
		tree, err := syntax.Parse(c.expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		s := Shape(tree)
		if len(s) != c.length || !fits(s, c.yes) || c.no != "" && fits(s, c.no) {
			t.Errorf("%s: length %d, want %d; %q %v, %q %v", c.expr, len(s), c.length, c.yes, fits(s, c.yes), c.no, fits(s, c.no))
		}
	}
}

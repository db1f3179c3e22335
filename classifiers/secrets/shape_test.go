package secrets

import (
	"regexp/syntax"
	"testing"
)

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
		s := shape(tree)
		if len(s) != c.length || !fits(s, c.yes, 0) || c.no != "" && fits(s, c.no, 0) {
			t.Errorf("%s: length %d, want %d; %q %v, %q %v", c.expr, len(s), c.length, c.yes, fits(s, c.yes, 0), c.no, fits(s, c.no, 0))
		}
	}
}

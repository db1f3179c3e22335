package classifiers

import (
	"strings"
	"testing"
)

func TestColumns(t *testing.T) {
	for _, c := range []struct{ text, cell, want string }{
		{"name,born,city\nAnn,x,Rome\nBob,y,Bonn\n", "y", "born"},
		{"Here it is:\n\nname;\"b, d\";city\r\nAnn;x;Rome", "x", "\"b, d\""},
		{"| name | born |\n|---|---|\n| Ann | x |", " x", " born "},
		{"name\tborn\nAnn\tx\n\nBob\ty", "y", ""},
		{"Ann,1987\nBob,1988\nEve,x", "x", ""},
		{"name,born\nAnn,x", "born", ""},
		{"address1,phone2\nAnn,x", "x", "phone2"},
		{"one, two\nthree", "three", ""},
		{"Hello,\nhow are, you", "you", ""},
		{"Well, it rained\nand so, we left", "we", ""},
		{strings.Repeat("a", 2000) + ",b\nAnn,x", "x", ""},
	} {
		columns := Columns{Text: c.text}
		at := strings.LastIndex(c.text, c.cell)
		fresh := Columns{Text: c.text}
		for i := range at {
			columns.Heading(i)
		}
		if one, all := fresh.Heading(at), columns.Heading(at); one != c.want || all != c.want {
			t.Errorf("%q in %q: heading %q, and %q behind others, want %q", c.cell, c.text, one, all, c.want)
		}
	}
}

package secrets_test

import (
	"strings"
	"testing"
)

// FuzzClassify holds what must be true of any text: no error (offsets inside
// the text and its characters, declared entities and sane confidences are
// checked by the set), and a secret that is found stays found when ordinary
// text stands around it.
func FuzzClassify(f *testing.F) {
	for _, c := range cases(f) {
		for _, p := range c.Positives {
			f.Add(p.Text)
		}
		for _, n := range c.Negatives {
			f.Add(n.Text)
		}
	}
	f.Add(prose)
	f.Add(code)
	s := newSet(f)
	f.Fuzz(func(t *testing.T, text string) {
		found := classify(t, s, text)
		again := classify(t, s, text)
		if len(found) != len(again) {
			t.Fatalf("%d findings, then %d", len(found), len(again))
		}
		for _, x := range found {
			value := strings.ToUpper(text[x.Start:x.End])
			bare := value[0] == 'M' || value[0] == '0' // a sequence in DER, as base64 or as it is
			if x.Rule == "private-key" && !bare && !strings.Contains(value, "PRIVATE") && !strings.Contains(value, "PUTTY") {
				t.Fatalf("private key without a header at %d", x.Start)
			}
		}
	})
}

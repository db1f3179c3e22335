package layer

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// peelAll takes all layers off.
func peelAll(text string) ([]*layer, error) {
	room := roomFor(text, nil)
	var all []*layer
	for step, last := 0, -1; step <= last+2 && len(all) < maxLayers; step++ {
		look := fold
		if step%2 == 1 {
			look = decode
		}
		l, err := look(text, &room)
		if err != nil {
			return nil, err
		}
		if l != nil {
			all, text, last = append(all, l), l.text, step
		}
	}
	return all, nil
}

func TestLayersLeadBack(t *testing.T) {
	for _, c := range []struct{ text, inside, outside string }{
		{"a ４１ b", "41", "４１"},
		{"4\u200b1", "41", "4\u200b1"},
		{"x%34%31y", "41", "%34%31"},
		{"x%2534%2531y", "41", "%2534%2531"},
		{"caf%C3%A9!", "é", "%C3%A9"},
		{`n\u0034\x31n`, "41", `\u0034\x31`},
		{`\ud83d\ude00`, "😀", `\ud83d\ude00`},
		{"&#52;&#49; &amp;#50;", "2", "&amp;#50;"},
		{"раss", "pass", "раss"},
		{"is aGVsbG8gdGhlcmUgYWxs!", "there", "aGVsbG8gdGhlcmUgYWxs"},
		{"is aGVsbG8gdGhl\n cmUgYWxsIG9mIHlvdQ==\n", "you", "aGVsbG8gdGhl\n cmUgYWxsIG9mIHlvdQ=="},
		{"=34=31=32 ok", "12", "=31=32"},
		{"abc \u202e14\u202c def", "41", "14"},
	} {
		layers, err := peelAll(c.text)
		if err != nil || len(layers) == 0 {
			t.Errorf("%q: %d layers, %v", c.text, len(layers), err)
			continue
		}
		last := layers[len(layers)-1].text
		start := strings.Index(last, c.inside)
		if start < 0 {
			t.Errorf("%q became %q", c.text, last)
			continue
		}
		at := (&Stack{above: layers}).Surface(start, start+len(c.inside), false)
		if c.text[at.Start:at.End] != c.outside || at.Doubt != None {
			t.Errorf("%q: %q leads to %q (%d), not %q", c.text, c.inside, c.text[at.Start:at.End], at.Doubt, c.outside)
		}
	}
}

// Looking for disguises takes no memory where there are none.
func TestNoDisguiseNoMemory(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("We are planning the offsite, and 14 people said that the key point was to have fewer talks. ", 22),
		strings.Repeat("func (s *Server) handle(w http.ResponseWriter, r *http.Request) {\n\tif err != nil && !ok { http.Error(w, \"bad id\", http.StatusBadRequest) }\n}\n", 14),
		strings.Repeat("Вчера мы обсуждали план на осень. ", 40),
		strings.Repeat("今天的会议讨论了预算，一共有四十五个项目。", 40),
	} {
		room := roomFor(text, nil)
		got := testing.AllocsPerRun(100, func() {
			for _, look := range []func() (*layer, error){
				func() (*layer, error) { return fold(text, &room) },
				func() (*layer, error) { return decode(text, &room) },
			} {
				if l, err := look(); l != nil || err != nil {
					t.Fatalf("%.20q has a layer, %v", text, err)
				}
			}
		})
		if got > 0 {
			t.Errorf("%.20q: %v allocations", text, got)
		}
	}
}

// inCharacter tells whether offset i cuts a well-formed UTF-8 character.
func inCharacter(text string, i int) bool {
	for j := max(0, i-utf8.UTFMax+1); j < i && i < len(text); j++ {
		if r, size := utf8.DecodeRuneInString(text[j:]); size > i-j && (r != utf8.RuneError || size > 1) {
			return true
		}
	}
	return false
}

// Whatever the text: layers lead back to whole characters inside it, and the
// order of places stays.
func FuzzLayers(f *testing.F) {
	for _, s := range []string{"a４\u200b1%34\\u0034&#52;=34=31=32", "раss \u202e14\u202c \U000e0041", "aGVsbG8gdGhlcmUgYWxs\nY2Fu", "H4sIAAAAAAAA/8tIzcnJBwCGphA2BQAAAA==", "34 31 31 31 31 31 31 31 31", "\xff%ff\xe2\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		layers, err := peelAll(text)
		if err != nil {
			return
		}
		above := text
		for n, l := range layers {
			if len(l.text) == 0 {
				return
			}
			if utf8.ValidString(above) && !utf8.ValidString(l.text) {
				t.Fatalf("layer %d is not UTF-8: %q", n, l.text)
			}
			for i := 0; i < len(l.text); {
				_, size := utf8.DecodeRuneInString(l.text[i:])
				lo, hi, _ := l.above(i, i+size)
				if lo < 0 || hi <= lo || hi > len(above) {
					t.Fatalf("layer %d: [%d,%d) leads to [%d,%d) of %d", n, i, i+size, lo, hi, len(above))
				}
				if inCharacter(above, lo) || inCharacter(above, hi) {
					t.Fatalf("layer %d: [%d,%d) cuts a character of %q", n, lo, hi, above)
				}
				i += size
			}
			above = l.text
		}
	})
}

package classifiers

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// peelAll takes all layers off.
func peelAll(text string) ([]*layer, error) {
	room := roomFor(context.Background(), text)
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
		f := Finding{Start: start, End: start + len(c.inside)}
		if f, _ = (&Set{}).lift(f, layers, c.text); c.text[f.Start:f.End] != c.outside {
			t.Errorf("%q: %q leads to %q, not %q", c.text, c.inside, c.text[f.Start:f.End], c.outside)
		}
	}
}

// A disguised value has the same number in every process that has the key, and
// another without it.
func TestHiddenIsTheFleets(t *testing.T) {
	const want = 0xfe8ed0f613a392b7 // HMAC-SHA256 by another hand
	s := &Set{key: [32]byte{1}}
	if got := s.hidden("jo@example.org"); got != want {
		t.Errorf("%#x, want %#x", got, uint64(want))
	}
	for name, other := range map[string]uint64{
		"another key":   (&Set{key: [32]byte{2}}).hidden("jo@example.org"),
		"another value": s.hidden("bo@example.org"),
	} {
		if other == want {
			t.Errorf("%s: the same number", name)
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
		room := roomFor(context.Background(), text)
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

// An error of the reserve ends the scan; what is not disguised asks for nothing.
func TestReserve(t *testing.T) {
	none := errors.New("no memory")
	ctx := WithReserve(context.Background(), func(int64) error { return none })
	set, err := New(Options{}, digitsFamily{})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := set.Classify(ctx, []Sample{{Text: "plain 1234"}}); err != nil || len(found) != 1 {
		t.Errorf("got %v, %v", found, err)
	}
	if found, err := set.Classify(ctx, []Sample{{Text: "wide １２３４"}}); !errors.Is(err, none) || found != nil {
		t.Errorf("got %v, %v", found, err)
	}
	var taken int64
	ctx = WithReserve(context.Background(), func(n int64) error { taken += n; return nil })
	if found, err := set.Classify(ctx, []Sample{{Text: "wide １２３４"}}); err != nil || len(found) != 1 || taken < 8 {
		t.Errorf("got %v, %v with %d bytes", found, err, taken)
	}
}

// digitsFamily finds runs of four digits.
type digitsFamily struct{}

func (digitsFamily) Describe() Description {
	return Description{Family: "digits", Entities: []string{"FOUR"}, Version: "1"}
}

func (digitsFamily) Classify(_ context.Context, v *View, found []Finding) ([]Finding, error) {
	for _, r := range v.Digits {
		if r.Len() == 4 {
			found = append(found, Finding{Entity: "FOUR", Rule: "four", Confidence: 1, Start: r.Start, End: r.End})
		}
	}
	return found, nil
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

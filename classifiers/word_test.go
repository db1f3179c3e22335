package classifiers

import (
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"Dear Zoë, it's 7 o'clock", []string{"Dear", "Zoë", "it", "s", "o", "clock"}},
		{"x1y_z-W", []string{"x", "y", "z", "W"}},
		{"Москва и Ωμέγα", []string{"Москва", "и", "Ωμέγα"}},
		{"cafe\u0301.", []string{"cafe\u0301"}},
		{"我的key是", []string{"我", "的", "key", "是"}},
		{"가나 다", []string{"가나", "다"}},
		{"\xffa\xe9b\xe4\xb8", []string{"a", "b"}},
	} {
		var got []string
		list, _ := words(c.text, 0, len(c.text), nil)
		for _, w := range list {
			got = append(got, c.text[w.Start:w.End])
			if w.Hash != HashWord(c.text[w.Start:w.End]) {
				t.Errorf("%q: another hash for %q", c.text, c.text[w.Start:w.End])
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestWordCase(t *testing.T) {
	for word, want := range map[string]Case{"word": Small, "Word": Capital, "W": Capital, "WORD": Upper, "passWord": Mixed, "WoRD": Mixed, "Émile": Capital, "ÉM": Upper, "אב": Small} {
		list, _ := words(word, 0, len(word), nil)
		if len(list) != 1 || list[0].Case != want || list[0].Hash != HashWord(strings.ToLower(word)) {
			t.Errorf("%q: got %+v, want case %d", word, list, want)
		}
	}
}

// Blocks may cut a text anywhere: the words are those of the whole.
func TestWordsInBlocks(t *testing.T) {
	text := "Grüße aus Wien, 東京と京都, don't stop\xf0\x9f é"
	whole, _ := words(text, 0, len(text), nil)
	for size := 1; size <= len(text); size++ {
		var got []Word
		from := 0
		for lo := 0; lo < len(text); lo += size {
			var part []Word
			part, from = words(text, max(lo, from), min(lo+size, len(text)), nil)
			got = append(got, part...)
		}
		if !slices.Equal(got, whole) {
			t.Errorf("blocks of %d: got %v, want %v", size, got, whole)
		}
	}
}

func BenchmarkWords(b *testing.B) {
	for name, text := range map[string]string{
		"english": strings.Repeat("Please read the minutes below, and draft a short note. ", 40),
		"russian": strings.Repeat("Прочитай протокол и напиши короткую записку. ", 25),
		"chinese": strings.Repeat("请阅读下面的会议记录，写一份简短的说明。", 35),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var out []Word
			for b.Loop() {
				out, _ = words(text, 0, len(text), out[:0])
			}
		})
	}
}

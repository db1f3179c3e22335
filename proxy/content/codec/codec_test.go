package codec_test

import (
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// codecs are those that stand between other text; numbers and base64 are replaced
// whole.
func codecs(tb testing.TB) map[string]codec.Codec {
	tb.Helper()
	all := map[string]codec.Codec{
		"plain": codec.Plain, "JSON": codec.JSON, "form": codec.Form, "JSON twice": codec.JSONTwice, "JSON in a form": codec.FormJSON,
		"JSON twice in a form": codec.FormJSONTwice, "UTF-16LE": codec.UTF16LE, "UTF-16BE": codec.UTF16BE, "UTF-32LE": codec.UTF32LE, "UTF-32BE": codec.UTF32BE,
	}
	for _, label := range []string{"windows-1252", "iso-8859-2", "koi8-r"} {
		c, ok := codec.Charset(label)
		if !ok {
			tb.Fatal(label)
		}
		all[label] = c
	}
	return all
}

func TestSpellings(t *testing.T) {
	for _, c := range []struct {
		codec     codec.Codec
		raw, text string
	}{
		{codec.JSON, `a\u00e9\ud83c\udf27\/\ud800 \x \u12`, "aé🌧/\uFFFD \\x \\u12"},
		{codec.Lossy, "a\xff", "a\uFFFD"},
		{codec.Form, "a+b%20%C3%A9%zz%", "a b é%zz%"},
		{codec.JSONTwice, `\\n\\u0041\\\"`, "\nA\""},
		{codec.FormJSON, `%5Cu00e9%5C%22`, `é"`},
		{codec.FormJSONTwice, `%5C%5Cu0041`, `A`},
		{codec.UTF16LE, "a\x00=\xd8\x00\xde\x00", "a😀\uFFFD"},
		{codec.UTF32BE, "\x00\x00\x00a\x00\x11\x00\x00", "a\uFFFD"},
	} {
		if got := c.codec.Decode(c.raw); got != c.text {
			t.Errorf("%d %q: %q, not %q", c.codec, c.raw, got, c.text)
		}
	}
}

func TestLabels(t *testing.T) {
	for _, label := range []string{"gbk", "shift_jis", "utf-7", "nonsense"} {
		if c, ok := codec.Charset(label); ok {
			t.Errorf("%s: %d", label, c)
		}
	}
}

// FuzzChanges: what is changed in the text is what a receiver reads in the changed
// bytes, in every codec, and nothing else is changed.
func FuzzChanges(f *testing.F) {
	f.Add("mail jo@example.org", 5, 19, "[EMAIL]")
	f.Add("é\"\\ 🌧 \n %41+", 1, 9, "\"é")
	f.Fuzz(func(t *testing.T, text string, start, end int, with string) {
		runes := []rune(text)
		if start < 0 || end <= start || end > len(runes) {
			return
		}
		text, with = string(runes), string([]rune(with))
		edit := []codec.Change{{Start: len(string(runes[:start])), End: len(string(runes[:end])), Text: with}}
		want := codec.Splice(text, edit)
		for name, c := range codecs(t) {
			whole, ok := c.Changes("", "", []codec.Change{{Text: text}})
			if !ok {
				continue // not in the character set
			}
			raw := whole[0].Text
			if got := c.Decode(raw); got != text || len(got) > c.Size(raw) {
				t.Fatalf("%s %q: decoded %q, size %d", name, raw, got, c.Size(raw))
			}
			changes, ok := c.Changes(raw, text, edit)
			if !ok {
				continue
			}
			got := codec.Splice(raw, changes)
			if c.Decode(got) != want || !strings.HasPrefix(got, raw[:changes[0].Start]) || !strings.HasSuffix(got, raw[changes[0].End:]) {
				t.Fatalf("%s %q: %q, not %q", name, raw, got, want)
			}
		}
	})
}

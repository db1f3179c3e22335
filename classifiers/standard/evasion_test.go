package standard_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/layer"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

// The values that are disguised; none is anyone's.
var hiddenValues = []struct{ entity, value string }{
	{"CREDIT_CARD", "4111 1111 1111 1111"},
	{"CREDIT_CARD", "4539148803436467"},
	{"US_SSN", "536-22-1047"},
	{"IBAN_CODE", "DE89370400440532013000"},
	{"EMAIL_ADDRESS", "nadia.weber@brightfield.example"},
	{"GITHUB_PAT", "ghp_" + "x7Kq2mPv9Rt4Wz8Yb3Nc6Jd1Lf5Gh0SaQeUi"},
	{"AWS_ACCESS_TOKEN", "AKIA" + "Q3EGU7ZP4MXWN2LV"},
}

// disguises are what the value is hidden by. Each must be seen through, and the
// finding must cover what is disguised, so that it goes when the finding does.
var disguises = []struct {
	name string
	hide func(string) string
}{
	{"full width", func(s string) string { return each(s, 0x21, 0x7e, 0xff01) }},
	{"mathematical digits", func(s string) string { return each(s, '0', '9', 0x1d7ce) }},
	{"double-struck digits", func(s string) string { return each(s, '0', '9', 0x1d7d8) }},
	{"Arabic digits", func(s string) string { return each(s, '0', '9', 0x0660) }},
	{"Devanagari digits", func(s string) string { return each(s, '0', '9', 0x0966) }},
	{"mathematical letters", func(s string) string { return each(each(s, 'a', 'z', 0x1d41a), 'A', 'Z', 0x1d400) }},
	{"letters in circles", func(s string) string { return each(each(s, 'a', 'z', 0x24d0), 'A', 'Z', 0x24b6) }},
	{"zero width spaces", func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") }},
	{"zero width joiners", func(s string) string { return strings.Join(strings.Split(s, ""), "\u200d") }},
	{"word joiners", func(s string) string { return strings.Join(strings.Split(s, ""), "\u2060") }},
	{"soft hyphens", func(s string) string { return strings.Join(strings.Split(s, ""), "\u00ad") }},
	{"byte order marks", func(s string) string { return strings.Join(strings.Split(s, ""), "\ufeff") }},
	{"variation selectors", func(s string) string { return strings.Join(strings.Split(s, ""), "\ufe0f") }},
	{"isolates", func(s string) string { return "\u2067" + strings.Join(strings.Split(s, ""), "\u2066\u2069") + "\u2069" }},
	{"struck out", func(s string) string { return strings.Join(strings.Split(s, ""), "\u0336") + "\u0336" }},
	{"marks on marks", func(s string) string { return strings.Join(strings.Split(s, ""), "\u0301\u0327\u0336") }},
	{"keycaps", func(s string) string { return keycaps.Replace(s) }},
	{"look-alikes", func(s string) string { return cyrillic.Replace(s) }},
	{"tags", func(s string) string { return "hello" + each(s, 0x21, 0x7e, 0xe0021) }},
	{"shown backwards", func(s string) string { r := []rune(s); slices.Reverse(r); return "\u202e" + string(r) + "\u202c" }},
	{"percent", func(s string) string { return bytewise(s, "%%%02X") }},
	{"percent twice", func(s string) string { return url.QueryEscape(bytewise(s, "%%%02x")) }},
	{"percent thrice", func(s string) string { return url.QueryEscape(url.QueryEscape(bytewise(s, "%%%02X"))) }},
	{"HTML decimal", func(s string) string { return bytewise(s, "&#%d;") }},
	{"HTML hexadecimal", func(s string) string { return bytewise(s, "&#x%x;") }},
	{"HTML padded", func(s string) string { return bytewise(s, "&#%07d;") }},
	{"HTML twice", func(s string) string { return bytewise(s, "&amp;#%d;") }},
	{"JSON escapes", func(s string) string { return bytewise(s, `\u%04x`) }},
	{"JSON escapes twice", func(s string) string { return bytewise(s, `\\u%04x`) }},
	{"JavaScript escapes", func(s string) string { return bytewise(s, `\u{%x}`) }},
	{"hexadecimal escapes", func(s string) string { return bytewise(s, `\x%02x`) }},
	{"octal escapes", func(s string) string { return bytewise(s, `\%03o`) }},
	{"Python escapes", func(s string) string { return bytewise(s, `\U%08x`) }},
	{"quoted-printable", func(s string) string { return bytewise(s, "=%02X") }},
	{"soft line break", func(s string) string { return s[:6] + "=\r\n" + s[6:] }},
	{"base64", encode64},
	{"base64 without padding", func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) }},
	{"base64 for URLs", func(s string) string { return base64.URLEncoding.EncodeToString([]byte("??>>" + s)) }},
	{"base64 in short lines", func(s string) string { return lines(encode64(s), 12) }},
	{"base64 in lines", func(s string) string { return lines(encode64("This is what it says: "+s+". That was all."), 24) }},
	{"base64 twice", func(s string) string { return encode64(encode64(s)) }},
	{"base64 three times", func(s string) string { return encode64(encode64(encode64(s))) }},
	{"base64 of UTF-16", func(s string) string { return encode64(wide(s)) }},
	{"base64 of gzip", func(s string) string { return encode64(gzipped(s)) }},
	{"base64 of zlib", func(s string) string { return encode64(zlibbed(s)) }},
	{"base64 of zstd", func(s string) string { return encode64(zstded(s)) }},
	{"base64 of gzip of base64", func(s string) string { return encode64(gzipped(encode64(s))) }},
	{"base64 of percent", func(s string) string { return encode64(bytewise(s, "%%%02x")) }},
	{"base64 behind noise", func(s string) string { return encode64("\x00\x01" + s + strings.Repeat(" and so on", 4)) }},
	{"base64 in a path", func(s string) string { return "https://files.example/get/" + encode64(s) }},
	{"base64 inside a path", func(s string) string {
		return "https://files.example/get/" + base64.RawURLEncoding.EncodeToString([]byte(s)) + "/download/all"
	}},
	{"base64 in a data URL", func(s string) string { return "data:text/plain;base64," + encode64(s) }},
	{"base64 of JSON", func(s string) string { return encode64(`{"note":"` + s + `"}`) }},
	{"base64 as MCP", func(s string) string { return "=?base64?" + encode64(s) + "?=" }},
	{"base64 with zero width", func(s string) string { return strings.Join(strings.Split(encode64(s), ""), "\u200b") }},
	{"percent of base64", func(s string) string { return bytewise(encode64(s), "%%%02X") }},
	{"hexadecimal", func(s string) string { return hex.EncodeToString([]byte(s)) }},
	{"hexadecimal capitals", func(s string) string { return "0x" + strings.ToUpper(hex.EncodeToString([]byte(s))) }},
	{"hexadecimal pairs", func(s string) string { return strings.TrimSpace(bytewise(s, "%02x ")) }},
	{"hexadecimal with colons", func(s string) string { return strings.TrimSuffix(bytewise(s, "%02X:"), ":") }},
	{"hexadecimal array", func(s string) string { return strings.TrimSuffix(bytewise(s, "0x%02x, "), ", ") }},
	{"hexadecimal of gzip", func(s string) string { return hex.EncodeToString([]byte(gzipped(s))) }},
	{"spaced out", func(s string) string { return strings.Join(strings.Split(s, ""), " ") }},
}

// unused are the disguises that change nothing in a value: letters in one of
// digits.
func unused(hidden, value string) bool { return hidden == value }

func TestDisguises(t *testing.T) {
	set := newSet(t, standard.Options{})
	for _, d := range disguises {
		t.Run(d.name, func(t *testing.T) {
			tried := 0
			for _, v := range hiddenValues {
				hidden := d.hide(v.value)
				if unused(hidden, v.value) || d.name == "spaced out" && v.entity == "CREDIT_CARD" {
					continue
				}
				for _, carrier := range []string{"%s", "Please read this: %s and tell me what it is.", "{\"note\": \"%s\"}", "前 %s。", "Привет!\n%s\n"} {
					text := fmt.Sprintf(carrier, hidden)
					found := classifierstest.Classify(t, set, text)
					i := slices.IndexFunc(found, func(f classifiers.Finding) bool { return f.Entity == v.entity })
					if i < 0 {
						t.Errorf("%q: %s", text, classifierstest.Show(text, found))
						continue
					}
					tried++
					f := found[i]
					left := text[:f.Start] + "[" + f.Entity + "]" + text[f.End:]
					for _, f := range classifierstest.Classify(t, set, left) {
						if f.Entity == v.entity {
							t.Errorf("%q: still there in %q", text, left)
						}
					}
				}
			}
			if tried == 0 {
				t.Error("hides nothing")
			}
		})
	}
}

// Values in one blob have one place and are counted one by one.
func TestBlobCounts(t *testing.T) {
	set := newSet(t, standard.Options{})
	var many []string
	for i := range 50 {
		many = append(many, fmt.Sprintf("person%d@brightfield.example", i))
	}
	text := "list: " + encode64(strings.Join(append(many, many...), "\n")+"\ncard 4111 1111 1111 1111") + " end"
	numbers := map[uint64]bool{}
	card := 0
	for _, f := range classifierstest.Classify(t, set, text) {
		if f.Start != len("list: ") || f.End != len(text)-len(" end") {
			t.Fatalf("%+v is not the blob's place", f)
		}
		switch f.Entity {
		case "EMAIL_ADDRESS":
			numbers[f.Hidden] = true
		case "CREDIT_CARD":
			card++
		}
	}
	if len(numbers) != len(many) || card != 1 {
		t.Errorf("%d addresses and %d cards", len(numbers), card)
	}
}

// A value that is only partly disguised is found whole, and once.
func TestPartlyDisguised(t *testing.T) {
	set := newSet(t, standard.Options{})
	for text, want := range map[string]string{
		"card ４111 1111 1111 11\u200b11 ok":                     "４111 1111 1111 11\u200b11",
		"password = \"kV9#mQ2\u200bxR7!pL4z\"":                  "kV9#mQ2\u200bxR7!pL4z",
		"mail nadia.weber%40brightfield.example now":            "nadia.weber%40brightfield.example",
		"ｐａｓｓｗｏｒｄ: kV9mQ2xR7pL4z":                               "kV9mQ2xR7pL4z",
		"ѕѕn 536-22-1047, раsswоrd=kV9mQ2xR7pL4z7":              "536-22-1047 kV9mQ2xR7pL4z7",
		"call +1 415-555-0132\u00a0please, 4111–1111–1111–1111": "+1 415-555-0132 4111–1111–1111–1111",
	} {
		var got []string
		for _, f := range classifierstest.Classify(t, set, text) {
			got = append(got, text[f.Start:f.End])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What goes on too long is an error, not a clean scan.
func TestDisguisesWithoutEnd(t *testing.T) {
	set := newSet(t, standard.Options{})
	nested := "the card is 4111 1111 1111 1111"
	for range 12 {
		nested = encode64(nested)
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"nested":     {nested, layer.ErrNested},
		"bomb":       {encode64(gzipped(strings.Repeat("a", 64<<20))), layer.ErrExpands},
		"zstd bomb":  {encode64(zstded(strings.Repeat("a", 64<<20))), layer.ErrExpands},
		"many bombs": {strings.Repeat(encode64(gzipped(strings.Repeat("word ", 50<<10)))+"\n\n", 500), layer.ErrExpands},
	} {
		found, err := set.Classify(context.Background(), []classifiers.Sample{{Text: c.text}})
		if !errors.Is(err, c.want) || found != nil {
			t.Errorf("%s: got %d findings, %v", name, len(found), err)
		}
	}
}

// each moves characters of a range to where another script or style has them.
func each(s string, from, to, base rune) string {
	return strings.Map(func(r rune) rune {
		if r >= from && r <= to {
			return base + r - from
		}
		return r
	}, s)
}

func bytewise(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

var (
	keycaps  = strings.NewReplacer("0", "0️⃣", "1", "1️⃣", "2", "2️⃣", "3", "3️⃣", "4", "4️⃣", "5", "5️⃣", "6", "6️⃣", "7", "7️⃣", "8", "8️⃣", "9", "9️⃣")
	cyrillic = strings.NewReplacer("a", "а", "e", "е", "i", "і", "p", "р", "h", "һ", "A", "А", "K", "К", "I", "І", "E", "Е")
)

func encode64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func lines(s string, n int) string {
	var out []string
	for len(s) > n {
		out, s = append(out, s[:n]), s[n:]
	}
	return strings.Join(append(out, s), "\n")
}

func wide(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func through(s string, open func(io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	w := open(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.String()
}

func gzipped(s string) string {
	return through(s, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
}

func zlibbed(s string) string {
	return through(s, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
}

func zstded(s string) string {
	return through(s, func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w)
		if err != nil {
			panic(err)
		}
		return z
	})
}

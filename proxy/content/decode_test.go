package content_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// encoders make a body in each coding.
var encoders = []struct {
	name, coding string
	open         func(w io.Writer) io.WriteCloser
}{
	{"gzip", "gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }},
	{"x-gzip", "X-GZip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }},
	{"br", "br", func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }},
	{"zlib", "deflate", func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }},
	{"flate", "deflate", func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 6); return f }},
	{"zstd", "zstd", func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z }},
}

func encoded(tb testing.TB, open func(io.Writer) io.WriteCloser, pieces ...[]byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := open(&b)
	for _, p := range pieces {
		if _, err := w.Write(p); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestCodings(t *testing.T) {
	const body = `{"messages":[{"role":"user","content":"Mail jo@example.com."}]}`
	for _, e := range encoders {
		t.Run(e.name, func(t *testing.T) {
			coded := encoded(t, e.open, []byte(body))
			h := head("POST", "openai-chat", "api", "/v1/chat/completions", "Content-Encoding: "+e.coding)
			m := mustRead(t, h, string(coded))
			if m.Parts[0].Text != "Mail jo@example.com." {
				t.Fatalf("parts %v", m.Parts)
			}
			same, err := m.Rewrite(nil)
			if err != nil || !bytes.Equal(same.Body, coded) {
				t.Error("an unedited body changed", err)
			}
			w, err := m.Rewrite([]content.Edit{{Part: 0, Start: 5, End: 19, Text: "[X]"}})
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(body, "jo@example.com", "[X]", 1); string(w.Body) != want {
				t.Errorf("edited body %s", w.Body)
			}
			if len(w.Remove) == 0 || w.Remove[0] != "Content-Encoding" {
				t.Error("Content-Encoding stays")
			}
			again, err := w.Reread(content.Limits{})
			if err != nil || again.Parts[0].Text != "Mail [X]." {
				t.Error("reread", err)
			}

			for n := range len(coded) {
				if n == 0 {
					continue
				}
				if _, err := content.Read(h, coded[:n], content.Limits{}); !errors.Is(err, content.ErrMalformed) {
					t.Errorf("cut at %d of %d: %v", n, len(coded), err)
				}
			}
			if _, err := content.Read(h, append(bytes.Clone(coded), "rubbish after"...), content.Limits{}); !errors.Is(err, content.ErrMalformed) {
				t.Errorf("data after the end: %v", err)
			}
			cut := *h
			cut.Truncated = true
			if _, err := content.Read(&cut, coded[:len(coded)/2], content.Limits{}); err != nil {
				t.Errorf("a truncated body: %v", err)
			}
		})
	}
}

// TestTruncatedCoding reads the prefix of a long coded body.
func TestTruncatedCoding(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"messages":[{"role":"user","content":"begin `)
	for i := range 40000 {
		b.WriteString(strconv.Itoa(i*7919 + i*i))
	}
	b.WriteString(`"}]}`)
	for _, e := range encoders {
		coded := encoded(t, e.open, []byte(b.String()))
		h := head("POST", "openai-chat", "api", "/v1/chat/completions", "Content-Encoding: "+e.coding)
		h.Truncated = true
		m := mustRead(t, h, string(coded[:len(coded)*9/10]))
		if len(m.Parts) != 1 || !strings.HasPrefix(m.Parts[0].Text, "begin ") {
			t.Errorf("%s: %d parts", e.name, len(m.Parts))
			continue
		}
		if _, err := m.Rewrite([]content.Edit{{Part: 0, Start: 0, End: 5, Text: "x"}}); !errors.Is(err, content.ErrCannotRewrite) {
			t.Errorf("%s: rewrite of a truncated body: %v", e.name, err)
		}
	}
}

func TestConcatenatedMembers(t *testing.T) {
	first := encoded(t, encoders[0].open, []byte(`{"a":"one `))
	second := encoded(t, encoders[0].open, []byte(`two"}`))
	h := head("POST", "", "api", "/x", "Content-Encoding: gzip")
	m := mustRead(t, h, string(first)+string(second))
	if len(m.Parts) != 1 || m.Parts[0].Text != "one two" {
		t.Errorf("parts %v", m.Parts)
	}
}

func TestRefusedCodings(t *testing.T) {
	for _, coding := range []string{"compress", "gzip, gzip", "br, gzip", "aes128gcm", "gzip;q=1", "gzip br"} {
		_, err := content.Read(head("POST", "", "api", "/x", "Content-Encoding: "+coding), []byte("x"), content.Limits{})
		if !errors.Is(err, content.ErrEncoding) {
			t.Errorf("%s: %v", coding, err)
		}
	}
	h := head("POST", "", "api", "/x", "Content-Encoding: gzip", "Content-Encoding: br")
	if _, err := content.Read(h, []byte("x"), content.Limits{}); !errors.Is(err, content.ErrEncoding) {
		t.Errorf("two headers: %v", err)
	}
	for _, coding := range []string{"", "identity", "identity, identity", ","} {
		mustRead(t, head("POST", "", "api", "/x", "Content-Encoding: "+coding), "x")
	}
}

// TestBombs: 32 MiB of zeros in each coding end at the limit, with little
// memory, and reserve what they take.
func TestBombs(t *testing.T) {
	zeros := make([]byte, 1<<20)
	pieces := make([][]byte, 32)
	for i := range pieces {
		pieces[i] = zeros
	}
	for _, e := range encoders {
		t.Run(e.name, func(t *testing.T) {
			bomb := encoded(t, e.open, pieces...)
			h := head("POST", "", "api", "/x", "Content-Encoding: "+e.coding)
			var reserved int64
			reserve := func(n int64) error { reserved += n; return nil }
			for _, lim := range []content.Limits{{Reserve: reserve}, {Ratio: 1 << 30, Expanded: 8 << 20, Reserve: reserve}} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				reserved = 0
				_, err := content.Read(h, bomb, lim)
				runtime.ReadMemStats(&after)
				if !errors.Is(err, content.ErrBomb) {
					t.Errorf("no bomb: %v", err)
				}
				if taken := int64(after.TotalAlloc - before.TotalAlloc); taken > 48<<20 || taken > reserved+8<<20 {
					t.Errorf("took %d KiB, reserved %d KiB", taken>>10, reserved>>10)
				}
			}
			full := errors.New("full")
			n := 0
			_, err := content.Read(h, bomb, content.Limits{Ratio: 1 << 30, Reserve: func(int64) error {
				if n++; n > 3 {
					return full
				}
				return nil
			}})
			if !errors.Is(err, full) {
				t.Errorf("the error of Reserve is lost: %v", err)
			}
		})
	}
}

// TestRatioFloor: a small body may expand more than the ratio.
func TestRatioFloor(t *testing.T) {
	coded := encoded(t, encoders[0].open, []byte(strings.Repeat("a", 60<<10)))
	mustRead(t, head("POST", "", "api", "/x", "Content-Encoding: gzip"), string(coded))
}

func TestReserve(t *testing.T) {
	full := errors.New("full")
	for _, tc := range golden {
		calls := 0
		count := content.Limits{Reserve: func(int64) error { calls++; return nil }}
		if _, err := content.Read(tc.head, []byte(tc.body), count); err != nil {
			t.Fatal(err)
		}
		for fail := range calls {
			n := 0
			_, err := content.Read(tc.head, []byte(tc.body), content.Limits{Reserve: func(int64) error {
				if n++; n > fail {
					return full
				}
				return nil
			}})
			if !errors.Is(err, full) {
				t.Errorf("%s: call %d of Reserve failed and Read said %v", tc.name, fail, err)
			}
		}
	}
}

func TestCharsets(t *testing.T) {
	const body = `{"messages":[{"role":"user","content":"Zoë 🌧 pays with 4000 0000 0000 0002."}]}`
	utf16le, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(body)
	utf16be, _ := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(body)
	utf32le, _ := utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM).NewEncoder().String(body)
	utf32be, _ := utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM).NewEncoder().String(body)
	for name, tc := range map[string]struct{ body, kind string }{
		"utf-8":                     {body, "application/json"},
		"utf-8 mark":                {"\xef\xbb\xbf" + body, "application/json"},
		"utf-8 that claims utf-16":  {body, "application/json; charset=utf-16"},
		"utf-8 that claims latin-1": {body, "application/json; charset=iso-8859-1"},
		"utf-16 le mark":            {"\xff\xfe" + utf16le, "application/json"},
		"utf-16 be mark":            {"\xfe\xff" + utf16be, "application/json"},
		"utf-16 le":                 {utf16le, "application/json; charset=utf-16le"},
		"utf-16 be":                 {utf16be, "application/json; charset=utf-16be"},
		"utf-16 le, silent":         {utf16le, "application/json"},
		"utf-16 be, silent":         {utf16be, "application/json; charset=utf-8"},
		"utf-32 le":                 {utf32le, "application/json"},
		"utf-32 be":                 {utf32be, "application/json"},
		"utf-32 le mark":            {"\xff\xfe\x00\x00" + utf32le, "application/json"},
	} {
		t.Run(name, func(t *testing.T) {
			m := mustRead(t, head("POST", "openai-chat", "api", "/chat/completions", "Content-Type: "+tc.kind), tc.body)
			if len(m.Parts) != 1 || m.Parts[0].Text != "Zoë 🌧 pays with 4000 0000 0000 0002." {
				t.Fatalf("parts %v", m.Parts)
			}
			at := strings.Index(m.Parts[0].Text, "4000")
			w, err := m.Rewrite([]content.Edit{{Part: 0, Start: at, End: at + 19, Text: "[CARD é]"}})
			if err != nil {
				t.Fatal(err)
			}
			again, err := w.Reread(content.Limits{})
			if err != nil || again.Parts[0].Text != "Zoë 🌧 pays with [CARD é]." {
				t.Fatalf("reread %v %v", again, err)
			}
			// Outside the edit every byte is as it was.
			prefix, suffix := commonEnds(tc.body, string(w.Body))
			if prefix+suffix < len(tc.body)-19*4 {
				t.Errorf("only %d and %d bytes of %d are the same", prefix, suffix, len(tc.body))
			}
		})
	}

	latin := "caf\xe9 4000"
	m := mustRead(t, head("POST", "", "web", "/x", "Content-Type: text/plain; charset=windows-1252"), latin)
	if m.Parts[0].Text != "café 4000" {
		t.Errorf("latin-1: %v", m.Parts)
	}
	w, err := m.Rewrite([]content.Edit{{Part: 0, Start: 6, End: 10, Text: "[é]"}})
	if err != nil || string(w.Body) != "caf\xe9 [\xe9]" {
		t.Errorf("latin-1 rewritten: %v %v", w, err)
	}
	if _, err := m.Rewrite([]content.Edit{{Part: 0, Start: 6, End: 10, Text: "日"}}); !errors.Is(err, content.ErrCannotRewrite) {
		t.Errorf("a character that the set lacks: %v", err)
	}
	for _, label := range []string{"utf-7", "shift_jis", "iso-2022-jp", "gbk", "nonsense", "ibm037"} {
		if _, err := content.Read(head("POST", "", "web", "/x", "Content-Type: text/plain; charset="+label), []byte("x"), content.Limits{}); !errors.Is(err, content.ErrEncoding) {
			t.Errorf("%s: %v", label, err)
		}
	}
}

// commonEnds are the lengths of what two strings share at both ends.
func commonEnds(a, b string) (int, int) {
	p := 0
	for p < min(len(a), len(b)) && a[p] == b[p] {
		p++
	}
	s := 0
	for s < min(len(a), len(b))-p && a[len(a)-1-s] == b[len(b)-1-s] {
		s++
	}
	return p, s
}

// TestSuspect: a body that looks like a bomb at first and is none is read whole.
func TestSuspect(t *testing.T) {
	var text strings.Builder
	for i := 0; text.Len() < 24<<20; i++ {
		text.WriteString(strings.Repeat("lorem ipsum ", 170))
		text.WriteString(strconv.Itoa(i))
	}
	for _, e := range encoders {
		coded := encoded(t, e.open, []byte(text.String()))
		if ratio := text.Len() / len(coded); ratio < 20 {
			t.Fatalf("%s: %d:1 is not suspect", e.name, ratio)
		}
		m, err := content.Read(head("POST", "", "api", "/x", "Content-Encoding: "+e.coding, "Content-Type: text/plain"), coded, content.Limits{Ratio: 1 << 20})
		if err != nil || len(m.Parts) != 1 || m.Parts[0].Text != text.String() {
			t.Errorf("%s: %v", e.name, err)
		}
	}
}

package content_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// gzipped is text in the coding gzip.
func gzipped(tb testing.TB, text string) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestCodedBody(t *testing.T) {
	const body = `{"messages":[{"role":"user","content":"Mail jo@example.com."}]}`
	coded := gzipped(t, body)
	h := head("POST", "openai-chat", "api", "/v1/chat/completions", "Content-Encoding: X-GZip")
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
}

func TestUnreadableCodings(t *testing.T) {
	coded := gzipped(t, strings.Repeat("a", 1<<20))
	for name, c := range map[string]struct {
		coding string
		body   []byte
		want   error
	}{
		"not known":  {"aes128gcm", coded, content.ErrEncoding},
		"nested":     {"gzip, gzip", coded, content.ErrEncoding},
		"a bomb":     {"gzip", coded, content.ErrBomb},
		"cut short":  {"gzip", gzipped(t, "a")[:9], content.ErrMalformed},
		"no gzip":    {"gzip", []byte("x"), content.ErrMalformed},
		"data after": {"gzip", append(gzipped(t, "a"), 'b'), content.ErrMalformed},
	} {
		if _, err := content.Read(head("POST", "", "api", "/x", "Content-Encoding: "+c.coding), c.body, content.Limits{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
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
	coded := gzipped(t, b.String())
	h := head("POST", "openai-chat", "api", "/v1/chat/completions", "Content-Encoding: gzip")
	h.Truncated = true
	m := mustRead(t, h, string(coded[:len(coded)*9/10]))
	if len(m.Parts) != 1 || !strings.HasPrefix(m.Parts[0].Text, "begin ") {
		t.Fatalf("%d parts", len(m.Parts))
	}
	if _, err := m.Rewrite([]content.Edit{{Part: 0, Start: 0, End: 5, Text: "x"}}); !errors.Is(err, content.ErrCannotRewrite) {
		t.Errorf("rewrite of a truncated body: %v", err)
	}
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

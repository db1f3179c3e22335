package coding_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/sluice-proxy/sluice/proxy/content/coding"
)

// encoders make a body in each coding.
var encoders = []struct {
	name, coding string
	open         func(w io.Writer) io.WriteCloser
}{
	{"gzip", "gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }},
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

// read is what a reader makes of a body that comes a byte at a time.
func read(name string, body []byte) (string, error) {
	text, err := io.ReadAll(coding.NewReader(name, iotest.OneByteReader(bytes.NewReader(body)), coding.Limits{}))
	return string(text), err
}

func TestCodings(t *testing.T) {
	const text = `{"messages":[{"role":"user","content":"Mail jo@example.com."}]}`
	for _, e := range encoders {
		t.Run(e.name, func(t *testing.T) {
			body := encoded(t, e.open, []byte(text))
			if got, err := coding.Expand(e.coding, body, coding.Limits{}, false); got != text || err != nil {
				t.Errorf("%q, %v", got, err)
			}
			if got, err := read(e.coding, body); got != text || err != nil {
				t.Errorf("as it comes: %q, %v", got, err)
			}
			for n := 1; n < len(body); n++ {
				if _, err := coding.Expand(e.coding, body[:n], coding.Limits{}, false); !errors.Is(err, coding.ErrMalformed) {
					t.Errorf("cut at %d of %d: %v", n, len(body), err)
				}
				if _, err := read(e.coding, body[:n]); !errors.Is(err, coding.ErrMalformed) {
					t.Errorf("cut at %d of %d as it comes: %v", n, len(body), err)
				}
				if got, err := coding.Expand(e.coding, body[:n], coding.Limits{}, true); err != nil || !strings.HasPrefix(text, got) {
					t.Errorf("truncated at %d of %d: %q, %v", n, len(body), got, err)
				}
			}
			after := append(bytes.Clone(body), "rubbish after"...)
			if _, err := coding.Expand(e.coding, after, coding.Limits{}, false); !errors.Is(err, coding.ErrMalformed) {
				t.Errorf("data after the end: %v", err)
			}
			if _, err := read(e.coding, after); !errors.Is(err, coding.ErrMalformed) {
				t.Errorf("data after the end as it comes: %v", err)
			}
		})
	}
}

// TestTruncatedBody: of a long body that was cut most is read.
func TestTruncatedBody(t *testing.T) {
	var text strings.Builder
	for i := range 40000 {
		text.WriteString(strconv.Itoa(i*7919 + i*i))
	}
	for _, e := range encoders {
		body := encoded(t, e.open, []byte(text.String()))
		got, err := coding.Expand(e.coding, body[:len(body)*9/10], coding.Limits{}, true)
		if err != nil || got == "" || !strings.HasPrefix(text.String(), got) {
			t.Errorf("%s: %d bytes, %v", e.name, len(got), err)
		}
	}
}

func TestConcatenatedMembers(t *testing.T) {
	body := append(encoded(t, encoders[0].open, []byte("one ")), encoded(t, encoders[0].open, []byte("two"))...)
	if got, err := coding.Expand("gzip", body, coding.Limits{}, false); got != "one two" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := read("gzip", body); got != "one two" || err != nil {
		t.Errorf("as it comes: %q, %v", got, err)
	}
}

func TestOf(t *testing.T) {
	for line, want := range map[string]string{"": "", "identity": "", "identity, identity": "", ",": "", "X-GZip": "gzip", "BR": "br", "identity, zstd": "zstd"} {
		if got, err := coding.Of(http.Header{"Content-Encoding": {line}}); got != want || err != nil {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
	for _, lines := range [][]string{{"compress"}, {"gzip, gzip"}, {"br, gzip"}, {"aes128gcm"}, {"gzip;q=1"}, {"gzip br"}, {"gzip", "br"}} {
		if _, err := coding.Of(http.Header{"Content-Encoding": lines}); !errors.Is(err, coding.ErrUnknown) {
			t.Errorf("%q: %v", lines, err)
		}
	}
	if _, err := coding.Expand("", []byte("x"), coding.Limits{}, false); !errors.Is(err, coding.ErrUnknown) {
		t.Errorf("no coding: %v", err)
	}
	if _, err := read("compress", []byte("x")); !errors.Is(err, coding.ErrUnknown) {
		t.Errorf("another coding as it comes: %v", err)
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
			var reserved int64
			reserve := func(n int64) error { reserved += n; return nil }
			for _, lim := range []coding.Limits{{Reserve: reserve}, {Ratio: 1 << 30, Expanded: 8 << 20, Reserve: reserve}} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				reserved = 0
				_, err := coding.Expand(e.coding, bomb, lim, false)
				runtime.ReadMemStats(&after)
				if !errors.Is(err, coding.ErrBomb) {
					t.Errorf("no bomb: %v", err)
				}
				if taken := int64(after.TotalAlloc - before.TotalAlloc); taken > 48<<20 || taken > reserved+8<<20 {
					t.Errorf("took %d KiB, reserved %d KiB", taken>>10, reserved>>10)
				}
			}
			full := errors.New("full")
			n := 0
			_, err := coding.Expand(e.coding, bomb, coding.Limits{Ratio: 1 << 30, Reserve: func(int64) error {
				if n++; n > 3 {
					return full
				}
				return nil
			}}, false)
			if !errors.Is(err, full) {
				t.Errorf("the error of Reserve is lost: %v", err)
			}
		})
	}
}

// TestRatioFloor: a small body may expand more than the ratio.
func TestRatioFloor(t *testing.T) {
	text := strings.Repeat("a", 60<<10)
	if got, err := coding.Expand("gzip", encoded(t, encoders[0].open, []byte(text)), coding.Limits{}, false); got != text || err != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
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
		got, err := coding.Expand(e.coding, coded, coding.Limits{Ratio: 1 << 20}, false)
		if err != nil || got != text.String() {
			t.Errorf("%s: %v", e.name, err)
		}
	}
}

// FuzzCodings: what is read as it comes is what is read of the whole.
func FuzzCodings(f *testing.F) {
	for i, e := range encoders {
		f.Add(uint8(i), encoded(f, e.open, []byte("one two one two")))
		f.Add(uint8(i), []byte{})
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		name := encoders[int(which)%len(encoders)].coding
		text, err := read(name, body)
		whole, wholeErr := coding.Expand(name, body, coding.Limits{}, false)
		if err == nil && (wholeErr != nil || text != whole) {
			t.Fatalf("%s: %q as it comes, %q of the whole, %v", name, text, whole, wholeErr)
		}
		if wholeErr == nil && err != nil && name != "deflate" && !errors.Is(err, coding.ErrBomb) {
			t.Fatalf("%s: %q of the whole, %v as it comes", name, whole, err)
		}
	})
}

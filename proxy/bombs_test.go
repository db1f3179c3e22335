package proxy_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// gigabyte is 1 GiB of zeros in a coding, one MiB at a time.
func gigabyte(t *testing.T, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestGigabyteBombs sends 1 GiB of zeros in each coding. It is refused with less
// than 48 MiB of memory, and nothing is sent on; a window that only a giant could
// hold is refused as well.
func TestGigabyteBombs(t *testing.T) {
	if raceEnabled {
		t.Skip("a gigabyte through the race detector says nothing more")
	}
	p := start(t, func(s *proxytest.Settings) { s.Log = zap.NewNop() })
	packed := gigabyte(t, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestSpeed) })
	var twice bytes.Buffer
	z := gzip.NewWriter(&twice)
	z.Write(packed)
	z.Close()
	for _, c := range []struct {
		coding string
		body   []byte
		status int
	}{
		{"gzip", packed, http.StatusRequestEntityTooLarge},
		{"deflate", gigabyte(t, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) }), http.StatusRequestEntityTooLarge},
		{"br", gigabyte(t, func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriterLevel(w, 1), nil }), http.StatusRequestEntityTooLarge},
		{"zstd", gigabyte(t, func(w io.Writer) (io.WriteCloser, error) {
			return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest))
		}), http.StatusRequestEntityTooLarge},
		{"gzip, gzip", twice.Bytes(), http.StatusUnsupportedMediaType},
		// A frame that wants a window of 2 GiB (RFC 8878 section 3.1.1.1.2).
		{"zstd", []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x0b, 0, 0, 0}, http.StatusRequestEntityTooLarge},
	} {
		t.Run(c.coding, func(t *testing.T) {
			bounded(t, p, 48<<20, func() {
				resp, text := post(t, p, true, bytes.NewReader(c.body), "Content-Encoding", c.coding)
				if resp.StatusCode != c.status || !strings.Contains(text, resp.Header.Get("Sluice-Exchange")) {
					t.Errorf("%d bytes: got %d: %s", len(c.body), resp.StatusCode, text)
				}
			})
			for _, r := range p.Origin.Received() {
				if r.Header.Get("Content-Encoding") != "" {
					t.Error("the origin was reached")
				}
			}
		})
	}
}

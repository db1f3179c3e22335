package content_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// events reads a stream in pieces of the given size.
func events(stream string, size, limit int) ([]string, error) {
	var out []string
	r := content.NewEventReaderSize(limit)
	for len(stream) > 0 {
		n := min(size, len(stream))
		if err := r.Write([]byte(stream[:n]), func(e content.Event) error {
			out = append(out, e.Type+"|"+e.ID+"|"+string(e.Data))
			return nil
		}); err != nil {
			return out, err
		}
		stream = stream[n:]
	}
	return out, nil
}

func TestEvents(t *testing.T) {
	for _, tc := range []struct {
		name, stream string
		want         []string
	}{
		{"plain", "data: a\n\ndata: b\n\n", []string{"||a", "||b"}},
		{"named", "event: delta\ndata: {\"v\":1}\n\ndata: x\n\n", []string{"delta||{\"v\":1}", "||x"}},
		{"carriage returns", "data: a\r\rdata: b\r\n\r\ndata: c\n\r", []string{"||a", "||b", "||c"}},
		{"mark", "\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", []string{"||a"}},
		{"comments", ": WAITING\n\n:\n\ndata: a\n: c\n\n", []string{"||a"}},
		{"several lines", "data: a\ndata\ndata:  b\n\n", []string{"||a\n\n b"}},
		{"ids", "id: 7\ndata: a\n\ndata: b\nid\n\nid: x\x00y\ndata: c\n\n", []string{"|7|a", "||b", "||c"}},
		{"no data", "event: ping\n\nid: 3\n\ndata: a\n\n", []string{"|3|a"}},
		{"empty data", "data\n\ndata:\n\n", []string{"||", "||"}},
		{"unknown fields", "retry: 3\nDATA: no\ndatax: no\ndata: a\n\n", []string{"||a"}},
		{"cut short", "data: a\n\ndata: b\n", []string{"||a"}},
		{"done", "data: {}\n\ndata: [DONE]\n\n", []string{"||{}", "||[DONE]"}},
	} {
		for size := range 12 {
			got, err := events(tc.stream, size+1, 1<<10)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s in pieces of %d: %s", tc.name, size+1, diff)
			}
		}
		r := content.NewEventReader()
		if got := r.Count([]byte(tc.stream)); got != len(tc.want) || r.Pending() != (tc.name == "cut short") {
			t.Errorf("%s: count %d, pending %v", tc.name, got, r.Pending())
		}
	}
}

func TestEventLimit(t *testing.T) {
	for _, stream := range []string{
		"data: " + strings.Repeat("a", 200) + "\n\n", strings.Repeat("a", 200), ":" + strings.Repeat("a", 200), strings.Repeat("data: 123456789\n", 20),
	} {
		got, err := events("data: first\n\n"+stream, 7, 100)
		if !errors.Is(err, content.ErrEventTooLarge) || len(got) != 1 {
			t.Errorf("%.20q: %v, %v", stream, got, err)
		}
	}
	stop := errors.New("stop")
	r := content.NewEventReader()
	for range 2 {
		if err := r.Write([]byte("data: a\n\n"), func(content.Event) error { return stop }); !errors.Is(err, stop) {
			t.Error(err)
		}
	}
}

// FuzzEvents: what is read does not depend on how the stream is cut.
func FuzzEvents(f *testing.F) {
	f.Add([]byte("\xef\xbb\xbfevent: a\r\ndata: b\rdata\n\nid: 1\n\n: c\n\rdata:d\n\n"), uint8(3))
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		whole, err1 := events(string(stream), len(stream)+1, 64)
		cut, err2 := events(string(stream), int(size)+1, 64)
		if !errors.Is(err1, err2) {
			t.Fatalf("%v, then %v", err1, err2)
		}
		if diff := cmp.Diff(whole, cut); diff != "" {
			t.Fatal(diff)
		}
	})
}

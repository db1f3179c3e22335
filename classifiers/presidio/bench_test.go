package presidio_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/presidio"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

// BenchmarkClassify is what asking an analyzer that needs no time of its own adds to a
// prompt of two kilobytes: new is one that was not seen before.
func BenchmarkClassify(b *testing.B) {
	server := serve(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `[[]]`)
	}))
	text := strings.Repeat("We met on Tuesday and went through the open points of the plan once more. ", 27)
	client := newClient(b, server, func(o *presidio.Options) { o.MaxCalls = 8 })
	for _, c := range []struct {
		name    string
		options standard.Options
		seen    bool
	}{
		{"families/new", standard.Options{}, false},
		{"presidio/new", standard.Options{Remote: client}, false},
		{"families/seen", standard.Options{CacheBytes: 64 << 20}, true},
		{"presidio/seen", standard.Options{CacheBytes: 64 << 20, Remote: client}, true},
	} {
		set, err := standard.New(c.options)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				one := []classifiers.Sample{{Text: text, Role: "prompt"}}
				if !c.seen {
					one[0].Text = strconv.Itoa(i) + text
				}
				if _, err := set.Classify(b.Context(), one); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

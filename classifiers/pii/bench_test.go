package pii_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/pii"
)

// What the family costs on text without findings: prose and code of 2 KB, and
// columns of numbers, its worst case.
func BenchmarkClean(b *testing.B) {
	var dense strings.Builder
	for i := 0; dense.Len() < 16<<10; i++ {
		fmt.Fprintf(&dense, "%d,%d.%02d,%d\t%d\n", 100000+i*7919%900000, i*31%5000, i*17%100, 20000+i*104729%70000, i*2654435761%1000000)
	}
	for _, c := range []struct{ name, text string }{
		{"prose", strings.Repeat("The committee met again after lunch and went through the open points of the plan, one after the other, until 5 were left. ", 17)},
		{"code", strings.Repeat("func (r *Reader) next(n int) ([]byte, error) {\n\tif n > 4096 {\n\t\treturn nil, errTooLong\n\t}\n\treturn r.buf[:n], nil\n}\n\n", 18)},
		{"dense", dense.String()},
	} {
		b.Run(c.name, func(b *testing.B) {
			set := classifierstest.NewSet(b, classifiers.Options{}, pii.New())
			samples := []classifiers.Sample{{Text: c.text, Role: "prompt"}}
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				if found, err := set.Classify(context.Background(), samples); err != nil || len(found) > 0 {
					b.Fatal(err, classifierstest.Show(c.text, found))
				}
			}
		})
	}
}

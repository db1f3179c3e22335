package policy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/sluice-proxy/sluice/policy"
)

func reference(t testing.TB) *policy.Input {
	t.Helper()
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	in := new(policy.Input)
	if err := dec.Decode(in); err != nil {
		t.Fatal(err)
	}
	return in
}

// BenchmarkDecideCold is one evaluation of the 17 default request rules: budget 250 µs, 900 allocations.
func BenchmarkDecideCold(b *testing.B) {
	benchmarkDecide(b, policy.Options{CacheSize: -1})
}

// BenchmarkDecideCached is the same decision from the cache: budget 15 µs.
func BenchmarkDecideCached(b *testing.B) {
	benchmarkDecide(b, policy.Options{})
}

func benchmarkDecide(b *testing.B, o policy.Options) {
	e := engine(b, defaults(b), o)
	in := reference(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Decide(context.Background(), in, policy.Circumstances{}); err != nil {
			b.Fatal(err)
		}
	}
}

package secrets

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// One pass finds what a search for each piece finds.
func TestPieces(t *testing.T) {
	words := []string{"xxxx", "your", "****", "api-key", "${", "}}", "abcdef", "no"}
	p := piecesOf(words...)
	r := rand.New(rand.NewPCG(5, 6))
	with := 0
	for n := range 20000 {
		b := make([]byte, n%24)
		for i := range b {
			b[i] = "xX*yYoOuUrRaApPiI-kKeE$${{}}bBcCdDfFnN1_\xc3"[r.IntN(40)]
		}
		v := string(b)
		if n%3 == 0 {
			w := words[r.IntN(len(words))]
			v = v[:len(v)/2] + w[:1+r.IntN(len(w))] + v[len(v)/2:]
		}
		want := false
		for _, w := range words {
			want = want || strings.Contains(strings.ToLower(v), w)
		}
		if want {
			with++
		}
		if p.in(v) != want {
			t.Fatalf("%q: %v, want %v", v, !want, want)
		}
	}
	if with < 1000 || with > 19000 {
		t.Fatalf("%d of 20000 values have a piece", with)
	}
}

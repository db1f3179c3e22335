package national

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// random returns a random value of a shape, as it is printed.
func random(r *rand.Rand, shape string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	b := []byte(shape)
	for i, c := range b {
		switch c {
		case '#':
			b[i] = byte('0' + r.IntN(10))
		case '@':
			b[i] = letters[r.IntN(26)]
		case '*':
			b[i] = (letters + "0123456789")[r.IntN(36)]
		}
	}
	return string(b)
}

// compact leaves letters and digits.
func compact(s string) []byte {
	var v []byte
	for i := range len(s) {
		if isDigit(s[i]) || isLetter(s[i]) {
			v = append(v, s[i])
		}
	}
	return v
}

// No value of a kind's shape may break its check, and a check must refuse some.
func TestChecksOfRandomValues(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, k := range Kinds {
		if k.Check == nil {
			continue
		}
		for _, shape := range strings.Split(k.Shapes, "|") {
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%s %s: %v", k.Entity, shape, p)
					}
				}()
				right := 0
				const tries = 5000
				for range tries {
					if k.Check(compact(random(r, shape))) {
						right++
					}
				}
				t.Logf("%s %s %.4f", k.Entity, shape, float64(right)/tries)
			}()
		}
	}
}

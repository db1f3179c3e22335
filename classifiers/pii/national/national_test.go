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

// A match lies in the text whatever the text is, and the same text has the same.
func FuzzIndex(f *testing.F) {
	for _, seed := range []string{"cpf 390.533.447-05", "CHE-105.067.880 MWST", "x-2482300w", "FR 12 345", "1\u00a0234\u2013567", "\\n1234567\xff89"} {
		f.Add(seed)
	}
	x := NewIndex()
	yes := func(_, _, _ int) int { return 0 }
	f.Fuzz(func(t *testing.T, text string) {
		var r, again Row
		whole := x.Whole(&r, text)
		if whole.End > len(text) || whole.Start > whole.End {
			t.Fatalf("%q: %+v", text, whole)
		}
		for i := 0; i < len(text); i++ {
			if !isDigit(text[i]) {
				continue
			}
			stop := i
			for stop < len(text) && isDigit(text[stop]) {
				stop++
			}
			m := x.At(&r, text, i, stop, yes)
			if m.End > len(text) || m.End > 0 && (m.Start > i || m.End <= m.Start) {
				t.Fatalf("%q at %d: %+v", text, i, m)
			}
			if n := x.At(&again, text, i, stop, yes); n != m {
				t.Fatalf("%q at %d: %+v, then %+v", text, i, m, n)
			}
			i = stop
		}
	})
}

// Every kind says where its form is described and, unless it stands only for the
// whole of a text, what is said about it.
func TestKindsAreComplete(t *testing.T) {
	countries := map[string]bool{}
	for _, k := range Kinds {
		if k.Entity == "" || k.Shapes == "" || !strings.HasPrefix(k.Source, "http") {
			t.Errorf("%+v is not complete", k)
		}
		if k.Words == "" && k.Evidence != Grouped {
			t.Errorf("%s has no words", k.Entity)
		}
		if code := strings.Replace(k.Entity[:3], "UK_", "GB_", 1); code[2] == '_' && country([]byte(code)) {
			countries[code] = true
		}
	}
	t.Logf("%d kinds of %d countries", len(Kinds), len(countries))
	if len(countries) < 80 {
		t.Errorf("only %d countries", len(countries))
	}
}

// The coverage names each entity once, in order, with its country.
func TestCoverage(t *testing.T) {
	all := Coverage()
	seen := map[string]Covered{}
	for i, c := range all {
		if _, twice := seen[c.Entity]; twice || c.Validator == "" || i > 0 && all[i-1].Country > c.Country {
			t.Errorf("%+v", c)
		}
		seen[c.Entity] = c
	}
	for _, want := range []Covered{
		{"GB", "UK_NINO", "check characters"}, {"", "ISIN", "check characters"}, {"VN", "VN_CCCD", "form and a word nearby"},
	} {
		if seen[want.Entity] != want {
			t.Errorf("want %+v, got %+v", want, seen[want.Entity])
		}
	}
}

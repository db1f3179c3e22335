package classifierstest

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/classifiers"
)

// blockSize is the engine's: families are called once for each such part of a
// long text.
const blockSize = 64 << 10

// Contract checks what every family promises. The seeds are texts with values
// that the family finds.
func Contract(t *testing.T, c classifiers.Classifier, seeds []string) {
	t.Helper()
	opts := classifiers.Options{MaxFindings: 1 << 20, Key: [32]byte{1}}
	plain := NewSet(t, opts, c)
	opts.CacheBytes = 1 << 20
	cached := NewSet(t, opts, c)

	t.Run("description", func(t *testing.T) {
		if a, b := c.Describe(), c.Describe(); !reflect.DeepEqual(a, b) {
			t.Error("two descriptions differ")
		}
		found := false
		for _, s := range seeds {
			found = found || len(Classify(t, plain, s)) > 0
		}
		if !found {
			t.Error("the family finds nothing in any seed")
		}
	})

	t.Run("broken text", func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, s := range seeds {
			for range 100 {
				text := Mutate(r, s, seeds)
				first := Classify(t, plain, text) // a wrong offset is an error
				for _, set := range []*classifiers.Set{plain, cached, cached} {
					if again := Classify(t, set, text); !slices.Equal(first, again) {
						t.Fatalf("%q: %s, then %s", text, Show(text, first), Show(text, again))
					}
				}
			}
		}
	})

	t.Run("block edges", func(t *testing.T) {
		for _, s := range seeds {
			if len(s) > 4096 {
				continue
			}
			want := Classify(t, plain, "\n"+s)
			for k := 0; k <= len(s); k += 1 + len(s)/8 {
				pad := strings.Repeat("\n", blockSize-k)
				got := Classify(t, plain, pad+s)
				for i := range got {
					got[i].Start -= len(pad) - 1
					got[i].End -= len(pad) - 1
				}
				if !slices.Equal(want, got) {
					t.Fatalf("%q with %d bytes in front of the edge: %d findings, want %d", s, k, len(got), len(want))
				}
			}
		}
	})

	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		found, err := plain.Classify(ctx, []classifiers.Sample{{Text: seeds[0]}})
		if !errors.Is(err, context.Canceled) || found != nil {
			t.Errorf("got %v, %v", found, err)
		}
	})

	t.Run("concurrent", func(t *testing.T) {
		want := Classify(t, plain, seeds[0])
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					got, err := cached.Classify(context.Background(), []classifiers.Sample{{Text: seeds[0], Role: "prompt"}})
					if err != nil || !slices.Equal(got, want) {
						t.Errorf("%v, %v", got, err)
						return
					}
				}
			})
		}
		wg.Wait()
	})

	t.Run("linear", func(t *testing.T) { linear(t, plain, c, seeds) })
}

// linear checks that time grows with the text only, also when the text is made
// of what the family starts at. A window that grows with the text would show as
// eight times the time for each byte.
func linear(t *testing.T, set *classifiers.Set, c classifiers.Classifier, seeds []string) {
	units := []string{strings.Join(seeds, "\n"), strings.Join(seeds, ""), "1", "1 ", "1-", "12.", "4111 ", "00 ", "a1"}
	units = append(units, c.Describe().Anchors...)
	if len(units) > 60 {
		units = units[:60]
	}
	cost := func(unit string, size, runs int) time.Duration {
		text := strings.Repeat(unit, size/len(unit)+1)[:size]
		best := time.Hour
		for range runs {
			start := time.Now()
			_, err := set.Classify(context.Background(), []classifiers.Sample{{Text: text}})
			best = min(best, time.Since(start))
			if err != nil && !errors.Is(err, classifiers.ErrTooMany) {
				t.Fatal(err)
			}
			if best < 10*time.Millisecond {
				break
			}
		}
		return best
	}
	const small, large = 32 << 10, 256 << 10
	for _, unit := range units {
		a, b := cost(unit, small, 1), cost(unit, large, 1)
		for runs := 2; b > 4*large/small*a && b > 100*time.Millisecond; runs *= 2 {
			if runs > 16 {
				t.Errorf("%.40q: %v for %d bytes, %v for %d", unit, a, small, b, large)
				break
			}
			// A busy machine looks like that, too: the best of more runs decides.
			a, b = cost(unit, small, runs), cost(unit, large, runs)
		}
	}
}

// Mutate returns a broken copy of text: cut, doubled, with bytes changed,
// with other texts inside and with bytes that are not UTF-8.
func Mutate(r *rand.Rand, text string, others []string) string {
	b := []byte(text)
	for range 1 + r.IntN(3) {
		i := 0
		if len(b) > 0 {
			i = r.IntN(len(b) + 1)
		}
		switch r.IntN(7) {
		case 0:
			b = b[:i]
		case 1:
			b = b[i:]
		case 2:
			b = slices.Insert(b, i, byte(r.UintN(256)))
		case 3:
			if i < len(b) {
				b[i] = byte(r.UintN(256))
			}
		case 4:
			b = slices.Insert(b, i, []byte(others[r.IntN(len(others))])...)
		case 5:
			b = slices.Insert(b, i, []byte("é😀\u200b\xff"[r.IntN(4):])...)
		case 6:
			b = append(b, b[i:]...)
		}
	}
	return string(b)
}

package classifiers_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

const filler = "nothing to see in this rather long sentence, which is here to make a text long enough for the cache of the engine; it goes on and on. "

// counting counts the blocks that a family is given.
func counting(n *int) *words {
	f := family("w", "secret")
	plain := *f
	f.find = func(ctx context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
		*n++
		return plain.Classify(ctx, v, found)
	}
	return f
}

func TestCachePaysOnlyForNewMessages(t *testing.T) {
	calls := 0
	s := set(t, classifiers.Options{CacheBytes: 1 << 20, Key: [32]byte{1}}, counting(&calls))
	var history []classifiers.Sample
	for turn := range 20 {
		role := []string{"prompt", "reply"}[turn%2]
		history = append(history, classifiers.Sample{Text: fmt.Sprintf("%s turn %d with a secret", filler, turn), Role: role})
		calls = 0
		found, err := s.Classify(context.Background(), history)
		if err != nil || len(found) != len(history) {
			t.Fatalf("turn %d: %d findings, %v", turn, len(found), err)
		}
		for i, f := range found {
			if f.Sample != i || history[i].Text[f.Start:f.End] != "secret" {
				t.Fatalf("turn %d: %v", turn, f)
			}
		}
		if calls != 1 {
			t.Errorf("turn %d: %d texts read", turn, calls)
		}
	}
	if st := s.CacheStats(); st.Entries != 20 || st.Misses != 20 || st.Hits != 190 || st.Bytes <= 0 {
		t.Errorf("%+v", st)
	}
}

func TestCacheKey(t *testing.T) {
	calls := 0
	s := set(t, classifiers.Options{CacheBytes: 1 << 20}, counting(&calls))
	texts := []classifiers.Sample{
		{Text: filler, Role: "prompt"},
		{Text: filler, Role: "reply"},
		{Text: filler + " ", Role: "prompt"},
		{Text: "t" + filler, Role: "promp"}, // role and text are not run together
		{Text: filler, Role: "promptt"},
	}
	for i, sample := range texts {
		for range 2 {
			if _, err := s.Classify(context.Background(), []classifiers.Sample{sample}); err != nil {
				t.Fatal(err)
			}
		}
		if calls != i+1 {
			t.Fatalf("text %d: %d calls", i, calls)
		}
	}
}

// What a caller does to its findings does not reach the next one.
func TestCacheIsNotShared(t *testing.T) {
	s := set(t, classifiers.Options{CacheBytes: 1 << 20}, family("w", "secret"))
	text := prompts(filler + "secret")
	for range 3 {
		found, err := s.Classify(context.Background(), text)
		if err != nil || len(found) != 1 || found[0].Entity != "W" {
			t.Fatalf("%v, %v", found, err)
		}
		found[0] = classifiers.Finding{}
		_ = append(found[:0], classifiers.Finding{Entity: "other"})
	}
}

func TestCacheIsBounded(t *testing.T) {
	const size = 64 << 10
	s := set(t, classifiers.Options{CacheBytes: size}, family("w", "secret"))
	for i := range 2000 {
		if _, err := s.Classify(context.Background(), prompts(fmt.Sprint(i, filler, strings.Repeat("secret ", i%20)))); err != nil {
			t.Fatal(err)
		}
		if st := s.CacheStats(); st.Bytes > size || st.Bytes < 0 {
			t.Fatalf("%+v", st)
		}
	}
	st := s.CacheStats()
	if st.Entries == 0 || st.Evicted == 0 || st.Evicted+uint64(st.Entries) != st.Misses {
		t.Errorf("%+v", st)
	}
	// One large result does not drive out the rest.
	if _, err := s.Classify(context.Background(), prompts(strings.Repeat("secret ", 10_000))); err != nil {
		t.Fatal(err)
	}
	if after := s.CacheStats(); after.Entries != st.Entries {
		t.Errorf("%+v, then %+v", st, after)
	}
}

func TestCacheConcurrently(t *testing.T) {
	s := set(t, classifiers.Options{CacheBytes: 32 << 10}, family("w", "secret"))
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 300 {
				n := (i*7 + g) % 90
				found, err := s.Classify(context.Background(), prompts(fmt.Sprint(n, filler, strings.Repeat("secret ", n))))
				if err != nil || len(found) != n {
					t.Errorf("%d: %d findings, %v", n, len(found), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestNoCache(t *testing.T) {
	calls := 0
	s := set(t, classifiers.Options{}, counting(&calls))
	for range 2 {
		if _, err := s.Classify(context.Background(), prompts(filler)); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 2 || s.CacheStats() != (classifiers.CacheStats{}) {
		t.Errorf("%d calls, %+v", calls, s.CacheStats())
	}
}

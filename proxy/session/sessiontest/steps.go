package sessiontest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

func newKey(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("sessiontest:%s", rand.Text())
}

func put(t *testing.T, s session.Store, key string, old uint64, data string) session.Value {
	t.Helper()
	v, err := s.Put(t.Context(), key, old, []byte(data), long)
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	if v.Version == 0 || v.Version == old || string(v.Data) != data {
		t.Fatalf("put gave version %d after %d, %d bytes of %d", v.Version, old, len(v.Data), len(data))
	}
	return v
}

func expect(t *testing.T, s session.Store, key string, want session.Value) {
	t.Helper()
	if got, err := s.Get(t.Context(), key); err != nil || !same(got, want) {
		t.Errorf("there is version %d with %d bytes, %v; want %d with %d", got.Version, len(got.Data), err, want.Version, len(want.Data))
	}
}

// conflict proves that a Put over old is refused with what stands there.
func conflict(t *testing.T, s session.Store, key string, old uint64, stands session.Value) {
	t.Helper()
	got, err := s.Put(t.Context(), key, old, []byte("refused"), long)
	if !errors.Is(err, session.ErrConflict) || !same(got, stands) {
		t.Errorf("a put over %d gave version %d with %d bytes, %v; want a conflict with %d", old, got.Version, len(got.Data), err, stands.Version)
	}
}

// gone waits for what was put for a moment.
func gone(t *testing.T, s session.Store, key string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		v, err := s.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if v.Version == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it is still there after 5 s")
		}
	}
}

func same(a, b session.Value) bool { return a.Version == b.Version && bytes.Equal(a.Data, b.Data) }

// together runs so many at once and waits for them.
func together(n int, run func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			run(i)
		})
	}
	close(start)
	all.Wait()
}

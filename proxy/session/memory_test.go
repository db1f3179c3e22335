package session_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/sessiontest"
)

func TestMemory(t *testing.T) {
	sessiontest.Run(t, func() session.Store { return session.NewMemory(session.MemoryOptions{}) })
}

// A clock that a test sets.
type clock struct{ ns atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.ns.Load()) }
func (c *clock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// What is full refuses, and forgets nothing that has not expired.
func TestMemoryFull(t *testing.T) {
	var c clock
	m := session.NewMemory(session.MemoryOptions{MaxBytes: 100_000, Now: c.now})
	var kept []string
	for i := 0; ; i++ {
		key := fmt.Sprint("key ", i)
		_, err := m.Put(t.Context(), key, 0, make([]byte, 500), time.Hour)
		if err != nil {
			if !errors.Is(err, session.ErrUnavailable) {
				t.Fatal(err)
			}
			break
		}
		kept = append(kept, key)
	}
	if len(kept) < 100 || m.Bytes() > 100_000 {
		t.Fatalf("held %d values in %d bytes", len(kept), m.Bytes())
	}
	held := m.Bytes()
	for _, key := range kept {
		v, err := m.Get(t.Context(), key)
		if err != nil || len(v.Data) != 500 {
			t.Fatalf("%s: %v, %v", key, v, err)
		}
		// What stands there may be rewritten at its size or below, not above.
		if v, err = m.Put(t.Context(), key, v.Version, make([]byte, 500), time.Hour); err != nil {
			t.Fatalf("rewriting %s: %v", key, err)
		}
		if _, err := m.Put(t.Context(), key, v.Version, make([]byte, 5000), time.Hour); !errors.Is(err, session.ErrUnavailable) {
			t.Fatalf("growing %s: %v", key, err)
		}
		if now, err := m.Get(t.Context(), key); err != nil || now.Version != v.Version {
			t.Fatalf("%s was changed by a put that was refused: %v, %v", key, now, err)
		}
	}
	if _, err := m.Put(t.Context(), kept[0], 7, nil, time.Hour); !errors.Is(err, session.ErrConflict) {
		t.Errorf("a conflict in what is full: %v", err)
	}
	if m.Bytes() != held {
		t.Errorf("refusals changed what is held from %d to %d bytes", held, m.Bytes())
	}

	// What has expired makes room, wherever it lies.
	c.advance(2 * time.Hour)
	if _, err := m.Put(t.Context(), "large", 0, make([]byte, 90_000), time.Hour); err != nil {
		t.Errorf("after everything expired: %v", err)
	}
	if _, err := m.Put(t.Context(), "too large", 0, make([]byte, 101_000), time.Hour); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("more than there is room for at all: %v", err)
	}
	if v, err := m.Take(t.Context(), "large"); err != nil || len(v.Data) != 90_000 {
		t.Errorf("took %d bytes, %v", len(v.Data), err)
	}
	if m.Bytes() != 0 {
		t.Errorf("%d bytes are counted in an empty store", m.Bytes())
	}
}

// Expired values go by and by, without anyone asking for them.
func TestMemorySweeps(t *testing.T) {
	var c clock
	m := session.NewMemory(session.MemoryOptions{Now: c.now})
	for i := range 10_000 {
		if _, err := m.Put(t.Context(), fmt.Sprint("old ", i), 0, []byte("x"), time.Duration(1+rand.IntN(60))*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	c.advance(time.Minute)
	for i := range 5_000 {
		if _, err := m.Put(t.Context(), fmt.Sprint("new ", i), 0, []byte("x"), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	each := m.Bytes() / 5_000
	if each > 250 {
		t.Errorf("5,000 live values take %d bytes: the expired are still there", m.Bytes())
	}
	for i := range 5_000 {
		if v, err := m.Get(t.Context(), fmt.Sprint("new ", i)); err != nil || v.Version == 0 {
			t.Fatalf("%d was swept alive: %v", i, err)
		}
	}
}

// Bounds hold when many write at once, and what is counted is what is there.
func TestMemoryFullTogether(t *testing.T) {
	var c clock
	m := session.NewMemory(session.MemoryOptions{MaxBytes: 200_000, Now: c.now})
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 2_000 {
				key := fmt.Sprint(g%4, " ", i%97)
				v, err := m.Get(t.Context(), key)
				if err == nil && i%7 == 0 {
					_, err = m.Take(t.Context(), key)
				} else if err == nil {
					_, err = m.Put(t.Context(), key, v.Version, make([]byte, rand.IntN(3_000)), time.Duration(rand.IntN(5))*time.Second)
				}
				if err != nil && !errors.Is(err, session.ErrConflict) && !errors.Is(err, session.ErrUnavailable) {
					t.Error(err)
				}
				if m.Bytes() > 200_000 {
					t.Errorf("%d bytes are held", m.Bytes())
				}
				c.advance(time.Millisecond)
			}
		})
	}
	all.Wait()
	c.advance(time.Hour)
	for g := range 4 {
		for i := range 97 {
			if v, err := m.Get(t.Context(), fmt.Sprint(g, " ", i)); err != nil || v.Version != 0 {
				t.Errorf("%v, %v after an hour", v, err)
			}
		}
	}
	if m.Bytes() != 0 {
		t.Errorf("%d bytes are counted in an empty store", m.Bytes())
	}
}

// 100,000 people with 100 distinct values each, in ledgers of 1.7 KB, stay under
// 500 MB, and MaxBytes means about what the process takes.
func TestMemoryCountsWhatItTakes(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector takes memory of its own")
	}
	for _, c := range []struct{ values, size int }{{100_000, 1_700}, {200_000, 100}, {200_000, 0}} {
		before := heap()
		m := session.NewMemory(session.MemoryOptions{MaxBytes: 1 << 30})
		data := make([]byte, c.size)
		for i := range c.values {
			if _, err := m.Put(t.Context(), fmt.Sprintf("ledger:%032x", i), 0, data, 30*24*time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		taken, counted := heap()-before, m.Bytes()
		t.Logf("%d values of %d bytes: %d MB taken, %d MB counted", c.values, c.size, taken>>20, counted>>20)
		if taken > counted*11/10 || counted > taken*3/2 {
			t.Errorf("%d values of %d bytes take %d bytes and are counted as %d", c.values, c.size, taken, counted)
		}
		if c.size == 1_700 && taken > 250<<20 {
			t.Errorf("100,000 people take %d MB", taken>>20)
		}
		runtime.KeepAlive(m)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

func BenchmarkMemory(b *testing.B) {
	m := session.NewMemory(session.MemoryOptions{MaxBytes: 1 << 30})
	keys := make([]string, 100_000)
	versions := make([]atomic.Uint64, len(keys))
	data := make([]byte, 1_700)
	for i := range keys {
		keys[i] = fmt.Sprintf("ledger:%032x", i)
		v, err := m.Put(b.Context(), keys[i], 0, data, time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		versions[i].Store(v.Version)
	}
	b.Run("Get", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if v, err := m.Get(b.Context(), keys[rand.IntN(len(keys))]); err != nil || v.Version == 0 {
					b.Error(v, err)
				}
			}
		})
	})
	b.Run("Put", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i := rand.IntN(len(keys))
				v, err := m.Put(b.Context(), keys[i], versions[i].Load(), data, time.Hour)
				if err != nil && !errors.Is(err, session.ErrConflict) {
					b.Error(err)
				}
				versions[i].Store(v.Version)
			}
		})
	})
}

// A store that forgets does so with what was written longest ago, whenever that ends,
// and takes all that has room in it.
func TestMemoryForgets(t *testing.T) {
	var c clock
	m := session.NewMemory(session.MemoryOptions{MaxBytes: 100_000, Forgets: true, Now: c.now})
	data := make([]byte, 1_000)
	versions := map[string]uint64{}
	write := func(key string, ttl time.Duration) {
		t.Helper()
		v, err := m.Put(t.Context(), key, versions[key], data, ttl)
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		versions[key] = v.Version
		c.advance(time.Second)
	}
	for i := range 50 {
		write(fmt.Sprint("long ", i), 1000*time.Hour)
	}
	for i := range 10 {
		write(fmt.Sprint("short ", i), time.Hour)
	}
	write("long 0", 1000*time.Hour)
	for i := range 40 {
		write(fmt.Sprint("more ", i), 1000*time.Hour)
	}
	for key, want := range map[string]bool{"long 0": true, "long 1": false, "long 2": false, "long 49": true, "short 0": true, "more 39": true} {
		if v, err := m.Get(t.Context(), key); err != nil || (v.Version != 0) != want {
			t.Errorf("%s is there: %v, %v", key, v.Version != 0, err)
		}
	}
	if m.Bytes() > 100_000 || m.Bytes() < 90_000 {
		t.Errorf("%d bytes are held", m.Bytes())
	}
	before := m.Bytes()
	if _, err := m.Put(t.Context(), "too large", 0, make([]byte, 100_001), time.Hour); !errors.Is(err, session.ErrUnavailable) || m.Bytes() != before {
		t.Errorf("too large: %v, %d bytes are held", err, m.Bytes())
	}
	if _, err := m.Put(t.Context(), "long 1", versions["long 1"], data, time.Hour); !errors.Is(err, session.ErrConflict) {
		t.Errorf("over what was forgotten: %v", err)
	}
}

// Many who write at once to a store that forgets are all served.
func TestMemoryForgetsTogether(t *testing.T) {
	m := session.NewMemory(session.MemoryOptions{MaxBytes: 100_000, Forgets: true})
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 2_000 {
				if _, err := m.Put(t.Context(), fmt.Sprint(g, " ", i), 0, make([]byte, rand.IntN(3_000)), time.Hour); err != nil {
					t.Errorf("%d %d: %v", g, i, err)
				}
				if m.Bytes() > 100_000 {
					t.Errorf("%d bytes are held", m.Bytes())
				}
			}
		})
	}
	all.Wait()
}

// Package sessiontest is the contract of session.Store as tests: every Store passes
// them, so that what holds in memory holds for a fleet.
package sessiontest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

const long = time.Minute // nothing expires while it is looked at

// Run proves that the stores which open returns keep the contract. They may be one
// and the same, or share what they hold, with each other and with anyone else: the
// keys are random.
func Run(t *testing.T, open func() session.Store) {
	for _, c := range []struct {
		name  string
		prove func(*testing.T, session.Store)
	}{
		{"none", none},
		{"create", create},
		{"replace", replace},
		{"versions", versions},
		{"take", take},
		{"one creates", oneCreates},
		{"one takes", oneTakes},
		{"increments", func(t *testing.T, s session.Store) { Increments(t, s, s) }},
		{"expiry", expiry},
		{"renewal", renewal},
		{"bytes", anyBytes},
		{"sizes", sizes},
		{"keys", anyKeys},
		{"copies", copies},
		{"ended contexts", endedContexts},
	} {
		t.Run(c.name, func(t *testing.T) { c.prove(t, open()) })
	}
}

func none(t *testing.T, s session.Store) {
	key := newKey(t)
	expect(t, s, key, session.Value{})
	if v, err := s.Take(t.Context(), key); err != nil || v.Version != 0 || len(v.Data) != 0 {
		t.Errorf("taking what is not there: %v, %v", v, err)
	}
	if v, err := s.Put(t.Context(), key, 7, []byte("x"), long); !errors.Is(err, session.ErrConflict) || v.Version != 0 || len(v.Data) != 0 {
		t.Errorf("replacing what is not there: %v, %v", v, err)
	}
	expect(t, s, key, session.Value{})
}

func create(t *testing.T, s session.Store) {
	key := newKey(t)
	first := put(t, s, key, 0, "first")
	expect(t, s, key, first)
	conflict(t, s, key, 0, first)
	expect(t, s, key, first)
}

func replace(t *testing.T, s session.Store) {
	key := newKey(t)
	first := put(t, s, key, 0, "first")
	second := put(t, s, key, first.Version, "second")
	expect(t, s, key, second)
	conflict(t, s, key, first.Version, second)
	conflict(t, s, key, 0, second)
	conflict(t, s, key, second.Version+1, second)
	expect(t, s, key, second)
}

// versions proves that no version comes twice: not by writing again, nor by writing
// anew after a Take (that it does not after expiry, expiry proves).
func versions(t *testing.T, s session.Store) {
	key := newKey(t)
	seen := map[uint64]bool{}
	var v session.Value
	for i := range 300 {
		if i%3 == 2 {
			if _, err := s.Take(t.Context(), key); err != nil {
				t.Fatal(err)
			}
			v = session.Value{}
		}
		v = put(t, s, key, v.Version, "the same")
		if seen[v.Version] {
			t.Fatalf("version %d came twice", v.Version)
		}
		seen[v.Version] = true
	}
}

func take(t *testing.T, s session.Store) {
	key := newKey(t)
	first := put(t, s, key, 0, "first")
	if v, err := s.Take(t.Context(), key); err != nil || !same(v, first) {
		t.Fatalf("taken: %v, %v", v, err)
	}
	expect(t, s, key, session.Value{})
	conflict(t, s, key, first.Version, session.Value{})
	if v, err := s.Take(t.Context(), key); err != nil || v.Version != 0 {
		t.Errorf("taken twice: %v, %v", v, err)
	}
	expect(t, s, key, put(t, s, key, 0, "again"))
}

func oneCreates(t *testing.T, s session.Store) {
	for range 20 {
		key := newKey(t)
		var created, refused atomic.Int32
		together(16, func(i int) {
			v, err := s.Put(t.Context(), key, 0, []byte{byte(i)}, long)
			switch {
			case err == nil:
				created.Add(1)
			case errors.Is(err, session.ErrConflict) && v.Version != 0 && len(v.Data) == 1:
				refused.Add(1)
			default:
				t.Errorf("got %v, %v", v, err)
			}
		})
		if created.Load() != 1 || refused.Load() != 15 {
			t.Fatalf("%d created it, %d were refused", created.Load(), refused.Load())
		}
	}
}

func oneTakes(t *testing.T, s session.Store) {
	for range 20 {
		key := newKey(t)
		put(t, s, key, 0, "the only one")
		var got atomic.Int32
		together(16, func(int) {
			v, err := s.Take(t.Context(), key)
			if err != nil {
				t.Error(err)
			}
			if v.Version != 0 {
				got.Add(1)
			}
		})
		if got.Load() != 1 {
			t.Fatalf("%d took it", got.Load())
		}
	}
}

// Increments adds to one number in all the stores at once, each holding the same,
// and proves that none of it is lost.
func Increments(t *testing.T, stores ...session.Store) {
	const each, times = 8, 40
	key := newKey(t)
	together(each*len(stores), func(i int) {
		for range times {
			if err := Increment(t.Context(), stores[i%len(stores)], key); err != nil {
				t.Error(err)
				return
			}
		}
	})
	want := uint64(each * times * len(stores))
	for _, s := range stores {
		if got, err := Count(t.Context(), s, key); err != nil || got != want {
			t.Errorf("counted %d of %d, %v", got, want, err)
		}
	}
}

// Increment adds one to the number under a key, over as many conflicts as there
// are. Its error is what the store said: whether it was added then is not known.
func Increment(ctx context.Context, s session.Store, key string) error {
	v, err := s.Get(ctx, key)
	for err == nil {
		data := make([]byte, 8)
		if v.Version != 0 {
			copy(data, v.Data)
		}
		binary.BigEndian.PutUint64(data, binary.BigEndian.Uint64(data)+1)
		if v, err = s.Put(ctx, key, v.Version, data, long); err == nil {
			return nil
		}
		if errors.Is(err, session.ErrConflict) {
			err = nil
		}
	}
	return err
}

// Count is the number under a key.
func Count(ctx context.Context, s session.Store, key string) (uint64, error) {
	v, err := s.Get(ctx, key)
	if err != nil || v.Version == 0 {
		return 0, err
	}
	return binary.BigEndian.Uint64(v.Data), nil
}

func expiry(t *testing.T, s session.Store) {
	key := newKey(t)
	first, err := s.Put(t.Context(), key, 0, []byte("x"), 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	gone(t, s, key)
	conflict(t, s, key, first.Version, session.Value{})
	if v, err := s.Take(t.Context(), key); err != nil || v.Version != 0 {
		t.Errorf("taken after it expired: %v, %v", v, err)
	}
	second := put(t, s, key, 0, "x")
	if second.Version == first.Version {
		t.Error("what came after has the version of what expired")
	}
	conflict(t, s, key, first.Version, second)

	for _, ttl := range []time.Duration{0, -time.Hour, 1} {
		brief := newKey(t)
		if _, err := s.Put(t.Context(), brief, 0, []byte("x"), ttl); err != nil {
			t.Errorf("a time to live of %v: %v", ttl, err)
		}
		gone(t, s, brief)
	}
	for _, ttl := range []time.Duration{365 * 24 * time.Hour, 1<<63 - 1} {
		lasting := newKey(t)
		v, err := s.Put(t.Context(), lasting, 0, []byte("x"), ttl)
		if err != nil {
			t.Errorf("a time to live of %v: %v", ttl, err)
		}
		expect(t, s, lasting, v)
		if _, err := s.Take(t.Context(), lasting); err != nil {
			t.Error(err)
		}
	}
}

// renewal proves that the time to live is that of the last Put, longer or shorter.
func renewal(t *testing.T, s session.Store) {
	longer, shorter := newKey(t), newKey(t)
	v, err := s.Put(t.Context(), longer, 0, []byte("x"), 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	v = put(t, s, longer, v.Version, "x")
	w := put(t, s, shorter, 0, "x")
	if _, err := s.Put(t.Context(), shorter, w.Version, []byte("x"), 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	gone(t, s, shorter)
	time.Sleep(2200 * time.Millisecond)
	expect(t, s, longer, v)
}

func anyBytes(t *testing.T, s session.Store) {
	all := make([]byte, 512)
	for i := range all {
		all[i] = byte(i)
	}
	for _, data := range []string{"", "\x00", "\r\n", "$-1\r\n", "*0\r\n", strings.Repeat("\x00", 64), string(all), "\xff\xfe"} {
		key := newKey(t)
		v := put(t, s, key, 0, data)
		expect(t, s, key, v)
		conflict(t, s, key, v.Version^1, v)
		if got, err := s.Take(t.Context(), key); err != nil || !same(got, v) {
			t.Errorf("%q was taken as %q, %v", data, got.Data, err)
		}
	}
	key := newKey(t)
	v, err := s.Put(t.Context(), key, 0, nil, long)
	if err != nil || v.Version == 0 {
		t.Fatalf("nothing was put as %v, %v", v, err)
	}
	expect(t, s, key, v)
}

func sizes(t *testing.T, s session.Store) {
	for _, size := range []int{1, 1700, 4095, 32 << 10, 32<<10 + 1, 1 << 20} {
		data := make([]byte, size)
		rand.Read(data)
		key := newKey(t)
		v := put(t, s, key, 0, string(data))
		if !bytes.Equal(v.Data, data) {
			t.Errorf("%d bytes came back changed", size)
		}
		expect(t, s, key, v)
		conflict(t, s, key, 0, v)
		if got, err := s.Take(t.Context(), key); err != nil || !same(got, v) {
			t.Errorf("%d bytes were taken as %d, %v", size, len(got.Data), err)
		}
	}
}

func anyKeys(t *testing.T, s session.Store) {
	base := newKey(t)
	var keys []string
	for _, end := range []string{"", " ", "\x00", "\x00\x00", "\r\n", "a", "A", ":a", "{a}", "*", "\u00e9", "e\u0301", "\xff", strings.Repeat("k", 1000)} {
		keys = append(keys, base+end)
	}
	want := map[string]session.Value{}
	for _, key := range keys {
		want[key] = put(t, s, key, 0, "under "+key)
	}
	for _, key := range keys {
		expect(t, s, key, want[key])
	}
}

// copies proves that what the caller does with its bytes afterwards is its own.
func copies(t *testing.T, s session.Store) {
	key := newKey(t)
	data := []byte("as it was")
	if _, err := s.Put(t.Context(), key, 0, data, long); err != nil {
		t.Fatal(err)
	}
	copy(data, "changed!!")
	if v, err := s.Get(t.Context(), key); err != nil || string(v.Data) != "as it was" {
		t.Errorf("got %q, %v", v.Data, err)
	}
}

func endedContexts(t *testing.T, s session.Store) {
	key := newKey(t)
	first := put(t, s, key, 0, "first")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, ctx := range []context.Context{cancelled, late} {
		calls := map[string]func() error{
			"get":  func() error { _, err := s.Get(ctx, key); return err },
			"put":  func() error { _, err := s.Put(ctx, key, first.Version, []byte("second"), long); return err },
			"take": func() error { _, err := s.Take(ctx, key); return err },
		}
		for name, call := range calls {
			if err := call(); !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, ctx.Err()) {
				t.Errorf("%s after its context ended: %v", name, err)
			}
		}
	}
	expect(t, s, key, first)
}

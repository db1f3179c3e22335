package session

import (
	"bytes"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// MemoryOptions are what NewMemory needs.
type MemoryOptions struct {
	MaxBytes int64 // of keys and data with what is kept beside them; 0: 512 MiB
	// Forgets: a full store makes room by forgetting what was written longest ago. It is
	// for what may be lost.
	Forgets bool
	Now     func() time.Time // nil: time.Now
}

const (
	defaultMaxBytes = 512 << 20

	// itemOverhead is what a value takes beside its key and its data: the item, its
	// place in the map and in the order of departure, and the rounding of the allocator
	// (measured by TestMemoryCountsWhatItTakes).
	itemOverhead = 192
	// sweepStep bounds how many expired values one call removes beside its own.
	sweepStep = 4
	// sweepBatch bounds how many are removed under one lock when room is needed.
	sweepBatch = 64
)

var errFull = errors.New("full")

// Memory is a Store in this process: for one proxy, whose sessions end with it.
//
// Unless it is told to (MemoryOptions.Forgets), it never forgets a value before its
// time, for an exposure that is forgotten is a limit that is lifted: a Put that finds no
// room is refused with ErrUnavailable. Expired values are removed by the calls that come
// after, the soonest first.
type Memory struct {
	max     int64
	forgets bool
	now     func() time.Time
	start   time.Time
	seed    maphash.Seed
	used    atomic.Int64
	shards  [64]shard
}

type shard struct {
	mu    sync.Mutex
	items map[string]*item
	order departures
}

type item struct {
	key     string
	data    []byte
	version uint64
	expires time.Duration // since the store was made: by the monotonic clock, which is never set back
	leaves  time.Duration // its rank in the order: when it expires, or, where the store forgets, when it was written
	place   int           // in the order
}

// NewMemory returns an empty store. It starts nothing and needs no end.
func NewMemory(o MemoryOptions) *Memory {
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &Memory{max: o.MaxBytes, forgets: o.Forgets, now: o.Now, start: o.Now(), seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].items = map[string]*item{}
	}
	return m
}

// Bytes is what is held now, as MaxBytes counts it: expired values that nothing has
// removed yet count too.
func (m *Memory) Bytes() int64 { return m.used.Load() }

// Get is Store's.
func (m *Memory) Get(ctx context.Context, key string) (Value, error) {
	if err := ctx.Err(); err != nil {
		return Value{}, unavailable(err)
	}
	s := m.shardOf(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	return m.live(s, key, m.elapsed()).value(), nil
}

// Put is Store's. A time to live below a millisecond counts as one.
func (m *Memory) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (Value, error) {
	if err := ctx.Err(); err != nil {
		return Value{}, unavailable(err)
	}
	v, short, err := m.put(key, old, data, ttl)
	for short > 0 && m.makeRoom(short) { // again while another takes the room
		v, short, err = m.put(key, old, data, ttl)
	}
	return v, err
}

// Take is Store's.
func (m *Memory) Take(ctx context.Context, key string) (Value, error) {
	if err := ctx.Err(); err != nil {
		return Value{}, unavailable(err)
	}
	s := m.shardOf(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	it := m.live(s, key, m.elapsed())
	if it != nil {
		m.remove(s, it)
	}
	return it.value(), nil
}

// put also says how much room it lacked.
func (m *Memory) put(key string, old uint64, data []byte, ttl time.Duration) (v Value, short int64, err error) {
	s := m.shardOf(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := m.elapsed()
	m.sweep(s, now, sweepStep)
	it := m.live(s, key, now)
	if v = it.value(); v.Version != old {
		return v, 0, ErrConflict
	}
	growth := cost(key, data)
	if it != nil {
		growth -= cost(key, it.data)
	}
	if !m.reserve(growth) {
		return Value{}, growth, unavailable(errFull)
	}
	if it == nil {
		it = &item{key: strings.Clone(key)}
		s.items[it.key] = it
		heap.Push(&s.order, it)
	}
	it.data, it.version, it.expires = bytes.Clone(data), newVersion(), now+min(max(ttl, time.Millisecond), math.MaxInt64-now)
	if it.leaves = it.expires; m.forgets {
		it.leaves = now
	}
	heap.Fix(&s.order, it.place)
	return it.value(), 0, nil
}

// reserve counts so many bytes more, or says that there is no room.
func (m *Memory) reserve(growth int64) bool {
	for {
		used := m.used.Load()
		if growth > 0 && used+growth > m.max {
			return false
		}
		if m.used.CompareAndSwap(used, used+growth) {
			return true
		}
	}
}

// makeRoom removes expired values, and forgets others where it may, until so many bytes
// are free, and says whether they are.
func (m *Memory) makeRoom(need int64) bool {
	for removed := true; removed; {
		removed = false
		for i := range m.shards {
			if m.used.Load()+need <= m.max {
				return true
			}
			s := &m.shards[i]
			s.mu.Lock()
			removed = m.sweep(s, m.elapsed(), sweepBatch) || removed
			s.mu.Unlock()
		}
	}
	for m.used.Load()+need > m.max {
		if !m.forgets || need > m.max || !m.forget() {
			return false
		}
	}
	return true
}

// forget removes what was written longest ago, and says whether there was anything.
func (m *Memory) forget() bool {
	oldest, since := -1, time.Duration(0)
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		if len(s.order) > 0 && (oldest < 0 || s.order[0].leaves < since) {
			oldest, since = i, s.order[0].leaves
		}
		s.mu.Unlock()
	}
	if oldest < 0 {
		return false
	}
	s := &m.shards[oldest]
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.order) > 0 { // else another has been here
		m.remove(s, s.order[0])
	}
	return true
}

// sweep removes up to so many values that have expired.
func (m *Memory) sweep(s *shard, now time.Duration, atMost int) (removed bool) {
	for ; atMost > 0 && len(s.order) > 0 && s.order[0].expires <= now; atMost-- {
		m.remove(s, s.order[0])
		removed = true
	}
	return removed
}

// live returns what stands under a key, nil if that has expired.
func (m *Memory) live(s *shard, key string, now time.Duration) *item {
	it := s.items[key]
	if it != nil && it.expires <= now {
		m.remove(s, it)
		return nil
	}
	return it
}

func (m *Memory) remove(s *shard, it *item) {
	heap.Remove(&s.order, it.place)
	delete(s.items, it.key)
	m.used.Add(-cost(it.key, it.data))
}

func (m *Memory) shardOf(key string) *shard {
	return &m.shards[maphash.String(m.seed, key)%uint64(len(m.shards))]
}

func (m *Memory) elapsed() time.Duration { return m.now().Sub(m.start) }

func (it *item) value() Value {
	if it == nil {
		return Value{}
	}
	return Value{Data: it.data, Version: it.version}
}

func cost(key string, data []byte) int64 { return int64(itemOverhead + len(key) + len(data)) }

// newVersion is random, so that a value that is written anew after another has
// expired, been taken or been lost never has the version of that one.
func newVersion() uint64 {
	for {
		if v := rand.Uint64(); v != 0 {
			return v
		}
	}
}

// unavailable is ErrUnavailable with its cause.
func unavailable(cause error) error { return fmt.Errorf("%w: %w", ErrUnavailable, cause) }

// departures is a heap, the first to leave first.
type departures []*item

func (e departures) Len() int           { return len(e) }
func (e departures) Less(i, j int) bool { return e[i].leaves < e[j].leaves }
func (e departures) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].place, e[j].place = i, j
}

// Push is heap.Interface's.
func (e *departures) Push(x any) {
	it := x.(*item)
	it.place = len(*e)
	*e = append(*e, it)
}

// Pop is heap.Interface's.
func (e *departures) Pop() any {
	last := len(*e) - 1
	it := (*e)[last]
	(*e)[last] = nil
	*e = (*e)[:last]
	return it
}

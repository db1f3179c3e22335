package session

import (
	"context"
	"strconv"
	"sync"
	"time"
)

const (
	// spareAbove is the part of maxmemory, in percent, above which a server takes nothing
	// more that may be lost.
	spareAbove = 75
	spareLook  = 5 * time.Second
)

// Spare is the store for what may be lost: the same values as the Redis it is made of,
// but a Put is refused with ErrUnavailable while the server holds more than three
// quarters of its maxmemory. So what may be lost never takes the last quarter, without
// which every Put of that Redis fails. It looks at most every five seconds; where that
// fails, or maxmemory is not set, it takes everything. It may be used by many at once.
type Spare struct {
	*Redis

	mu     sync.Mutex
	looked time.Time
	full   bool
}

// Spare returns the store for what may be lost.
func (r *Redis) Spare() *Spare { return &Spare{Redis: r} }

// Put is Store's.
func (s *Spare) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (Value, error) {
	if s.isFull(ctx) {
		return Value{}, unavailable(errFull)
	}
	return s.Redis.Put(ctx, key, old, data, ttl)
}

// isFull says what the last look saw. Of several at once one looks, and the others do
// not wait for it.
func (s *Spare) isFull(ctx context.Context) bool {
	s.mu.Lock()
	look := time.Since(s.looked) >= spareLook
	if look {
		s.looked = time.Now()
	}
	full := s.full
	s.mu.Unlock()
	if !look {
		return full
	}
	full = s.look(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
	return full
}

func (s *Spare) look(ctx context.Context) bool {
	reply, _, err := s.call(ctx, true, func(ctx context.Context) (any, error) { return s.client.Info(ctx, "memory").Result() })
	if err != nil {
		return false
	}
	text, _ := reply.(string)
	info := readInfo(text)
	used, _ := strconv.ParseFloat(info["used_memory"], 64) // what is not there is zero
	most, _ := strconv.ParseFloat(info["maxmemory"], 64)
	return most > 0 && used > most/100*spareAbove
}

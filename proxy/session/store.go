package session

import (
	"context"
	"errors"
	"time"
)

// Errors of a Store, for errors.Is.
var (
	// ErrConflict: somebody else has written since, and the value that stands there is
	// returned with it.
	ErrConflict = errors.New("session: written by another meanwhile")
	// ErrUnavailable: the store could not be asked, or has no room. Whether a Put or a
	// Take that failed so was done is not known.
	ErrUnavailable = errors.New("session: store not available")
)

// A Value is what stands under a key. Its Data is for reading only.
type Value struct {
	Data    []byte
	Version uint64 // 0: there is none
}

// A Store keeps values for a while. Every proxy of a fleet sees what another has
// written as soon as that write has returned. It may be used by many at once. A
// call ends with its context, and of itself after a bounded time.
type Store interface {
	// Get returns the value under a key, the zero Value where there is none.
	Get(ctx context.Context, key string) (Value, error)
	// Put writes data under a key, for the time to live, if the version that stands
	// there is old (0: none). It returns what stands there afterwards; with
	// ErrConflict that is another's. A Put that was done and whose answer was lost is
	// not in conflict with itself as long as the call that made it goes on.
	Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (Value, error)
	// Take returns the value under a key and removes it. Of several who take it, one
	// gets it.
	Take(ctx context.Context, key string) (Value, error)
}

package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/sluice-proxy/sluice/classifiers"
)

// budgetWait is how long an exchange waits for room under limits.inspecting
// before it is answered with 503 and Retry-After.
const budgetWait = 5 * time.Second

// trusted is how much of a body has to be there before room is taken for all that
// its header announces.
const trusted = 1 << 20

// errBusy says that limits.inspecting had no room in time.
var errBusy = errors.New("no room to inspect")

// A budget bounds the bytes of all bodies, buffered and expanded, that are held
// at one time (limits.inspecting).
type budget struct {
	room *semaphore.Weighted
	held atomic.Int64 // for the metric
}

func newBudget(bytes int64) *budget { return &budget{room: semaphore.NewWeighted(bytes)} }

// A lease is what one exchange holds of the budget. It is safe for concurrent
// use, because a transport may close a body late.
type lease struct {
	budget *budget
	mu     sync.Mutex
	held   int64
	ended  bool
}

// grow takes n more bytes, waiting at most budgetWait.
func (l *lease) grow(ctx context.Context, n int64) error {
	if !l.budget.room.TryAcquire(n) {
		wait, cancel := context.WithTimeout(ctx, budgetWait)
		defer cancel()
		if err := l.budget.room.Acquire(wait, n); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return errBusy
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		l.budget.room.Release(n)
		return errBusy
	}
	l.held += n
	l.budget.held.Add(n)
	return nil
}

// shrink gives n bytes back.
func (l *lease) shrink(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.held -= n
		l.budget.held.Add(-n)
		l.budget.room.Release(n)
	}
}

// reading returns a context with which Classify takes room of the lease for what is
// disguised in a text. The function that it returns gives that room back.
func (l *lease) reading(ctx context.Context) (context.Context, func()) {
	var taken int64
	return classifiers.WithReserve(ctx, func(n int64) error {
		err := l.grow(ctx, n)
		if err == nil {
			taken += n
		}
		return err
	}), func() { l.shrink(taken) }
}

// hand gives n bytes of what is held to another lease, as far as there are so many.
func (l *lease) hand(to *lease, n int64) {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return
	}
	n = min(n, l.held)
	l.held -= n
	l.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	if to.ended {
		to.budget.held.Add(-n)
		to.budget.room.Release(n)
		return
	}
	to.held += n
}

// size is how much is held.
func (l *lease) size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return 0
	}
	return l.held
}

// end gives everything back. It may be called more than once.
func (l *lease) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		l.budget.held.Add(-l.held)
		l.budget.room.Release(l.held)
	}
}

// A body is what was buffered of a request.
type body struct {
	bytes     []byte
	truncated bool      // there is more than limits.body: rest follows bytes
	rest      io.Reader // what was not buffered, nil when nothing
}

// readBody buffers a request body up to limit bytes. Room is taken before
// memory is. A body that is cut short, stalls or trickles is an error; one that
// is longer than limit is truncated.
func readBody(x *Exchange, r *http.Request, l *lease, limit int64) (*body, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return &body{}, nil
	}
	size := int64(32 << 10)
	if r.ContentLength >= 0 && r.ContentLength < size {
		size = r.ContentLength + 1 // one more, to see the end
	}
	if err := l.grow(r.Context(), size); err != nil {
		return nil, err
	}
	defer x.pace.done()
	buffer := make([]byte, 0, size)
	for {
		n, err := x.pace.read(r.Body, buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		x.bytesIn += int64(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, bodyError(r.Context(), err)
		}
		if int64(len(buffer)) > limit {
			return &body{bytes: buffer, truncated: true, rest: r.Body}, nil
		}
		if len(buffer) < cap(buffer) {
			continue
		}
		next := min(int64(cap(buffer))*2, limit+1)
		if r.ContentLength > next && next > trusted {
			next = limit + 1 // one that has sent this much will send the rest: no more steps, whose memory would be garbage
		}
		if r.ContentLength >= 0 && r.ContentLength < limit {
			next = min(next, r.ContentLength+1)
		}
		if err := l.grow(r.Context(), next); err != nil {
			return nil, err
		}
		grown := make([]byte, len(buffer), next)
		copy(grown, buffer)
		l.shrink(int64(cap(buffer)))
		buffer = grown
	}
	if r.ContentLength >= 0 && int64(len(buffer)) != r.ContentLength {
		return nil, bodyError(r.Context(), io.ErrUnexpectedEOF)
	}
	if int64(len(buffer)) > limit {
		return &body{bytes: buffer, truncated: true, rest: http.NoBody}, nil
	}
	return &body{bytes: buffer}, nil
}

// bodyError tells a stalled body from one that was cut short, and from one that
// was not waited for any longer.
func bodyError(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errShed) {
		return ended(ctx, err)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return refuseFor("body_stalled", err)
	}
	return refuseFor("body_cut_short", err)
}

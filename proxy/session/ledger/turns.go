package ledger

import (
	"context"
	"sync"
)

// turns lets the exchanges of one subject in this process come one after the other.
// What nobody holds or waits for takes no room.
type turns struct {
	mu   sync.Mutex
	held map[string]*turn
}

type turn struct {
	free   chan struct{} // has one member while nobody's turn it is
	people int           // who holds and who waits
}

// begin waits for the turn until the context ends, whose error it returns.
func (t *turns) begin(ctx context.Context, key string) error {
	t.mu.Lock()
	it := t.held[key]
	if it == nil {
		it = &turn{free: make(chan struct{}, 1)}
		it.free <- struct{}{}
		t.held[key] = it
	}
	it.people++
	t.mu.Unlock()
	select {
	case <-it.free:
		return nil
	default:
	}
	select {
	case <-it.free:
		return nil
	case <-ctx.Done():
		t.leave(key, it)
		return ctx.Err()
	}
}

// end lets the next begin.
func (t *turns) end(key string) {
	t.mu.Lock()
	it := t.held[key]
	t.mu.Unlock()
	it.free <- struct{}{}
	t.leave(key, it)
}

func (t *turns) leave(key string, it *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if it.people--; it.people == 0 {
		delete(t.held, key)
	}
}

package audit

import (
	"context"
	"runtime"
	"slices"
	"sync"
)

// A queue holds the decisions that wait to be written. The first of them leads: it
// writes for all that have come by the time it has the turn, in one write.
type queue struct {
	mu      sync.Mutex
	entries []*entry
}

// An entry is a decision in the queue.
type entry struct {
	body []byte
	lead chan struct{} // closed when it has become the first
	done chan struct{} // closed when b and err are set
	b    *batch
	err  error
}

// mostTogether bounds one write; the bodies are at most MaxLine each.
const mostTogether = 64

// join puts a decision at the end.
func (q *queue) join(body []byte) *entry {
	e := &entry{body: body, lead: make(chan struct{}), done: make(chan struct{})}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.entries = append(q.entries, e); len(q.entries) == 1 {
		close(e.lead)
	}
	return e
}

// take takes the first ones out; the next leads the rest.
func (q *queue) take() []*entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.entries
	q.entries = nil
	if len(taken) > mostTogether {
		q.entries = slices.Clone(taken[mostTogether:])
		taken = taken[:mostTogether]
		close(q.entries[0].lead)
	}
	return taken
}

// leave takes one out that waits no longer, unless it is being written.
func (q *queue) leave(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	at := slices.Index(q.entries, e)
	if at < 0 {
		return
	}
	q.entries = slices.Delete(q.entries, at, at+1)
	if at == 0 && len(q.entries) > 0 {
		close(q.entries[0].lead)
	}
}

// together writes a decision, with those that others bring at the same time. With
// SyncGroup it returns the batch that the line belongs to.
func (l *Log) together(ctx context.Context, body []byte) (*batch, error) {
	e := l.queue.join(body)
	select {
	case <-e.lead:
	case <-e.done:
		return e.b, e.err
	case <-ctx.Done():
		l.queue.leave(e)
		return nil, ctx.Err()
	}
	// Whoever can run now runs first, so that on a busy machine many lines share a
	// write; on an idle one nobody can.
	runtime.Gosched()
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		l.queue.leave(e)
		return nil, ctx.Err()
	}
	l.writeAll(l.queue.take())
	<-l.turn
	return e.b, e.err
}

// writeAll writes decisions and tells those who wait for them. The caller holds turn.
func (l *Log) writeAll(entries []*entry) {
	bodies := make([][]byte, len(entries))
	for i, e := range entries {
		bodies[i] = e.body
	}
	err := l.append(KindDecision, bodies...)
	if err == nil && l.o.Sync != SyncGroup {
		l.works()
	}
	for _, e := range entries {
		if e.err = err; err != nil {
			l.lose(KindDecision, err)
		} else if l.o.Sync == SyncGroup {
			e.b = l.open
		}
		close(e.done)
	}
}

package audit

import "context"

// commit returns when a batch is durable. Of all goroutines that wait, one leads:
// it syncs what has been written until then, for all of them, and what is written
// meanwhile waits for the next.
func (l *Log) commit(ctx context.Context, b *batch) error {
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	case l.lead <- struct{}{}:
	}
	defer func() { <-l.lead }()
	select {
	case <-b.done: // the leader before us took it along
	default:
		l.sync() // b is the open batch: only a leader replaces it, and ends it
	}
	return b.err
}

// sync makes everything written so far durable and ends its batch. The caller
// holds lead.
//
// After a failed fsync the system may have dropped the pages, and say nothing at
// the next one. So what was not durable is taken back, from the file and from the
// chain: its writers get the error, and the next line follows the last durable one.
func (l *Log) sync() {
	l.turn <- struct{}{}
	if l.closed {
		<-l.turn
		return
	}
	b, until := l.open, l.end
	l.open = newBatch()
	<-l.turn

	err := l.fsync()
	l.stats.syncs.Add(1)

	var lost Gap
	l.turn <- struct{}{}
	if err == nil {
		l.durable = until
		l.works()
	} else {
		lost = l.loseAll(l.durable, l.end, err)
		l.torn = l.end.offset > l.durable.offset
		l.end = l.durable
		_ = l.repair() // else before the next line
		l.open.err = err
		close(l.open.done)
		l.open = newBatch()
	}
	<-l.turn
	b.err = err
	close(b.done)
	for range lost.Decisions {
		l.tell(KindDecision, err)
	}
	for range lost.Completions {
		l.tell(KindCompletion, err)
	}
}

// syncLate syncs completions, for which nobody waits.
func (l *Log) syncLate() {
	defer l.timers.Done()
	l.turn <- struct{}{}
	l.timer = nil
	b, clean := l.open, l.end.seq == l.durable.seq
	<-l.turn
	if clean {
		return
	}
	_ = l.commit(context.Background(), b) // a failure is counted and told there
}

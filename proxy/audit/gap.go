package audit

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// lose counts a record that was not written, for the gap line and for Healthy.
func (l *Log) lose(kind string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var g Gap
	g.count(kind, 1)
	g.Since = time.Now().UTC()
	g.Reason = Reason(err)
	g.Forwarded = kind == KindDecision && l.o.OnFailure == Allow
	l.gap.add(g)
	l.err = fmt.Errorf("audit: %w: %w", ErrUnwritable, err)
	l.countLost(g)
}

// loseAll counts what a failed sync took back, and returns it.
func (l *Log) loseAll(from, to mark, err error) Gap {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := to.gaps.minus(from.gaps) // their lines are gone as well
	if !from.gaps.empty() {
		g.Since = time.Now().UTC()
	}
	lost := Gap{
		Since:       time.Now().UTC(),
		Decisions:   to.decisions - from.decisions,
		Completions: to.completions - from.completions,
		Reason:      Reason(err),
	}
	lost.Forwarded = lost.Decisions > 0 && l.o.OnFailure == Allow
	l.countLost(lost)
	l.gap.add(g)
	l.gap.add(lost)
	l.err = fmt.Errorf("audit: %w: %w", ErrUnwritable, err)
	return lost
}

func (l *Log) countLost(g Gap) {
	l.stats.lostDecisions.Add(g.Decisions)
	l.stats.lostCompletions.Add(g.Completions)
}

// works notes that a record was written.
func (l *Log) works() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = nil
}

// troubled reports whether the last record could not be written, or the file does
// not say yet what was lost.
func (l *Log) troubled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err != nil || l.gap != (Gap{})
}

// tell tells the owner of a lost record.
func (l *Log) tell(kind string, err error) {
	if l.o.OnLost != nil {
		l.o.OnLost(kind, err)
	}
}

// pendingGap is what the file does not say yet, as the line would say it.
func (l *Log) pendingGap() Gap {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gap != (Gap{}) {
		l.gap.Time = time.Now().UTC()
	}
	return l.gap
}

// gapWritten takes a written gap off what is pending; more may have come since.
func (l *Log) gapWritten(g Gap) {
	if g == (Gap{}) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gap = l.gap.minus(g)
}

func (g *Gap) count(kind string, n int64) {
	switch kind {
	case KindDecision:
		g.Decisions += n
	case KindCompletion:
		g.Completions += n
	}
}

// add joins two gaps: counts add up, the first loss and the last reason count.
func (g *Gap) add(o Gap) {
	if o.empty() {
		return
	}
	if g.empty() || o.Since.Before(g.Since) {
		g.Since = o.Since
	}
	g.Decisions += o.Decisions
	g.Completions += o.Completions
	g.TornBytes += o.TornBytes
	g.Forwarded = g.Forwarded || o.Forwarded
	g.Reason = o.Reason
}

// minus takes counts away; a gap that counts nothing is the zero Gap.
func (g Gap) minus(o Gap) Gap {
	g.Decisions -= o.Decisions
	g.Completions -= o.Completions
	g.TornBytes -= o.TornBytes
	if g.empty() {
		return Gap{}
	}
	return g
}

func (g Gap) empty() bool { return g.Decisions == 0 && g.Completions == 0 && g.TornBytes == 0 }

// Reason names a failure in one word, for metrics and the gap line.
func Reason(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, syscall.ENOSPC):
		return "disk_full"
	case errors.Is(err, syscall.EDQUOT):
		return "quota"
	case errors.Is(err, syscall.EROFS):
		return "read_only"
	case errors.Is(err, syscall.EFBIG):
		return "file_size"
	case errors.Is(err, syscall.EIO):
		return "io"
	case errors.Is(err, errQueue):
		return "queue_full"
	case errors.Is(err, errChanged):
		return "file_changed"
	case errors.Is(err, errClosed):
		return "closed"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "cancelled"
	}
	return "write"
}

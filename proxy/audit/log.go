package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of this package, for errors.Is.
var (
	// ErrUnwritable: a record could not be written, or not made durable.
	ErrUnwritable = errors.New("record is not writable")
	// ErrLocked: another process writes the file.
	ErrLocked = errors.New("another process writes this file")
	// ErrDamaged: the file's last line is not a record, so nothing can follow it.
	ErrDamaged = errors.New("file does not end in a record")

	errClosed  = errors.New("log is closed")
	errQueue   = errors.New("too many records wait to be written")
	errChanged = errors.New("file was removed or changed by someone else")
)

// What happens to a decision that cannot be written (Options.OnFailure).
const (
	Refuse = "refuse" // Decision returns the error
	Allow  = "allow"  // it is counted, and Decision returns nil
)

// What "written" means (Options.Sync).
const (
	SyncOS    = "os"    // given to the operating system: survives a killed process
	SyncGroup = "group" // fsynced, many records at once: survives a power cut
)

// syncEvery is the longest that a completion stays unsynced with SyncGroup.
// Decisions wait for their own sync, which starts at once.
const syncEvery = 50 * time.Millisecond

// With SyncOS a completion, for which nobody waits, is held until the next decision
// is written, or for holdFor, or until mostHeld are: one write for many lines. A
// killed process loses those.
const (
	holdFor  = 5 * time.Millisecond
	mostHeld = 64
)

// mostKept is how large the room for one write may be that is kept for the next.
const mostKept = 2 * MaxLine

// DefaultWaiting is how many records may wait for the file.
const DefaultWaiting = 4096

// Options say where and how records are written.
type Options struct {
	File      string // made 0600 where missing, its directories 0700
	OnFailure string // Refuse (default) or Allow
	Sync      string // SyncOS (default) or SyncGroup
	Waiting   int    // records that may wait for the file; 0 is DefaultWaiting
	// OnLost is told of each record that was not written, with the kind of line. It
	// may be called by several goroutines at once and must not call the Log.
	OnLost func(kind string, err error)
}

// A Log writes one file. All methods are safe for concurrent use.
type Log struct {
	o       Options
	file    *os.File
	waiting atomic.Int64
	stats   counters

	// lead is held by the one goroutine that syncs for all (SyncGroup).
	lead  chan struct{}
	fsync func() error

	// turn guards the fields up to the blank line. It is a channel so that who
	// waits for it can give up.
	turn    chan struct{}
	closed  bool
	end     mark   // after the last line written
	durable mark   // after the last line synced; only with SyncGroup
	torn    bool   // there are bytes after end that have to be cut off first
	open    *batch // lines after durable
	timer   *time.Timer
	held    [][]byte // completions to write before the next line; only with SyncOS
	lines   []byte   // room for the next write

	queue  queue
	timers sync.WaitGroup

	mu     sync.Mutex
	gap    Gap   // not yet in the file
	err    error // of the last write, nil when it worked
	probed time.Time
}

// A mark is a place between two lines.
type mark struct {
	offset int64
	seq    uint64 // number of the next line
	prev   hash
	// of all lines written since the start
	decisions, completions int64
	gaps                   Gap
}

// A batch is the lines that one sync makes durable.
type batch struct {
	done chan struct{} // closed when err is set
	err  error
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

// Open opens the file, or makes it, and continues its chain after the last
// complete line. An unfinished line after it, left by a crash, is cut off and
// counted (Stats.TornBytes), and the record says so. The errors are ErrLocked,
// ErrDamaged and those of the file system.
func Open(o Options) (*Log, error) {
	if o.OnFailure == "" {
		o.OnFailure = Refuse
	}
	if o.Sync == "" {
		o.Sync = SyncOS
	}
	if o.Waiting == 0 {
		o.Waiting = DefaultWaiting
	}
	if o.OnFailure != Refuse && o.OnFailure != Allow {
		return nil, fmt.Errorf("audit: open: on_failure is neither %s nor %s", Refuse, Allow)
	}
	if o.Sync != SyncOS && o.Sync != SyncGroup {
		return nil, fmt.Errorf("audit: open: sync is neither %s nor %s", SyncOS, SyncGroup)
	}
	f, err := openFile(o.File)
	if err != nil {
		return nil, fmt.Errorf("audit: open %s: %w", o.File, err)
	}
	end, torn, err := lastMark(f)
	if err == nil && torn > 0 {
		err = f.Truncate(end.offset)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("audit: open %s: %w", o.File, err)
	}
	l := &Log{
		o: o, file: f, fsync: f.Sync,
		lead: make(chan struct{}, 1), turn: make(chan struct{}, 1),
		end: end, durable: end, open: newBatch(),
	}
	if torn > 0 {
		now := time.Now().UTC()
		l.gap = Gap{Since: now, TornBytes: torn, Reason: "torn"}
	}
	l.stats.torn.Store(torn)
	l.stats.size.Store(end.offset)
	return l, nil
}

// Decision writes a decision and returns when it is written as Options.Sync says.
// With Refuse a failure is an error that wraps ErrUnwritable, and then nothing may
// be forwarded. With Allow it is counted and nil. When ctx ends first the error is
// the context's, always; a line is never written in part.
func (l *Log) Decision(ctx context.Context, d *Decision) error {
	if d.ID == "" {
		return errors.New("audit: write decision: no id")
	}
	body, err := encode(KindDecision, func(s *shortener) any { return s.decision(d) })
	var b *batch
	if err != nil {
		l.lose(KindDecision, err)
	} else {
		b, err = l.write(ctx, KindDecision, body)
	}
	written := err == nil
	if b != nil {
		err = l.commit(ctx, b)
	}
	if err == nil {
		return nil
	}
	if ctxErr := ctx.Err(); ctxErr != nil && errors.Is(err, ctxErr) {
		return fmt.Errorf("audit: write decision: %w", err)
	}
	if !written { // else the sync that failed tells
		l.tell(KindDecision, err)
	}
	if l.o.OnFailure == Allow {
		return nil
	}
	return fmt.Errorf("audit: write decision: %w: %w", ErrUnwritable, err)
}

// Completion writes a completion, together with the next decision or within 5 ms. It
// does not wait for a sync: with SyncGroup one follows within 50 ms. A failure is
// counted and told, whatever OnFailure says, and returned when it is known by then,
// for the caller's log only; the record names it before the next decision, which
// is not written (and so, with Refuse, not forwarded) until that works.
func (l *Log) Completion(c *Completion) error {
	if c.ID == "" {
		return errors.New("audit: write completion: no id")
	}
	body, err := encode(KindCompletion, func(s *shortener) any { return s.completion(c) })
	if err == nil {
		_, err = l.write(context.Background(), KindCompletion, body)
	} else {
		l.lose(KindCompletion, err)
	}
	if err != nil {
		l.tell(KindCompletion, err)
		return fmt.Errorf("audit: write completion: %w: %w", ErrUnwritable, err)
	}
	return nil
}

// write queues for the file and appends one record to it. With SyncGroup it
// returns the batch that the line belongs to.
func (l *Log) write(ctx context.Context, kind string, body []byte) (*batch, error) {
	if l.waiting.Add(1) > int64(l.o.Waiting) {
		l.waiting.Add(-1)
		l.lose(kind, errQueue)
		return nil, errQueue
	}
	defer l.waiting.Add(-1)
	if kind == KindDecision {
		return l.together(ctx, body)
	}
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-l.turn }()
	if l.hold(body) {
		return nil, nil
	}
	if err := l.append(kind, body); err != nil {
		l.lose(kind, err)
		return nil, err
	}
	if l.o.Sync != SyncGroup {
		l.works()
		return nil, nil
	}
	if l.timer == nil {
		l.timers.Add(1)
		l.timer = time.AfterFunc(syncEvery, l.syncLate)
	}
	return l.open, nil
}

// hold keeps a completion for the next write. It does not while there is trouble to
// report. The caller holds turn.
func (l *Log) hold(body []byte) bool {
	if l.closed || l.o.Sync != SyncOS || len(l.held) >= mostHeld || l.troubled() {
		return false
	}
	if len(l.held) == 0 && l.timer == nil {
		l.timers.Add(1)
		l.timer = time.AfterFunc(holdFor, l.writeHeld)
	}
	l.held = append(l.held, body)
	return true
}

// writeHeld writes completions that no decision took along.
func (l *Log) writeHeld() {
	defer l.timers.Done()
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.timer = nil
	if !l.closed && len(l.held) > 0 {
		_ = l.append(KindGap) // a failure is counted and told there
	}
}

// Healthy returns why the last record could not be written, or nil. While it
// cannot, each call tries again, at most once a second, so that a proxy that gets
// no requests because it is not ready finds out when there is space again. A file
// that someone else removed or changed stays unwritable until the log is opened anew.
func (l *Log) Healthy() error {
	l.mu.Lock()
	err := l.err
	probe := err != nil && time.Since(l.probed) >= time.Second
	if probe {
		l.probed = time.Now()
	}
	l.mu.Unlock()
	if !probe {
		return err
	}
	select {
	case l.turn <- struct{}{}:
	default:
		return err
	}
	if err = l.append(KindGap); err == nil && l.o.Sync == SyncOS {
		l.works()
	}
	b := l.open
	<-l.turn
	if err == nil && l.o.Sync == SyncGroup {
		err = l.commit(context.Background(), b)
	}
	if err != nil {
		return fmt.Errorf("audit: %w: %w", ErrUnwritable, err)
	}
	return nil
}

// Close writes what is left to say about gaps, syncs, and gives the file free.
// Records that come later are unwritable.
func (l *Log) Close() error {
	l.lead <- struct{}{} // no sync is under way
	l.turn <- struct{}{}
	if l.closed {
		<-l.turn
		<-l.lead
		return nil
	}
	err := l.append(KindGap)
	err = errors.Join(err, l.repair())
	syncErr := l.fsync()
	l.open.err = syncErr
	close(l.open.done)
	l.open = newBatch()
	l.closed = true
	if l.timer != nil && l.timer.Stop() {
		l.timers.Done()
	}
	<-l.turn
	<-l.lead
	l.timers.Wait()
	if err = errors.Join(err, syncErr, l.file.Close()); err != nil {
		return fmt.Errorf("audit: close: %w", err)
	}
	return nil
}

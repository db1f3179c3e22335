package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"
)

const (
	queueLength = 4096     // entries that wait to be written
	batchBytes  = 64 << 10 // written at once
	// lastWords is how long the end of Run waits for a reader of standard output
	// that does not read.
	lastWords = 5 * time.Second
)

// Options say where lines go and what they look like.
type Options struct {
	Format   string      // JSON, Squid or W3C
	File     string      // appended to, and made when it is not there, mode 0640; "": Output
	Output   io.Writer   // where there is no file
	Software string      // what the W3C head says wrote it
	OnError  func(error) // told once when lines begin to be lost in writing; may be nil
}

// A Log takes entries from everywhere and writes them one after the other.
type Log struct {
	options Options
	format  format
	queue   chan Entry
	written atomic.Int64
	lost    atomic.Int64

	// what follows is Run's alone
	file   *os.File
	begun  bool // the head stands where lines go
	torn   bool // the last write broke off
	failed bool
}

// Open opens the file. Nothing is written before Run.
func Open(o Options) (*Log, error) {
	l := &Log{options: o, queue: make(chan Entry, queueLength)}
	var ok bool
	if l.format, ok = formats[o.Format]; !ok {
		return nil, fmt.Errorf("access: %q is no format", o.Format)
	}
	if o.File != "" {
		return l, l.reopen()
	}
	return l, nil
}

// Write takes an entry and returns at once. It may be called from anywhere. When
// the disk is so slow that the queue is full, the entry is lost and counted: no
// exchange waits for this log.
func (l *Log) Write(e Entry) {
	select {
	case l.queue <- e:
	default:
		l.lost.Add(1)
	}
}

// Written is how many lines were written.
func (l *Log) Written() int64 { return l.written.Load() }

// Lost is how many entries got no line.
func (l *Log) Lost() int64 { return l.lost.Load() }

// Run writes until the context ends, then what is left, and closes the file. It
// runs once.
func (l *Log) Run(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- l.run(ctx) }()
	<-ctx.Done()
	select {
	case err := <-done:
		return err
	case <-time.After(lastWords):
		return errors.New("access: the rest was not written in time")
	}
}

func (l *Log) run(ctx context.Context) error {
	var batch bytes.Buffer
	for {
		select {
		case e := <-l.queue:
			l.write(&batch, e)
			continue
		case <-ctx.Done():
		}
		for {
			select {
			case e := <-l.queue:
				l.write(&batch, e)
				continue
			default:
			}
			if l.file != nil {
				return l.file.Close()
			}
			return nil
		}
	}
}

// write writes an entry, and with it those that wait already.
func (l *Log) write(batch *bytes.Buffer, e Entry) {
	l.follow()
	batch.Reset()
	if l.torn {
		batch.WriteByte('\n')
	}
	if !l.begun {
		batch.WriteString(l.format.head(l.options.Software, time.Now()))
	}
	lines := int64(0)
	for more := true; more; {
		line := l.format.line(batch.AvailableBuffer(), &e)
		batch.Write(line)
		lines++
		if more = batch.Len() < batchBytes; more {
			select {
			case e = <-l.queue:
			default:
				more = false
			}
		}
	}
	var to = l.options.Output
	if l.file != nil {
		to = l.file
	}
	n, err := to.Write(batch.Bytes())
	if err != nil {
		l.torn = n > 0 || l.torn
		l.lost.Add(lines)
		l.tell(fmt.Errorf("access: write: %w", err))
		return
	}
	l.written.Add(lines)
	l.begun, l.torn, l.failed = true, false, false
}

// follow opens the file anew when it was moved away or removed, as rotation does,
// and begins again when it was emptied. One that cannot be opened leaves the old
// one in use.
func (l *Log) follow() {
	if l.file == nil {
		return
	}
	there, err := os.Stat(l.options.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		if own, err := l.file.Stat(); err == nil && os.SameFile(own, there) {
			l.begun = l.begun && there.Size() > 0
			return
		}
	}
	if err := l.reopen(); err != nil {
		l.tell(err)
	}
}

func (l *Log) reopen() error {
	file, err := os.OpenFile(l.options.File, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("access: %w", err)
	}
	if l.file != nil {
		_ = l.file.Close() // every line was written at once: there is nothing to flush
	}
	l.file, l.begun, l.torn = file, false, false
	return nil
}

// tell speaks once of what goes wrong, until it goes well again.
func (l *Log) tell(err error) {
	if !l.failed && l.options.OnError != nil {
		l.options.OnError(err)
	}
	l.failed = true
}

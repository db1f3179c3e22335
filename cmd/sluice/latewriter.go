package main

import (
	"io"
	"sync"
	"time"
)

// A lateWriter writes many lines of the log at once: a line waits at most logDelay,
// and none once Sync is called. A line for each exchange would be a system call
// for each.
type lateWriter struct {
	out io.Writer

	mu    sync.Mutex
	lines []byte
	timer *time.Timer // set while lines wait
	err   error       // of the last write that nobody saw
}

const (
	logDelay = 100 * time.Millisecond
	logMost  = 64 << 10 // bytes that wait
)

// Write takes a line. Its error may be that of lines before it.
func (w *lateWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, line...)
	if len(w.lines) >= logMost {
		w.flush()
	} else if w.timer == nil {
		w.timer = time.AfterFunc(logDelay, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.flush()
		})
	}
	err := w.err
	w.err = nil
	return len(line), err
}

// Sync writes what waits.
func (w *lateWriter) Sync() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
	err := w.err
	w.err = nil
	return err
}

// flush writes what waits. What cannot be written is lost, and the next line is
// tried anew. The caller holds mu.
func (w *lateWriter) flush() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if len(w.lines) > 0 {
		_, w.err = w.out.Write(w.lines)
		w.lines = w.lines[:0]
	}
}

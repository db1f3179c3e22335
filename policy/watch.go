package policy

import (
	"context"
	"fmt"
	"time"
)

// Change tells what came of a source that changed.
type Change struct {
	Snapshot *Snapshot // what was loaded
	Err      error     // why nothing was: what is in force should stay so
}

// Watch polls a source, of which one revision is in force, until the context ends. It loads what changed, and calls report
// once for every change, good or bad, from this goroutine.
//
// A change is tried when two polls in a row read the same: a directory that is being written may load, with a pack missing.
func Watch(ctx context.Context, every time.Duration, inForce string, open func() (Source, error), report func(Change)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	tried, seen := inForce, ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		src, err := open()
		if err != nil {
			if state := "cannot be opened: " + err.Error(); state != tried {
				tried = state
				report(Change{Err: fmt.Errorf("policy: watch: %w", err)})
			}
			continue
		}
		f := readFiles(src)
		state := f.state()
		settled := state == seen
		seen = state
		if !settled || state == tried {
			continue
		}
		tried = state
		s, err := load(ctx, f)
		if ctx.Err() != nil {
			return
		}
		report(Change{Snapshot: s, Err: err})
	}
}

// state differs when a source reads differently, also in what cannot be read.
func (f *files) state() string {
	if len(f.problems) == 0 {
		return f.revision
	}
	return f.revision + "\n" + f.problems.Error()
}

package policy_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/rego"
)

// A directory on disk is edited, broken, mended and taken away while it is watched.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	if err := policy.Init(dir, rego.FS); err != nil {
		t.Fatal(err)
	}
	open := func() (policy.Source, error) {
		if _, err := os.Stat(filepath.Join(dir, "gone")); err == nil {
			return policy.Source{}, errors.New("no directory")
		}
		return policy.Source{Embedded: rego.FS, Dir: os.DirFS(dir)}, nil
	}
	src, _ := open()
	var inForce atomic.Pointer[policy.Engine]
	inForce.Store(engine(t, load(t, src), policy.Options{}))
	revision := func() string { return inForce.Load().Snapshot().Revision() }
	first := revision()

	ctx, cancel := context.WithCancel(context.Background())
	changes, done := make(chan policy.Change, 10), make(chan struct{})
	go func() {
		defer close(done)
		policy.Watch(ctx, time.Millisecond, first, open, func(c policy.Change) {
			if c.Err == nil {
				inForce.Store(inForce.Load().With(c.Snapshot))
			}
			changes <- c
		})
	}()
	defer func() { cancel(); <-done }()

	pack := filepath.Join(dir, "request", "apps.rego")
	original, err := os.ReadFile(pack)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		draft := filepath.Join(t.TempDir(), "draft")
		if err := errors.Join(os.WriteFile(draft, []byte(text), 0o600), os.Rename(draft, pack)); err != nil {
			t.Fatal(err)
		}
	}
	next := func() policy.Change {
		t.Helper()
		select {
		case c := <-changes:
			return c
		case <-time.After(10 * time.Second):
			t.Fatal("no change was reported")
			return policy.Change{}
		}
	}
	write(strings.Replace(string(original), "severity: medium", "severity: high", 1))
	if c := next(); c.Err != nil || revision() == first || revision() != c.Snapshot.Revision() {
		t.Fatalf("edited: %+v", c)
	}
	good := revision()

	write("package sluice.request.apps\n\nverdict contains")
	var problems policy.Problems
	if c := next(); !errors.As(c.Err, &problems) || problems[0].File != "request/apps.rego" || problems[0].Line != 3 {
		t.Fatalf("broken: %+v", c)
	}
	if d, err := inForce.Load().Decide(ctx, reference(t), policy.Circumstances{}); err != nil || d.Revision != good {
		t.Fatalf("the last good one is not in force: %+v %v", d, err)
	}

	write(string(original))
	if c := next(); c.Err != nil || revision() != first {
		t.Fatalf("mended: %+v", c)
	}

	if err := os.WriteFile(filepath.Join(dir, "gone"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if c := next(); c.Err == nil || revision() != first {
		t.Fatalf("gone: %+v", c)
	}
	if err := os.Remove(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	if c := next(); c.Err != nil {
		t.Fatalf("back: %+v", c)
	}

	// The packs are taken away: an empty phase is not a policy that allows everything.
	if err := os.Rename(filepath.Join(dir, "request"), filepath.Join(t.TempDir(), "request")); err != nil {
		t.Fatal(err)
	}
	if c := next(); c.Err == nil {
		t.Errorf("loaded without packs: %+v", c)
	}
	select {
	case c := <-changes:
		t.Errorf("reported twice: %+v", c)
	case <-time.After(50 * time.Millisecond):
	}
	if revision() != first {
		t.Error("the last good one is not in force")
	}
}

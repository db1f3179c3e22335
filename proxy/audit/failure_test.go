package audit_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/audit"
)

// children are what the test binary does when it is started again.
var children = map[string]func() int{"writer": writer, "full": full}

func child(name string, env ...string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), append(env, "SLUICE_AUDIT_CHILD="+name)...)
	return c
}

// writer writes until it is killed, and prints each id whose decision is written.
func writer() int {
	l, err := audit.Open(audit.Options{File: os.Getenv("FILE"), Sync: os.Getenv("SYNC")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%d-%d-%s", os.Getpid(), w, id(i))
				if l.Decision(context.Background(), decision(name)) != nil {
					return
				}
				os.Stdout.WriteString(name + "\n")
				l.Completion(completion(name))
			}
		})
	}
	wg.Wait()
	return 0
}

// A writer that is killed at any point leaves a record that goes on: no decision
// that was said to be written is missing.
func TestKilled(t *testing.T) {
	file := temp(t)
	written := map[string]bool{}
	for round := range 12 {
		c := child("writer", "FILE="+file, "SYNC="+[]string{"os", "group"}[round%2])
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		stop := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
		for s, n := bufio.NewScanner(out), 0; s.Scan(); n++ {
			if n == 0 { // it writes: now at any time
				stop.Reset(time.Duration(rand.IntN(60)) * time.Millisecond)
			}
			if name := s.Text(); len(name)-strings.LastIndexByte(name, '-') == 33 { // a whole line
				written[name] = true
			}
		}
		stop.Stop()
		c.Process.Kill()
		c.Wait()
	}
	l := open(t, audit.Options{File: file})
	put(t, l, 0, 1)
	l.Close()
	if r := verify(t, file); !r.Intact() || r.Torn != 0 || len(written) == 0 {
		t.Fatalf("%d written: %+v", len(written), r)
	}
	for _, line := range lines(t, file) {
		if e, err := audit.Parse(line); err != nil {
			t.Fatal(err)
		} else if e.Decision != nil {
			delete(written, e.Decision.ID)
		}
	}
	for name := range written {
		t.Errorf("%s was said to be written", name)
	}
}

// full runs where files may grow to a limit only, as on a full disk: a write is
// cut short there, and the next ones fail.
func full() int {
	signal.Ignore(syscall.SIGXFSZ)
	file, onFailure, mode := os.Getenv("FILE"), os.Getenv("ON_FAILURE"), os.Getenv("SYNC")
	limit := func(n uint64) {
		var was syscall.Rlimit
		syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: was.Max}); err != nil {
			panic(err)
		}
	}
	bad := func(format string, args ...any) int {
		fmt.Printf(format+"\n", args...)
		return 1
	}
	var told atomic.Int64
	l, err := audit.Open(audit.Options{File: file, OnFailure: onFailure, Sync: mode, OnLost: func(string, error) { told.Add(1) }})
	if err != nil {
		return bad("%v", err)
	}
	ctx := context.Background()
	for i := range 3 {
		if err := l.Decision(ctx, decision(id(i))); err != nil {
			return bad("%v", err)
		}
	}
	limit(uint64(l.Size()) + 300) // less than a line
	for i := 3; i < 6; i++ {
		err := l.Decision(ctx, decision(id(i)))
		if onFailure == audit.Refuse && (!errors.Is(err, audit.ErrUnwritable) || audit.Reason(err) != "file_size") {
			return bad("no space, refuse: %v", err)
		}
		if onFailure == audit.Allow && err != nil {
			return bad("no space, allow: %v", err)
		}
	}
	if err := l.Completion(completion(id(1))); !errors.Is(err, audit.ErrUnwritable) {
		return bad("no space, completion: %v", err)
	}
	if err := l.Healthy(); err == nil {
		return bad("healthy without space")
	}
	if info, _ := os.Stat(file); info.Size() != l.Size() {
		return bad("half a line was left: %d, not %d", info.Size(), l.Size())
	}
	if s := l.Stats(); s.LostDecisions != 3 || s.LostCompletions != 1 || told.Load() != 4 {
		return bad("%+v, told %d", s, told.Load())
	}
	limit(1 << 30)
	if os.Getenv("PROBE") != "" { // readiness finds out by itself
		time.Sleep(1100 * time.Millisecond)
	} else if err := l.Decision(ctx, decision(id(7))); err != nil {
		return bad("space again: %v", err)
	}
	if err := l.Healthy(); err != nil {
		return bad("not healthy again: %v", err)
	}
	if err := l.Close(); err != nil {
		return bad("%v", err)
	}
	return 0
}

func TestDiskFull(t *testing.T) {
	for _, onFailure := range []string{audit.Refuse, audit.Allow} {
		for _, mode := range []string{audit.SyncOS, audit.SyncGroup} {
			for _, probe := range []string{"", "yes"} {
				t.Run(onFailure+" "+mode+" "+probe, func(t *testing.T) {
					t.Parallel()
					file := temp(t)
					c := child("full", "FILE="+file, "ON_FAILURE="+onFailure, "SYNC="+mode, "PROBE="+probe)
					if out, err := c.CombinedOutput(); err != nil {
						t.Fatalf("%v: %s", err, out)
					}
					r := verify(t, file)
					if !r.Intact() || r.Gaps != 1 || r.Lost != 4 {
						t.Errorf("%+v", r)
					}
					e, err := audit.Parse(lines(t, file)[3])
					if err != nil || e.Gap == nil {
						t.Fatalf("no gap line: %v", err)
					}
					g := e.Gap
					if g.Decisions != 3 || g.Completions != 1 || g.Reason != "file_size" || g.Forwarded != (onFailure == audit.Allow) || g.Since.IsZero() || g.Time.Before(g.Since) {
						t.Errorf("%+v", g)
					}
				})
			}
		}
	}
}

// An fsync that fails takes back what was not durable, for all who wait.
func TestSyncFails(t *testing.T) {
	file := temp(t)
	var told atomic.Int64
	l := open(t, audit.Options{File: file, Sync: audit.SyncGroup, OnLost: func(string, error) { told.Add(1) }})
	put(t, l, 0, 2)
	var broken atomic.Bool
	audit.SetSync(l, func(sync func() error) error {
		if broken.Load() {
			time.Sleep(time.Millisecond)
			return syscall.EIO
		}
		return sync()
	})
	if err := l.Decision(t.Context(), decision(id(2))); err != nil {
		t.Fatal(err)
	}
	size := l.Size()
	broken.Store(true)
	var wg sync.WaitGroup
	for i := 10; i < 30; i++ {
		wg.Go(func() {
			if err := l.Decision(t.Context(), decision(id(i))); !errors.Is(err, audit.ErrUnwritable) || audit.Reason(err) != "io" {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := l.Completion(completion(id(2))); err != nil {
		t.Error(err) // nobody waits for its sync
	}
	for deadline := time.Now().Add(10 * time.Second); told.Load() < 21 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond) // but it is made, and fails
	}
	if l.Size() != size || l.Healthy() == nil {
		t.Errorf("not taken back: %d, not %d", l.Size(), size)
	}
	if s := l.Stats(); s.LostDecisions != 20 || s.LostCompletions != 1 || told.Load() != 21 {
		t.Errorf("%+v, told %d", s, told.Load())
	}
	broken.Store(false)
	put(t, l, 40, 41)
	if err := l.Healthy(); err != nil {
		t.Error(err)
	}
	l.Close()
	r := verify(t, file)
	if !r.Intact() || r.Gaps != 1 || r.Lost != 21 || r.Decisions != 4 {
		t.Errorf("%+v", r)
	}
}

// A stuck disk fills the queue: who comes too many is told at once, who waits can
// leave.
func TestQueue(t *testing.T) {
	l := open(t, audit.Options{File: temp(t), Waiting: 2})
	release := audit.HoldTurn(l)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			if err := l.Decision(ctx, decision(id(i))); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	for audit.WaitingNow(l) < 2 {
		time.Sleep(time.Millisecond)
	}
	if err := l.Decision(t.Context(), decision(id(3))); !errors.Is(err, audit.ErrUnwritable) || audit.Reason(err) != "queue_full" {
		t.Error(err)
	}
	if l.Healthy() == nil {
		t.Error("healthy with a full queue")
	}
	cancel()
	wg.Wait()
	release()
	put(t, l, 4, 5)
	if err := l.Healthy(); err != nil {
		t.Error(err)
	}
}

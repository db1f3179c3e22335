package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait of the tests. It is long because a loaded machine is
// slow, and nothing waits for it that works.
const patience = 30 * time.Second

// start runs a program in a process group of its own that ends with the test, and
// also when the test process dies. The returned channel gets what Wait returned.
//
// Reading is what reads the program's output, when it has a pipe: it runs until the
// pipe ends, and only then is the program waited for, which closes the pipe.
func start(t testing.TB, cmd *exec.Cmd, reading func()) <-chan error {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	ended := make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		if reading != nil {
			reading()
		}
		ended <- cmd.Wait()
		close(gone)
	}()
	t.Cleanup(func() {
		select {
		case <-gone:
		default:
			killGroup(cmd)
			<-gone
		}
	})
	return ended
}

// finish runs a program to its end and returns what it wrote, both outputs in one.
func finish(t testing.TB, cmd *exec.Cmd) (output string, err error) {
	t.Helper()
	return finishWithin(t, cmd, patience)
}

func finishWithin(t testing.TB, cmd *exec.Cmd, patience time.Duration) (output string, err error) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout = &out
	if cmd.Stderr == nil {
		cmd.Stderr = &out
	}
	ended := start(t, cmd, nil)
	select {
	case err = <-ended:
	case <-time.After(patience):
		killGroup(cmd)
		err = fmt.Errorf("%s did not end in %s: %w", cmd.Path, patience, <-ended)
	}
	return out.String(), err
}

// killGroup ends a program and whatever it started.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// exitCode is what a program ended with; -1 when a signal ended it.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// eventually asks until the answer is yes. It is for what another process does in
// its own time and does not announce.
func eventually(t testing.TB, what string, yes func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
		<-tick.C
	}
}

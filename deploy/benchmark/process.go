package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a program that the benchmark runs and measures. It dies with the
// benchmark.
type process struct {
	name string
	cmd  *exec.Cmd
	out  *bytes.Buffer // of standard error, when it does not go to a file
}

// start runs a program. Its standard error goes to log; nil keeps it for messages.
func start(name string, cmd *exec.Cmd, log *os.File) (*process, error) {
	p := &process{name: name, cmd: cmd, out: &bytes.Buffer{}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if cmd.Stderr = p.out; log != nil {
		cmd.Stderr = log
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// stop ends the program, with SIGTERM first.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	kill := time.AfterFunc(3*time.Second, func() { _ = p.cmd.Process.Kill() })
	_ = p.cmd.Wait() // how it ended is of no interest any more
	kill.Stop()
}

// cpu is the time that the program has used so far.
func (p *process) cpu() (time.Duration, error) {
	raw, err := os.ReadFile(p.file("stat"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(raw), ") ") // the name may hold spaces
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("stat: too few fields")
	}
	user, uerr := strconv.ParseInt(fields[11], 10, 64)
	system, serr := strconv.ParseInt(fields[12], 10, 64)
	const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux
	return time.Duration(user+system) * tick, errors.Join(uerr, serr)
}

// resident is the memory that the program has now; peak is the most since mark.
func (p *process) resident() (int64, error) { return p.status("VmRSS:") }
func (p *process) peak() (int64, error)     { return p.status("VmHWM:") }

// mark makes peak begin anew (man 5 proc, clear_refs).
func (p *process) mark() error { return os.WriteFile(p.file("clear_refs"), []byte("5"), 0) }

func (p *process) status(key string) (int64, error) {
	raw, err := os.ReadFile(p.file("status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.New("status: no " + key)
}

func (p *process) file(name string) string {
	return "/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/" + name
}

// eventually asks until the answer is yes, for at most a minute.
func eventually(ctx context.Context, what string, yes func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for !yes() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// firstLine reads one line, such as an address that a child says.
func firstLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		if _, err := io.ReadFull(r, b); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return string(line), nil
		}
		line = append(line, b[0])
	}
}

package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSecondSignal: a first signal drains, and a second ends the process at once.
func TestSecondSignal(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "sluice.yaml")
	if err := os.WriteFile(config, []byte("listen: {proxy: 127.0.0.1:0, admin: 127.0.0.1:0}\nlog: {format: json}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Args = []string{"sluice", "serve", "--config", config, "--data-dir", filepath.Join(dir, "data")} // testscript.Main runs what its name says
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	until := func(mark string) string {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), mark) {
				return lines.Text()
			}
		}
		t.Fatalf("nothing says %q: %v", mark, lines.Err())
		return ""
	}
	_, address, _ := strings.Cut(until(`"msg":"sluice serves"`), `"proxy":["`)
	address, _, _ = strings.Cut(address, `"`)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /proxy.pac HTTP/1.1\r\n"); err != nil { // a request that the drain waits for
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // until it is accepted
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until(`"msg":"draining"`)
	time.Sleep(100 * time.Millisecond)
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, log) // to its end
	err = cmd.Wait()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

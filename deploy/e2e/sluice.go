package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary builds the product once for all tests, without C as it ships.
// E2E_BINARY names one that is built already.
var binary = sync.OnceValues(func() (string, error) {
	if name := os.Getenv("E2E_BINARY"); name != "" {
		return name, nil
	}
	dir, err := os.MkdirTemp("", "sluice-e2e-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "sluice")
	cmd := exec.Command("go", "build", "-trimpath", "-o", name, "./cmd/sluice")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return name, nil
})

// A Sluice is a running proxy.
type Sluice struct {
	Proxy   string   // address of the first proxy listener
	Proxies []string // all of them, as the log tells them
	Admin   string   // address of the admin listener
	Dir     string   // its data directory
	CA      string   // the certificate of its authority, PEM

	t      testing.TB
	home   string   // its working directory, home and place for temporary files
	config []string // arguments of every command
	within []string // the program, and its arguments, that serving is run by
	cmd    *exec.Cmd
	ended  <-chan error
	log    *logText
}

// Serve starts a proxy whose configuration is text (YAML) besides the listeners,
// the data directory and the way to the origin. It is stopped, and its traces are
// looked through, at the end of the test.
func Serve(t testing.TB, o *Origin, text string) *Sluice {
	t.Helper()
	return ServeConfig(t, "listen: {proxy: \"127.0.0.1:0\", admin: \"127.0.0.1:0\"}\n"+o.upstream()+text)
}

// ServeConfig is Serve with a whole configuration, but for the data directory.
func ServeConfig(t testing.TB, text string) *Sluice {
	t.Helper()
	dir := t.TempDir()
	data, config := filepath.Join(dir, "data"), filepath.Join(dir, "sluice.yaml")
	text = "data_dir: " + data + "\n" + text
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return serve(t, data, "--config", config)
}

func serve(t testing.TB, data string, config ...string) *Sluice {
	t.Helper()
	s := &Sluice{t: t, Dir: data, CA: filepath.Join(data, "ca.pem"), home: t.TempDir(), config: config, log: &logText{}}
	s.Start()
	t.Cleanup(func() {
		if s.cmd != nil {
			s.Stop()
		}
		if t.Failed() {
			t.Logf("log of the proxy:\n%s\nrecord:\n%s", s.log.text(), s.recordText())
		}
	})
	return s
}

// Start runs the proxy and returns when it serves.
func (s *Sluice) Start() {
	s.t.Helper()
	s.cmd = command(s.t, s.home, append([]string{"serve"}, s.config...)...)
	if len(s.within) > 0 {
		env, args := s.cmd.Env, slices.Concat(s.within[1:], s.cmd.Args)
		s.cmd = exec.Command(s.within[0], args...)
		s.cmd.Dir, s.cmd.Env = s.home, env
	}
	out, err := s.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	serves := make(chan serving, 1)
	s.ended = start(s.t, s.cmd, func() { s.log.follow(out, serves) })
	select {
	case at := <-serves:
		s.Proxy, s.Proxies, s.Admin = at.Proxy[0], at.Proxy, at.Admin
	case err := <-s.ended:
		s.cmd = nil
		s.t.Fatalf("sluice ended at start: %v\n%s", err, s.log.text())
	case <-time.After(patience):
		s.t.Fatalf("sluice does not come up:\n%s", s.log.text())
	}
}

// Stop ends the proxy as a service manager does and looks through what it leaves:
// it must end by itself with 0, the record must verify, and nothing that a scenario
// sent may be written anywhere.
func (s *Sluice) Stop() {
	s.t.Helper()
	metrics := s.Metrics()
	s.Terminate()
	s.Ended()
	s.Verify()
	s.lookFor(metrics)
}

// Terminate asks the proxy to end.
func (s *Sluice) Terminate() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Errorf("terminate: %v", err)
	}
}

// Ended waits for the proxy to end and wants the exit code 0.
func (s *Sluice) Ended() {
	s.t.Helper()
	select {
	case err := <-s.ended:
		if code := exitCode(err); code != 0 {
			s.t.Errorf("sluice ended with %d, want 0", code)
		}
	case <-time.After(patience + 10*time.Second):
		s.t.Errorf("sluice does not end after SIGTERM")
		killGroup(s.cmd)
		<-s.ended
	}
	s.cmd = nil
}

// Kill ends the proxy as a crash does.
func (s *Sluice) Kill() {
	killGroup(s.cmd)
	<-s.ended
	s.cmd = nil
}

// Verify proves the record with the product's own command.
func (s *Sluice) Verify() {
	s.t.Helper()
	if out, code := s.Run("audit", "verify"); code != 0 {
		s.t.Errorf("audit verify: exit code %d\n%s", code, out)
	}
}

// Run runs another command of the binary on the same configuration.
func (s *Sluice) Run(args ...string) (output string, code int) {
	s.t.Helper()
	out, err := finish(s.t, command(s.t, s.home, append(args, s.config...)...))
	return out, exitCode(err)
}

// command is the binary in an environment of its own.
func command(t testing.TB, home string, args ...string) *exec.Cmd {
	t.Helper()
	name, err := binary()
	if err != nil {
		t.Fatalf("build sluice: %v", err)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = home
	cmd.Env = []string{"HOME=" + home, "TMPDIR=" + home, "PATH=" + os.Getenv("PATH")}
	return cmd
}

// Metrics asks the admin listener.
func (s *Sluice) Metrics() string {
	s.t.Helper()
	token, err := os.ReadFile(filepath.Join(s.Dir, "admin-token"))
	if err != nil {
		s.t.Errorf("admin token: %v", err)
		return ""
	}
	req, err := http.NewRequest(http.MethodGet, "http://"+s.Admin+"/metrics", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	resp, err := direct.Do(req)
	if err != nil {
		s.t.Errorf("metrics: %v", err)
		return ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(text), "sluice_audit_healthy 1") {
		s.t.Errorf("metrics: status %d, %v, %d bytes", resp.StatusCode, err, len(text))
	}
	return string(text)
}

// direct is a client that uses no proxy.
var direct = &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}

// lookFor fails the test when anything that a scenario sent stands in what the
// proxy wrote.
func (s *Sluice) lookFor(metrics string) {
	s.t.Helper()
	written := map[string]string{"metrics": metrics, "log": s.log.text()}
	for _, dir := range []string{s.Dir, s.home} {
		err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(name)
			written[name] = string(text)
			return err
		})
		if err != nil {
			s.t.Errorf("what was written: %v", err)
		}
	}
	if len(written) < 5 {
		s.t.Errorf("only %d files were written; what was looked through?", len(written))
	}
	for name, text := range written {
		for _, sensitive := range sensitives {
			if at := strings.Index(text, sensitive); at >= 0 {
				s.t.Errorf("%s holds %q: …%s…", name, sensitive, text[max(0, at-100):min(len(text), at+100)])
			}
		}
	}
}

// serving is the line of the log that says where the proxy listens.
type serving struct {
	Message string   `json:"msg"`
	Proxy   []string `json:"proxy"`
	Admin   string   `json:"admin"`
}

// A logText keeps what the proxy writes to its standard error.
type logText struct {
	mu    sync.Mutex
	lines []string
}

// follow reads to the end.
func (l *logText) follow(r io.Reader, serves chan<- serving) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		l.mu.Lock()
		l.lines = append(l.lines, lines.Text())
		l.mu.Unlock()
		var at serving
		if json.Unmarshal(lines.Bytes(), &at) == nil && at.Message == "sluice serves" && len(at.Proxy) > 0 {
			serves <- at
		}
	}
	if err := lines.Err(); err != nil {
		l.mu.Lock()
		l.lines = append(l.lines, "the log could not be read to its end: "+err.Error())
		l.mu.Unlock()
		_, _ = io.Copy(io.Discard, r)
	}
}

func (l *logText) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

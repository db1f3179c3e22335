package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Without a configuration the proxy serves, and the curl line that it prints shows
// what it is for, without the internet.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data, "--data-dir", data, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	var line string
	eventually(t, "the curl line is printed", func() bool {
		_, rest, found := strings.Cut(s.log.text(), "\n  curl ")
		end := strings.Index(rest, "}'\n")
		if found && end > 0 {
			line = "curl " + rest[:end+2]
		}
		return line != ""
	})
	cmd := exec.Command("sh", "-c", line+" --silent --show-error --write-out ' status %{response_code}'")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	out, err := finish(t, cmd)
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, line)
	}
	d := s.Decided("api.openai.com", "/v1/chat/completions")
	if !strings.Contains(out, " status 403") || !strings.Contains(out, d.ID) || d.Decision.Action != "block" {
		t.Errorf("curl printed %s, recorded as %+v", out, d)
	}
	out, err = finish(t, exec.Command("curl", "--silent", "--fail", "--noproxy", "*", "http://"+s.Proxy+"/ca.pem"))
	ca, readErr := os.ReadFile(s.CA)
	if err != nil || readErr != nil || out != string(ca) {
		t.Errorf("/ca.pem: %v, %v: %s", err, readErr, out)
	}
}

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
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, line)
	}
	d := s.Decided("api.openai.com", "/v1/chat/completions")
	if got := string(out); !strings.Contains(got, " status 403") || !strings.Contains(got, d.ID) || d.Decision.Action != "block" {
		t.Errorf("curl printed %s, recorded as %+v", got, d)
	}
	out, err = exec.Command("curl", "--silent", "--fail", "http://"+s.Proxy+"/ca.pem").CombinedOutput()
	ca, readErr := os.ReadFile(s.CA)
	if err != nil || readErr != nil || string(out) != string(ca) {
		t.Errorf("/ca.pem: %v, %v: %s", err, readErr, out)
	}
}

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Fetched is what curl saw.
type Fetched struct {
	Exit    int    `json:"exitcode"`
	Connect int    `json:"http_connect"` // status of CONNECT
	Status  int    `json:"response_code"`
	HTTP    string `json:"http_version"`
	Type    string `json:"content_type"`
	Error   string `json:"errormsg"`
	Body    string `json:"-"`
}

// Curl runs curl against the proxy. It trusts the authorities of the given files
// only.
func (s *Sluice) Curl(t testing.TB, trust string, args ...string) Fetched {
	t.Helper()
	body := filepath.Join(t.TempDir(), "body")
	cmd := exec.Command("curl", append([]string{
		"--silent", "--proxy", "http://" + s.Proxy, "--noproxy", "", "--cacert", trust, "--capath", os.DevNull,
		"--output", body, "--write-out", "%{json}",
	}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	out, ended := finish(t, cmd) // its exit code stands in what it writes
	var got Fetched
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("curl %q: %v, %v: %s", args, ended, err, out)
	}
	text, err := os.ReadFile(body)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	got.Body = string(text)
	return got
}

// Chat is the arguments of a chat request.
func Chat(url, prompt string) []string {
	return []string{
		url, "--header", "Content-Type: application/json", "--header", "Authorization: Bearer " + Key,
		"--data-binary", text(map[string]any{
			"model": "model-e2e", "messages": []any{map[string]any{"role": "user", "content": prompt}},
		}),
	}
}

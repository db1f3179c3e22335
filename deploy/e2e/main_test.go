package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) {
	for _, tool := range []string{"node", "curl", "git", "wget", "/usr/lib/apt/apt-helper", "skopeo", "java", "javac", "keytool", "/usr/bin/python3", "certutil", "/usr/bin/chromium", haproxy, tinyproxy, "redis-server", "redis-cli"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "e2e: %v: deploy/test installs what is needed\n", err)
			os.Exit(1)
		}
	}
	if _, err := os.Stat(filepath.Join("clients", "node_modules", "@google", "gemini-cli")); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: the clients are not installed: npm ci --prefix deploy/e2e/clients --ignore-scripts")
		os.Exit(1)
	}
	name, err := binary()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e: build sluice:", err)
		os.Exit(1)
	}
	code := m.Run()
	if os.Getenv("E2E_BINARY") == "" {
		_ = os.RemoveAll(filepath.Dir(name))
	}
	os.Exit(code)
}

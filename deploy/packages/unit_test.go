package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The unit is one that systemd understands, and leaves the service little that it
// could do. systemd-analyze rates exposure from 0 to 10.
func TestUnit(t *testing.T) {
	unit := text(t, "systemd/sluice.service")
	name := filepath.Join(t.TempDir(), "sluice.service")
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(unit, "/usr/bin/sluice", built(t))), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Fatal("no systemd-analyze: deploy/test installs it")
	}
	if out := run(t, "systemd-analyze", "verify", "--man=no", name); out != "" {
		t.Errorf("systemd-analyze verify: %s", out)
	}
	out := run(t, "systemd-analyze", "security", "--offline=true", "--no-pager", name)
	rated := regexp.MustCompile(`Overall exposure level for sluice.service: ([0-9.]+)`).FindStringSubmatch(out)
	if rated == nil {
		t.Fatalf("no rating in\n%s", out)
	}
	if level, err := strconv.ParseFloat(rated[1], 64); err != nil || level > 1.5 {
		t.Errorf("exposure is %s\n%s", rated[1], out)
	}
	for _, wanted := range []string{
		"NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "PrivateDevices=yes", "MemoryDenyWriteExecute=yes",
		"RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "SystemCallFilter=@system-service", "CapabilityBoundingSet=\n",
	} {
		if !strings.Contains(unit, wanted) {
			t.Errorf("no %s", strings.TrimSpace(wanted))
		}
	}
}

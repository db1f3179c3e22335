package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Sluice serves as nobody, with no capability and none to be had, and with every
// file system read-only but for its data directory: a request, a tunnel and a stop
// are as ever.
func TestConfined(t *testing.T) {
	const confine = `set -e
mount --make-rprivate /
mount --bind "$1" "$1"
for m in $(cut -d' ' -f5 /proc/self/mountinfo); do
	[ "$m" = "$1" ] || mount -o remount,ro,bind "$m" 2>/dev/null || true
done
if touch "$2/written" 2>/dev/null; then echo "the file system can be written" >&2; exit 99; fi
shift 2
exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs "$@"`
	if out, err := exec.Command("unshare", "--mount", "sh", "-c", "mount --make-rprivate / && mount -o remount,ro,bind /").CombinedOutput(); err != nil {
		t.Skipf("this machine does not let a test mount: %v: %s", err, out)
	}
	o := NewOrigin(t)
	name, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	data, config := filepath.Join(dir, "data"), filepath.Join(dir, "sluice.yaml")
	text := fmt.Sprintf("data_dir: %s\nlisten: {proxy: \"127.0.0.1:0\", admin: \"127.0.0.1:0\"}\n%sdestinations: {sanctioned: [openai-api]}\n", data, o.upstream())
	for _, err := range []error{
		os.Mkdir(data, 0o700), os.Chown(data, 65534, 65534), os.WriteFile(config, []byte(text), 0o644),
		os.Chmod(o.CA.File, 0o644), os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(filepath.Dir(name), 0o755),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := &Sluice{
		t: t, Dir: data, CA: filepath.Join(data, "ca.pem"), home: t.TempDir(), config: []string{"--config", config}, log: &logText{},
		within: []string{"unshare", "--mount", "sh", "-c", confine, "confine", data, dir},
	}
	s.Start()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nUid:\t65534\t65534\t65534\t65534\n", "\nCapPrm:\t0000000000000000\n", "\nCapEff:\t0000000000000000\n", "\nCapBnd:\t0000000000000000\n", "\nNoNewPrivs:\t1\n"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("no %q in\n%s", want, status)
		}
	}
	if got := s.Curl(t, s.CA, Chat(openAI, prompt)...); got.Status != 200 {
		t.Errorf("a request: %+v", got)
	}
	redacted(t, o.One("api.openai.com", "/v1/chat/completions").Body)
	if got := s.Curl(t, o.Intranet.File, "https://"+intranet+"/"); got.Status != 200 {
		t.Errorf("a tunnel: %+v", got)
	}
	for _, file := range []string{"ca-key.pem", "secret", "admin-token"} {
		if info, err := os.Stat(filepath.Join(data, file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info, err)
		}
	}
	s.Stop()
}

package packages

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A builder makes an image from a directory that holds what the source stage would
// have made, and runs a command in it.
type builder struct {
	name  string
	build func(dir string) []string
	run   func(args ...string) []string
}

const image = "localhost/sluice-test"

// builders are tried in this order. Docker needs its daemon; buildah needs nothing
// but to be root.
var builders = []builder{
	{
		name: "docker",
		build: func(dir string) []string {
			return []string{"docker", "build", "-f", "../Dockerfile", "--build-context", "build=" + dir, "-t", image, root}
		},
		run: func(args ...string) []string {
			return append([]string{"docker", "run", "--rm", "--read-only", "--network", "none", "--cap-drop", "ALL", image}, args...)
		},
	},
	{
		name: "buildah",
		build: func(dir string) []string {
			return []string{"buildah", "--storage-driver", "vfs", "bud", "--isolation", "chroot", "-f", "../Dockerfile", "--build-context", "build=" + dir, "-t", image, root}
		},
	},
}

// works reports whether a builder is here and can build.
func (b builder) works() bool {
	if b.name == "docker" {
		return exec.Command("docker", "info").Run() == nil
	}
	_, err := exec.LookPath(b.name)
	return err == nil && os.Getuid() == 0
}

// output is what the source stage makes: the binary, roots to trust, and an empty
// directory for data.
func output(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	raw, err := os.ReadFile(built(t))
	roots, rerr := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	if err := errors.Join(err, rerr,
		os.WriteFile(filepath.Join(dir, "sluice"), raw, 0o755),
		os.WriteFile(filepath.Join(dir, "ca-certificates.crt"), roots, 0o644),
		os.Mkdir(filepath.Join(dir, "data"), 0o755)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The image builds, holds three files and nothing else, and its sluice runs as
// nobody in particular.
func TestImage(t *testing.T) {
	for _, b := range builders {
		if !b.works() {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			command := b.build(output(t))
			run(t, command[0], command[1:]...)
			if b.run != nil {
				command := b.run("version")
				if out := run(t, command[0], command[1:]...); !strings.HasPrefix(out, "sluice ") {
					t.Errorf("said %q", out)
				}
				return
			}
			inspectWithBuildah(t)
		})
		return
	}
	t.Fatal("no builder: deploy/test installs buildah")
}

func inspectWithBuildah(t *testing.T) {
	buildah := func(args ...string) string {
		return strings.TrimSpace(run(t, "buildah", append([]string{"--storage-driver", "vfs"}, args...)...))
	}
	container := buildah("from", image)
	t.Cleanup(func() { buildah("rm", container); buildah("rmi", image) })
	config := buildah("inspect", "--format", "{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}", container)
	if config != "65532:65532 [/usr/bin/sluice] [serve]" {
		t.Errorf("config: %s", config)
	}
	mount := buildah("mount", container)
	t.Cleanup(func() { buildah("umount", container) })
	var files []string
	err := filepath.Walk(mount, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			files = append(files, strings.TrimPrefix(path, mount))
		}
		return err
	})
	if err != nil || fmt.Sprint(files) != "[/etc/ssl/certs/ca-certificates.crt /usr/bin/sluice]" {
		t.Errorf("%v %v", files, err)
	}
	// The binary runs with nothing but the image for a root, as the image's user.
	out := run(t, "chroot", "--userspec=65532:65532", mount, "/usr/bin/sluice", "version")
	if !strings.HasPrefix(out, "sluice ") {
		t.Errorf("said %q", out)
	}
}

// Where no builder has a network, the source stage is read: its last step is the
// build that the tests make too.
func TestDockerfile(t *testing.T) {
	file := text(t, "Dockerfile")
	for _, wanted := range []string{
		"CGO_ENABLED=0 go build -trimpath", "FROM scratch", "USER 65532:65532", "HEALTHCHECK",
		`"/usr/bin/sluice", "healthcheck"`,
	} {
		if !strings.Contains(file, wanted) {
			t.Errorf("no %s", wanted)
		}
	}
	if used := regexp.MustCompile(`ARG GO=([0-9.]+)`).FindStringSubmatch(file); used == nil || !strings.Contains(goMod(t), "\ngo "+used[1]) {
		t.Errorf("builds with %v", used)
	}
}

func goMod(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The source stage builds from what .dockerignore leaves, by its own command.
func TestSourceStage(t *testing.T) {
	dir := t.TempDir()
	raw, err := os.ReadFile(filepath.Join(root, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	leave := func(path string) bool { // .dockerignore's patterns, as far as ours go
		elements := strings.Split(path, "/")
		for _, line := range strings.Fields(string(raw)) {
			pattern, anywhere := strings.CutPrefix(line, "**/")
			for i, element := range elements {
				if ok, _ := filepath.Match(strings.Trim(pattern, "/"), element); ok && (anywhere || i == 0) {
					return false
				}
			}
		}
		return true
	}
	for _, path := range strings.Fields(run(t, "git", "-C", root, "ls-files")) {
		if !leave(path) {
			continue
		}
		to := filepath.Join(dir, path)
		text, err := os.ReadFile(filepath.Join(root, path))
		if errors.Is(err, os.ErrNotExist) { // deleted, and not yet committed
			continue
		}
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, text, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	build := regexp.MustCompile(`CGO_ENABLED=0 go build .* -o /out/sluice \./cmd/sluice`).FindString(text(t, "Dockerfile"))
	cmd := exec.Command("sh", "-c", strings.Replace(build, "-o /out/sluice", "-buildvcs=false -o "+dir+"/sluice", 1))
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || build == "" {
		t.Fatalf("%q: %v\n%s", build, err, out)
	}
	if out := run(t, filepath.Join(dir, "sluice"), "catalogue", "lookup", "chatgpt.com"); !strings.Contains(out, "chatgpt") {
		t.Errorf("said %q", out)
	}
}

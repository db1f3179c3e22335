package ca_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

func ownFiles(dir string) ca.Options {
	return ca.Options{CertFile: filepath.Join(dir, "ca.pem"), KeyFile: filepath.Join(dir, "ca-key.pem"), Make: true}
}

// accepts reports whether a client with these roots finishes a handshake with a
// server that serves the authority's leaf.
func accepts(t *testing.T, a *ca.Authority, roots []byte) bool {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(roots) {
		t.Fatal("no roots")
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", a.Config("chat.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if conn, err := listener.Accept(); err == nil {
			_, _ = io.Copy(io.Discard, conn) // the client tells what came of it
			_ = conn.Close()
		}
	}()
	client, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: pool, ServerName: "chat.example.com", MinVersion: tls.VersionTLS12})
	if err == nil {
		_ = client.Close()
	}
	<-served
	_ = listener.Close()
	var untrusted x509.UnknownAuthorityError
	if err != nil && !errors.As(err, &untrusted) {
		t.Fatal(err)
	}
	return err == nil
}

// TestRotation takes three clients through a rotation: one that knows the old root
// alone, one that knows the new root alone, and one that took what is handed out
// while both were.
func TestRotation(t *testing.T) {
	o := ownFiles(t.TempDir())
	first := made(t, filepath.Dir(o.CertFile))
	old := first.PEM()
	published, err := ca.Rotate(o)
	if err != nil {
		t.Fatal(err)
	}
	if published.Phase() != ca.Published || published.Next() == nil || !published.Root().Equal(first.Root()) {
		t.Fatalf("after rotate: %s", published.Phase())
	}
	both := published.PEM()
	newer := bytes.TrimPrefix(both, old)
	if len(newer) == len(both) || bytes.Count(newer, []byte("BEGIN CERTIFICATE")) != 1 {
		t.Fatalf("handed out are %d bytes, the old root not first", len(both))
	}
	switched, err := ca.Switch(o)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(switched.PEM(), append(bytes.Clone(newer), old...)) {
		t.Error("after the switch not both roots are handed out, the new one first")
	}
	finished, err := ca.Finish(o)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(finished.PEM(), newer) {
		t.Error("after the end not the new root alone is handed out")
	}

	for _, phase := range []struct {
		authority              *ca.Authority
		is                     ca.Phase
		onlyOld, onlyNew, took bool
	}{
		{first, ca.Single, true, false, true},
		{published, ca.Published, true, false, true},
		{switched, ca.Switched, false, true, true},
		{finished, ca.Single, false, true, true},
	} {
		if got := phase.authority.Phase(); got != phase.is {
			t.Errorf("phase %s, want %s", got, phase.is)
		}
		for client, want := range map[string]bool{string(old): phase.onlyOld, string(newer): phase.onlyNew, string(both): phase.took} {
			if got := accepts(t, phase.authority, []byte(client)); got != want {
				t.Errorf("%s: a client with %d roots that knows the new one (%v) is accepted: %v", phase.is,
					strings.Count(client, "BEGIN"), strings.Contains(client, string(newer)), got)
			}
		}
	}
	for file, mode := range map[string]os.FileMode{"ca.pem": 0o644, "ca-key.pem": 0o600} {
		if info, err := os.Stat(filepath.Join(filepath.Dir(o.CertFile), file)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(o.CertFile), "*")); len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
}

// TestRotationSteps: a step is taken in its phase or not at all.
func TestRotationSteps(t *testing.T) {
	o := ownFiles(t.TempDir())
	made(t, filepath.Dir(o.CertFile))
	steps := map[string]func(ca.Options) (*ca.Authority, error){"rotate": ca.Rotate, "switch": ca.Switch, "finish": ca.Finish, "cancel": ca.Cancel}
	for _, at := range []struct {
		phase ca.Phase
		good  string // the step that goes on from here
		bad   []string
	}{
		{ca.Single, "rotate", []string{"switch", "finish", "cancel"}},
		{ca.Published, "cancel", []string{"rotate", "finish"}},
		{ca.Single, "rotate", nil},
		{ca.Published, "switch", nil},
		{ca.Switched, "finish", []string{"rotate", "switch", "cancel"}},
	} {
		before := made(t, filepath.Dir(o.CertFile))
		if before.Phase() != at.phase {
			t.Fatalf("phase %s, want %s", before.Phase(), at.phase)
		}
		if at.phase == ca.Published {
			info, err := os.Stat(filepath.Join(filepath.Dir(o.KeyFile), "ca-next-key.pem"))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the next key: %v %v", info, err)
			}
		}
		for _, bad := range at.bad {
			if _, err := steps[bad](o); !errors.Is(err, ca.ErrPhase) {
				t.Errorf("%s while %s: %v", bad, at.phase, err)
			}
		}
		if after := made(t, filepath.Dir(o.CertFile)); !bytes.Equal(after.PEM(), before.PEM()) {
			t.Errorf("%s: a refused step changed something", at.phase)
		}
		if _, err := steps[at.good](o); err != nil {
			t.Fatalf("%s while %s: %v", at.good, at.phase, err)
		}
	}
	o.Make = false
	for name, step := range steps {
		if _, err := step(o); !errors.Is(err, ca.ErrInvalid) {
			t.Errorf("%s of a given pair: %v", name, err)
		}
	}
}

// TestRotationTogether: of steps that are taken at once one counts.
func TestRotationTogether(t *testing.T) {
	o := ownFiles(t.TempDir())
	made(t, filepath.Dir(o.CertFile))
	for _, step := range []func(ca.Options) (*ca.Authority, error){ca.Rotate, ca.Switch, ca.Finish} {
		var wg sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for range 4 {
			wg.Go(func() {
				_, err := step(o)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					taken++
				case !errors.Is(err, ca.ErrPhase):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if taken != 1 {
			t.Errorf("taken %d times", taken)
		}
	}
}

// TestSwitchCut cuts a switch after each of its writes. The start after it finds
// the old pair, still published, or the new one, switched.
func TestSwitchCut(t *testing.T) {
	for cut, want := range []ca.Phase{ca.Published, ca.Published, ca.Switched} {
		dir := t.TempDir()
		o := ownFiles(dir)
		old := made(t, dir)
		published, err := ca.Rotate(o)
		if err != nil {
			t.Fatal(err)
		}
		if cut > 0 {
			write(t, filepath.Join(dir, "ca-previous.pem"), read(t, o.CertFile), 0o644)
		}
		if cut > 1 {
			if err := os.Rename(filepath.Join(dir, "ca-next-key.pem"), o.KeyFile); err != nil {
				t.Fatal(err)
			}
		}
		signs := old.Root()
		if want == ca.Switched {
			signs = published.Next()
		}
		after := made(t, dir)
		if after.Phase() != want || !after.Root().Equal(signs) || bytes.Count(after.PEM(), []byte("BEGIN")) != 2 {
			t.Errorf("cut %d: %s, %d roots", cut, after.Phase(), bytes.Count(after.PEM(), []byte("BEGIN")))
		}
	}
}

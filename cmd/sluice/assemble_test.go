package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/admin"
	"github.com/sluice-proxy/sluice/proxy/ca"
	"github.com/sluice-proxy/sluice/rego"
)

// running is an assembly with its configuration file, whose attention is held.
type running struct {
	*assembly
	flags         *globals
	file          string
	hangup        chan os.Signal
	listeners     []net.Listener
	adminListener net.Listener
}

// attend assembles what a configuration says and watches its files for the length
// of the test.
func attend(t *testing.T, config string, given ...net.Listener) *running {
	t.Helper()
	dir := t.TempDir()
	r := &running{file: filepath.Join(dir, "sluice.yaml"), hangup: make(chan os.Signal, 1)}
	r.write(t, config)
	g := &globals{config: r.file, dataDir: filepath.Join(dir, "data")}
	c, err := g.read()
	if err != nil {
		t.Fatal(err)
	}
	r.flags = g
	if r.listeners, r.adminListener, err = listen(c, given); err != nil {
		t.Fatal(err)
	}
	for _, l := range append(slices.Clone(r.listeners), r.adminListener) {
		t.Cleanup(func() { _ = l.Close() })
	}
	if r.assembly, err = assemble(t.Context(), g, c, zap.NewNop(), zap.NewAtomicLevel(), r.listeners, r.adminListener); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	attended := make(chan error)
	go func() { attended <- r.attention(ctx, r.hangup) }()
	t.Cleanup(func() { stop(); <-attended; _ = r.close() })
	return r
}

// serve serves as the command does, for the length of the test.
func (r *running) serve(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var parts errgroup.Group
	parts.Go(func() error { return r.proxy.Serve(ctx, r.listeners...) })
	parts.Go(func() error { return serveAdmin(ctx, r.admin, r.adminListener) })
	t.Cleanup(func() {
		stop()
		if err := parts.Wait(); err != nil {
			t.Error(err)
		}
	})
}

const anyPorts = "listen: {proxy: 127.0.0.1:0, admin: 127.0.0.1:0"

func (r *running) write(t *testing.T, config string) {
	t.Helper()
	if err := os.WriteFile(r.file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

// reaches waits until the status is as it should be.
func (r *running) reaches(t *testing.T, what string, ok func(admin.Status) bool) {
	t.Helper()
	for range 400 {
		if ok(r.status()) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s: the status stays %+v", what, r.status())
}

// TestPolicyErrorInStatus shows a directory that does not load in the status, until
// it does.
func TestPolicyErrorInStatus(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "policy")
	if err := policy.Init(dir, rego.FS); err != nil {
		t.Fatal(err)
	}
	r := attend(t, anyPorts+"}\npolicy: {dir: "+dir+"}\n")
	first := r.revision()
	broken := filepath.Join(dir, "request", "broken.rego")
	if err := os.WriteFile(broken, []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.reaches(t, "broken", func(s admin.Status) bool {
		return strings.Contains(s.PolicyError, "request/broken.rego") && s.Policy == first
	})
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	r.reaches(t, "mended", func(s admin.Status) bool { return s.PolicyError == "" })
	more := filepath.Join(dir, "data", "more.json")
	if err := os.WriteFile(more, []byte(`{"modes":{"cards.redact":"off"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r.reaches(t, "changed", func(s admin.Status) bool { return s.PolicyError == "" && s.Policy != first })
}

// TestReload shows that a hangup puts the changed files in force, whole; that what
// does not load changes nothing and says why; and that keys which wait for a
// restart are named and keep their values.
func TestReload(t *testing.T) {
	r := attend(t, anyPorts+"}\n")
	before := r.status()
	sanction := func() string { return r.proxy.Parts().Catalogue.App("openai-api").Sanction }
	reload := func(config string) {
		t.Helper()
		r.write(t, config)
		r.hangup <- syscall.SIGHUP
	}

	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, fmt.Appendf(nil, "ana:%064d\n", 1), 0o600); err != nil {
		t.Fatal(err)
	}
	all := anyPorts + `, clients: [10.0.0.0/8]}
destinations: {sanctioned: [openai-api], passthrough: [.bank.example]}
tenants: {openai: {organization_ids: [org-1]}}
identity: {required: true, bearer: {token_file: ` + tokens + `}}
pac: {proxies: ["PROXY proxy.corp:8080"]}
limits: {body: 1MiB, expanded: 2MiB, drain: 2m}
policy: {mode: observe}
portal: {host: other.internal}
log: {level: debug}
`
	reload(all)
	r.reaches(t, "good", func(s admin.Status) bool { return s.Mode == "observe" && s.Loaded.After(before.Loaded) })
	parts := r.proxy.Parts()
	for what, ok := range map[string]bool{
		"sanction":    sanction() == "sanctioned",
		"passthrough": len(parts.Options.Passthrough) == 1,
		"tenants":     parts.Tenants.Configured("openai-api"),
		"identity":    parts.Identity != nil && parts.Options.IdentityRequired,
		"pac":         strings.Contains(string(parts.PAC), "proxy.corp:8080"),
		"limits":      parts.Options.Limits.Body == 1<<20,
		"drain":       parts.Options.Drain == 2*time.Minute,
		"clients":     len(parts.Options.Clients) == 1,
		"portal":      parts.Options.PortalHost == "other.internal",
		"log level":   r.level.Level() == zap.DebugLevel,
		"status":      r.status().ReloadError == "" && len(r.status().NeedsRestart) == 0,
	} {
		if !ok {
			t.Errorf("%s was not put in force", what)
		}
	}

	for what, c := range map[string]struct{ config, says string }{
		"unknown key":        {strings.Replace(all, "sanctioned", "sanctoned", 1), "destinations.sanctoned: unknown key"},
		"bad value":          {strings.Replace(all, "10.0.0.0/8", "10.0.0.0/99", 1), "listen.clients"},
		"no such app":        {strings.Replace(all, "openai-api", "openai-ap", 1), "openai-ap"},
		"no such authority":  {all + "audit: {}\n" + "ca: {cert_file: nowhere.pem, key_file: nowhere-key.pem}\n", "nowhere.pem"},
		"bad token file":     {strings.Replace(all, tokens, r.file, 1), "identity.bearer.token_file"},
		"old and new values": {strings.Replace(all, "body: 1MiB", "body: 300MiB", 1), "limits.inspecting"},
	} {
		loaded := r.status().Loaded
		reload(all)
		r.reaches(t, what, func(s admin.Status) bool { return s.Loaded.After(loaded) })
		reload(strings.Replace(c.config, "mode: observe", "mode: enforce", 1))
		r.reaches(t, what, func(s admin.Status) bool { return strings.Contains(s.ReloadError, c.says) })
		if s := r.status(); s.Mode != "observe" || sanction() != "sanctioned" || !r.proxy.Parts().Options.IdentityRequired {
			t.Errorf("%s: something changed: %+v", what, s)
		}
	}

	reload("listen: {proxy: 127.0.0.1:1, admin: 127.0.0.1:0}\nlimits: {inspecting: 1GiB}\naudit: {sync: group}\n")
	r.reaches(t, "restart", func(s admin.Status) bool { return s.ReloadError == "" && s.Mode == "enforce" })
	want := []string{"listen.proxy", "audit.sync", "limits.inspecting"}
	if got := r.status().NeedsRestart; !slices.Equal(got, want) {
		t.Errorf("waiting for a restart: %v, want %v", got, want)
	}
	if c := r.config.Load(); c.Audit.Sync != "os" || c.Limits.Inspecting != 512<<20 {
		t.Errorf("values that need a restart were taken: %+v", c)
	}
}

// TestReloadRotatesAuthority shows that a running proxy takes up each step of a
// rotation at a hangup, and that a root which is gone is not made anew behind
// everybody's back.
func TestReloadRotatesAuthority(t *testing.T) {
	r := attend(t, anyPorts+"}\n")
	options := authorityOptions(r.config.Load(), nil)
	inForce := func() (ca.Phase, string) {
		a := r.proxy.Parts().CA
		return a.Phase(), string(a.PEM())
	}
	for _, step := range []func(ca.Options) (*ca.Authority, error){ca.Rotate, ca.Switch, ca.Finish} {
		loaded, before := r.status().Loaded, r.proxy.Parts().CA
		want, err := step(options)
		if err != nil {
			t.Fatal(err)
		}
		if _, roots := inForce(); roots != string(before.PEM()) {
			t.Errorf("%s is in force without a reload", want.Phase())
		}
		r.hangup <- syscall.SIGHUP
		r.reaches(t, string(want.Phase()), func(s admin.Status) bool { return s.Loaded.After(loaded) })
		if phase, roots := inForce(); phase != want.Phase() || roots != string(want.PEM()) {
			t.Errorf("%s is not in force, %s is", want.Phase(), phase)
		}
	}
	if err := errors.Join(os.Remove(options.CertFile), os.Remove(options.KeyFile)); err != nil {
		t.Fatal(err)
	}
	r.hangup <- syscall.SIGHUP
	r.reaches(t, "a root that is gone", func(s admin.Status) bool { return strings.Contains(s.ReloadError, "no such certificate authority") })
	if _, err := os.Stat(options.CertFile); err == nil {
		t.Error("a root was made")
	}
}

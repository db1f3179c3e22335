package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/admin"
	"github.com/sluice-proxy/sluice/proxy/ca"
)

// world is a server that stands for an approved service and an identity provider,
// whose clock and health the test sets.
type world struct {
	*httptest.Server
	skew atomic.Int64
	down atomic.Bool
}

func newWorld(t *testing.T, dir string) *world {
	t.Helper()
	authority, err := ca.Open(ca.Options{CertFile: filepath.Join(dir, "world.pem"), KeyFile: filepath.Join(dir, "world-key.pem"), Make: true})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{}
	w.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Date", time.Now().Add(-time.Duration(w.skew.Load())).UTC().Format(http.TimeFormat))
		switch {
		case w.down.Load():
			rw.WriteHeader(http.StatusBadGateway)
		case r.URL.Path == "/.well-known/openid-configuration":
			fmt.Fprintf(rw, `{"issuer":%q,"jwks_uri":%q}`, w.URL, w.URL+"/keys")
		case r.URL.Path == "/keys":
			io.WriteString(rw, `{"keys":[{"kty":"EC","crv":"P-256","kid":"1","alg":"ES256","use":"sig","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`)
		}
	}))
	w.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName == "" {
			return authority.Certificate("127.0.0.1")
		}
		return authority.Certificate(hello.ServerName)
	}}
	w.StartTLS()
	w.TLS.Certificates = nil
	t.Cleanup(w.Close)
	return w
}

// see runs the doctor and returns its findings by check.
func see(t *testing.T, g *globals) map[string][]finding {
	t.Helper()
	var out strings.Builder
	err := examine(t.Context(), g, &sheet{out: &out})
	var got struct {
		Findings           []finding
		Warnings, Failures int
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if (got.Failures > 0) != (exitCode(err) == exitWrong) {
		t.Errorf("%d failures, and %v", got.Failures, err)
	}
	all := map[string][]finding{}
	for _, f := range got.Findings {
		all[f.Check] = append(all[f.Check], f)
	}
	return all
}

// TestDoctorBeforeTheStart: a port that another process has is told before sluice runs.
func TestDoctorBeforeTheStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "sluice.yaml")
	text := fmt.Sprintf("listen: {proxy: %s, admin: 127.0.0.1:0}\n", taken.Addr())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := see(t, &globals{config: config, dataDir: filepath.Join(dir, "data")})
	if f := got["ports"]; len(f) != 2 || f[0].Level != levelFail || !strings.Contains(f[0].Text, "taken by another process") || !strings.HasPrefix(f[0].Do, "ss -ltnp") || f[1].Level != levelOK {
		t.Errorf("ports: %+v", f)
	}
}

// TestDoctor looks at a sluice that runs well, breaks one thing after the other,
// and finds each, with what to do about it.
func TestDoctor(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	config := `
destinations: {sanctioned: [openai-api], passthrough: [.bank.example]}
upstream: {resolve: {api.openai.com: "` + w.Listener.Addr().String() + `"}, ca_files: [` + dir + `/world.pem]}
identity: {bearer: {issuers: [{issuer: "` + w.URL + `", audiences: [sluice]}]}}
`
	r := attend(t, anyPorts+"}"+config)
	r.serve(t)
	config = fmt.Sprintf("listen: {proxy: %s, admin: %s}%s", r.listeners[0].Addr(), r.adminListener.Addr(), config)
	r.write(t, config)
	mode := func(file string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
	}
	c := r.config.Load()

	if err := os.WriteFile(dir+"/more.json", []byte(`{"settings": {"_default": {"max_risk": 5}}}`), 0o600); err != nil {
		t.Fatal(err)
	}

	withProvider := strings.Replace(config, `bearer: {issuers: [{issuer: "`+w.URL+`", audiences: [sluice]}]}`, `oidc: {client_id: sluice, issuer: "`+w.URL+`"}`, 1)

	well := see(t, r.flags)
	for _, e := range append(examinations(), examination{name: "configuration"}, examination{name: "clock"}) {
		if len(well[e.name]) == 0 {
			t.Errorf("nothing is said of %s", e.name)
		}
		for _, f := range well[e.name] {
			if f.Level == levelFail {
				t.Errorf("well: %+v", f)
			}
		}
	}

	for what, broken := range map[string]struct {
		do, undo               func()
		check, level, says, to string
	}{
		"configuration": {
			func() { r.write(t, config+"bogus: 1\n") }, func() { r.write(t, config) },
			"configuration", levelFail, "bogus: unknown key", "sluice check --config",
		},
		"a secret that others read": {
			func() { mode(c.SecretFile, 0o644) }, func() { mode(c.SecretFile, 0o600) },
			"files", levelFail, "has mode 0644", "chmod 600 " + c.SecretFile,
		},
		"a clock that is wrong": {
			func() { w.skew.Store(int64(time.Hour)) }, func() { w.skew.Store(0) },
			"clock", levelFail, "1h0m", "timedatectl set-ntp true",
		},
		"a provider that is down": {
			func() { w.down.Store(true) }, func() { w.down.Store(false) },
			"identity", levelFail, "502", "curl " + w.URL + "/.well-known/openid-configuration",
		},
		"a provider of sign-ins that is down": {
			func() {
				w.down.Store(true)
				r.write(t, withProvider)
			}, func() { w.down.Store(false); r.write(t, config) },
			"identity", levelFail, "502", "curl " + w.URL + "/.well-known/openid-configuration",
		},
		"a store that does not answer": {
			func() { r.write(t, config+"sessions: {store: redis, redis: {url: \"redis://127.0.0.1:1\"}}\n") }, func() { r.write(t, config) },
			"sessions", levelFail, "each person may send a little", "redis-cli",
		},
		"a service that nobody vouches for": {
			func() { r.write(t, strings.Replace(config, dir+"/world.pem", c.DataDir+"/ca.pem", 1)) }, func() { r.write(t, config) },
			"upstream", levelFail, "unknown authority", "upstream: {ca_files:",
		},
		"a policy that does not load": {
			func() { r.write(t, config+"policy: {dir: "+dir+"}\n") }, func() { r.write(t, config) },
			"policy", levelFail, "policy.dir", "sluice policy check --config",
		},
		"a policy that only observes": {
			func() { r.write(t, config+"policy: {mode: observe}\n") }, func() { r.write(t, config) },
			"policy", levelWarn, "recorded and not enforced", "policy: {mode: enforce}",
		},
		"another policy than the one in force": {
			func() { r.write(t, config+"policy: {data_files: ["+dir+"/more.json]}\n") }, func() { r.write(t, config) },
			"policy", levelWarn, "is in force", "systemctl reload sluice",
		},
		"a record that others own": {
			func() { mode(c.Audit.File, 0o666) }, func() { mode(c.Audit.File, 0o600) },
			"files", levelFail, "has mode 0666: everybody can read", "chmod o-rwx",
		},
		"another token": {
			func() { r.write(t, strings.Replace(config, "{proxy:", "{admin_token_file: "+dir+"/other, proxy:", 1)) }, func() { r.write(t, config) },
			"running", levelWarn, "does not know the token", "--data-dir",
		},
		"a proxy that does not answer": {
			func() { r.write(t, config+"pac: {proxies: [\"PROXY 127.0.0.1:1\"]}\n") }, func() { r.write(t, config) },
			"pac", levelWarn, "cannot be reached from here", "",
		},
	} {
		broken.do()
		found := false
		for _, f := range see(t, r.flags)[broken.check] {
			found = found || f.Level == broken.level && strings.Contains(f.Text, broken.says) && strings.Contains(f.Do, broken.to)
		}
		broken.undo()
		if !found {
			t.Errorf("%s is not found", what)
		}
	}

	// What only the running one knows: a reload that failed, and clients that pin.
	r.write(t, strings.Replace(config, "[openai-api]", "[no-such-app]", 1))
	r.hangup <- syscall.SIGHUP
	r.reaches(t, "failed reload", func(s admin.Status) bool { return s.ReloadError != "" })
	r.write(t, config)
	through := &url.URL{Scheme: "http", Host: r.listeners[0].Addr().String()}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(through), TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}}
	if resp, err := client.Get("https://claude.ai/"); err == nil {
		_ = resp.Body.Close()
		t.Fatal("a client without roots got through")
	}
	var last map[string][]finding
	for range 100 {
		last = see(t, r.flags)
		if len(last["pinned"]) == 1 && last["pinned"][0].Level == levelWarn {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if f := last["pinned"][0]; !strings.HasPrefix(f.Do, "destinations: {passthrough: [.bank.example, claude.ai]}") || !strings.Contains(f.Text, "1 said so") {
		t.Errorf("pinned: %+v", f)
	}
	if f := last["running"]; len(f) != 2 || f[1].Level != levelFail || !strings.Contains(f[1].Text, "no-such-app") {
		t.Errorf("running: %+v", f)
	}

	// A record that was changed.
	data, err := os.ReadFile(c.Audit.File)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.Audit.File, []byte(strings.Replace(string(data), "claude.ai", "clawde.ai", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if f := see(t, r.flags)["audit"]; f[len(f)-1].Level != levelFail || !strings.Contains(f[len(f)-1].Text, "the chain of") {
		t.Errorf("audit: %+v", f)
	}
}

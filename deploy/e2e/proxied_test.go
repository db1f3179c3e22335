package e2e

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A tool is a client that takes its proxy, and the credentials for it, from a URL.
// Command is what fetches address through proxy, trusting the authorities of a file,
// and prints the body; dir is its own to write in.
type tool struct {
	name    string
	command func(proxy, address, trust, dir string) *exec.Cmd
}

// environment is how most are told.
func environment(proxy, trust string) []string {
	return []string{
		"HTTPS_PROXY=" + proxy, "https_proxy=" + proxy, "NO_PROXY=", "no_proxy=",
		"SSL_CERT_FILE=" + trust, "REQUESTS_CA_BUNDLE=" + trust, "NODE_EXTRA_CA_CERTS=" + trust, "GIT_SSL_CAINFO=" + trust, "CURL_CA_BUNDLE=" + trust,
		"NODE_USE_ENV_PROXY=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C.UTF-8",
	}
}

func script(program, name, by string) func(proxy, address, trust, dir string) *exec.Cmd {
	return func(_, address, _, _ string) *exec.Cmd {
		cmd := exec.Command(program, name, by, address)
		cmd.Dir = "clients"
		return cmd
	}
}

var tools = []tool{
	{"curl, by its URL", func(_, address, _, _ string) *exec.Cmd { return exec.Command("curl", "-sS", address) }},
	{"curl, by --proxy-user", func(proxy, address, _, _ string) *exec.Cmd {
		u, _ := url.Parse(proxy)
		secret, _ := u.User.Password()
		return exec.Command("curl", "-sS", "--proxy", "http://"+u.Host, "--proxy-user", u.User.Username()+":"+secret, address)
	}},
	{"curl, asked by 407", func(_, address, _, _ string) *exec.Cmd {
		return exec.Command("curl", "-sS", "--proxy-anyauth", address)
	}},
	{"git", func(_, address, _, _ string) *exec.Cmd {
		return exec.Command("git", "ls-remote", strings.TrimSuffix(address, "/info/refs"))
	}},
	{"wget", func(_, address, trust, _ string) *exec.Cmd {
		return exec.Command("wget", "--no-config", "-nv", "--tries=1", "-O", "-", "--ca-certificate", trust, address)
	}},
	{"wget, by --proxy-user", func(proxy, address, trust, _ string) *exec.Cmd {
		u, _ := url.Parse(proxy)
		secret, _ := u.User.Password()
		return exec.Command("wget", "--no-config", "-nv", "--tries=1", "-O", "-", "--ca-certificate", trust, "-e", "https_proxy=http://"+u.Host,
			"--proxy-user", u.User.Username(), "--proxy-password", secret, address)
	}},
	{"apt", func(proxy, address, trust, dir string) *exec.Cmd {
		file := filepath.Join(dir, "file")
		return exec.Command("sh", "-c", `"$@" && cat "$0"`, file, "/usr/lib/apt/apt-helper", "-o", "Acquire::https::Proxy="+proxy, "-o", "Acquire::https::CaInfo="+trust,
			"-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=0", "download-file", address, file)
	}},
	{"skopeo", func(_, _, _, _ string) *exec.Cmd {
		return exec.Command("skopeo", "inspect", "--raw", "docker://api.openai.com/repo:main")
	}},
	{"Java", func(_, address, trust, dir string) *exec.Cmd {
		cmd := exec.Command("sh", "-c", `keytool -importcert -noprompt -file "$1" -keystore "$2" -storepass changeit && `+
			`exec java -XX:TieredStopAtLevel=1 -Djdk.http.auth.tunneling.disabledSchemes= -Djavax.net.ssl.trustStore="$2" -Djavax.net.ssl.trustStorePassword=changeit Fetch.java "$3"`,
			"java", trust, filepath.Join(dir, "trust.p12"), address)
		cmd.Dir = "clients"
		return cmd
	}},
	{"node fetch", script("node", "environment.mjs", "fetch")},
	{"undici", script("node", "environment.mjs", "undici")},
	{"axios", script("node", "environment.mjs", "axios")},
	{"requests", script("/usr/bin/python3", "environment.py", "requests")},
	{"httpx", script("/usr/bin/python3", "environment.py", "httpx")},
	{"aiohttp", script("/usr/bin/python3", "environment.py", "aiohttp")},
}

// denied is how the tools say that the proxy did not let them in; the last is Java's.
var denied = []string{"407", "Proxy Authentication Required", "too many authentication attempts"}

// person is somebody whose token is 2 KB long and full of what a URL escapes, and the
// configuration of a proxy that lets nobody else in.
func person(t *testing.T) (user, token, config string) {
	t.Helper()
	user, token = "alice.b@corp.example", Pass+"/@:?#%+&=~!"+strings.Repeat("Token-", 2048/6)
	tokens := filepath.Join(t.TempDir(), "tokens")
	sum := sha256.Sum256([]byte(token))
	if err := os.WriteFile(tokens, []byte(user+":"+hex.EncodeToString(sum[:])+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return user, token, fmt.Sprintf("identity: {required: true, bearer: {token_file: %s}}\n", tokens)
}

// through is a proxy's address with somebody's credentials in it.
func (s *Sluice) through(user, token string) string {
	return (&url.URL{Scheme: "http", Host: s.Proxy, User: url.UserPassword(user, token)}).String()
}

// takesEnvironment reports whether this Node has NODE_USE_ENV_PROXY, which came with
// version 24 and 22.21.
func takesEnvironment(t *testing.T) bool {
	out, err := finish(t, exec.Command("node", "-p", `process.allowedNodeEnvironmentFlags.has("--use-env-proxy")`))
	return err == nil && strings.TrimSpace(out) == "true"
}

// TestToolsSignIn shows that the tools give the proxy what stands in its URL, percent
// encoded and 2 KB long, where the proxy asks by 407 and where it does not; and that
// each of them understands why it is not let in.
func TestToolsSignIn(t *testing.T) {
	t.Parallel()
	user, long, wants := person(t)
	o := NewOrigin(t)
	const body = "0123456789abcdef0123456789abcdef01234567\trefs/heads/main\n"
	o.mux.HandleFunc("GET api.openai.com/repo.git/info/refs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, body)
	})
	o.mux.HandleFunc("GET api.openai.com/v2/", func(w http.ResponseWriter, r *http.Request) { // a registry of images
		w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
		io.WriteString(w, `{"schemaVersion": 2, "manifests": [], "annotations": {"ref": "refs/heads/main"}}`)
	})
	s := Serve(t, o, "destinations: {sanctioned: [openai-api]}\n"+wants)
	const address = "https://api.openai.com/repo.git/info/refs"

	for _, c := range tools {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "node fetch" && !takesEnvironment(t) {
				t.Skip("this Node does not know NODE_USE_ENV_PROXY")
			}
			run := func(secret string) (string, error) {
				through, dir := s.through(user, secret), t.TempDir()
				cmd := c.command(through, address, s.CA, dir)
				cmd.Env = append(environment(through, s.CA), "PATH="+os.Getenv("PATH"), "HOME="+dir)
				return finish(t, cmd)
			}
			before := o.Hosts("api.openai.com")
			out, err := run(long)
			if err != nil || !strings.Contains(out, "refs/heads/main") {
				t.Errorf("with the token: %v\n%s", err, out)
			}
			after := o.Hosts("api.openai.com")
			if after == before {
				t.Fatal("nothing came to the origin")
			}
			for _, r := range append(o.Got("api.openai.com", "/repo.git/info/refs"), o.Got("api.openai.com", "/v2/repo/manifests/main")...) {
				for name := range r.Header {
					if strings.HasPrefix(name, "Proxy-") {
						t.Errorf("the origin got %s", name)
					}
				}
			}
			out, err = run(long + "x")
			if said := slices.ContainsFunc(denied, func(text string) bool { return strings.Contains(out, text) }); !said || err == nil && !strings.Contains(out, "Sign-in rejected") {
				t.Errorf("with another token: %v\n%s", err, out)
			}
			if o.Hosts("api.openai.com") != after {
				t.Error("with another token the origin was reached")
			}
		})
	}
	t.Run("Go", func(t *testing.T) {
		pem, err := os.ReadFile(s.CA)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		fetch := func(secret string) (*http.Response, error) {
			through := &url.URL{Scheme: "http", Host: s.Proxy, User: url.UserPassword(user, secret)}
			client := &http.Client{Timeout: patience, Transport: &http.Transport{
				Proxy: http.ProxyURL(through), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
			}}
			return client.Get(address)
		}
		resp, err := fetch(long)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Errorf("got %d", resp.StatusCode)
		}
		if resp, err := fetch(long + "x"); err == nil || !strings.Contains(err.Error(), "Proxy Authentication Required") {
			if err == nil {
				resp.Body.Close()
			}
			t.Errorf("with another token: %v", err)
		}
	})
	for _, d := range s.Record(func(l Line) bool { return l.Record == "decision" && l.Request.Path != "" }) {
		if !d.Identity.Authenticated || d.Identity.Sub != user {
			t.Errorf("recorded as %+v", d)
		}
	}
}

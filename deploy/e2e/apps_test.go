package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// An app is a vendor's command line that talks to its model.
type app struct {
	name, host string
	program    []string // the first that are no options lie under the directory of its packages
	env        []string
	denied     string // what it says of a 407
	endless    bool   // it waits for a better network then
	ready      func(t *testing.T, home string)
}

// The first is installed with the SDKs; the others take some 400 MB each, and are tried where
// E2E_APPS names a directory in which npm installed them.
var vendorApps = []app{
	{
		name: "@google/gemini-cli", host: gemini, denied: "fetch failed",
		program: []string{"node", "@google/gemini-cli/bundle/gemini.js", "--skip-trust", "--model", "model-e2e", "--prompt", prompt},
		env:     []string{"GEMINI_API_KEY=" + Key},
		ready: func(t *testing.T, home string) {
			if err := os.Mkdir(filepath.Join(home, ".gemini"), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(home, ".gemini", "settings.json"), `{"general": {"maxAttempts": 1, "enableAutoUpdate": false}, "privacy": {"usageStatisticsEnabled": false}}`)
		},
	},
	{
		name: "@anthropic-ai/claude-code", host: "api.anthropic.com", denied: "the proxy refused the tunnel",
		program: []string{"@anthropic-ai/claude-code/bin/claude.exe", "--print", prompt},
		env:     []string{"ANTHROPIC_API_KEY=" + Key},
	},
	{
		name: "@openai/codex", host: "api.openai.com", denied: "407", endless: true,
		program: []string{"node", "@openai/codex/bin/codex.js", "exec", "--skip-git-repo-check", prompt},
		env:     []string{"CODEX_API_KEY=" + Key},
	},
}

// run runs it through a proxy and returns what it shows.
func (a *app) run(t *testing.T, packages, through string, s *Sluice) (string, error) {
	t.Helper()
	home := t.TempDir()
	if a.ready != nil {
		a.ready(t, home)
	}
	args := append([]string{}, a.program...)
	for i := range args[:2] {
		if strings.Contains(args[i], "/") {
			args[i] = filepath.Join(packages, args[i])
		}
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = home
	cmd.Env = append(append(environment(through, s.CA), a.env...), "PATH="+os.Getenv("PATH"), "HOME="+home, "TERM=dumb")
	return finishWithin(t, cmd, 3*patience) // they start slowly
}

// TestApps puts the vendors' own command lines behind a proxy that lets in only who
// has a token. What is sensitive in a prompt arrives as a placeholder, and the reply
// is shown; at a service that is not approved nothing arrives, and the app shows why,
// after one attempt; and it says so when the proxy does not know it.
func TestApps(t *testing.T) {
	t.Parallel()
	for i := range vendorApps {
		a := &vendorApps[i]
		packages := filepath.Join("clients", "node_modules")
		if i > 0 {
			if packages = os.Getenv("E2E_APPS"); packages == "" {
				continue
			}
			packages = filepath.Join(packages, "node_modules")
		}
		packages, err := filepath.Abs(packages)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(a.name), func(t *testing.T) {
			user, token, wants := person(t)
			o := NewOrigin(t)
			approved := Serve(t, o, "destinations: {sanctioned: ["+apps+"]}\n"+wants)
			out, err := a.run(t, packages, approved.through(user, token), approved)
			if err != nil {
				t.Errorf("approved: %v", err)
			}
			_, reply, _ := strings.Cut(out, "You said: ") // some show the prompt first
			redacted(t, reply)
			redacted(t, o.All(a.host))

			elsewhere := NewOrigin(t)
			refusing := Serve(t, elsewhere, wants)
			out, err = a.run(t, packages, refusing.through(user, token), refusing)
			blocked := refusing.Record(func(l Line) bool {
				return l.Record == "decision" && l.Request.Phase == "request" && l.Decision.Action == "block"
			})
			if err == nil || len(blocked) != 1 || !strings.Contains(out, blocked[0].ID) || !strings.Contains(out, "not approved") {
				t.Errorf("refused %d times: %v\n%s", len(blocked), err, out)
			}
			if came := elsewhere.All(a.host); strings.Contains(came, Marker) {
				t.Errorf("refused, but this came: %s", came)
			}

			out, err = a.run(t, packages, approved.through(user, token+"x"), approved)
			if !strings.Contains(out, a.denied) || err == nil || !a.endless && exitCode(err) < 0 {
				t.Errorf("with another token: %v\n%s", err, out)
			}
		})
	}
}

package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const forbidding = `# METADATA
# title: A model that is not wanted
package sluice.request.models

# METADATA
# title: This model is not used here
# labels: {rule: models.unwanted}
# custom: {severity: low, remediation: Choose another model.}
verdict contains {"id": "models.unwanted", "action": "block"} if input.content.model == "model-unwanted"
`

// A changed policy directory is put in force under traffic. No request is lost or
// judged by neither policy, a broken change changes nothing and is loud.
func TestPolicyChange(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "policy")
	if out, err := finish(t, command(t, t.TempDir(), "policy", "init", dir)); err != nil {
		t.Fatalf("policy init: %v: %s", err, out)
	}
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: [openai-api]}\npolicy: {dir: "+dir+"}\n")
	pack := filepath.Join(dir, "request", "models.rego")

	traffic := s.drive(t)
	traffic.wait("200")
	write(t, pack, forbidding)
	traffic.wait("403")
	write(t, pack, strings.Replace(forbidding, "block", "explode", 1))
	eventually(t, "the log says that the change does not load", func() bool {
		return strings.Contains(s.log.text(), "the last good one stays in force")
	})
	if !strings.Contains(s.Metrics(), "sluice_policy_load_failed 1") {
		t.Error("the metrics do not say that the change does not load")
	}
	if out, code := s.Run("policy", "check"); code != 1 || !strings.Contains(out, "models.rego:9") {
		t.Errorf("policy check: exit code %d, want 1 with file and line: %s", code, out)
	}
	traffic.wait("403") // goes on
	if err := os.Remove(pack); err != nil {
		t.Fatal(err)
	}
	traffic.wait("200")
	traffic.end()

	if !strings.Contains(s.Metrics(), "sluice_policy_load_failed 0") {
		t.Error("the metrics still say that the policy does not load")
	}
	for _, came := range o.Got("api.openai.com", "/v1/chat/completions") {
		if strings.Contains(came.Body, Card) {
			t.Fatalf("a card number came to the origin: %s", came.Body)
		}
	}
	revisions := map[string]bool{}
	decisions := s.Decisions("api.openai.com")
	if len(decisions) != traffic.asked {
		t.Errorf("%d requests were made, %d decisions recorded", traffic.asked, len(decisions))
	}
	for _, l := range decisions {
		if l.Decision.Error != "" {
			t.Errorf("recorded as %+v", l)
		}
		revisions[l.Decision.Revision] = true
	}
	if len(revisions) != 2 {
		t.Errorf("%d policies decided, want 2: before and after are the same", len(revisions))
	}
}

// write puts a file in place at once.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// Traffic is clients that ask all the time: a prompt with a card number, and one for
// the model that the policy comes to forbid.
type Traffic struct {
	t    *testing.T
	stop context.CancelFunc
	all  sync.WaitGroup

	mu     sync.Mutex
	asked  int        // requests
	last   []string   // by client: the last answer about the model
	counts []int      // by client: how many answers
	runs   [][]string // by client: the answers about the model, repetitions left out
}

const clients = 3

// drive starts the clients.
func (s *Sluice) drive(t *testing.T) *Traffic {
	t.Helper()
	ca, err := os.ReadFile(s.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	ctx, stop := context.WithCancel(context.Background())
	d := &Traffic{t: t, stop: stop, last: make([]string, clients), counts: make([]int, clients), runs: make([][]string, clients)}
	for i := range clients {
		transport := &http.Transport{
			Proxy:             http.ProxyURL(&url.URL{Scheme: "http", Host: s.Proxy}),
			TLSClientConfig:   &tls.Config{RootCAs: roots},
			ForceAttemptHTTP2: i%2 == 0,
		}
		d.all.Go(func() {
			defer transport.CloseIdleConnections()
			d.client(ctx, i, &http.Client{Transport: transport, Timeout: patience})
		})
	}
	t.Cleanup(d.end)
	return d
}

// client asks until ctx ends.
func (d *Traffic) client(ctx context.Context, i int, c *http.Client) {
	for ctx.Err() == nil {
		if status, body := d.ask(c, "model-wanted", prompt); status != "200" || strings.Contains(body, Card) {
			d.t.Errorf("a prompt with a card: status %s, %s", status, body)
			return
		}
		status, body := d.ask(c, "model-unwanted", Marker)
		if status != "200" && status != "403" {
			d.t.Errorf("a prompt for the model: status %s, %s", status, body)
			return
		}
		d.mu.Lock()
		if d.last[i] != status {
			d.runs[i] = append(d.runs[i], status)
		}
		d.last[i] = status
		d.counts[i]++
		d.mu.Unlock()
	}
}

func (d *Traffic) ask(c *http.Client, model, prompt string) (status, body string) {
	d.mu.Lock()
	d.asked++
	d.mu.Unlock()
	body = text(map[string]any{"model": model, "messages": []any{map[string]any{"role": "user", "content": prompt}}})
	resp, err := c.Post(openAI, "application/json", strings.NewReader(body))
	if err != nil {
		return err.Error(), ""
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error(), ""
	}
	return resp.Status[:3], string(got)
}

// wait waits until every client has had the answer in requests that it made from
// now on.
func (d *Traffic) wait(status string) {
	d.t.Helper()
	d.mu.Lock()
	before := slices.Clone(d.counts)
	d.mu.Unlock()
	eventually(d.t, "every client gets "+status, func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		for i := range clients {
			if d.last[i] != status || d.counts[i] < before[i]+3 {
				return false
			}
		}
		return true
	})
}

// end stops the clients and looks at how their answers changed.
func (d *Traffic) end() {
	if d.stop == nil {
		return
	}
	d.stop()
	d.stop = nil
	d.all.Wait()
	for i, runs := range d.runs {
		if !slices.Equal(runs, []string{"200", "403", "200"}) {
			d.t.Errorf("client %d got %v about the model", i, runs)
		}
	}
}

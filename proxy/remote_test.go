package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/classifiers/presidio"
	"github.com/sluice-proxy/sluice/classifiers/presidio/presidiotest"
	"github.com/sluice-proxy/sluice/classifiers/standard"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// analyzed starts a proxy that asks an analyzer, which can be down, and redacts persons.
func analyzed(t *testing.T, mayFail bool) (*proxytest.Proxy, *presidiotest.Analyzer, *atomic.Bool) {
	t.Helper()
	down := new(atomic.Bool)
	fake := &presidiotest.Analyzer{
		Words: map[string]string{"Brindlefoot": "PERSON", "PERSON_": "PERSON"},
		Fault: func(w http.ResponseWriter, _ *http.Request) bool {
			if down.Load() {
				w.WriteHeader(http.StatusBadGateway)
			}
			return down.Load()
		},
	}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	client, err := presidio.New(presidio.Options{
		URL: server.URL + "/analyze", Language: "en", Entities: []string{"PERSON"}, Threshold: .5, Roles: []string{"prompt", "system"},
		Timeout: 5 * time.Second, MaxBatch: 16, MaxCalls: 4, Failures: 100, Pause: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	set, err := standard.New(standard.Options{CacheBytes: 1 << 20, Remote: client, RemoteMayFail: mayFail})
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, func(s *proxytest.Settings) {
		s.Classifiers = set
		s.Data = map[string]string{"rows": `{"limits":{"entities":{"PERSON":{"redact":1,"bulk":100}}}}`}
	})
	return p, fake, down
}

// TestRemotePerson shows that policy redacts what only an analyzer outside finds, that
// the next turn with the placeholder in its history passes as it is, and that nothing
// but content is sent there.
func TestRemotePerson(t *testing.T) {
	p, fake, _ := analyzed(t, false)
	resp, text := post(t, p, true, strings.NewReader(chat("𝄞 please write to brindle and to Brindlefoot, too")))
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("got %d: %s", resp.StatusCode, text)
	}
	sent := p.Origin.Received()
	if len(sent) != 1 || strings.Contains(string(sent[0].Payload), "Brindlefoot") || !strings.Contains(string(sent[0].Payload), "𝄞 please write to brindle and to [PERSON_") {
		t.Fatalf("sent on: %+v", sent)
	}
	line := decisionLine(t, p)
	finding := line["findings"].([]any)[0].(map[string]any)
	if finding["entity"] != "PERSON" || finding["rule"] != "presidio.person" || finding["family"] != "pii" || line["content"].(map[string]any)["missed"] != nil {
		t.Errorf("recorded as %v", line)
	}
	asked := fake.Asked()
	if len(asked) != 1 || !slices.Equal(asked[0].Texts, []string{"𝄞 please write to brindle and to Brindlefoot, too"}) {
		t.Errorf("asked %+v", asked)
	}
	post(t, p, true, strings.NewReader(string(sent[0].Payload)))
	if again := p.Origin.Received(); len(again) != 1 || string(again[0].Payload) != string(sent[0].Payload) {
		t.Errorf("with its placeholder: %+v", again)
	}
}

// TestRemoteDown shows that a prompt that the analyzer could not look at is refused, or
// passes under what the families found, and that the record says so.
func TestRemoteDown(t *testing.T) {
	t.Run("fail", func(t *testing.T) {
		p, _, down := analyzed(t, false)
		down.Store(true)
		resp, text := post(t, p, true, strings.NewReader(chat("greetings to Brindlefoot")))
		if resp.StatusCode != http.StatusServiceUnavailable || strings.Contains(text, "presidio") || len(p.Origin.Received()) > 0 {
			t.Errorf("got %d: %s", resp.StatusCode, text)
		}
		if line := last(p.Completions(t)); line["reason"] != "inspection_failed" {
			t.Errorf("recorded as %v", line)
		}
		down.Store(false)
		if resp, _ = post(t, p, true, strings.NewReader(chat("greetings to Brindlefoot"))); resp.StatusCode != http.StatusOK {
			t.Errorf("afterwards %d", resp.StatusCode)
		}
		if sent := p.Origin.Received(); len(sent) != 1 || strings.Contains(string(sent[0].Payload), "Brindlefoot") {
			t.Errorf("sent on: %+v", sent)
		}
	})
	t.Run("ignore", func(t *testing.T) {
		p, _, down := analyzed(t, true)
		down.Store(true)
		resp, text := post(t, p, true, strings.NewReader(chat("greetings to Brindlefoot, card 4111 1111 1111 1111")))
		if resp.StatusCode != http.StatusOK {
			t.Errorf("got %d: %s", resp.StatusCode, text)
		}
		sent := p.Origin.Received()
		if len(sent) != 1 || !strings.Contains(string(sent[0].Payload), "Brindlefoot") || strings.Contains(string(sent[0].Payload), "4111") {
			t.Errorf("sent on: %+v", sent)
		}
		if missed := decisionLine(t, p)["content"].(map[string]any)["missed"]; !slices.Equal(missed.([]any), []any{"presidio"}) {
			t.Errorf("missed: %v", missed)
		}
	})
}

// decisionLine is the decision of the last request.
func decisionLine(t *testing.T, p *proxytest.Proxy) map[string]any {
	t.Helper()
	lines := p.Lines(t, "decision")
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i]["request"].(map[string]any)["phase"] == "request" {
			return lines[i]
		}
	}
	t.Fatal("no decision is recorded")
	return nil
}

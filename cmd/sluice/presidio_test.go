package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/presidio/presidiotest"
)

// TestPresidio configures an analyzer: nothing is sent anywhere before it is, a reload
// puts it in force and takes it away, and the doctor says how it is.
func TestPresidio(t *testing.T) {
	var down atomic.Bool
	fake := &presidiotest.Analyzer{
		Words: map[string]string{"Brindlefoot": "PERSON"},
		Fault: func(w http.ResponseWriter, _ *http.Request) bool {
			if down.Load() {
				w.WriteHeader(http.StatusBadGateway)
			}
			return down.Load()
		},
	}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	r := attend(t, anyPorts+"}")
	find := func(role string) (rules []string, err error) {
		found, err := r.proxy.Parts().Classifiers.Classify(t.Context(), []classifiers.Sample{{Text: "greetings to Brindlefoot", Role: role}})
		for _, f := range found {
			rules = append(rules, f.Rule)
		}
		return rules, err
	}
	without := r.proxy.Parts().Classifiers
	r.reload(t.Context())
	if r.proxy.Parts().Classifiers != without {
		t.Error("a reload forgets what was found")
	}
	if rules, err := find("prompt"); err != nil || len(rules) > 0 || len(fake.Asked()) > 0 {
		t.Errorf("without: %v, %v", rules, err)
	}
	if f := see(t, r.flags)["presidio"]; len(f) != 1 || f[0].Level != levelOK || !strings.Contains(f[0].Text, "none is configured") {
		t.Errorf("doctor without: %+v", f)
	}

	with := anyPorts + "}\nclassifiers: {presidio: {url: " + server.URL + "/analyze, threshold: 0.4"
	r.write(t, with+"}}")
	r.reload(t.Context())
	if rules, err := find("prompt"); err != nil || len(rules) != 1 || rules[0] != "presidio.person" {
		t.Errorf("with: %v, %v, %s", rules, err, r.status().ReloadError)
	}
	if asked := fake.Asked(); len(asked) != 1 || asked[0].Threshold != .4 || asked[0].Language != "en" || len(asked[0].Entities) != 3 {
		t.Errorf("asked %+v", asked)
	}
	for _, role := range []string{"reply", "other"} {
		if rules, err := find(role); err != nil || len(rules) > 0 || len(fake.Asked()) > 0 {
			t.Errorf("%s: %v, %v", role, rules, err)
		}
	}
	if f := see(t, r.flags)["presidio"]; len(f) != 1 || f[0].Level != levelOK || !strings.Contains(f[0].Text, "is sent the text of prompts") {
		t.Errorf("doctor with: %+v", f)
	}

	down.Store(true)
	r.reload(t.Context()) // forgets what it answered
	if _, err := find("prompt"); err == nil {
		t.Error("down: no error")
	}
	if f := see(t, r.flags)["presidio"]; len(f) != 1 || f[0].Level != levelFail || !strings.Contains(f[0].Text, "prompts get 503") || !strings.Contains(f[0].Text, "502") {
		t.Errorf("doctor down: %+v", f)
	}
	r.write(t, with+", on_error: ignore}}")
	r.reload(t.Context())
	if rules, err := find("prompt"); err != nil || len(rules) > 0 {
		t.Errorf("ignored: %v, %v", rules, err)
	}
	if f := see(t, r.flags)["presidio"]; len(f) != 1 || !strings.Contains(f[0].Text, "only the built-in families") {
		t.Errorf("doctor ignored: %+v", f)
	}

	r.write(t, with+", on_error: ignore, language: 4 2, token_file: none}}")
	r.reload(t.Context())
	for _, want := range []string{"classifiers.presidio.language", "classifiers.presidio.token_file"} {
		if !strings.Contains(r.status().ReloadError, want) {
			t.Errorf("%s is not in %q", want, r.status().ReloadError)
		}
	}
	r.write(t, anyPorts+"}")
	r.reload(t.Context())
	fake.Asked()
	if rules, err := find("prompt"); err != nil || len(rules) > 0 || len(fake.Asked()) > 0 {
		t.Errorf("taken away: %v, %v", rules, err)
	}
}

func TestInClear(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:5002/analyze": false, "http://localhost/analyze": false, "http://[::1]:1/analyze": false,
		"https://presidio.corp.example/analyze": false, "http://presidio:3000/analyze": true, "http://10.0.0.7/analyze": true,
	} {
		if got := inClear(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// sendBody sends a body in somebody's name and returns the answer.
func sendBody(t *testing.T, p *proxytest.Proxy, user, path, body string, header ...string) (status int, said string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+host+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := p.Client(user, false).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// TestPermitIsForWhatWasShown: what was acknowledged passes as it is, and nothing that
// only looks like it: with other values in what was said before, with a picture, to
// another model or account.
func TestPermitIsForWhatWasShown(t *testing.T) {
	const path = "/v1/chat/completions"
	chat := func(model, before, content string) string {
		return `{"model":"` + model + `","messages":[{"role":"user","content":"` + before + `"},{"role":"assistant","content":"ok"},{"role":"user","content":` + content + `}]}`
	}
	shown := chat("m", "Write to jo.doe@example.org", `"go on"`)
	for name, c := range map[string]struct {
		body   string
		header []string
	}{
		"more values in what was said before": {body: chat("m", "Write to jo.doe@example.org and ann.other@example.org", `"go on"`)},
		"another value there":                 {body: chat("m", "Write to ann.other@example.org", `"go on"`)},
		"another model":                       {body: chat("m2", "Write to jo.doe@example.org", `"go on"`)},
		"with a picture":                      {body: chat("m", "Write to jo.doe@example.org", `[{"type":"text","text":"go on"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]`)},
		"another organisation":                {body: shown, header: []string{"OpenAI-Organization", "org-of-somebody-else"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := asked(t, nil)
			_, said := sendBody(t, p, "ana", path, shown)
			if status, _ := visit(t, p, "ana", http.MethodPost, noticeIn(t, said), choose("as_is")); status != http.StatusSeeOther {
				t.Fatal(status)
			}
			if status, _ := sendBody(t, p, "ana", path, c.body, c.header...); status != http.StatusForbidden {
				t.Errorf("%d", status)
			}
			if status, said := sendBody(t, p, "ana", path, shown); status != http.StatusOK {
				t.Errorf("what was shown: %d %s", status, said)
			}
		})
	}
}

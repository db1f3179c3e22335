package proxy_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
	"github.com/sluice-proxy/sluice/proxy/session"
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

// pickyStore is a store that does not take some of what it is given.
type pickyStore struct {
	session.Store
	refuses atomic.Pointer[string] // the kind of key
}

func (s *pickyStore) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	if kind := s.refuses.Load(); kind != nil && strings.HasPrefix(key, *kind+":") {
		return session.Value{}, session.ErrUnavailable
	}
	return s.Store.Put(ctx, key, old, data, ttl)
}

func (s *pickyStore) refuse(kind string) { s.refuses.Store(&kind) }

// TestAnswerNotGranted: an answer that cannot be put in force is recorded as one that
// was not, lets nothing through, and can be given again.
func TestAnswerNotGranted(t *testing.T) {
	store := &pickyStore{Store: memory()}
	p := asked(t, func(s *proxytest.Settings) { s.Store = store })
	_, said, _ := sendAs(t, p, "ana", "big", "hello")
	notice, form := noticeIn(t, said), url.Values{"choice": {"send"}, "reason": {"because"}}
	store.refuse("ledger")
	if status, page := visit(t, p, "ana", http.MethodPost, notice, form); status != http.StatusServiceUnavailable || !strings.Contains(page, "Try again") {
		t.Errorf("%d %s", status, page)
	}
	store.refuse("nothing")
	ends := func(outcome string) (n int) {
		for _, line := range p.Lines(t, "completion") {
			if line["parent"] == strings.TrimPrefix(notice, "/notice/") && line["outcome"] == outcome {
				n++
			}
		}
		return n
	}
	waitFor(t, "record", func() bool { return ends("refused") == 1 })
	if n := ends("answered"); n != 0 {
		t.Errorf("recorded as answered %d times", n)
	}
	if status, _, received := sendAs(t, p, "ana", "big", "hello"); status != http.StatusForbidden || received != "" {
		t.Errorf("%d %q", status, received)
	}
	if status, page := visit(t, p, "ana", http.MethodPost, notice, form); status != http.StatusSeeOther {
		t.Errorf("again: %d %s", status, page)
	}
	if status, _, _ := sendAs(t, p, "ana", "big", "hello"); status != http.StatusOK {
		t.Error(status)
	}
	waitFor(t, "record of the answer", func() bool { return ends("answered") == 1 })
}

// TestNoNotice: without room for the notice the prompt is refused, and nobody is told
// that they can answer.
func TestNoNotice(t *testing.T) {
	store := &pickyStore{Store: memory()}
	p := asked(t, func(s *proxytest.Settings) { s.Store = store })
	store.refuse("notices")
	status, said, received := sendAs(t, p, "ana", "big", "hello")
	if status != http.StatusForbidden || received != "" || strings.Contains(said, "/notice/") || !strings.Contains(said, "It costs a lot.") {
		t.Errorf("%d %q %s", status, received, said)
	}
	var page string
	waitFor(t, "the activity", func() bool {
		_, page = visit(t, p, "ana", http.MethodGet, "/activity", nil)
		return strings.Contains(page, "Not sent")
	})
	if strings.Contains(page, "waits") || strings.Contains(page, "/notice/") {
		t.Error(page)
	}
}

// TestNotSentIsNotTold: a prompt that a fault stopped was not sent, with or without
// placeholders.
func TestNotSentIsNotTold(t *testing.T) {
	store := &pickyStore{Store: memory()}
	p := asked(t, func(s *proxytest.Settings) { s.Store = store })
	_, said, _ := sendAs(t, p, "ana", "m", "Write to jo.doe@example.org")
	if status, _ := visit(t, p, "ana", http.MethodPost, noticeIn(t, said), choose("redacted")); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	store.refuse("ledger")
	if status, _, received := sendAs(t, p, "ana", "m", "Write to jo.doe@example.org"); status != http.StatusServiceUnavailable || received != "" {
		t.Errorf("%d %q", status, received)
	}
	if _, page := visit(t, p, "ana", http.MethodGet, "/activity", nil); strings.Contains(page, "Sent") {
		t.Error(page)
	}
}

// TestPermitIsForThePicture: what could not be read is part of what was shown, wherever
// it stands: the same passes, and another of the same size and kind does not.
func TestPermitIsForThePicture(t *testing.T) {
	one, other := strings.Repeat("iVBORw0KGgoA", 20), strings.Repeat("iVBORw0KGgoB", 20)
	text := `{"type":"text","text":"Write to jo.doe@example.org"}`
	picture := func(data string) string {
		return `{"type":"image_url","image_url":{"url":"data:image/png;base64,` + data + `"}}`
	}
	for name, c := range map[string]struct {
		path string
		body func(data string) string
	}{
		"beside the text": {"/v1/chat/completions", func(data string) string {
			return `{"model":"m","messages":[{"role":"user","content":[` + text + `,` + picture(data) + `]}]}`
		}},
		"before the last turn": {"/v1/chat/completions", func(data string) string {
			return `{"model":"m","messages":[{"role":"user","content":[` + picture(data) + `]},{"role":"assistant","content":"ok"},{"role":"user","content":[` + text + `]}]}`
		}},
		"the second of two": {"/v1/chat/completions", func(data string) string {
			return `{"model":"m","messages":[{"role":"user","content":[` + text + `,` + picture(one) + `,` + picture(data) + `]}]}`
		}},
		"sound": {"/v1/chat/completions", func(data string) string {
			return `{"model":"m","messages":[{"role":"user","content":[` + text + `,{"type":"input_audio","input_audio":{"format":"wav","data":"` + data + `"}}]}]}`
		}},
		"a file": {"/v1/responses", func(data string) string {
			return `{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"Write to jo.doe@example.org"},{"type":"input_file","filename":"a.bin","file_data":"data:application/octet-stream;base64,` + data + `"}]}]}`
		}},
		"tokens": {"/v1/embeddings", func(data string) string {
			return `{"model":"m","user":"somebody","note":"Write to jo.doe@example.org","input":[1,2,` + map[bool]string{true: "3", false: "4"}[data == one] + `]}`
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := asked(t, nil)
			_, said := sendBody(t, p, "ana", c.path, c.body(one))
			if status, _ := visit(t, p, "ana", http.MethodPost, noticeIn(t, said), choose("as_is")); status != http.StatusSeeOther {
				t.Fatal(status)
			}
			if status, _ := sendBody(t, p, "ana", c.path, c.body(other)); status != http.StatusForbidden {
				t.Errorf("another: %d", status)
			}
			if status, said := sendBody(t, p, "ana", c.path, c.body(one)); status != http.StatusOK {
				t.Errorf("what was shown: %d %s", status, said)
			}
		})
	}
}

package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestReload shows that an exchange ends on the parts that it began with, that
// the next one of the same connection runs on the new parts, and that parts which
// are not whole change nothing.
func TestReload(t *testing.T) {
	p := proxytest.Start(t, proxytest.Settings{Hosts: []string{"api.openai.com"}, Sanctioned: []string{"openai-api"}})
	client := p.Client("", false)
	transport := client.Transport.(*http.Transport)
	transport.DisableKeepAlives, transport.ExpectContinueTimeout = false, time.Minute
	send := func(before func()) int {
		t.Helper()
		body := &begun{Reader: strings.NewReader(`{"model":"gpt-5","messages":[{"role":"user","content":"My card is 4111 1111 1111 1111"}]}`), first: before}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.openai.com/v1/chat/completions", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {"application/json"}, "Expect": {"100-continue"}}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode
	}
	none := func() {}
	if got := send(none); got != http.StatusOK {
		t.Fatalf("redacted: %d", got)
	}

	// The same service, not approved any more: a card number is refused.
	next := p.Server.Parts()
	var err error
	if next.Catalogue, err = destination.NewCatalogue(destination.CatalogueOptions{}); err != nil {
		t.Fatal(err)
	}
	reload := func() {
		if err := p.Server.Reload(next); err != nil {
			t.Error(err)
		}
	}
	if got := send(reload); got != http.StatusOK {
		t.Errorf("under way: %d", got)
	}
	if got := send(none); got != http.StatusForbidden {
		t.Errorf("after: %d", got)
	}

	broken := next
	broken.Catalogue = nil
	if err := p.Server.Reload(broken); err == nil || !strings.Contains(err.Error(), "no catalogue") {
		t.Errorf("broken parts: %v", err)
	}
	if got := send(none); got != http.StatusForbidden {
		t.Errorf("after broken parts: %d", got)
	}
}

// begun is a body that tells when its first byte is asked for: with 100-continue,
// when the exchange has begun.
type begun struct {
	io.Reader
	first func()
}

func (b *begun) Read(p []byte) (int, error) {
	b.first()
	b.first = func() {}
	return b.Reader.Read(p)
}

package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
	"github.com/sluice-proxy/sluice/proxy/tenant"
	"github.com/sluice-proxy/sluice/rego"
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

// TestReloadUnderTraffic replaces the parts while clients send. Every request is
// answered, and each is treated wholly by one of the two sets of parts: the tenant
// header and what policy does with a card number always belong together.
func TestReloadUnderTraffic(t *testing.T) {
	p := proxytest.Start(t, proxytest.Settings{Hosts: []string{"api.openai.com"}, Sanctioned: []string{"openai-api"}, Log: zap.NewNop()})
	parts := func(organization, mode string) proxy.Parts {
		next := p.Server.Parts()
		var err error
		if next.Tenants, err = tenant.New(tenant.Blocks{"openai": {"organization_ids": {organization}}}, [32]byte{}); err != nil {
			t.Fatal(err)
		}
		snapshot, err := policy.Load(t.Context(), policy.Source{Embedded: rego.FS, Data: []policy.DataFile{
			{Name: "modes", JSON: []byte(`{"modes":{"cards.redact":"` + mode + `"}}`)},
		}})
		if err != nil {
			t.Fatal(err)
		}
		next.Policy = next.Policy.With(snapshot)
		return next
	}
	sets := []proxy.Parts{parts("org-redacts", "enforce"), parts("org-passes", "off")}
	swap := func(i int) {
		if err := p.Server.Reload(sets[i%2]); err != nil {
			t.Error(err)
		}
	}
	swap(0)

	const clients, requests = 4, 25
	var answered atomic.Int64
	var sending sync.WaitGroup
	for i := range clients {
		client := p.Client("", i%2 == 1)
		client.Transport.(*http.Transport).DisableKeepAlives = false
		sending.Go(func() {
			defer client.CloseIdleConnections()
			for range requests {
				resp, err := client.Post("https://api.openai.com/v1/chat/completions", "application/json", strings.NewReader(chat("card 4111 1111 1111 1111")))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					answered.Add(1)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { sending.Wait(); close(done) }()
	for i := 1; ; i++ {
		swap(i)
		select {
		case <-done:
		case <-time.After(time.Millisecond):
			continue
		}
		break
	}
	if got := answered.Load(); got != clients*requests {
		t.Errorf("%d of %d requests went through", got, clients*requests)
	}
	seen := map[string]int{}
	for _, r := range p.Origin.Received() {
		organization := r.Header.Get("OpenAI-Allowed-Organization-Ids")
		seen[organization]++
		if redacted := !strings.Contains(string(r.Payload), "4111"); redacted != (organization == "org-redacts") {
			t.Errorf("%s got %s", organization, r.Payload)
		}
	}
	if seen["org-redacts"] == 0 || seen["org-passes"] == 0 || len(seen) != 2 {
		t.Errorf("the parts were not both used: %v", seen)
	}
}

// TestReloadWithdrawsTokens shows that a token which is withdrawn is not good for
// the rest of the connection that it opened.
func TestReloadWithdrawsTokens(t *testing.T) {
	p := proxytest.Start(t, proxytest.Settings{Hosts: []string{"api.openai.com"}, Sanctioned: []string{"openai-api"}, Users: []string{"ana", "bob"}, Required: true})
	client := p.Client("ana", true)
	client.Transport.(*http.Transport).DisableKeepAlives = false
	get := func() int {
		t.Helper()
		resp, err := client.Get("https://api.openai.com/v1/models")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode
	}
	reload := func(users ...string) {
		t.Helper()
		next := p.Server.Parts()
		next.Identity = proxytest.Users(t, users...)
		if err := p.Server.Reload(next); err != nil {
			t.Fatal(err)
		}
	}
	if got := get(); got != http.StatusOK {
		t.Fatalf("before: %d", got)
	}
	reload("ana")
	if got := get(); got != http.StatusOK {
		t.Errorf("still good: %d", got)
	}
	reload("bob")
	if got := get(); got != http.StatusUnauthorized {
		t.Errorf("withdrawn: %d", got)
	}
	if connects := len(p.Lines(t, "decision")); connects != 4 {
		t.Errorf("%d decisions: the connection was not kept", connects)
	}
}

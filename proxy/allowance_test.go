package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestAllowance shows that an allowed value passes at one destination and is redacted
// at another, in requests and in replies, whatever was found at the other before.
func TestAllowance(t *testing.T) {
	key := [32]byte{3}
	const card, other = "4111 1111 1111 1111", "5555 5555 5555 4444"
	const both = "It is " + card + " and not " + other + "."
	hash := classifiers.AllowHash(key, "CREDIT_CARD", "4111111111111111")
	p := proxytest.Start(t, proxytest.Settings{
		Hosts: []string{"api.openai.com", "api.anthropic.com"}, Sanctioned: []string{"openai-api", "anthropic-api"},
		Data: map[string]string{"replies.json": `{"settings": {"_default": {"mask_replies": true}}}`},
		Change: func(parts *proxy.Parts) {
			parts.Allowance = classifiers.NewAllowance(key, []classifiers.Allowed{{Entity: "CREDIT_CARD", Hash: hash, Destinations: []string{"openai-api"}}})
		},
	})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // which repeats both numbers
		w.Header().Set("Content-Type", "application/json")
		reply := `{"id":"1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"` + both + `"}}]}`
		if r.Host == "api.anthropic.com" {
			reply = `{"id":"1","type":"message","role":"assistant","content":[{"type":"text","text":"` + both + `"}]}`
		}
		_, _ = io.WriteString(w, reply)
	}))
	client := p.Client("", false)
	for range 2 { // the second time the findings come from the cache
		for url, allowed := range map[string]bool{"https://api.openai.com/v1/chat/completions": true, "https://api.anthropic.com/v1/messages": false} {
			for _, number := range []string{card, other} {
				text := "Please charge the following card, which we always use for what we try out with this service: " + number
				body := `{"model":"x","max_tokens":5,"messages":[{"role":"user","content":"` + text + `"}]}`
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header = http.Header{"Content-Type": {"application/json"}}
				resp, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				reply, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close() // read to its end
				if err != nil || strings.Contains(string(reply), card) != allowed || strings.Contains(string(reply), other) {
					t.Errorf("%s answers %s, %v", url, reply, err)
				}
				got := p.Origin.Received()
				if len(got) != 1 {
					t.Fatalf("%s: %d requests, status %d", url, len(got), resp.StatusCode)
				}
				sent := string(got[0].Payload)
				if passed := strings.Contains(sent, number); passed != (allowed && number == card) || passed == strings.Contains(sent, "[CREDIT_CARD_") {
					t.Errorf("%s got %s", url, sent)
				}
			}
		}
	}
}

// TestMinConfidence shows that a finding below the confidence that is asked for counts
// for nothing.
func TestMinConfidence(t *testing.T) {
	for least, redacted := range map[float64]bool{.5: true, 1: false} {
		p := proxytest.Start(t, proxytest.Settings{
			Hosts: []string{"api.openai.com"}, Sanctioned: []string{"openai-api"},
			Change: func(parts *proxy.Parts) { parts.Options.MinConfidence = least },
		})
		resp, err := p.Client("", false).Post("https://api.openai.com/v1/chat/completions", "application/json",
			strings.NewReader(`{"model":"x","messages":[{"role":"user","content":"charge my card 4111 1111 1111 1111"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		got := p.Origin.Received()
		if len(got) != 1 || strings.Contains(string(got[0].Payload), "4111") == redacted {
			t.Errorf("%v: status %d, %d requests, redacted is not %v", least, resp.StatusCode, len(got), redacted)
		}
	}
}

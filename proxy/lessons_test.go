package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestRefusalsTellNothing shows that no refusal quotes the request: not its
// credentials, nor anything else that it came with (CVE-2025-62168).
func TestRefusalsTellNothing(t *testing.T) {
	const secret = "marmalade"
	p := start(t, func(s *proxytest.Settings) {
		s.Log = zap.NewNop()
		s.Hosts = append(s.Hosts, "api.anthropic.com")
		s.Resolve = map[string]string{"api.mistral.ai": "127.0.0.1:1"} // nobody is there
	})
	for name, c := range map[string]struct {
		host, body string
		header     http.Header
		status     int
	}{
		"policy":               {"api.anthropic.com", `{"messages":[{"role":"user","content":"` + secret + ` 4111 1111 1111 1111"}]}`, nil, 403},
		"nobody is there":      {"api.mistral.ai", chat(secret), nil, 502},
		"malformed":            {host, `{"messages":` + secret, nil, 400},
		"an unknown encoding":  {host, secret, http.Header{"Content-Encoding": {secret}}, 415},
		"too many headers":     {host, chat(secret), many(secret), 431},
		"a page":               {"api.anthropic.com", chat("4111 1111 1111 1111 " + secret), http.Header{"Sec-Fetch-Mode": {"navigate"}, "Accept": {"text/html"}}, 403},
		"a charset of its own": {host, chat(secret), http.Header{"Content-Type": {"application/json; charset=" + secret}}, 415},
	} {
		for _, h2 := range []bool{false, true} {
			r, _ := http.NewRequest(http.MethodPost, "https://"+c.host+"/v1/messages/"+secret+"?q="+secret, strings.NewReader(c.body))
			r.Header = http.Header{
				"Content-Type": {"application/json"}, "Authorization": {"Bearer " + secret}, "Cookie": {"session=" + secret}, "X-Api-Key": {secret},
				"Referer": {"https://example.com/" + secret}, "User-Agent": {secret}, "X-" + secret: {secret},
			}
			for name, values := range c.header {
				r.Header[name] = values
			}
			resp, err := p.Client("", h2).Do(r)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			text, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if all := fmt.Sprint(resp.Header, string(text)); strings.Contains(strings.ToLower(all), secret) {
				t.Errorf("%s, h2 %v: the refusal says %s", name, h2, all)
			}
			if resp.StatusCode != c.status {
				t.Errorf("%s, h2 %v: %d, %s", name, h2, resp.StatusCode, text)
			}
		}
	}
}

func many(value string) http.Header {
	h := http.Header{}
	for i := range 250 {
		h.Set(fmt.Sprint("X-Many-", i), value)
	}
	return h
}

// TestPathBytes shows that an origin gets the path and the query that the client
// sent, byte for byte, however they are escaped: what policy judged is what is used.
func TestPathBytes(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) { s.ClearHosts = []string{"plain.example"} })
	for _, target := range []string{
		"/v1/%6dodels", "/v1/%2e%2e/models", "/v1/../models", "/v1//models", "/v1/a%2Fb", "/v1/a%2fb", "/v1/a;b", "/v1/%C3%A9", "/v1/a+b", "/v1/a%20b", "/v1/models?", "/v1/models?a=%41&a=b%2B;c",
	} {
		for way, url := range map[string]string{"inside": "https://" + host, "in clear": "http://plain.example"} {
			p.Origin.Received()
			r, _ := http.NewRequest(http.MethodGet, url, nil)
			path, query, asked := strings.Cut(target, "?")
			r.URL.Opaque, r.URL.RawQuery, r.URL.ForceQuery = "//"+r.URL.Host+path, query, asked
			resp, err := p.Client("", false).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := p.Origin.Received(); len(got) > 1 || len(got) == 1 && got[0].RequestURI != target || len(got) == 0 && resp.StatusCode < 400 {
				t.Errorf("%s, %s: %d, the origin got %v", way, target, resp.StatusCode, got)
			}
		}
	}
}

package main

import (
	"strings"
	"testing"
)

// TestEndpoints shows how an entry of listen.proxy is told to clients.
func TestEndpoints(t *testing.T) {
	for _, c := range []struct{ entries, url, pac string }{
		{"127.0.0.1:8080", "http://127.0.0.1:8080", "PROXY 127.0.0.1:8080"},
		{"0.0.0.0:8080", "http://127.0.0.1:8080", "PROXY 127.0.0.1:8080"},
		{"[::]:8080", "http://127.0.0.1:8080", "PROXY 127.0.0.1:8080"},
		{"[::1]:8080", "http://[::1]:8080", "PROXY [::1]:8080"},
		{"https://0.0.0.0:8443", "https://127.0.0.1:8443", "HTTPS 127.0.0.1:8443"},
		{"https://0.0.0.0:8443 10.0.0.1:3128", "http://10.0.0.1:3128", "PROXY 10.0.0.1:3128"}, // in clear, where there is one
	} {
		var all []endpoint
		for _, entry := range strings.Fields(c.entries) {
			all = append(all, parseEndpoint(entry))
		}
		if e := nearest(all); e.url() != c.url || e.pac() != c.pac {
			t.Errorf("%s: %s and %s", c.entries, e.url(), e.pac())
		}
	}
}

// TestPACNamesTheListener shows that without pac.proxies the PAC file names the
// listener, as what it is.
func TestPACNamesTheListener(t *testing.T) {
	catalogue, err := newCatalogue(DestinationConfig{})
	if err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	for entry, want := range map[string]string{
		"[::1]:8080": `"PROXY [::1]:8080"`, "https://10.0.0.1:8443": `"HTTPS 10.0.0.1:8443"`,
	} {
		script, err := newPAC(c, catalogue, nil, parseEndpoint(entry))
		if err != nil || !strings.Contains(string(script), want) {
			t.Errorf("%s: %v in %.300s", entry, err, script)
		}
	}
	c.PAC.Proxies = []string{"HTTPS proxy.corp:8443", "PROXY proxy.corp:8080"}
	script, err := newPAC(c, catalogue, nil, parseEndpoint("127.0.0.1:8080"))
	if err != nil || !strings.Contains(string(script), `"HTTPS proxy.corp:8443; PROXY proxy.corp:8080"`) {
		t.Errorf("%v in %.300s", err, script)
	}
}

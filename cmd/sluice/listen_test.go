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

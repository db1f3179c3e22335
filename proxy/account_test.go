package proxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// TestTenantHostsThatAreNeverTouched shows that TLS is not broken where devices
// show certificates of their own, though sign-in beside it is intercepted.
func TestTenantHostsThatAreNeverTouched(t *testing.T) {
	hosts := map[string]bool{
		"login.microsoftonline.com": true, "login.live.com": true,
		"device.login.microsoftonline.com": false, "enterpriseregistration.windows.net": false, "any.login.microsoftonline.com": false,
	}
	for version, microsoft := range map[string]map[string][]string{
		"v1": {"tenant_id": {"11111111-2222-3333-4444-555555555555"}, "allowed_tenants": {"ours.example"}},
		"v2": {"tenant_id": {"11111111-2222-3333-4444-555555555555"}, "policy_id": {"99999999-8888-7777-6666-555555555555"}},
	} {
		p := start(t, func(s *proxytest.Settings) {
			s.Tenants = tenant.Blocks{"microsoft": microsoft}
			for host := range hosts {
				s.Hosts = append(s.Hosts, host)
			}
		})
		for host, intercepted := range hosts {
			conn, resp := p.Connect(t, host+":443")
			if resp.StatusCode != http.StatusOK {
				t.Fatalf("%s: CONNECT: %s", host, resp.Status)
			}
			roots := x509.NewCertPool()
			roots.AddCert(p.Origin.Authority.Root())
			if intercepted {
				roots = x509.NewCertPool()
				roots.AddCert(p.CA.Root())
			}
			if err := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}).Handshake(); err != nil {
				t.Errorf("%s: %s: intercepted is not %v: %v", version, host, intercepted, err)
			}
		}
	}
}

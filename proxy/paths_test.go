package proxy_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestCertificatePaths goes through chains as BetterTLS does: an origin is
// reached over a good chain, whatever lies beside it, and never over a bad one.
func TestCertificatePaths(t *testing.T) {
	newKey := func() crypto.Signer {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	now, server := time.Now(), []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	type pair struct {
		cert *x509.Certificate
		key  crypto.Signer
	}
	names := 0
	sign := func(template *x509.Certificate, by *pair, key crypto.Signer) *pair {
		names++
		template.Subject = pkix.Name{CommonName: string(rune('A' + names))}
		parent, signer := template, key
		if by != nil {
			parent, signer = by.cert, by.key
		}
		name := template.Subject
		cert := issueNamed(t, template, parent, key, signer, name)
		return &pair{cert, key}
	}
	authority := func(change func(*x509.Certificate), by *pair) *pair {
		template := &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
		if change != nil {
			change(template)
		}
		return sign(template, by, newKey())
	}
	leaf := func(change func(*x509.Certificate), by *pair) *pair {
		template := &x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: server, KeyUsage: x509.KeyUsageDigitalSignature}
		if change != nil {
			change(template)
		}
		return sign(template, by, newKey())
	}
	expire := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = now.Add(-2*time.Hour), now.Add(-time.Hour) }

	root := authority(nil, nil)
	good := authority(nil, root)
	expired := authority(expire, root)
	// The same authority, once expired and once not: a path must be built over the
	// good one although the bad one is sent too.
	twinKey := newKey()
	twinTemplate := func() *x509.Certificate {
		return &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	}
	twinName := pkix.Name{CommonName: "twin"}
	oldTwin := twinTemplate()
	expire(oldTwin)
	twinExpired := &pair{issueNamed(t, oldTwin, root.cert, twinKey, root.key, twinName), twinKey}
	twinGood := &pair{issueNamed(t, twinTemplate(), root.cert, twinKey, root.key, twinName), twinKey}
	stranger := authority(nil, nil)

	only := func(domains ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			c.PermittedDNSDomains, c.PermittedDNSDomainsCritical = domains, true
		}
	}
	permitted, elsewhere := authority(only("openai.com"), root), authority(only("example.com"), root)
	excluded := authority(func(c *x509.Certificate) { c.ExcludedDNSDomains = []string{"openai.com"} }, root)
	clients := authority(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, root)
	short := authority(func(c *x509.Certificate) { c.MaxPathLenZero = true }, root)
	noAuthority := leaf(nil, root)
	cannotSign := authority(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }, root)
	unknown := pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Critical: true, Value: []byte{5, 0}}

	for _, c := range []struct {
		name  string
		leaf  *pair
		above []*pair
		ok    bool
	}{
		{"direct", leaf(nil, root), nil, true},
		{"one between", leaf(nil, good), []*pair{good}, true},
		{"one between, with its root", leaf(nil, good), []*pair{good, root}, true},
		{"out of order, with strangers", leaf(nil, good), []*pair{stranger, root, good}, true},
		{"one between that is not sent", leaf(nil, good), nil, false},
		{"two of one name, the first expired", leaf(nil, twinGood), []*pair{twinExpired, twinGood}, true},
		{"two of one name, only the expired sent", leaf(nil, twinGood), []*pair{twinExpired}, false},
		{"expired between", leaf(nil, expired), []*pair{expired}, false},
		{"expired leaf", leaf(expire, good), []*pair{good}, false},
		{"not by who it says", leaf(nil, stranger), []*pair{good}, false},
		{"by a leaf", leaf(nil, noAuthority), []*pair{noAuthority}, false},
		{"by one that may not sign", leaf(nil, cannotSign), []*pair{cannotSign}, false},
		{"path that is too long", func() *pair { below := authority(nil, short); return leaf(nil, below) }(), nil, false},
		{"permitted name", leaf(nil, permitted), []*pair{permitted}, true},
		{"name that is not permitted", leaf(nil, elsewhere), []*pair{elsewhere}, false},
		{"excluded name", leaf(nil, excluded), []*pair{excluded}, false},
		{"an excluded name beside", leaf(func(c *x509.Certificate) { c.DNSNames = []string{host, "chatgpt.com"} }, permitted), []*pair{permitted}, false},
		{"authority for clients", leaf(nil, clients), []*pair{clients}, false},
		{"leaf for clients, CVE-2022-21657", leaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, root), nil, false},
		{"leaf for mail", leaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} }, root), nil, false},
		{"name as the common name only", leaf(func(c *x509.Certificate) { c.DNSNames = nil }, root), nil, false},
		{"name as a mail address, CVE-2022-21656", leaf(func(c *x509.Certificate) { c.DNSNames, c.EmailAddresses = nil, []string{host} }, root), nil, false},
		{"name as an address", leaf(func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, []net.IP{net.IPv4(127, 0, 0, 1)} }, root), nil, false},
		{"wildcard", leaf(func(c *x509.Certificate) { c.DNSNames = []string{"*.openai.com"} }, root), nil, true},
		{"wildcard too high", leaf(func(c *x509.Certificate) { c.DNSNames = []string{"*.com"} }, root), nil, false},
		{"wildcard in the middle", leaf(func(c *x509.Certificate) { c.DNSNames = []string{"api.*.com"} }, root), nil, false},
		{"wildcard in part", leaf(func(c *x509.Certificate) { c.DNSNames = []string{"a*.openai.com"} }, root), nil, false},
		{"unknown critical extension", leaf(func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{unknown} }, root), nil, false},
		{"weak key beside a good chain", leaf(nil, good), []*pair{good, sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true}, root, weak)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			chain := [][]byte{c.leaf.cert.Raw}
			for _, above := range c.above {
				chain = append(chain, above.cert.Raw)
			}
			l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
				MinVersion:   tls.VersionTLS12,
				Certificates: []tls.Certificate{{Certificate: chain, PrivateKey: c.leaf.key}},
			})
			if err != nil {
				t.Fatal(err)
			}
			reached := make(chan struct{}, 1)
			origin := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} })}
			go origin.Serve(l)
			defer origin.Close()
			roots := x509.NewCertPool()
			roots.AddCert(root.cert)
			p := proxytest.Start(t, proxytest.Settings{Resolve: map[string]string{host: l.Addr().String()}, Roots: roots, Sanctioned: []string{"openai-api"}, Log: zap.NewNop()})
			resp, err := p.Client("", false).Get("https://" + host + "/v1/models")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if want := map[bool]int{true: http.StatusOK, false: http.StatusBadGateway}[c.ok]; resp.StatusCode != want {
				t.Errorf("got %d, want %d: %v", resp.StatusCode, want, last(p.Completions(t))["reason"])
			}
			if len(reached) > 0 != c.ok {
				t.Errorf("the origin was reached: %v", !c.ok)
			}
		})
	}
}

package e2e

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/Netflix/bettertls/test-suites/certutil"
	"github.com/Netflix/bettertls/test-suites/nameconstraints"
	"github.com/Netflix/bettertls/test-suites/pathbuilding"
	suites "github.com/Netflix/bettertls/test-suites/test-case"
)

// constraintStep is how many of the 9,000 cases of name constraints one stands for.
const constraintStep = 29

// TestBetterTLS puts the certificates of Netflix's BetterTLS before the proxy: all
// cases of path building, and of name constraints a sample of those for names. What
// must be rejected is a 502 of which the origin has seen nothing.
func TestBetterTLS(t *testing.T) {
	t.Parallel()
	root, key, err := certutil.GenerateSelfSignedCert("e2e BetterTLS")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	roots := write("root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}))
	catalogue := write("bettertls.json", []byte(fmt.Sprintf(`{"entries":[{"id":"bettertls","name":"BetterTLS","vendor":"Netflix","category":"chat","country":"XX","hosts":[{"pattern":"localhost","match":"exact","role":"api"},{"pattern":%q,"match":"exact","role":"api"}]}]}`, nameconstraints.VALID_DNS_NAME)))

	var chain atomic.Pointer[tls.Certificate]
	var reached atomic.Int32
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:           http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }),
		ReadHeaderTimeout: patience, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{SessionTicketsDisabled: true, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return chain.Load(), nil }},
	}
	server.SetKeepAlivesEnabled(false)
	done := make(chan error, 1)
	go func() { done <- server.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	s := ServeConfig(t, fmt.Sprintf(`listen: {proxy: "127.0.0.1:0", admin: "127.0.0.1:0"}
upstream:
  ca_files: [%s]
  resolve: {localhost: %q, %q: %q}
destinations: {sanctioned: [bettertls], catalogue_files: [%s]}
`, roots, l.Addr(), nameconstraints.VALID_DNS_NAME, l.Addr(), catalogue))
	client := s.client(t)

	for _, suite := range []struct {
		provider suites.TestCaseProvider
		step     uint
		least    int
	}{{pathbuilding.NewTestCaseProvider(), 1, 81}, {nameconstraints.NewTestCaseProvider(), constraintStep, 100}} {
		total, err := suite.provider.GetTestCaseCount()
		if err != nil {
			t.Fatal(err)
		}
		ran := 0
		for i := uint(0); i < total; i += suite.step {
			c, err := suite.provider.GetTestCase(i)
			if err != nil {
				t.Fatal(err)
			}
			accepted, ok := expected(t, c, root, key, &chain)
			if !ok {
				continue
			}
			ran++
			before := reached.Load()
			resp, err := client.Get("https://" + c.GetHostname() + "/v1/models")
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if want := map[bool]int{true: http.StatusOK, false: http.StatusBadGateway}[accepted]; resp.StatusCode != want || reached.Load()-before != map[bool]int32{true: 1}[accepted] {
				t.Errorf("%s %d: got %d, want %d", suite.provider.Name(), i, resp.StatusCode, want)
			}
		}
		if ran < suite.least {
			t.Errorf("%s: only %d cases were run", suite.provider.Name(), ran)
		}
		t.Logf("%s: %d cases", suite.provider.Name(), ran)
	}
}

// expected puts a case's certificates in place and tells whether they are to be
// accepted; ok is false for cases about addresses. What clients do differently is as
// crypto/x509 does it.
func expected(t *testing.T, c suites.TestCase, root *x509.Certificate, key crypto.Signer, chain *atomic.Pointer[tls.Certificate]) (accepted, ok bool) {
	t.Helper()
	if net.ParseIP(c.GetHostname()) != nil {
		return false, false
	}
	cert, err := c.GetCertificates(root, key)
	if err != nil {
		t.Fatal(err)
	}
	chain.Store(cert)
	switch c.ExpectedResult() {
	case suites.EXPECTED_RESULT_PASS:
		return true, true
	case suites.EXPECTED_RESULT_FAIL:
		return false, true
	}
	options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), DNSName: c.GetHostname()}
	options.Roots.AddCert(root)
	for _, raw := range cert.Certificate[1:] {
		if above, err := x509.ParseCertificate(raw); err == nil {
			options.Intermediates.AddCert(above)
		}
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return false, true
	}
	_, err = leaf.Verify(options)
	return err == nil, true
}

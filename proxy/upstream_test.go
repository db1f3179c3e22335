//go:debug rsa1024min=0

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
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// issue signs a certificate; the parent is itself when none is given.
func issue(t *testing.T, template, parent *x509.Certificate, key crypto.Signer, signer crypto.Signer) *x509.Certificate {
	t.Helper()
	return issueNamed(t, template, parent, key, signer, pkix.Name{CommonName: "test"})
}

func issueNamed(t *testing.T, template, parent *x509.Certificate, key, signer crypto.Signer, name pkix.Name) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = name
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-time.Hour)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// TestUpstreamIsVerified shows that no request reaches an origin whose
// certificate is not good, and that the client is told why.
func TestUpstreamIsVerified(t *testing.T) {
	const host = "api.openai.com"
	rootKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	root := issue(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, rootKey, rootKey)
	strangerKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	stranger := issue(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, strangerKey, strangerKey)
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	now := time.Now()

	for _, c := range []struct {
		name   string
		cert   *x509.Certificate
		key    crypto.Signer
		reason string
	}{
		{"good", issue(t, &x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: server}, root, key, rootKey), key, ""},
		{"wrong name", issue(t, &x509.Certificate{DNSNames: []string{"other.example"}, ExtKeyUsage: server}, root, key, rootKey), key, "upstream_wrong_name"},
		{"expired", issue(t, &x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: server, NotBefore: now.Add(-2 * time.Hour), NotAfter: now.Add(-time.Hour)}, root, key, rootKey), key, "upstream_expired"},
		{"not yet valid", issue(t, &x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: server, NotBefore: now.Add(time.Hour), NotAfter: now.Add(2 * time.Hour)}, root, key, rootKey), key, "upstream_expired"},
		{"self-signed", issue(t, &x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: server}, nil, key, key), key, "upstream_untrusted"},
		{"unknown authority", issue(t, &x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: server}, stranger, key, strangerKey), key, "upstream_untrusted"},
		{"for clients only", issue(t, &x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, root, key, rootKey), key, "upstream_untrusted"},
		{"weak key", issue(t, &x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: server}, root, weak, rootKey), weak, "upstream_weak_key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			reached := make(chan struct{}, 1)
			listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
				MinVersion:   tls.VersionTLS12,
				Certificates: []tls.Certificate{{Certificate: [][]byte{c.cert.Raw}, PrivateKey: c.key}},
			})
			if err != nil {
				t.Fatal(err)
			}
			origin := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				reached <- struct{}{}
				io.WriteString(w, "{}")
			})}
			go origin.Serve(listener)
			defer origin.Close()

			roots := x509.NewCertPool()
			roots.AddCert(root)
			p := proxytest.Start(t, proxytest.Settings{
				Resolve: map[string]string{host: listener.Addr().String()}, Roots: roots, Sanctioned: []string{"openai-api"},
			})
			resp, err := p.Client("", false).Get("https://" + host + "/v1/models")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, _ := io.ReadAll(resp.Body)
			if c.reason == "" {
				if resp.StatusCode != 200 {
					t.Errorf("got %d: %s", resp.StatusCode, text)
				}
				return
			}
			if resp.StatusCode != http.StatusBadGateway || !strings.Contains(string(text), resp.Header.Get("Sluice-Exchange")) {
				t.Errorf("got %d: %s", resp.StatusCode, text)
			}
			if len(reached) > 0 {
				t.Error("the origin was reached")
			}
			if line := last(p.Completions(t)); line["reason"] != c.reason {
				t.Errorf("recorded as %v", line)
			}
		})
	}
}

func last(lines []map[string]any) map[string]any {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i]["outcome"] != "closed" { // the CONNECT's own
			return lines[i]
		}
	}
	return nil
}

// TestPrivateAddresses shows that a name that resolves to an address of ours is
// not dialled, and neither is such an address itself.
func TestPrivateAddresses(t *testing.T) {
	p := proxytest.Start(t, proxytest.Settings{})
	for _, authority := range []string{"127.0.0.1:443", "169.254.169.254:80", "[::1]:443", "10.0.0.1:443", "localhost:443", "metadata.google.internal:80"} {
		conn, resp := p.Connect(t, authority)
		if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusBadGateway {
			t.Errorf("CONNECT %s: got %d", authority, resp.StatusCode)
		}
		conn.Close()
	}
	// The admin listener, or any other of ours, is no destination either.
	host, port, _ := net.SplitHostPort(p.Address)
	if _, resp := p.Connect(t, net.JoinHostPort(host, port)); resp.StatusCode != http.StatusForbidden {
		t.Errorf("CONNECT to the proxy itself: got %d", resp.StatusCode)
	}
}

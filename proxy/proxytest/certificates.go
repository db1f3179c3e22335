package proxytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy"
)

// A clientAuthority makes the certificates of clients, and that of the HTTPS proxy
// which asks for them.
type clientAuthority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newHTTPSProxy is the TLS of a proxy that wants certificates of the authority.
func newHTTPSProxy(t testing.TB) (*clientAuthority, *proxy.ListenerTLS) {
	t.Helper()
	a := &clientAuthority{}
	root := a.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "clients"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	a.cert, a.key = root.Leaf, root.PrivateKey.(*ecdsa.PrivateKey)
	own := a.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "proxy"}, DNSNames: []string{"proxy.example"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	must(t, err)
	dir := t.TempDir()
	files := proxy.ListenerFiles{Cert: filepath.Join(dir, "cert"), Key: filepath.Join(dir, "key"), ClientCA: filepath.Join(dir, "clients")}
	for name, block := range map[string]*pem.Block{
		files.Cert:     {Type: "CERTIFICATE", Bytes: own.Leaf.Raw},
		files.Key:      {Type: "PRIVATE KEY", Bytes: key},
		files.ClientCA: {Type: "CERTIFICATE", Bytes: a.cert.Raw},
	} {
		must(t, os.WriteFile(name, pem.EncodeToMemory(block), 0o600))
	}
	secure, err := proxy.NewListenerTLS(files)
	must(t, err)
	return a, secure
}

func (a *clientAuthority) issue(t testing.TB, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	must(t, err)
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, by := a.cert, a.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: cert}
}

// config is how a client speaks to the HTTPS proxy: names holds, with blanks
// between, the alternative names in its certificate, addresses and URIs.
func (a *clientAuthority) config(t testing.TB, names string) *tls.Config {
	t.Helper()
	template := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	for _, name := range strings.Fields(names) {
		if strings.Contains(name, "@") {
			template.EmailAddresses = append(template.EmailAddresses, name)
			continue
		}
		u, err := url.Parse(name)
		must(t, err)
		template.URIs = append(template.URIs, u)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	return &tls.Config{ServerName: "proxy.example", RootCAs: roots, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{a.issue(t, template)}}
}

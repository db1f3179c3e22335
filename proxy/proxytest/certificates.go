package proxytest

import (
	"crypto"
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

	"github.com/sluice-proxy/sluice/proxy/listener"
)

// An authority makes certificates: of clients, of the HTTPS proxy which asks for
// them, of odd origins.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newTestAuthority(t testing.TB, name string) *authority {
	t.Helper()
	root := (&authority{}).issue(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte(name),
	})
	return &authority{root.Leaf, root.PrivateKey.(crypto.Signer)}
}

// listener is the TLS of a proxy that wants certificates of the authority, and, with
// revoked, knows which were taken back, as of a list that holds until then.
func (a *authority) listener(t testing.TB, until time.Time, revoked ...*x509.Certificate) *listener.TLS {
	t.Helper()
	own := a.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "proxy"}, DNSNames: []string{"proxy.example"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	must(t, err)
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-2 * time.Hour), NextUpdate: until}
	for _, cert := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: cert.SerialNumber, RevocationTime: time.Now()})
	}
	signed, err := x509.CreateRevocationList(rand.Reader, list, a.cert, a.key)
	must(t, err)
	dir := t.TempDir()
	files := listener.Files{Cert: filepath.Join(dir, "cert"), Key: filepath.Join(dir, "key"), ClientCA: filepath.Join(dir, "clients"), ClientCRLs: []string{filepath.Join(dir, "list")}}
	for name, block := range map[string]*pem.Block{
		files.Cert:          {Type: "CERTIFICATE", Bytes: own.Leaf.Raw},
		files.Key:           {Type: "PRIVATE KEY", Bytes: key},
		files.ClientCA:      {Type: "CERTIFICATE", Bytes: a.cert.Raw},
		files.ClientCRLs[0]: {Type: "X509 CRL", Bytes: signed},
	} {
		must(t, os.WriteFile(name, pem.EncodeToMemory(block), 0o600))
	}
	secure, err := listener.New(files)
	must(t, err)
	return secure
}

// issue makes a certificate with a key of its own.
func (a *authority) issue(t testing.TB, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return a.sign(t, template, key)
}

// sign makes a certificate for a key; the first signs itself. It holds for an hour,
// if the template does not say otherwise.
func (a *authority) sign(t testing.TB, template *x509.Certificate, key crypto.Signer) tls.Certificate {
	t.Helper()
	var err error
	template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	must(t, err)
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-time.Hour)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
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

// client makes a certificate of a client. names holds, with blanks between, the
// alternative names in it, addresses and URIs, and, if it is short, how long it holds.
func (a *authority) client(t testing.TB, names string) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	for _, name := range strings.Fields(names) {
		if strings.Contains(name, "@") {
			template.EmailAddresses = append(template.EmailAddresses, name)
			continue
		}
		if short, err := time.ParseDuration(name); err == nil {
			template.NotAfter = time.Now().Add(short)
			continue
		}
		u, err := url.Parse(name)
		must(t, err)
		template.URIs = append(template.URIs, u)
	}
	return a.issue(t, template)
}

// config is how a client with a certificate speaks to the HTTPS proxy.
func (a *authority) config(cert tls.Certificate) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	return &tls.Config{ServerName: "proxy.example", RootCAs: roots, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
}

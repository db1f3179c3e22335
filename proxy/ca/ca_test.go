package ca_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

func made(t testing.TB, dir string, edit ...func(*ca.Options)) *ca.Authority {
	t.Helper()
	o := ca.Options{CertFile: filepath.Join(dir, "ca.pem"), KeyFile: filepath.Join(dir, "ca-key.pem"), Make: true}
	for _, e := range edit {
		e(&o)
	}
	a, err := ca.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestMake(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	a := made(t, dir)
	root := a.Root()
	if !root.IsCA || root.MaxPathLen != 0 || !root.MaxPathLenZero || root.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		t.Errorf("root is not a plain CA: %+v", a.Info())
	}
	if len(root.SubjectKeyId) != 20 || root.SerialNumber.BitLen() < 64 {
		t.Error("root without key id or with a short serial")
	}
	if err := root.CheckSignatureFrom(root); err != nil {
		t.Error(err)
	}
	i := a.Info()
	if i.Key != "ECDSA P-256" || !strings.HasPrefix(i.Subject, "CN=Sluice CA ") || len(i.Fingerprint) != 95 || i.Fingerprint != a.Fingerprint() {
		t.Errorf("info: %+v", i)
	}
	info, err := os.Stat(filepath.Join(dir, "ca-key.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info.Mode(), err)
	}
	if info, _ = os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v", info.Mode())
	}
	if bytes.Contains(a.PEM(), []byte("KEY")) || !bytes.HasPrefix(a.PEM(), []byte("-----BEGIN CERTIFICATE-----")) {
		t.Error("PEM is not just the certificate")
	}
	if c, err := x509.ParseCertificate(a.DER()); err != nil || !c.Equal(root) {
		t.Error("DER is not the root")
	}
	if b := made(t, dir); !b.Root().Equal(root) {
		t.Error("a second start has another root")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Processes that start at once agree, also when one was killed half-way before.
func TestMakeTogether(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		var wg sync.WaitGroup
		prints := make([]string, 8)
		for i := range prints {
			wg.Go(func() { prints[i] = made(t, dir).Fingerprint() })
		}
		wg.Wait()
		for _, p := range prints {
			if p != prints[0] {
				t.Fatal("two roots")
			}
		}
	}
}

func TestMakeAfterCrash(t *testing.T) {
	dir := t.TempDir()
	before := made(t, dir)
	if err := os.Remove(filepath.Join(dir, "ca.pem")); err != nil { // killed after the key
		t.Fatal(err)
	}
	after := made(t, dir)
	if before.Info().Subject != after.Info().Subject || !bytes.Equal(before.Root().SubjectKeyId, after.Root().SubjectKeyId) {
		t.Error("a root made again for one key is another authority")
	}
	if err := os.Remove(filepath.Join(dir, "ca-key.pem")); err != nil {
		t.Fatal(err)
	}
	_, err := ca.Open(ca.Options{CertFile: filepath.Join(dir, "ca.pem"), KeyFile: filepath.Join(dir, "ca-key.pem"), Make: true})
	if !errors.Is(err, ca.ErrNotFound) || !strings.Contains(err.Error(), "without its key") {
		t.Errorf("certificate without key: %v", err)
	}
}

// given writes a pair and opens it.
type given struct {
	cert []byte // PEM
	key  []byte
	mode os.FileMode
}

func (g given) open(t *testing.T, edit ...func(*ca.Options)) (*ca.Authority, error) {
	t.Helper()
	dir := t.TempDir()
	o := ca.Options{CertFile: filepath.Join(dir, "corp.pem"), KeyFile: filepath.Join(dir, "corp-key.pem")}
	if g.mode == 0 {
		g.mode = 0o600
	}
	write(t, o.CertFile, g.cert, 0o644)
	write(t, o.KeyFile, g.key, g.mode)
	for _, e := range edit {
		e(&o)
	}
	return ca.Open(o)
}

func TestGivenRefused(t *testing.T) {
	key := ecKey(t)
	good := template("Corp Root")
	pair := func(edit func(*x509.Certificate)) given {
		c := template("Corp Root")
		edit(c)
		return given{cert: certPEM(issue(t, c, nil, key, key)), key: pkcs8(t, key)}
	}
	self := func(k crypto.Signer) given {
		return given{cert: certPEM(issue(t, good, nil, k, k)), key: pkcs8(t, k)}
	}
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	mismatch := self(key)
	mismatch.key = pkcs8(t, ecKey(t))
	exposed := self(key)
	exposed.mode = 0o640
	withKey := self(key)
	withKey.cert = append(withKey.cert, withKey.key...)
	stranger := self(key)
	stranger.cert = append(stranger.cert, certPEM(issue(t, template("Stranger"), nil, ecKey(t), nil))...)
	big := self(key)
	big.cert = append(big.cert, bytes.Repeat([]byte("#\n"), 1<<20)...)

	for _, c := range []struct {
		name string
		give given
		is   error
		says string
	}{
		{"mismatch", mismatch, ca.ErrInvalid, "does not belong"},
		{"group may read the key", exposed, ca.ErrExposed, "0600"},
		{"not a CA", pair(func(c *x509.Certificate) { c.IsCA = false }), ca.ErrInvalid, "not a CA"},
		{"expired", pair(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), ca.ErrExpired, "ended on"},
		{"not yet valid", pair(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }), ca.ErrInvalid, "not valid before"},
		{"may not sign", pair(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }), ca.ErrInvalid, "keyUsage"},
		{"client use only", pair(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), ca.ErrInvalid, "serverAuth"},
		{"Ed25519", self(ed), ca.ErrInvalid, "neither an RSA nor an ECDSA"},
		{"RSA 1024", self(small), ca.ErrInvalid, "2048"},
		{"key in the certificate file", withKey, ca.ErrInvalid, "not a certificate"},
		{"strange issuer", stranger, ca.ErrInvalid, "not signed by"},
		{"too big", big, ca.ErrInvalid, "over"},
		{"empty", given{key: pkcs8(t, key)}, ca.ErrInvalid, "no PEM certificate"},
		{"no key", given{cert: self(key).cert, key: []byte("nothing")}, ca.ErrInvalid, "no PEM private key"},
		{"broken key", given{cert: self(key).cert, key: block("PRIVATE KEY", []byte("secret bytes"))}, ca.ErrInvalid, "cannot be parsed"},
		{"encrypted key", given{cert: self(key).cert, key: block("ENCRYPTED PRIVATE KEY", []byte("secret bytes"))}, ca.ErrInvalid, "encrypted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := c.give.open(t)
			if a != nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
			if strings.Contains(err.Error(), "secret bytes") {
				t.Error("the error shows the key")
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		_, err := ca.Open(ca.Options{CertFile: filepath.Join(t.TempDir(), "ca.pem"), KeyFile: "none"})
		if !errors.Is(err, ca.ErrNotFound) {
			t.Error(err)
		}
	})
	t.Run("short secret", func(t *testing.T) {
		if _, err := self(key).open(t, func(o *ca.Options) { o.Secret = []byte("short") }); err == nil {
			t.Error("taken")
		}
	})
}

// Helpers that write certificates as an enterprise would.

func template(cn string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: cn},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().AddDate(5, 0, 0),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}
}

// issue signs a template; by is the issuer, nil for itself; key is the subject's.
func issue(t *testing.T, c, by *x509.Certificate, key, byKey crypto.Signer) *x509.Certificate {
	t.Helper()
	if by == nil {
		by, byKey = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), byKey)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func certPEM(certs ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range certs {
		out = append(out, block("CERTIFICATE", c.Raw)...)
	}
	return out
}

func pkcs8(t *testing.T, k crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return block("PRIVATE KEY", der)
}

func write(t *testing.T, name string, data []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, data, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

package ca_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

func TestLeaf(t *testing.T) {
	a := made(t, t.TempDir())
	for host, want := range map[string]string{
		"chat.example.com": "chat.example.com", "Chat.Example.COM": "chat.example.com", "a_b.example.com": "a_b.example.com",
		"192.0.2.7": "192.0.2.7", "2001:db8::7": "2001:db8::7", "::ffff:192.0.2.9": "192.0.2.9",
		strings.Repeat("long-label.", 8) + "example": strings.Repeat("long-label.", 8) + "example",
	} {
		c, err := a.Certificate(host)
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		leaf := c.Leaf
		roots := x509.NewCertPool()
		roots.AddCert(a.Root())
		name := want
		if net.ParseIP(name) != nil {
			name = "[" + name + "]"
		}
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		if len(leaf.DNSNames)+len(leaf.IPAddresses) != 1 {
			t.Errorf("%s: more than one name: %v %v", host, leaf.DNSNames, leaf.IPAddresses)
		}
		if life := leaf.NotAfter.Sub(leaf.NotBefore); life > 90*24*time.Hour || time.Since(leaf.NotBefore) < 50*time.Minute {
			t.Errorf("%s: from %v to %v", host, leaf.NotBefore, leaf.NotAfter)
		}
		if string(leaf.AuthorityKeyId) != string(a.Root().SubjectKeyId) || leaf.IsCA {
			t.Errorf("%s: not bound to its root", host)
		}
		if leaf.SerialNumber.Sign() <= 0 || leaf.SerialNumber.BitLen() > 128 || leaf.SerialNumber.BitLen() < 64 {
			t.Errorf("%s: serial of %d bits", host, leaf.SerialNumber.BitLen())
		}
		if len(c.Certificate) != 1 {
			t.Errorf("%s: the root is served too", host)
		}
	}
}

func TestLeafRefused(t *testing.T) {
	a := made(t, t.TempDir())
	for _, host := range []string{
		"", ".", "example.com.", "*.example.com", "a..b", "a b", "a/b", "ex\x00ample.com", "bücher.example", "fe80::1%eth0",
		"[::1]", "example.com:443", strings.Repeat("a", 64) + ".com", strings.Repeat("a.", 127) + "com",
	} {
		if _, err := a.Certificate(host); !errors.Is(err, ca.ErrName) {
			t.Errorf("%q: %v", host, err)
		}
	}
}

// One leaf key, many names, and each leaf served as long as it is fresh.
func TestLeafRenewed(t *testing.T) {
	now := time.Now()
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	a := made(t, t.TempDir(), func(o *ca.Options) { o.Clock = clock })
	get := func() *x509.Certificate {
		t.Helper()
		c, err := a.Certificate("example.com")
		if err != nil {
			t.Fatal(err)
		}
		if !clock().Before(c.Leaf.NotAfter) || c.Leaf.NotAfter.After(a.Root().NotAfter) {
			t.Fatal("served a leaf out of its time")
		}
		return c.Leaf
	}
	one := get()
	pass(4 * 24 * time.Hour)
	if !get().Equal(one) {
		t.Error("replaced a fresh leaf")
	}
	pass(24 * time.Hour)
	two := get()
	if two.Equal(one) || !two.NotAfter.After(one.NotAfter) {
		t.Error("kept a leaf near its end")
	}
	pass(a.Root().NotAfter.Sub(clock()) - 24*time.Hour)
	last := get()
	if !last.NotAfter.Equal(a.Root().NotAfter) || !get().Equal(last) {
		t.Error("the last leaf does not end with its root, or is signed at each call")
	}
	pass(24 * time.Hour)
	if _, err := a.Certificate("example.com"); !errors.Is(err, ca.ErrExpired) {
		t.Errorf("after the root's end: %v", err)
	}
}

// signings counts by serial: a hundred callers at once get one certificate.
func TestSingleFlight(t *testing.T) {
	a := made(t, t.TempDir())
	for round := range 20 {
		host := fmt.Sprintf("h%d.example.com", round)
		var wg sync.WaitGroup
		serials := make([]string, 100)
		start := make(chan struct{})
		for i := range serials {
			wg.Go(func() {
				<-start
				c, err := a.Certificate(host)
				if err != nil {
					t.Error(err)
					return
				}
				serials[i] = c.Leaf.SerialNumber.String()
			})
		}
		close(start)
		wg.Wait()
		for _, s := range serials {
			if s != serials[0] {
				t.Fatal("signed more than once")
			}
		}
	}
}

func TestCacheBound(t *testing.T) {
	a := made(t, t.TempDir(), func(o *ca.Options) { o.CacheSize = 8 })
	first, _ := a.Certificate("h0.example.com")
	for i := range 100 {
		if _, err := a.Certificate(fmt.Sprintf("h%d.example.com", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := a.Leaves(); n != 8 {
		t.Errorf("%d leaves kept", n)
	}
	again, _ := a.Certificate("h0.example.com")
	if again.Leaf.Equal(first.Leaf) {
		t.Error("the oldest leaf was kept")
	}
}

// A given pair: RSA, other key encodings, and an intermediate with its issuers.
func TestGiven(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	key := ecKey(t)
	sec1, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	rsaRoot := issue(t, template("RSA Root"), nil, rsaKey, nil)
	ecRoot := issue(t, template("EC Root"), nil, key, nil)
	subKey := ecKey(t)
	sub := issue(t, template("Proxy CA"), rsaRoot, subKey, rsaKey)

	for _, c := range []struct {
		name   string
		give   given
		root   *x509.Certificate // what the client trusts
		shown  *x509.Certificate // what /ca.pem gives
		served int
	}{
		{"RSA, PKCS#8", given{cert: certPEM(rsaRoot), key: pkcs8(t, rsaKey)}, rsaRoot, rsaRoot, 1},
		{"RSA, PKCS#1", given{cert: certPEM(rsaRoot), key: block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey))}, rsaRoot, rsaRoot, 1},
		{"EC, SEC 1 after its parameters", given{cert: certPEM(ecRoot), key: append(block("EC PARAMETERS", []byte{6, 8}), block("EC PRIVATE KEY", sec1)...)}, ecRoot, ecRoot, 1},
		{"intermediate with its root", given{cert: certPEM(sub, rsaRoot), key: pkcs8(t, subKey)}, rsaRoot, rsaRoot, 2},
		{"intermediate alone", given{cert: certPEM(sub), key: pkcs8(t, subKey), mode: 0o400}, rsaRoot, sub, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := c.give.open(t)
			if err != nil {
				t.Fatal(err)
			}
			if !a.Root().Equal(c.shown) {
				t.Error("another root is given to clients")
			}
			leaf, err := a.Certificate("chat.example.com")
			if err != nil {
				t.Fatal(err)
			}
			if len(leaf.Certificate) != c.served {
				t.Errorf("%d certificates served", len(leaf.Certificate))
			}
			handshake(t, a, "chat.example.com", c.root, 0)
		})
	}
}

func TestNameConstraints(t *testing.T) {
	key := ecKey(t)
	c := template("Narrow Root")
	c.PermittedDNSDomains, c.PermittedDNSDomainsCritical = []string{"example.com"}, true
	a, err := given{cert: certPEM(issue(t, c, nil, key, nil)), key: pkcs8(t, key)}.open(t)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Info().Constraints; len(got) != 1 || got[0] != "permitted example.com" {
		t.Errorf("constraints: %v", got)
	}
	if _, err := a.Certificate("chat.example.com"); err != nil {
		t.Error(err)
	}
	if _, err := a.Certificate("chat.example.org"); !errors.Is(err, ca.ErrName) {
		t.Errorf("outside: %v", err)
	}
}

func BenchmarkSign(b *testing.B) {
	a := made(b, b.TempDir())
	i := 0
	for b.Loop() {
		i++
		if _, err := a.Certificate(fmt.Sprintf("h%d.example.com", i)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHit(b *testing.B) {
	a := made(b, b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Certificate("example.com"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConfig(b *testing.B) {
	a := made(b, b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		a.Config("example.com")
	}
}

package ca

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"time"
)

// The life of a leaf. The CA/Browser Forum's limits do not bind a private
// authority; browsers accept 398 days at most.
const (
	leafLife     = 7 * 24 * time.Hour
	leafBackdate = time.Hour
)

// Certificate returns the leaf for a host: a DNS name of A-labels, or an IP
// address without brackets. It comes from the cache or is signed now; callers
// that ask for one host at once share one signing. The errors are ErrName for
// what no certificate can name and ErrExpired when the authority has ended.
func (a *Authority) Certificate(host string) (*tls.Certificate, error) {
	host = strings.ToLower(host)
	if c, ok := a.leaves.Get(host); ok && a.fresh(c) {
		return c, nil
	}
	v, err, _ := a.flight.Do(host, func() (any, error) {
		if c, ok := a.leaves.Get(host); ok && a.fresh(c) {
			return c, nil // signed between our look and our flight
		}
		c, err := a.sign(host)
		if err != nil {
			return nil, err
		}
		a.leaves.Add(host, c)
		return c, nil
	})
	if err != nil {
		return nil, fmt.Errorf("ca: sign leaf: %w", err)
	}
	return v.(*tls.Certificate), nil
}

// fresh reports whether a leaf may still be served: more than a third of its life
// is left, or a new one would end no later.
func (a *Authority) fresh(c *tls.Certificate) bool {
	now := a.clock()
	if !now.Before(c.Leaf.NotAfter) {
		return false
	}
	return c.Leaf.NotAfter.Sub(now) > leafLife/3 || c.Leaf.NotAfter.Equal(a.end())
}

// end is when the first certificate of the chain ends, and no leaf later.
func (a *Authority) end() time.Time {
	end := a.chain[0].NotAfter
	for _, c := range a.chain[1:] {
		if c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	return end
}

// sign makes one leaf.
func (a *Authority) sign(host string) (*tls.Certificate, error) {
	now := a.clock()
	if !now.Before(a.end()) {
		return nil, fmt.Errorf("%w on %s", ErrExpired, a.end().UTC().Format(time.DateOnly))
	}
	from, until := now.Add(-leafBackdate), now.Add(leafLife)
	if begin := a.chain[0].NotBefore; from.Before(begin) {
		from = begin
	}
	if until.After(a.end()) {
		until = a.end()
	}
	t := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{Organization: []string{"Sluice"}},
		NotBefore:             from,
		NotAfter:              until,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if err := name(t, host); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.chain[0], a.leafKey.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if err := a.permits(leaf, now); err != nil {
		return nil, err
	}
	return &tls.Certificate{
		Certificate: append([][]byte{der}, a.served...),
		PrivateKey:  a.leafKey,
		Leaf:        leaf,
	}, nil
}

// permits refuses a leaf that name constraints of the chain forbid (RFC 5280
// section 4.2.1.10): no client would accept it, and the reason would stay there.
func (a *Authority) permits(leaf *x509.Certificate, now time.Time) error {
	if len(constraints(a.chain)) == 0 {
		return nil
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(a.Root())
	for _, c := range a.chain[:len(a.chain)-1] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now})
	if err != nil {
		return fmt.Errorf("%w: the authority's name constraints forbid it", ErrName)
	}
	return nil
}

// name puts the host into the template, as the one subject alternative name, and
// as common name where it fits (RFC 5280 appendix A.1: 64 characters).
func name(t *x509.Certificate, host string) error {
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Zone() != "" {
			return fmt.Errorf("%w: address with a zone", ErrName)
		}
		t.IPAddresses = []net.IP{ip.Unmap().AsSlice()}
	} else if validName(host) {
		t.DNSNames = []string{host}
	} else {
		return fmt.Errorf("%w: not a host name", ErrName)
	}
	if len(host) <= 64 {
		t.Subject.CommonName = host
	}
	return nil
}

// validName accepts lower-case letters, digits, hyphen and underscore in labels
// of 1 to 63 bytes. A wildcard is not a name.
func validName(host string) bool {
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// serial returns 128 random bits (RFC 5280 section 4.1.2.2: positive, at most 20
// octets).
func serial() *big.Int {
	for {
		var b [16]byte
		rand.Read(b[:])
		if n := new(big.Int).SetBytes(b[:]); n.Sign() > 0 {
			return n
		}
	}
}

package ca

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strings"
	"time"
)

// Info is what people compare a certificate by.
type Info struct {
	Subject     string
	Issuer      string
	Serial      string // hex
	Fingerprint string // SHA-256 of the DER, as browsers and keychains show it: AB:CD:…
	Key         string // "ECDSA P-256", "RSA 2048"
	NotBefore   time.Time
	NotAfter    time.Time
	// Constraints are the names that the chain permits and excludes, "permitted
	// example.com"; a host outside of them gets no leaf.
	Constraints []string
}

// Info describes the root that clients have to trust.
func (a *Authority) Info() Info {
	i := Describe(a.Root())
	i.Constraints = constraints(a.chain)
	return i
}

// Fingerprint is the SHA-256 fingerprint of the root, as Info has it.
func (a *Authority) Fingerprint() string { return fingerprint(a.Root()) }

// Describe describes any certificate.
func Describe(c *x509.Certificate) Info {
	i := Info{
		Subject:     c.Subject.String(),
		Issuer:      c.Issuer.String(),
		Serial:      c.SerialNumber.Text(16),
		Fingerprint: fingerprint(c),
		Key:         c.PublicKeyAlgorithm.String(),
		NotBefore:   c.NotBefore.UTC(),
		NotAfter:    c.NotAfter.UTC(),
		Constraints: constraints([]*x509.Certificate{c}),
	}
	switch k := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		i.Key += " " + k.Curve.Params().Name
	case *rsa.PublicKey:
		i.Key += fmt.Sprintf(" %d", k.N.BitLen())
	}
	return i
}

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}

// constraints lists the name constraints of a chain.
func constraints(chain []*x509.Certificate) []string {
	var all []string
	for _, c := range chain {
		for _, n := range c.PermittedDNSDomains {
			all = append(all, "permitted "+n)
		}
		for _, n := range c.ExcludedDNSDomains {
			all = append(all, "excluded "+n)
		}
		for _, n := range c.PermittedIPRanges {
			all = append(all, "permitted "+n.String())
		}
		for _, n := range c.ExcludedIPRanges {
			all = append(all, "excluded "+n.String())
		}
	}
	return all
}

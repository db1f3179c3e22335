// Package ca is the certificate authority that clients of the proxy trust: one
// root (or a given intermediate), and the leaves it signs for intercepted hosts.
//
// Decisions that stand here:
//
//   - One P-256 leaf key for the whole process, held in memory only. A leaf
//     differs from the next only in its name, so a key for each would cost time
//     and protect nothing: whoever reads one from memory reads them all.
//   - A leaf names one host (no wildcards, no second name), so that browsers do
//     not coalesce the connections of two hosts (RFC 9113 section 9.1.1).
//   - A leaf lives for 7 days, is backdated by an hour for clients with slow
//     clocks, never outlives its issuer, and is replaced in the last third of its
//     life.
//   - Session tickets are sealed with keys derived from one secret, the day and
//     the host. Replicas with the same secret resume each other's sessions, and a
//     ticket of one host opens nothing on another: Go's server does not look at
//     the name in a ticket, so the key has to.
//   - A rotation has an overlap (see Phase): the next root is handed out beside the
//     old one long before it signs.
//   - A made root is ECDSA P-256, valid for 10 years: replacing a root on a fleet
//     is weeks of work, and this one signs for nobody but its own clients. Its
//     name is derived from its key.
package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// SecretSize is the size of Options.Secret in bytes.
const SecretSize = 32

// DefaultCacheSize is how many leaves are kept, at about 2 KB each.
const DefaultCacheSize = 16 << 10

// Errors of this package, for errors.Is.
var (
	ErrNotFound = errors.New("no such certificate authority")      // files are missing and Make is not set
	ErrInvalid  = errors.New("not a usable certificate authority") // the pair cannot sign leaves
	ErrExposed  = errors.New("private key is readable by others")
	ErrExpired  = errors.New("certificate authority has expired")
	ErrName     = errors.New("name cannot stand in a certificate")
)

// Options say where the authority lives.
type Options struct {
	// CertFile is PEM: the signing certificate first, then its issuers up to, and
	// perhaps with, the root. Issuers are served with the leaves.
	CertFile string
	// KeyFile is PEM (PKCS#8, PKCS#1 or SEC 1; RSA from 2048 bits, ECDSA from P-256),
	// with no permission bits for group and others.
	KeyFile string
	// Make makes a root where there is none. Without it missing files are ErrNotFound.
	Make bool
	// Secret seals session tickets: SecretSize bytes, the same on every replica. It
	// is used through HKDF only. Nil: random, so that only this process resumes.
	Secret []byte
	// CacheSize bounds the leaves kept; 0 is DefaultCacheSize.
	CacheSize int
	// Clock is the time; nil is time.Now.
	Clock func() time.Time
}

// An Authority signs leaves. It is immutable but for its cache of leaves, and
// safe for concurrent use.
type Authority struct {
	chain    []*x509.Certificate // signing certificate first
	key      crypto.Signer       // of chain[0]
	served   [][]byte            // DER of the chain without a self-signed root
	next     *x509.Certificate   // the root that a rotation leads to, or nil
	previous *x509.Certificate   // the root before the last switch, or nil

	leafKey *ecdsa.PrivateKey
	leaves  *lru.Cache[string, *tls.Certificate]
	flight  singleflight.Group

	tickets []byte // HKDF pseudorandom key for session tickets
	clock   func() time.Time
}

// Open loads the authority, after making it when Make is set and neither file is
// there. Any number of processes may do so at once: they all get the same root.
// The errors name files, never their contents.
func Open(o Options) (*Authority, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.CacheSize == 0 {
		o.CacheSize = DefaultCacheSize
	}
	if o.Make {
		if err := makeMissing(o.CertFile, o.KeyFile, o.Clock()); err != nil {
			return nil, fmt.Errorf("ca: make root: %w", err)
		}
	}
	chain, key, err := load(o.CertFile, o.KeyFile, o.Clock())
	if err != nil {
		return nil, fmt.Errorf("ca: open: %w", err)
	}
	a := &Authority{chain: chain, key: key, clock: o.Clock}
	for _, c := range chain {
		if !selfSigned(c) {
			a.served = append(a.served, c.Raw)
		}
	}
	if a.next, err = loadOther(nextFile(o.CertFile)); err != nil {
		return nil, fmt.Errorf("ca: open: %w", err)
	}
	if a.previous, err = loadOther(previousFile(o.CertFile)); err != nil {
		return nil, fmt.Errorf("ca: open: %w", err)
	}
	if a.previous != nil && a.previous.Equal(a.Root()) {
		a.previous = nil // a switch was cut short before it switched
	}
	if a.leafKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, fmt.Errorf("ca: make leaf key: %w", err)
	}
	if a.leaves, err = lru.New[string, *tls.Certificate](o.CacheSize); err != nil {
		return nil, fmt.Errorf("ca: make cache of %d leaves: %w", o.CacheSize, err)
	}
	if a.tickets, err = ticketSecret(o.Secret); err != nil {
		return nil, fmt.Errorf("ca: open: %w", err)
	}
	return a, nil
}

// ticketSecret turns the shared secret into the key that ticket keys are derived from.
func ticketSecret(secret []byte) ([]byte, error) {
	if secret == nil {
		secret = make([]byte, SecretSize)
		rand.Read(secret)
	}
	if len(secret) != SecretSize {
		return nil, fmt.Errorf("secret has %d bytes, not %d", len(secret), SecretSize)
	}
	return hkdf.Extract(sha256.New, secret, nil)
}

// Root is the certificate that clients have to trust: the last of the chain.
func (a *Authority) Root() *x509.Certificate { return a.chain[len(a.chain)-1] }

// Next is the root that signs after the next switch, or nil.
func (a *Authority) Next() *x509.Certificate { return a.next }

// Previous is the root that signed before the last switch, or nil.
func (a *Authority) Previous() *x509.Certificate { return a.previous }

// Leaves is how many leaves are kept now, for metrics.
func (a *Authority) Leaves() int { return a.leaves.Len() }

// PEM is what GET /ca.pem answers: the root that signs first, then the other one
// of a rotation. It never holds a key.
func (a *Authority) PEM() []byte {
	all := encodeCert(a.Root())
	for _, other := range []*x509.Certificate{a.next, a.previous} {
		if other != nil {
			all = append(all, encodeCert(other)...)
		}
	}
	return all
}

// DER is Root in DER, which Windows and Android import as .cer or .crt.
func (a *Authority) DER() []byte { return slices.Clone(a.Root().Raw) }

func encodeCert(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

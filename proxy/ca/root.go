package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// rootYears is the life of a made root.
const rootYears = 10

// makeMissing makes key and certificate where both are missing. Each appears
// whole or not at all, and never over one that is there, so that processes that
// start at once, or one that was killed in between, end with one pair: whoever is
// later takes the key that it finds. It also finishes a rotation that was cut short.
func makeMissing(certFile, keyFile string, now time.Time) error {
	_, certErr := os.Lstat(certFile)
	_, keyErr := os.Lstat(keyFile)
	switch {
	case certErr == nil && keyErr == nil:
		return finishRotation(certFile, keyFile)
	case certErr == nil && errors.Is(keyErr, fs.ErrNotExist):
		return fmt.Errorf("%w: %s is there without its key %s; restore the key, or move the certificate away to begin anew", ErrNotFound, certFile, keyFile)
	}
	if keyErr != nil {
		_, data, err := newKey()
		if err != nil {
			return err
		}
		if err := writeOnce(keyFile, data, 0o600); err != nil {
			return err
		}
	}
	key, err := loadKey(keyFile)
	if err != nil {
		return err
	}
	root, err := newRoot(key, now)
	if err != nil {
		return err
	}
	return writeOnce(certFile, encodeCert(root), 0o644)
}

// Rotate replaces a made root: CertFile and KeyFile hold a new one, and the old
// certificate stays beside as ca-previous.pem (for CertFile ca.pem) so that both
// can be handed out meanwhile; the old key is gone. A running proxy signs with the
// root that it loaded until it is started again, so roll the new one out before.
// A given pair (Make is false) is rotated by whoever issued it, and refused here.
func Rotate(o Options) (*Authority, error) {
	if !o.Make {
		return nil, fmt.Errorf("ca: rotate: %w: this pair was given, not made; ask its issuer for a new one", ErrInvalid)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	unlock, err := lockDir(filepath.Dir(o.KeyFile)) // two rotations at once would mix their pairs
	if err != nil {
		return nil, fmt.Errorf("ca: rotate: %w", err)
	}
	defer unlock()
	if err := finishRotation(o.CertFile, o.KeyFile); err != nil {
		return nil, fmt.Errorf("ca: rotate: %w", err)
	}
	old, err := loadCerts(o.CertFile)
	if err != nil {
		return nil, fmt.Errorf("ca: rotate: %w", err)
	}
	if len(old) != 1 || !selfSigned(old[0]) {
		return nil, fmt.Errorf("ca: rotate: %w: %s is not a root that was made here; ask its issuer for a new one", ErrInvalid, o.CertFile)
	}
	key, keyPEM, err := newKey()
	if err != nil {
		return nil, fmt.Errorf("ca: rotate: %w", err)
	}
	root, err := newRoot(key, o.Clock())
	if err != nil {
		return nil, fmt.Errorf("ca: rotate: %w", err)
	}
	// In this order a cut at any point leaves the old pair, or the new key with
	// the new certificate waiting beside it, which finishRotation puts in place.
	err = replace(previousFile(o.CertFile), encodeCert(old[0]), 0o644)
	if err == nil {
		err = replace(nextFile(o.CertFile), encodeCert(root), 0o644)
	}
	if err == nil {
		err = replace(o.KeyFile, keyPEM, 0o600)
	}
	if err == nil {
		err = finishRotation(o.CertFile, o.KeyFile)
	}
	if err != nil {
		return nil, fmt.Errorf("ca: rotate: %w", err)
	}
	return Open(o)
}

// finishRotation puts a waiting certificate in place if it is the key's.
func finishRotation(certFile, keyFile string) error {
	next, err := loadCerts(nextFile(certFile))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	key, err := loadKey(keyFile)
	if err != nil {
		return err
	}
	if !matches(next[0], key) {
		return nil // cut before the key was replaced: the old pair stands
	}
	if err := os.Rename(nextFile(certFile), certFile); err != nil {
		return err
	}
	return syncDir(filepath.Dir(certFile))
}

func previousFile(certFile string) string {
	return strings.TrimSuffix(certFile, ".pem") + "-previous.pem"
}

func nextFile(certFile string) string {
	return strings.TrimSuffix(certFile, ".pem") + "-next.pem"
}

func newKey() (crypto.Signer, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// newRoot signs a root with its own key. Its name comes from the key, so that one
// made again for a key that clients already trust is the same authority to them.
func newRoot(key crypto.Signer, now time.Time) (*x509.Certificate, error) {
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(spki)
	from := now.Add(-leafBackdate)
	t := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{Organization: []string{"Sluice"}, CommonName: "Sluice CA " + hex.EncodeToString(id[:4])},
		NotBefore:             from,
		NotAfter:              from.AddDate(rootYears, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
		SubjectKeyId:          id[:20], // RFC 7093 section 2, method 1, over the whole key info
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

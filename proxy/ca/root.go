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
	"time"
)

// rootYears is the life of a made root.
const rootYears = 10

// makeMissing makes key and certificate where both are missing. Each appears
// whole or not at all, and never over one that is there, so that processes that
// start at once, or one that was killed in between, end with one pair: whoever is
// later takes the key that it finds. It also finishes a switch that was cut short.
func makeMissing(certFile, keyFile string, now time.Time) error {
	_, certErr := os.Lstat(certFile)
	_, keyErr := os.Lstat(keyFile)
	switch {
	case certErr == nil && keyErr == nil:
		return finishSwitch(certFile, keyFile)
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

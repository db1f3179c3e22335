package ca

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// maxFile bounds what is read of a certificate or key file.
const maxFile = 1 << 20

// load reads and checks the pair.
func load(certFile, keyFile string, now time.Time) ([]*x509.Certificate, crypto.Signer, error) {
	chain, err := loadCerts(certFile)
	if err != nil {
		return nil, nil, err
	}
	key, err := loadKey(keyFile)
	if err != nil {
		return nil, nil, err
	}
	if !matches(chain[0], key) {
		return nil, nil, fmt.Errorf("%w: the key in %s does not belong to the first certificate in %s", ErrInvalid, keyFile, certFile)
	}
	if err := checkChain(chain, now); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", certFile, err)
	}
	return chain, key, nil
}

// loadCerts reads every certificate of a file. Other blocks are refused, so that
// a key does not end up in a file that is handed out.
func loadCerts(file string) ([]*x509.Certificate, error) {
	data, err := readFile(file, false)
	if err != nil {
		return nil, err
	}
	var certs []*x509.Certificate
	for {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			break
		}
		if b.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("%w: %s holds a block that is not a certificate", ErrInvalid, file)
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: certificate %d cannot be parsed", ErrInvalid, file, len(certs)+1)
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("%w: %s holds no PEM certificate", ErrInvalid, file)
	}
	return certs, nil
}

// loadOther reads the other root of a rotation, if there is one.
func loadOther(file string) (*x509.Certificate, error) {
	certs, err := loadCerts(file)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return certs[0], nil
}

// loadKey reads a private key. What it reads never becomes part of an error.
func loadKey(file string) (crypto.Signer, error) {
	data, err := readFile(file, true)
	if err != nil {
		return nil, err
	}
	for {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			return nil, fmt.Errorf("%w: %s holds no PEM private key", ErrInvalid, file)
		}
		var key any
		switch b.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(b.Bytes)
		case "RSA PRIVATE KEY":
			if b.Headers["DEK-Info"] != "" {
				return nil, fmt.Errorf("%w: %s is encrypted; give the key without a passphrase, mode 0600", ErrInvalid, file)
			}
			key, err = x509.ParsePKCS1PrivateKey(b.Bytes)
		case "EC PRIVATE KEY":
			if b.Headers["DEK-Info"] != "" {
				return nil, fmt.Errorf("%w: %s is encrypted; give the key without a passphrase, mode 0600", ErrInvalid, file)
			}
			key, err = x509.ParseECPrivateKey(b.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			return nil, fmt.Errorf("%w: %s is encrypted; give the key without a passphrase, mode 0600", ErrInvalid, file)
		default: // EC PARAMETERS, which openssl writes first, or certificates
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w: the private key in %s cannot be parsed", ErrInvalid, file)
		}
		switch k := key.(type) {
		case *rsa.PrivateKey:
			if k.N.BitLen() < 2048 {
				return nil, fmt.Errorf("%w: %s holds an RSA key of %d bits; 2048 is the least", ErrInvalid, file, k.N.BitLen())
			}
			return k, nil
		case *ecdsa.PrivateKey:
			if k.Curve == elliptic.P224() {
				return nil, fmt.Errorf("%w: %s holds a P-224 key, which clients refuse", ErrInvalid, file)
			}
			return k, nil
		}
		return nil, fmt.Errorf("%w: %s holds neither an RSA nor an ECDSA key, and browsers know no other", ErrInvalid, file)
	}
}

// readFile reads a small regular file; a private one must be closed to group and
// others. The file that was checked is the one that is read.
func readFile(name string, private bool) ([]byte, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is not a regular file", ErrInvalid, name)
	}
	if private && Exposed(info) {
		return nil, fmt.Errorf("%w: %s has mode %04o; make it 0600", ErrExposed, name, info.Mode().Perm())
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%w: %s is over %d bytes", ErrInvalid, name, maxFile)
	}
	return data, nil
}

func matches(c *x509.Certificate, key crypto.Signer) bool {
	pub, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && pub.Equal(c.PublicKey)
}

// checkChain refuses what clients would refuse: all at once, in words.
func checkChain(chain []*x509.Certificate, now time.Time) error {
	var problems []error
	bad := func(i int, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%w: certificate %d: %s", ErrInvalid, i+1, fmt.Sprintf(format, args...)))
	}
	for i, c := range chain {
		if !c.BasicConstraintsValid || !c.IsCA {
			bad(i, "is not a CA certificate (basicConstraints CA:TRUE is missing)")
		}
		if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0 {
			bad(i, "may not sign certificates (keyUsage without keyCertSign)")
		}
		if !serverUse(c) {
			bad(i, "may not issue server certificates (extendedKeyUsage without serverAuth)")
		}
		if (c.MaxPathLen > 0 || c.MaxPathLenZero) && i > c.MaxPathLen {
			bad(i, "allows %d intermediates below it, and the file has %d", c.MaxPathLen, i)
		}
		if now.Before(c.NotBefore) {
			bad(i, "is not valid before %s", c.NotBefore.UTC().Format(time.RFC3339))
		}
		if !now.Before(c.NotAfter) {
			problems = append(problems, fmt.Errorf("%w: certificate %d ended on %s", ErrExpired, i+1, c.NotAfter.UTC().Format(time.RFC3339)))
		}
		if i+1 < len(chain) {
			if err := c.CheckSignatureFrom(chain[i+1]); err != nil {
				bad(i, "is not signed by the one after it (SHA-1 does not count)")
			}
		}
	}
	return errors.Join(problems...)
}

// serverUse reports whether extended key usages, which bind what a CA issues, let
// it issue server certificates.
func serverUse(c *x509.Certificate) bool {
	if len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 {
		return true
	}
	return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(c) == nil
}

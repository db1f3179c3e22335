package main

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

// secretSize is the size of the fleet's secret in bytes.
const secretSize = 32

// A secret is the one key of a fleet of proxies. Nothing uses it as it is: each
// use has a label of its own.
type secret [secretSize]byte

// derive returns the key for one use (HKDF-SHA256, RFC 5869).
func (s *secret) derive(label string) (key [32]byte) {
	out, err := hkdf.Key(sha256.New, s[:], nil, "sluice "+label, len(key))
	if err != nil {
		panic(err) // only a length beyond 255 hashes fails
	}
	copy(key[:], out)
	return key
}

// openSecret reads the secret, or makes one where there is none. The file must
// be readable by its owner only.
func openSecret(path string) (*secret, error) {
	s, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeSecret(path)
	}
	return s, err
}

func readSecret(path string) (*secret, error) { return readKey("secret_file", path) }

// readKey reads the secret that a key of the configuration names.
func readKey(key, path string) (*secret, error) {
	s := &secret{}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	defer func() { _ = file.Close() }() // read only
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if ca.Exposed(info) {
		return nil, fmt.Errorf("%s: %s can be read by others; run: chmod 600 %s", key, path, path)
	}
	if info.Size() != secretSize {
		return nil, fmt.Errorf("%s: %s holds %d bytes, not %d", key, path, info.Size(), secretSize)
	}
	if _, err := file.Read(s[:]); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return s, nil
}

// makeSecret writes a new secret. The link makes it appear whole or not at all,
// and only once, when two processes start together.
func makeSecret(path string) (*secret, error) {
	s := &secret{}
	rand.Read(s[:]) // never fails: crypto/rand stops the process instead
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("secret_file: %w", err)
	}
	file, err := os.CreateTemp(dir, ".secret-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("secret_file: %w", err)
	}
	_, err = file.Write(s[:])
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Link(file.Name(), path)
	}
	if rerr := os.Remove(file.Name()); err == nil {
		err = rerr
	}
	if errors.Is(err, fs.ErrExist) {
		return openSecret(path)
	}
	if err != nil {
		return nil, fmt.Errorf("secret_file: %w", err)
	}
	return s, nil
}

package admin

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

// Bounds of the token in bytes. One that is made has 64: 32 random bytes in hex.
const (
	minToken = 32
	maxToken = 1024
)

// LoadOrMakeToken reads the token file, or makes one where there is none. The file
// must be readable by its owner only. Two processes that start together get the
// same token. Errors never hold it.
func LoadOrMakeToken(path string) (string, error) {
	token, err := loadToken(path)
	if errors.Is(err, fs.ErrNotExist) {
		token, err = makeToken(path)
	}
	if err != nil {
		return "", fmt.Errorf("admin: token file: %w", err)
	}
	return token, nil
}

func loadToken(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // read only
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	switch {
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a file", path)
	case ca.Exposed(info):
		return "", fmt.Errorf("%s can be read by others; run: chmod 600 %s", path, path)
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxToken+3))
	if err != nil {
		return "", err
	}
	token := strings.TrimRight(string(raw), "\r\n")
	if err := checkToken(token); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return token, nil
}

func checkToken(token string) error {
	if len(token) < minToken || len(token) > maxToken ||
		strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("wants one token of %d to %d visible ASCII characters", minToken, maxToken)
	}
	return nil
}

// makeToken writes a new token. The link makes it appear whole or not at all, and
// only once.
func makeToken(path string) (string, error) {
	var random [32]byte
	rand.Read(random[:]) // never fails: crypto/rand stops the process instead
	token := hex.EncodeToString(random[:])
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(dir, ".admin-token-*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(token + "\n")
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Link(file.Name(), path)
	}
	if removed := os.Remove(file.Name()); err == nil {
		err = removed
	}
	if errors.Is(err, fs.ErrExist) {
		return loadToken(path)
	}
	if err != nil {
		return "", err
	}
	return token, nil
}

package identity

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Bounds of the token file.
const (
	maxTokenFile = 4 << 20 // bytes
	maxTokenName = 128     // bytes
)

// tokenTable is one reading of the token file. It is never changed.
type tokenTable struct {
	key    []byte
	byHash map[[sha256.Size]byte]staticToken // by keyed hash, so that the time of a look-up tells nothing
}

type staticToken struct {
	name string
	hash [sha256.Size]byte
}

// readTokens reads the token file: one "name:sha256" a line, the hash of the
// token in hex; blank lines and lines beginning with # are skipped. Hashes are
// without salt, so tokens must be long and random (openssl rand -hex 32). It
// reports every bad line at once.
func readTokens(path string, key []byte) (*tokenTable, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("identity: read tokens: %w", err)
	}
	defer func() { _ = file.Close() }() // read only
	table, err := parseTokens(file, key)
	if err != nil {
		return nil, fmt.Errorf("identity: read tokens: %s: %w", path, err)
	}
	return table, nil
}

func parseTokens(r io.Reader, key []byte) (*tokenTable, error) {
	t := &tokenTable{key: key, byHash: map[[sha256.Size]byte]staticToken{}}
	limited := &io.LimitedReader{R: r, N: maxTokenFile + 1}
	lines := bufio.NewScanner(limited)
	names := map[string]int{}
	hashes := map[[sha256.Size]byte]int{}
	var errs []error
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		token, err := parseTokenLine(line)
		if err == nil {
			if at, ok := names[token.name]; ok {
				err = fmt.Errorf("the name %s stands on line %d already", token.name, at)
			} else if at, ok := hashes[token.hash]; ok {
				err = fmt.Errorf("the token of %s stands on line %d already", token.name, at)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", n, err))
			continue
		}
		names[token.name], hashes[token.hash] = n, n
		t.byHash[t.keyed(token.hash)] = token
	}
	switch {
	case limited.N <= 0:
		errs = append(errs, fmt.Errorf("the file is larger than %d bytes", maxTokenFile))
	case lines.Err() != nil:
		errs = append(errs, lines.Err())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return t, nil
}

// parseTokenLine never quotes the line: a token could stand there by mistake.
func parseTokenLine(line string) (staticToken, error) {
	var t staticToken
	name, sum, ok := strings.Cut(line, ":")
	name, sum = strings.TrimSpace(name), strings.TrimSpace(sum)
	switch {
	case !ok:
		return t, errors.New("wants name:sha256")
	case name == "" || len(name) > maxTokenName || strings.ContainsFunc(name, notInToken):
		return t, fmt.Errorf("wants a name of 1 to %d visible ASCII characters before the colon", maxTokenName)
	case len(sum) != 2*sha256.Size:
		return t, errors.New("wants the SHA-256 of the token, 64 hex digits, after the colon")
	}
	t.name = name
	if _, err := hex.Decode(t.hash[:], []byte(sum)); err != nil {
		return t, errors.New("wants the SHA-256 of the token, 64 hex digits, after the colon")
	}
	if t.hash == sha256.Sum256(nil) || t.hash == sha256.Sum256([]byte("\n")) {
		return t, errors.New("is the hash of an empty token")
	}
	return t, nil
}

func (t *tokenTable) keyed(hash [sha256.Size]byte) (out [sha256.Size]byte) {
	mac := hmac.New(sha256.New, t.key)
	mac.Write(hash[:])
	mac.Sum(out[:0])
	return out
}

// find returns who holds the token.
func (t *tokenTable) find(token string) (Identity, bool) {
	hash := sha256.Sum256([]byte(token))
	known, ok := t.byHash[t.keyed(hash)]
	if !ok || subtle.ConstantTimeCompare(known.hash[:], hash[:]) != 1 {
		return Identity{}, false
	}
	id := Identity{Authenticated: true, Method: MethodToken, Sub: known.name, Name: known.name}
	if strings.Contains(known.name, "@") {
		id.Email = known.name
	}
	return id, true
}

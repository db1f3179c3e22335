package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Signature algorithms that are accepted (RFC 7518 section 3.1, RFC 8037).
const (
	algRS256 = "RS256"
	algPS256 = "PS256"
	algES256 = "ES256"
	algEdDSA = "EdDSA"
)

var algorithms = []string{algRS256, algPS256, algES256, algEdDSA}

// Bounds of a provider's keys.
const (
	maxKeys    = 64
	minRSABits = 2048
	maxRSABits = 8192
)

// A keySet is what a provider published at one time. It is never changed.
type keySet struct {
	fetched time.Time
	keys    []publicKey
}

// A publicKey verifies the algorithms in algs and no other.
type publicKey struct {
	kid  string
	algs []string
	key  crypto.PublicKey
}

// find returns the keys that may have made a signature. A token without a key id
// may be by any key that fits its algorithm.
func (s *keySet) find(alg, kid string) []crypto.PublicKey {
	var found []crypto.PublicKey
	for _, k := range s.keys {
		if (kid == "" || k.kid == kid) && slices.Contains(k.algs, alg) {
			found = append(found, k.key)
		}
	}
	return found
}

// jwk is a JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037).
type jwk struct {
	Kty string   `json:"kty"`
	Kid string   `json:"kid"`
	Use string   `json:"use"`
	Ops []string `json:"key_ops"`
	Alg string   `json:"alg"`
	Crv string   `json:"crv"`
	N   string   `json:"n"`
	E   string   `json:"e"`
	X   string   `json:"x"`
	Y   string   `json:"y"`
}

var errKeyUnusable = errors.New("not a key for an accepted signature")

// parseKeys reads a JWK set. Keys that are not understood are left out (RFC 7517
// section 5); a set without any is a valid set, which verifies nothing.
func parseKeys(body []byte) ([]publicKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, errors.New("the key set is not JSON") // the cause would quote it
	}
	if set.Keys == nil {
		return nil, errors.New("the key set has no keys")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("the key set has more than %d keys", maxKeys)
	}
	var keys []publicKey
	for _, raw := range set.Keys {
		if key, err := parseKey(raw); err == nil {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func parseKey(raw []byte) (publicKey, error) {
	var j jwk
	if err := json.Unmarshal(raw, &j); err != nil {
		return publicKey{}, errKeyUnusable
	}
	if j.Use != "" && j.Use != "sig" || j.Ops != nil && !slices.Contains(j.Ops, "verify") {
		return publicKey{}, errKeyUnusable
	}
	k := publicKey{kid: j.Kid}
	var err error
	switch {
	case j.Kty == "RSA":
		k.algs = []string{algRS256, algPS256}
		k.key, err = rsaKey(j)
	case j.Kty == "EC" && j.Crv == "P-256":
		k.algs = []string{algES256}
		k.key, err = p256Key(j)
	case j.Kty == "OKP" && j.Crv == "Ed25519":
		k.algs = []string{algEdDSA}
		k.key, err = ed25519Key(j)
	default:
		err = errKeyUnusable
	}
	if err != nil {
		return publicKey{}, err
	}
	switch {
	case j.Alg == "", j.Alg == "Ed25519" && j.Crv == "Ed25519": // RFC 9864 names it anew
	case slices.Contains(k.algs, j.Alg):
		k.algs = []string{j.Alg}
	default:
		return publicKey{}, errKeyUnusable
	}
	return k, nil
}

func rsaKey(j jwk) (*rsa.PublicKey, error) {
	n, err := field(j.N)
	if err != nil {
		return nil, err
	}
	e, err := field(j.E)
	if err != nil {
		return nil, err
	}
	modulus, exponent := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e)
	if modulus.BitLen() < minRSABits || modulus.BitLen() > maxRSABits || modulus.Bit(0) == 0 {
		return nil, errKeyUnusable
	}
	if exponent.BitLen() > 31 || exponent.Bit(0) == 0 || exponent.Int64() < 3 {
		return nil, errKeyUnusable
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, nil
}

func p256Key(j jwk) (*ecdsa.PublicKey, error) {
	const size = 32
	x, err := field(j.X)
	if err != nil {
		return nil, err
	}
	y, err := field(j.Y)
	if err != nil {
		return nil, err
	}
	if len(x) != size || len(y) != size {
		return nil, errKeyUnusable
	}
	point := append(append([]byte{4}, x...), y...)
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point) // checks that it is on the curve
}

func ed25519Key(j jwk) (ed25519.PublicKey, error) {
	x, err := field(j.X)
	if err != nil || len(x) != ed25519.PublicKeySize {
		return nil, errKeyUnusable
	}
	return ed25519.PublicKey(x), nil
}

// field decodes a base64url value; some providers pad it.
func field(s string) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil || len(b) == 0 {
		return nil, errKeyUnusable
	}
	return b, nil
}

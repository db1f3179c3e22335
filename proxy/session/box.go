package session

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrSealed says that something was not sealed by this fleet, for this purpose and
// this name, or was changed since.
var ErrSealed = errors.New("session: not sealed by us")

// A Box seals what leaves the process and makes the names it is kept under, for one
// purpose. It knows the secret of the fleet and, while that is being changed, the
// one before: what was sealed with either opens. It may be used by many at once.
//
// Sealed data is a random nonce of 24 bytes and the output of XChaCha20-Poly1305
// (draft-irtf-cfrg-xchacha), with which random nonces may be used without counting.
type Box struct {
	keys []boxKey // the first seals
}

type boxKey struct {
	aead cipher.AEAD
	mac  []byte
}

// NewBox returns the box of a purpose. Secrets are that of the fleet and any before
// it; there must be one.
func NewBox(purpose string, secrets ...[32]byte) *Box {
	b := &Box{}
	for _, secret := range secrets {
		key := func(use string) []byte {
			out, err := hkdf.Key(sha256.New, secret[:], nil, "sluice session "+purpose+" "+use, chacha20poly1305.KeySize)
			if err != nil {
				panic(err) // only a length beyond 255 hashes fails
			}
			return out
		}
		aead, err := chacha20poly1305.NewX(key("seal"))
		if err != nil {
			panic(err) // only a key of another size fails
		}
		b.keys = append(b.keys, boxKey{aead, key("name")})
	}
	return b
}

// Seal seals data under a name: under another it does not open.
func (b *Box) Seal(name string, plain []byte) []byte {
	aead := b.keys[0].aead
	out := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	rand.Read(out) // never fails: crypto/rand stops the process instead
	return aead.Seal(out, out, plain, []byte(name))
}

// Open returns what was sealed under the name. Its error is ErrSealed.
func (b *Box) Open(name string, sealed []byte) ([]byte, error) {
	for _, k := range b.keys {
		if len(sealed) < k.aead.NonceSize() {
			break
		}
		nonce, data := sealed[:k.aead.NonceSize()], sealed[k.aead.NonceSize():]
		if plain, err := k.aead.Open(nil, nonce, data, []byte(name)); err == nil {
			return plain, nil
		}
	}
	return nil, ErrSealed
}

// Sum is a keyed hash of a value.
func (b *Box) Sum(value string) [sha256.Size]byte { return b.keys[0].sum(value) }

// Sums are the keyed hashes of a value with every secret, that of today first.
func (b *Box) Sums(value string) [][sha256.Size]byte {
	sums := make([][sha256.Size]byte, len(b.keys))
	for i, k := range b.keys {
		sums[i] = k.sum(value)
	}
	return sums
}

func (k boxKey) sum(value string) (sum [sha256.Size]byte) {
	mac := hmac.New(sha256.New, k.mac)
	mac.Write([]byte(value))
	mac.Sum(sum[:0])
	return sum
}

// Key is the name that a value is kept under in a Store: it tells nothing of what
// it was made of.
func (b *Box) Key(kind, of string) string { return b.keys[0].name(kind, of) }

// Keys are the names that a value may be kept under: Key, and what it was with the
// secrets before.
func (b *Box) Keys(kind, of string) []string {
	names := make([]string, len(b.keys))
	for i, k := range b.keys {
		names[i] = k.name(kind, of)
	}
	return names
}

func (k boxKey) name(kind, of string) string {
	sum := k.sum(of)
	return kind + ":" + hex.EncodeToString(sum[:16])
}

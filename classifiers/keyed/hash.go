package keyed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// A Key hashes values and signs files. It never changes.
type Key struct {
	k0, k1 uint64
	id     [8]byte
	tag    [32]byte
}

// NewKey makes the key of 32 secret bytes, which nothing else should use.
func NewKey(secret [32]byte) *Key {
	derive := func(label string) []byte {
		mac := hmac.New(sha256.New, secret[:])
		mac.Write([]byte("sluice keyed " + label))
		return mac.Sum(nil)
	}
	k := &Key{tag: [32]byte(derive("tag")), id: [8]byte(derive("id"))}
	hash := derive("hash")
	k.k0, k.k1 = binary.LittleEndian.Uint64(hash), binary.LittleEndian.Uint64(hash[8:])
	return k
}

// ID names the key and tells nothing about it.
func (k *Key) ID() string { return hex.EncodeToString(k.id[:]) }

type state struct{ v0, v1, v2, v3 uint64 }

func (k *Key) begin() state {
	return state{k.k0 ^ 0x736f6d6570736575, k.k1 ^ 0x646f72616e646f6d, k.k0 ^ 0x6c7967656e657261, k.k1 ^ 0x7465646279746573}
}

func (s *state) round() {
	s.v0 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 13) ^ s.v0
	s.v0 = bits.RotateLeft64(s.v0, 32)
	s.v2 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 16) ^ s.v2
	s.v0 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 21) ^ s.v0
	s.v2 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 17) ^ s.v2
	s.v2 = bits.RotateLeft64(s.v2, 32)
}

func (s *state) word(m uint64) {
	s.v3 ^= m
	s.round()
	s.round()
	s.v0 ^= m
}

func (s *state) end() uint64 {
	s.v2 ^= 0xff
	for range 4 {
		s.round()
	}
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3
}

// Sum is the SipHash-2-4 of b.
func (k *Key) Sum(b []byte) uint64 {
	s, last := k.begin(), uint64(len(b))<<56
	for ; len(b) >= 8; b = b[8:] {
		s.word(binary.LittleEndian.Uint64(b))
	}
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	s.word(last)
	return s.end()
}

// Sum64 is the Sum of the eight bytes of x, the lowest first.
func (k *Key) Sum64(x uint64) uint64 {
	s := k.begin()
	s.word(x)
	s.word(8 << 56)
	return s.end()
}

// Sum32 is the Sum of the four bytes of x, the lowest first.
func (k *Key) Sum32(x uint32) uint64 {
	s := k.begin()
	s.word(4<<56 | uint64(x))
	return s.end()
}

package pii

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// crypto reads an address of Bitcoin whose first digit is the run r: in base58
// with four bytes of a double SHA-256 at its end, beginning with 1 or 3
// (Bitcoin's base58.cpp and chainparams.cpp), or, behind bc or tb, in bech32 or
// bech32m (BIP 173 and BIP 350). Both prove themselves. It reports whether it
// found one.
func (s *scan) crypto(r classifiers.Run) bool {
	start, end := r.Start, r.Start
	for end < len(s.text) && end-start <= 88 && isAlnum(s.text[end]) {
		end++
	}
	if end-start < 25 || s.at(end) == '_' {
		return false
	}
	switch c := s.text[start]; {
	case (c == '1' || c == '3') && end-start <= 35 && !isAlnum(s.at(start-1)) && s.at(start-1) != '_':
		if !base58check(s.text[start:end]) {
			s.view.Drop("crypto", start, end, "checksum is wrong")
			return false
		}
	case c == '1' && start >= 2 && end-start <= 88 && !isAlnum(s.at(start-3)):
		start -= 2
		if hrp := strings.ToLower(s.text[start : start+2]); hrp != "bc" && hrp != "tb" {
			return false
		}
		if !bech32(s.text[start:end]) {
			s.view.Drop("crypto", start, end, "checksum is wrong")
			return false
		}
	default:
		return false
	}
	s.add(crypto, "crypto", sureChecked, start, end, "checksum")
	s.numberEnd, s.phoneEnd = end, end
	return true
}

func base58check(text string) bool {
	n := new(big.Int)
	for i := range len(text) {
		d := strings.IndexByte(base58, text[i])
		if d < 0 {
			return false
		}
		n.Add(n.Mul(n, big.NewInt(58)), big.NewInt(int64(d)))
	}
	if n.BitLen() > 25*8 {
		return false
	}
	var raw [25]byte
	n.FillBytes(raw[:])
	if raw[0] != 0 && raw[0] != 5 { // pay to public key hash, pay to script hash
		return false
	}
	first := sha256.Sum256(raw[:21])
	second := sha256.Sum256(first[:])
	return bytes.Equal(second[:4], raw[21:])
}

// bech32 checks the six last characters of hrp, "1" and data.
func bech32(text string) bool {
	if strings.ToLower(text) != text && strings.ToUpper(text) != text {
		return false
	}
	text = strings.ToLower(text)
	sum := uint32(1)
	step := func(v byte) {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for i := range 2 {
		step(text[i] >> 5)
	}
	step(0)
	for i := range 2 {
		step(text[i] & 31)
	}
	for i := 3; i < len(text); i++ {
		v := strings.IndexByte("qpzry9x8gf2tvdw0s3jn54khce6mua7l", text[i])
		if v < 0 {
			return false
		}
		step(byte(v))
	}
	version := strings.IndexByte("qpzry9x8gf2tvdw0s3jn54khce6mua7l", text[3])
	return version == 0 && sum == 1 || version > 0 && version <= 16 && sum == 0x2bc830a3
}

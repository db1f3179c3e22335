// Package ascii has sets of bytes and the loops that read runs of them in a text. It
// says what is a letter or a digit where tokens, names and keys are read, none of
// which has a letter beyond ASCII.
//
// Nothing here fails or keeps what it is given. The sets that are variables are not to
// be changed; as long as nobody does, all is safe for concurrent use.
package ascii

import "math/bits"

// Class is a set of bytes, which may be ones beyond ASCII. The zero Class is empty.
type Class [4]uint64

// Add puts b into the class.
func (c *Class) Add(b byte) { c[b>>6] |= 1 << (b & 63) }

// Has reports whether b is in the class.
func (c *Class) Has(b byte) bool { return c[b>>6]>>(b&63)&1 != 0 }

// Union puts all bytes of d into the class.
func (c *Class) Union(d *Class) {
	for i := range c {
		c[i] |= d[i]
	}
}

// Of returns the class of the bytes of s, where a-z is written out: "az09" is
// not a range.
func Of(s string) Class {
	var c Class
	for i := range len(s) {
		c.Add(s[i])
	}
	return c
}

// The letters and digits of ASCII, written out for Of.
const (
	Lowers = "abcdefghijklmnopqrstuvwxyz"
	Uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	Digits = "0123456789"
	Alnums = Lowers + Uppers + Digits
)

// The sets that are asked for most.
var (
	Word      = Of(Alnums + "_")
	Letter    = Of(Lowers + Uppers)
	Digit     = Of(Digits)
	Alnum     = Of(Alnums)
	Ident     = Of(Alnums + "_.-")          // of identifiers, also ones with hyphens and members of objects
	Base64    = Of(Alnums + "+/=")          // RFC 4648, section 4, and the padding
	Base64URL = Of(Alnums + "-_")           // RFC 4648, section 5, without padding
	Hex       = Of("abcdefABCDEF" + Digits) // of both cases
)

// Run returns the end of the longest run of c in s that starts at the byte offset i,
// looking at no more than limit bytes; i when there is none, also at the end of s and
// behind it.
func (c *Class) Run(s string, i, limit int) int {
	end := len(s)
	if limit < end-i {
		end = i + limit
	}
	for i < end && c.Has(s[i]) {
		i++
	}
	return i
}

// Back returns the start of the longest run of c in s that ends in front of the byte
// offset i, which is at most len(s), looking at no more than limit bytes; i when there
// is none.
func (c *Class) Back(s string, i, limit int) int {
	stop := max(i-limit, 0)
	for i > stop && c.Has(s[i-1]) {
		i--
	}
	return i
}

// WordAt reports whether the byte of s at i exists and is in Word. Any i will do.
func WordAt(s string, i int) bool {
	return i >= 0 && i < len(s) && Word.Has(s[i])
}

// Size returns how many bytes are in the class.
func (c *Class) Size() int {
	n := 0
	for _, w := range c {
		n += bits.OnesCount64(w)
	}
	return n
}

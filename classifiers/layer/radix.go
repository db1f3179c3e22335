package layer

import (
	"math"
	"strings"
)

// digitsOf is the value of each character of an alphabet, -1 of other bytes.
func digitsOf(alphabet string) *[256]int8 {
	t := new([256]int8)
	for c := range t {
		t[c] = -1
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = int8(i)
	}
	return t
}

const (
	figures  = "0123456789"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smalls   = "abcdefghijklmnopqrstuvwxyz"
)

// radices are alphabets in which a text is written as one large number: base58 (as
// Bitcoin has it), base62 in both orders, base36.
var radices = []struct {
	value *[256]int8
	base  uint64
}{
	{digitsOf("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"), 58},
	{digitsOf(figures + capitals + smalls), 62},
	{digitsOf(figures + smalls + capitals), 62},
	{digitsOf(figures + smalls), 36},
	{digitsOf(figures + capitals), 36},
}

var decimals = digitsOf(figures)

// maxRadix bounds the digits of such a number: the work grows with their square.
const maxRadix = 256

// radix reads src[lo:hi] as a large number whose bytes are text. It reports whether they
// are.
func (r *readings) radix(lo, hi int, value *[256]int8, base uint64) bool {
	s := r.src[lo:hi]
	if len(s) > maxRadix {
		return false
	}
	for i := range len(s) {
		if value[s[i]] < 0 {
			return false
		}
	}
	var space [maxRadix*6/32 + 2]uint32
	limbs := space[:1] // the lowest first
	for i := 0; i < len(s); {
		times, carry := uint64(1), uint64(0)
		for n := 0; n < 5 && i < len(s); n++ {
			times, carry = times*base, carry*base+uint64(value[s[i]])
			i++
		}
		for k := range limbs {
			carry += uint64(limbs[k]) * times
			limbs[k], carry = uint32(carry), carry>>32
		}
		if carry > 0 {
			limbs = append(limbs, uint32(carry))
		}
	}
	var out [len(space) * 4]byte
	text := out[:0]
	for k := len(limbs) - 1; k >= 0; k-- {
		for shift := 24; shift >= 0; shift -= 8 {
			c := byte(limbs[k] >> shift)
			if c == 0 && len(text) == 0 {
				continue
			}
			if c < ' ' || c >= 0x7f {
				return false
			}
			text = append(text, c)
		}
	}
	if len(text) < minPairs {
		return false
	}
	r.reveal(lo, hi, string(text))
	return true
}

// eightyFives are the alphabets of base85: Adobe's, that of RFC 1924, that of ZeroMQ.
var eightyFives = [...]*[256]int8{
	digitsOf(`!"#$%&'()*+,-./` + figures + ":;<=>?@" + capitals + "[\\]^_`" + "abcdefghijklmnopqrstu"),
	digitsOf(figures + capitals + smalls + "!#$%&()*+-;<=>?@^_`{|}~"),
	digitsOf(figures + smalls + capitals + ".-:+=^!/*?&<>()[]{}@%$#"),
}

// dense reads what stands between blanks as base85 when it is no word.
func (r *readings) dense(lo, hi int) {
	if c := r.src[lo]; (c == '"' || c == '\'' || c == '`') && r.src[hi-1] == c {
		lo, hi = lo+1, hi-1
	}
	if strings.HasPrefix(r.src[lo:hi], "<~") && strings.HasSuffix(r.src[lo:hi], "~>") {
		lo, hi = lo+2, hi-2
	}
	if hi-lo > maxOdd {
		return
	}
	for _, value := range eightyFives {
		if first85(value[r.src[lo]]) && first85(value[r.src[lo+5]]) && r.eightyFive(lo, hi, value) {
			return
		}
	}
}

// first85 tells whether the first of five digits is one of four characters of ASCII.
func first85(d int8) bool { return d >= ' '<<24/(85*85*85*85) && d <= 0x7e<<24/(85*85*85*85) }

// eightyFive undoes base85 when it holds text of ASCII.
func (r *readings) eightyFive(lo, hi int, value *[256]int8) bool {
	var text []byte // mostly there is none
	for s := r.src[lo:hi]; len(s) > 0; {
		n, v := min(5, len(s)), uint64(0)
		for i := range 5 {
			d := int8(84)
			if i < n {
				if d = value[s[i]]; d < 0 {
					return false
				}
			}
			v = v*85 + uint64(d)
		}
		if v > math.MaxUint32 || n == 1 {
			return false
		}
		for i := range n - 1 {
			c := byte(v >> (24 - 8*i))
			if c < ' ' && c != '\n' || c >= 0x7f {
				return false
			}
			text = append(text, c)
		}
		s = s[n:]
	}
	if len(text) < minPairs {
		return false
	}
	r.reveal(lo, hi, string(text))
	return true
}

// uuencoded reads what stands behind "begin 644 name" (POSIX, uuencode), whose place is
// at.
func (r *readings) uuencoded(at int) {
	s := r.src
	line := strings.IndexByte(s[at:min(len(s), at+120)], '\n')
	if line < 0 || at < r.numbered {
		return
	}
	i := at + line + 1
	var text []byte
	for i < len(s) && s[i] > ' ' && s[i] <= 'M' {
		n := int(s[i] - ' ')
		end := i + 1 + (n+2)/3*4
		if end > len(s) || !r.grow(n) {
			break
		}
		for k := i + 1; k < end; k += 4 {
			var v uint32
			for _, c := range []byte(s[k : k+4]) {
				v = v<<6 | uint32((c-' ')&63)
			}
			text = append(text, byte(v>>16), byte(v>>8), byte(v))
		}
		text = text[:len(text)-((n+2)/3*3-n)]
		for i = end; i < len(s) && (s[i] == '\r' || s[i] == '\n'); i++ {
		}
	}
	r.numbered = i
	if readable(text[:min(chunk, len(text))]) {
		r.reveal(at, i, strings.ToValidUTF8(string(plainText(nil, text)), " "))
	}
}

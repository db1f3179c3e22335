package layer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers/shape"
)

// minOdd is how long a token must be to be read from its end and turned by half the
// alphabet whatever the text says: that finds the formats that have a prefix or a
// checksum.
const (
	minOdd = 16
	maxOdd = 2048
)

// odd reads the token text[start:end] in these ways when it is no word.
func (r *readings) odd(start, end int) {
	token := r.src[start:end]
	if len(token) > maxOdd || r.base32(start, end) {
		return
	}
	digits, letters := 0, 0
	for i := range len(token) {
		if digit(token[i]) {
			digits++
		} else if shape.Lower(token[i])-'a' < 26 {
			letters++
		}
	}
	if letters > 0 {
		r.evenIn(start, end)
	}
	if digits < 2 || letters == 0 || digits+letters < len(token)*3/4 || hexadecimal(token) ||
		strings.Contains(token, "//") || strings.Contains(token, "@") || strings.Contains(token, "%40") { // a .png is a .cat
		return
	}
	r.turn(start, end, doubtful)
	r.end()
	r.decipher(start, end, rot13, doubtful)
	r.end()
	if digits+letters == len(token) {
		for _, x := range radices {
			if r.radix(start, end, x.value, x.base) {
				return
			}
		}
	}
}

// base32 undoes base32 (RFC 4648, 6 and 7) when it holds text of ASCII.
func (r *readings) base32(start, end int) bool {
	return r.thirtyTwo(start, end, base32Values) || r.thirtyTwo(start, end, base32Hex)
}

// The values of the characters of base32, in either case.
var (
	base32Values = anyCase(digitsOf("abcdefghijklmnopqrstuvwxyz234567"))
	base32Hex    = anyCase(digitsOf("0123456789abcdefghijklmnopqrstuv"))
)

func anyCase(t *[256]int8) *[256]int8 {
	for c := 'A'; c <= 'Z'; c++ {
		t[c] = t[c|0x20]
	}
	return t
}

func (r *readings) thirtyTwo(start, end int, value *[256]int8) bool {
	token := strings.TrimRight(r.src[start:end], "=")
	var space [maxOdd]byte
	text := space[:0]
	var bits, n uint
	for i := range len(token) {
		v := uint(value[token[i]])
		if v > 31 {
			return false
		}
		bits, n = bits<<5|v, n+5
		if n >= 8 {
			n -= 8
			c := byte(bits >> n)
			if c < ' ' && c != '\n' && c != '\t' || c >= 0x7f {
				return false
			}
			text = append(text, c)
		}
	}
	if len(text) < minPairs {
		return false
	}
	r.reveal(start, end, string(text))
	return true
}

func hexadecimal(s string) bool {
	for i := range len(s) {
		if nibble[s[i]] > 15 && s[i] != '-' {
			return false
		}
	}
	return true
}

// Ciphers that put one character in place of another, and back when done twice.
var (
	rot13  = cipher(func(c byte) byte { return (c-'a'+13)%26 + 'a' })
	atbash = cipher(func(c byte) byte { return 'z' - (c - 'a') })
	rot47  = func() *[256]byte { // what is printed and no space
		t := cipher(func(c byte) byte { return c })
		for c := '!'; c <= '~'; c++ {
			t[c] = byte('!' + (c-'!'+47)%94)
		}
		return t
	}()
)

// cipher is one of small letters, and of capitals alike.
func cipher(to func(byte) byte) *[256]byte {
	t := new([256]byte)
	for c := range t {
		t[c] = byte(c)
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-0x20] = to(c), to(c)-0x20
	}
	return t
}

// decipher puts src[lo:hi] into the reading, each byte by what a cipher says.
func (r *readings) decipher(lo, hi int, by *[256]byte, kind uint8) {
	if lo >= hi || !r.grow(hi-lo) {
		return
	}
	r.add(span{lo: uint32(lo), hi: uint32(hi), unit: 1, kind: kind}, "")
	for i := lo; i < hi; i++ {
		r.out = append(r.out, by[r.src[i]])
	}
}

// Cues are words that tell how a text is to be read, and words for digits that are rare
// in prose; in any case of ASCII. [Stack.Cue] is to be called for each that stands in a
// text. Nobody writes to them.
var Cues = []string{
	"revers", "backward", "rückwärts", "envers", "revés", "rovescio", "achterstevoren", "наоборот", "задом наперед", "倒", "逆", "反转", "反向",
	"[::-1]", "strrev", "| rev",
	"rot13", "rot-13", "rot 13", "caesar",
	"atbash",
	"rot47", "rot-47", "rot 47",
	"begin 6",
	" half", " halves", "followed by", "concatenate", "part a", "part 1", "part one", "first part", "then add", "add to ", "starts with", "begins with", "ending with", "suffix:", "put together", "together:", "hälfte", "moitié", "mitad", "metà", "połow",
	" dot ", "-dot-", "_dot_", " punkt ", " punt ", " kropka ",
	"arobase", "arroba", "chiocciola", "собака",
	" point ", " punto ", " ponto ", " точка ",
	"three", "four", "seven", "eight", "drei", "vier", "quatre", "cuatro", "quattro", "quatro", "sieben", "acht", "sechs", "trois", "sept", "huit", "siete", "ocho", "cinco", "sette", "otto", "cinque", "zeven", "sete", "oito",
	"trzy", "cztery", "siedem", "osiem", "четыре", "восемь", "девять", "чотири", "вісім", "fyra", "åtta", "otte", "dört", "sekiz", "dokuz", "čtyři", "neljä", "négy", "patru", "empat", "delapan",
	"foxtrot", "juliet", "quebec", "whisk", "yankee", "zulu", "tango", "bravo", "charlie", "romeo", "sierra", "x-ray",
}

// The first cues of each further kind.
var (
	cue13     = slices.Index(Cues, "rot13")
	cueAtbash = slices.Index(Cues, "atbash")
	cue47     = slices.Index(Cues, "rot47")
	cueBegin  = slices.Index(Cues, "begin 6")
	cueHalves = slices.Index(Cues, " half")
	cueDot    = slices.Index(Cues, " dot ")
	cueAt     = slices.Index(Cues, "arobase")
	cuePoint  = slices.Index(Cues, " point ")
	cueNumber = slices.Index(Cues, "three")
)

// cued is what the cues in a text say.
type cued struct {
	turned  bool
	at      bool // a word for the at sign that means nothing else
	ciphers [3]*[256]byte
	begins  []uint32 // offsets of headers of uuencode,
	halves  []uint32 // of what says that a value is told in pieces,
	dots    []uint32 // of the word dot
	numbers []uint32 // and of words for digits
}

// clear makes room for the cues of another text.
func (c *cued) clear() {
	*c = cued{begins: c.begins[:0], halves: c.halves[:0], dots: c.dots[:0], numbers: c.numbers[:0]}
}

// add takes one of Cues, which begins at start. Of words for digits that stand close
// together one is enough.
func (c *cued) add(cue, start int) {
	switch n := len(c.numbers); {
	case cue < cue13:
		c.turned = true
	case cue < cueAtbash:
		c.ciphers[0] = rot13
	case cue < cue47:
		c.ciphers[1] = atbash
	case cue < cueBegin:
		c.ciphers[2] = rot47
	case cue < cueHalves:
		c.begins = append(c.begins, uint32(start))
	case cue < cueDot:
		c.halves = append(c.halves, uint32(start))
	case cue >= cueAt && cue < cuePoint:
		c.at = true
	case cue < cueAt || cue < cueNumber && c.at: // a point is rarely a dot
		c.dots = append(c.dots, uint32(start))
	case cue < cueNumber:
	case n == 0 || int(c.numbers[n-1])+2*maxBetween < start:
		c.numbers = append(c.numbers, uint32(start))
	}
}

// told makes the readings that words in the text ask for.
func (r *readings) told(c *cued) {
	for _, at := range c.numbers {
		r.spelled(int(at))
	}
	for _, at := range c.begins {
		r.uuencoded(int(at))
	}
	for _, at := range c.halves {
		r.halves(int(at))
	}
	for _, at := range c.dots {
		r.address(int(at))
	}
	if !c.turned && c.ciphers == [3]*[256]byte{} {
		return
	}
	for lo := 0; lo < len(r.src) && r.err == nil; {
		hi := len(r.src)
		if n := strings.IndexByte(r.src[lo:], '\n'); n >= 0 {
			hi = lo + n
		}
		if hi-lo >= minChain {
			if c.turned {
				r.turnLine(lo, hi)
				r.end()
			}
			for _, by := range c.ciphers {
				if by != nil {
					r.decipher(lo, hi, by, changed)
					r.end()
				}
			}
		}
		lo = hi + 1
	}
}

// turnLine reads src[lo:hi] from its end; what is not ASCII is left out.
func (r *readings) turnLine(lo, hi int) {
	for hi > lo {
		from := hi
		for from > lo && r.src[from-1] < utf8.RuneSelf {
			from--
		}
		r.turn(from, hi, changed)
		for hi = from; hi > lo && r.src[hi-1] >= utf8.RuneSelf; hi-- {
		}
		r.say(hi, from, changed, " ")
	}
}

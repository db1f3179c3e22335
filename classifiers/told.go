package classifiers

import (
	"slices"
	"strings"
	"unicode/utf8"
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
		} else if lower(token[i])-'a' < 26 {
			letters++
		}
	}
	if digits < 2 || letters == 0 || digits+letters < len(token)*3/4 || hexadecimal(token) ||
		strings.Contains(token, "//") || strings.Contains(token, "@") || strings.Contains(token, "%40") { // a .png is a .cat
		return
	}
	r.turn(start, end, doubtful)
	r.end()
	r.rotate(start, end, doubtful)
	r.end()
}

// base32 undoes base32 (RFC 4648, 6) when it holds text of ASCII.
func (r *readings) base32(start, end int) bool {
	token := strings.TrimRight(r.src[start:end], "=")
	var space [maxOdd]byte
	text := space[:0]
	var bits, n uint
	for i := range len(token) {
		v := uint(lower(token[i]) - 'a')
		if v >= 26 {
			if v = uint(token[i]-'2') + 26; v < 26 || v > 31 {
				return false
			}
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

// rotate puts src[lo:hi] with each letter 13 places further into the reading.
func (r *readings) rotate(lo, hi int, kind uint8) {
	if lo >= hi || !r.grow(hi-lo) {
		return
	}
	r.add(span{lo: uint32(lo), hi: uint32(hi), unit: 1, kind: kind}, "")
	for i := lo; i < hi; i++ {
		c := r.src[i]
		if l := lower(c) - 'a'; l < 13 {
			c += 13
		} else if l < 26 {
			c -= 13
		}
		r.out = append(r.out, c)
	}
}

// cues are words that tell how a text is to be read, and words for digits that are
// rare in prose. Hit.Anchor is the index here.
var cues = []string{
	"revers", "backward", "rückwärts", "envers", "revés", "rovescio", "achterstevoren", "наоборот", "задом наперед", "倒", "逆", "反转", "反向",
	"rot13", "rot-13", "rot 13", "caesar",
	"three", "four", "seven", "eight", "drei", "vier", "quatre", "cuatro", "quattro", "quatro", "sieben", "acht", "sechs", "trois", "sept", "huit", "siete", "ocho", "cinco", "sette", "otto", "cinque", "zeven", "sete", "oito",
}

// The first cues of the second and third kind.
var cueRotated, cueNumber = slices.Index(cues, "rot13"), slices.Index(cues, "three")

// cued is what the cues in a text say.
type cued struct {
	turned, rotated bool
	numbers         []uint32 // offsets of words for digits
}

// add takes the cues of a block. Of words for digits that stand close together one
// is enough.
func (c *cued) add(hits []Hit) {
	for _, h := range hits {
		switch n := len(c.numbers); {
		case h.Anchor < cueRotated:
			c.turned = true
		case h.Anchor < cueNumber:
			c.rotated = true
		case n == 0 || int(c.numbers[n-1])+2*maxBetween < h.Start:
			c.numbers = append(c.numbers, uint32(h.Start))
		}
	}
}

// told makes the readings that words in the text ask for.
func (r *readings) told(c *cued) {
	for _, at := range c.numbers {
		r.spelled(int(at))
	}
	for lo := 0; (c.turned || c.rotated) && lo < len(r.src) && r.err == nil; {
		hi := len(r.src)
		if n := strings.IndexByte(r.src[lo:], '\n'); n >= 0 {
			hi = lo + n
		}
		if c.turned && hi-lo >= minChain {
			r.turnLine(lo, hi)
			r.end()
		}
		if c.rotated && hi-lo >= minChain {
			r.rotate(lo, hi, changed)
			r.end()
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

// spellings are the digits in words, from 0 to 9, in some languages.
var spellings = []string{
	"zero one two three four five six seven eight nine",
	"null eins zwei drei vier fünf sechs sieben acht neun",
	"zéro un deux trois quatre cinq six sept huit neuf",
	"cero uno dos tres cuatro cinco seis siete ocho nueve",
	"zero uno due tre quattro cinque sei sette otto nove",
	"nul een twee drie vier vijf zes zeven acht negen",
	"zero um dois três quatro cinco seis sete oito nove",
	"oh ein zwo", "o",
}

var spelled = func() map[uint32]byte {
	t := make(map[uint32]byte)
	for _, words := range spellings {
		for n, w := range strings.Fields(words) {
			t[HashWord(w)] = byte('0' + n)
		}
	}
	return t
}()

// spelled puts a row of digits that are written in words, around offset at, into a
// reading. Single letters and digits may stand in it.
func (r *readings) spelled(at int) {
	if at < r.numbered {
		return
	}
	start, digits := at, 0
	for start > r.numbered {
		lo, hi := wordBefore(r.src, start)
		if _, ok := spelledAs(r.src[lo:hi]); !ok || lo < r.numbered {
			break
		}
		start = lo
	}
	out, spans := len(r.out), len(r.spans)
	r.begin(start)
	for end := start; ; {
		lo, hi := wordAfter(r.src, end)
		c, ok := spelledAs(r.src[lo:hi])
		if !ok {
			break
		}
		if digit(c) {
			digits++
		}
		r.say(lo, hi, part, string(c))
		end, r.numbered = hi, hi
	}
	if digits < minRow {
		r.out, r.spans = r.out[:out], r.spans[:spans]
		return
	}
	r.end()
}

// spelledAs is the digit that a word says, or the single letter or digit that it is.
func spelledAs(word string) (byte, bool) {
	if c, ok := spelled[HashWord(word)]; ok {
		return c, true
	}
	if len(word) == 1 {
		return word[0], word[0] < utf8.RuneSelf
	}
	return 0, false
}

// maxBetween is how many bytes may stand between two words that say digits.
const maxBetween = 3

func wordBefore(src string, at int) (lo, hi int) {
	for hi = at; hi > 0 && at-hi < maxBetween && !inSpelling(src[hi-1]); hi-- {
	}
	for lo = hi; lo > 0 && hi-lo < 12 && inSpelling(src[lo-1]); lo-- {
	}
	return lo, hi
}

func wordAfter(src string, at int) (lo, hi int) {
	for lo = at; lo < len(src) && lo-at < maxBetween && !inSpelling(src[lo]); lo++ {
	}
	for hi = lo; hi < len(src) && hi-lo < 12 && inSpelling(src[hi]); hi++ {
	}
	return lo, hi
}

func inSpelling(c byte) bool { return c >= utf8.RuneSelf || isASCIIWord(rune(c)) }

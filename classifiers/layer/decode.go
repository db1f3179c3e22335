package layer

import (
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What a byte may begin.
const (
	plainByte = iota
	blobByte  // of the alphabets of base64, and so of hexadecimal
	unitByte  // % & \ =, brackets, @, the first byte of Braille
)

var kinds = func() (t [256]uint8) {
	for c := range 256 {
		if sextet[c] >= 0 {
			t[c] = blobByte
		}
	}
	for _, c := range []byte(`%&\=[({<@` + firstCell[:1]) {
		t[c] = unitByte
	}
	return t
}()

// decode takes off encodings, each where it stands: escapes of URLs, HTML, JSON,
// style sheets, program code and quoted-printable; base64 and hexadecimal in all
// layouts, dumps too, with what was packed in them; code points, Morse code, the
// signs of addresses in words; Braille; characters that are spaced out.
func decode(text string, room *room) (*layer, error) {
	p := peel{src: text, room: room}
	for at := 0; at < len(text) && p.err == nil; {
		switch kinds[text[at]] {
		case plainByte:
			at++
		case unitByte:
			at = p.escape(at)
		default:
			start := at
			for at < len(text) && kinds[text[at]] == blobByte {
				at++
			}
			switch n := at - start; {
			case n >= minBlob || n >= 4 && wrapped(text, at):
				at = p.blob(start, at)
			case n == 1:
				at = p.spaced(start, at)
			default:
				at = p.short(start, at)
			}
		}
	}
	return p.layer()
}

// short looks at a run of few characters of base64 and returns where to go on.
func (p *peel) short(start, end int) int {
	n := end - start
	switch {
	case p.src[start] == '-':
		if to := p.morse(start); to > start {
			return to
		}
	case n >= 4 && isSign(p.src[start+1]) && p.src[start+3] == p.src[start+1]:
		return p.spaced(start, start+1)
	case n >= 6 && p.src[start+1] == '+':
		return max(end, p.codePoints(start))
	case n >= 6 && n <= 8:
		if to := p.dump(start, end); to > start {
			return to
		}
	}
	if n == 5 && isSign(p.src[end-1]) || n == 3 && isSign(p.src[end-1]) {
		if to := p.pairs(start, end-1); to > end {
			return to
		}
		return end
	}
	return p.pairs(start, end)
}

// escape undoes the escape at offset at and returns where to go on.
func (p *peel) escape(at int) int {
	var r rune
	var n int
	switch p.src[at] {
	case '%':
		if r, n = percentUnit(p.src[at:]); n == 0 {
			r, n = runeOf(p.src[at:], percentByte)
		}
	case '&':
		r, n = entity(p.src[at:])
	case '\\':
		if r, n = backslash(p.src[at:]); n == 0 {
			if r, n = namedCharacter(p.src[at:]); n == 0 {
				if n = p.mark(at); n == 0 {
					return p.styled(at)
				}
				r = rune(p.src[at+n-1])
			}
		}
	case '=':
		return p.quotedPrintable(at)
	case '@':
		return p.mail(at)
	case firstCell[0]:
		return p.cells(at)
	default:
		return p.bracketed(at)
	}
	p.character(at, n, r)
	return at + max(n, 1)
}

// mark reads the sign inside a word that Markdown (CommonMark, 2.4) or TeX would take for
// its own, as in ghp\_x1, and returns its length with the backslashes.
func (p *peel) mark(at int) int {
	n := backslashes(p.src[at:]) + 1
	end := at + n
	if at == 0 || end >= len(p.src) || strings.IndexByte("_-.@+#~=$&%", p.src[end-1]) < 0 || !isASCIIWord(rune(p.src[at-1])) || !isASCIIWord(rune(p.src[end])) {
		return 0
	}
	return n
}

// character puts r in place of n bytes; nothing when n is 0.
func (p *peel) character(at, n int, r rune) {
	switch {
	case n == 0:
	case r < utf8.RuneSelf:
		p.unit(at, at+n, byte(r))
	default:
		p.replace(at, at+n, string(r), false)
	}
}

// runeOf reads a character that is written in escaped bytes and returns it with
// the length of what it is written in, or 0 when there is no character that can
// be seen.
func runeOf(s string, next func(string) (byte, int)) (rune, int) {
	c, n := next(s)
	switch {
	case n == 0 || c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f:
		return 0, 0
	case c < utf8.RuneSelf:
		return rune(c), n
	}
	buf := [utf8.UTFMax]byte{c}
	for have := 1; have < len(buf) && !utf8.FullRune(buf[:have]); have++ {
		c, size := next(s[n:])
		if size == 0 {
			return 0, 0
		}
		buf[have] = c
		n += size
	}
	r, size := utf8.DecodeRune(buf[:])
	if r == utf8.RuneError || size < 2 {
		return 0, 0
	}
	return r, n
}

// percentByte reads %34, and %2534 and %252534, which are that once more.
func percentByte(s string) (byte, int) {
	if s == "" || s[0] != '%' {
		return 0, 0
	}
	n := 1
	for strings.HasPrefix(s[n:], "25") && len(s) >= n+4 && isHexPair(s[n+2:]) {
		n += 2
	}
	return hexByte(s, n)
}

// percentUnit reads %u0034, as the escape function of JavaScript writes (ECMA-262,
// B.2.1.1). A pair of surrogates is left.
func percentUnit(s string) (rune, int) {
	if len(s) < 6 || s[1] != 'u' && s[1] != 'U' || !isHexPair(s[2:]) || !isHexPair(s[4:]) {
		return 0, 0
	}
	hi, _ := hexByte(s, 2)
	lo, _ := hexByte(s, 4)
	r := rune(hi)<<8 | rune(lo)
	if utf16.IsSurrogate(r) || r < ' ' && r != '\t' && r != '\n' || r == 0x7f {
		return 0, 0
	}
	return r, 6
}

// hexByte reads two hexadecimal digits behind n bytes.
func hexByte(s string, n int) (byte, int) {
	if len(s) < n+2 || !isHexPair(s[n:]) {
		return 0, 0
	}
	return nibble[s[n]]<<4 | nibble[s[n+1]], n + 2
}

func isHexPair(s string) bool { return nibble[s[0]] < 16 && nibble[s[1]] < 16 }

// nibble is the value of a hexadecimal digit, 0xff of other bytes.
var nibble = func() (t [256]byte) {
	for c := range t {
		t[c] = 0xff
	}
	for i := range 16 {
		t["0123456789abcdef"[i]] = byte(i)
		t["0123456789ABCDEF"[i]] = byte(i)
	}
	return t
}()

// named are the character references of HTML that stand for what can be part of
// a value or has no width. The rest is left as it is.
var named = map[string]bool{
	"commat": true, "colon": true, "period": true, "hyphen": true, "dash": true, "lowbar": true, "UnderBar": true, "equals": true, "sol": true,
	"plus": true, "percnt": true, "num": true, "nbsp": true, "Tab": true, "NewLine": true, "zwnj": true, "zwj": true, "shy": true,
	"ZeroWidthSpace": true, "NoBreak": true, "ensp": true, "emsp": true, "thinsp": true, "bsol": true, "dollar": true, "excl": true, "ast": true,
}

// entity reads a character reference (HTML, 13.2.5.72), also one whose ampersand
// is escaped again: &amp;#52;.
func entity(s string) (rune, int) {
	n := 1
	for strings.HasPrefix(s[n:], "amp;") {
		n += len("amp;")
	}
	end := n
	for end < len(s) && end-n < 16 && (s[end] == '#' || isASCIIWord(rune(s[end]))) {
		end++
	}
	name := s[n:end]
	closed := end < len(s) && s[end] == ';'
	switch {
	case name == "":
		return 0, 0
	case name[0] != '#' && (!closed || !named[name]):
		return 0, 0
	case name[0] == '#' && !closed: // &#52&#49: digits end where they end
		end = n + 1
		if end+2 < len(s) && s[end]|0x20 == 'x' && isHexPair(s[end+1:]) { // &#x34&#x31: two digits are one of ASCII
			end += 3
		}
		for end < len(s) && end-n < 8 && digit(s[end]) && s[n+1] != 'x' && s[n+1] != 'X' {
			end++
		}
		name = s[n:end]
	}
	written := "&" + name + ";"
	r, size := utf8.DecodeRuneInString(html.UnescapeString(written))
	if size == 0 || r == '&' || r == utf8.RuneError || r < ' ' && r != '\t' && r != '\n' {
		return 0, 0
	}
	if closed {
		end++
	}
	return r, end
}

// backslash reads \u0034, \x34, \U00000034, \u{34} and \064 behind any number of
// backslashes, and what is written with two of them: a pair of surrogates, the
// bytes of a character.
func backslash(s string) (rune, int) {
	if r, n := unicodeEscape(s); n > 0 {
		if utf16.IsSurrogate(r) {
			low, m := unicodeEscape(s[n:])
			r, n = utf16.DecodeRune(r, low), n+m
		}
		if r == utf8.RuneError || r < ' ' && r != '\t' && r != '\n' || r > utf8.MaxRune {
			return 0, 0
		}
		return r, n
	}
	return runeOf(s, backslashByte)
}

func backslashes(s string) int {
	n := 0
	for n < len(s) && n < 64 && s[n] == '\\' {
		n++
	}
	return n
}

func unicodeEscape(s string) (rune, int) {
	n := backslashes(s)
	if n == 0 || n+1 >= len(s) || s[n] != 'u' && s[n] != 'U' {
		return 0, 0
	}
	size := 4
	if s[n] == 'U' {
		size = 8
	}
	n++
	braced := s[n] == '{'
	if braced {
		n++
	}
	var r rune
	from := n
	for n < len(s) && n-from < size+2*btoi(braced) && nibble[s[n]] < 16 {
		r = r<<4 | rune(nibble[s[n]])
		n++
	}
	switch {
	case braced && (n == from || n >= len(s) || s[n] != '}'), !braced && n-from != size:
		return 0, 0
	case braced:
		n++
	}
	return r, n
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// backslashByte reads \x34 and \064.
func backslashByte(s string) (byte, int) {
	n := backslashes(s)
	switch {
	case n == 0 || len(s) < n+3:
	case s[n] == 'x':
		return hexByte(s, n+1)
	case s[n]-'0' < 4 && s[n+1]-'0' < 8 && s[n+2]-'0' < 8:
		return (s[n]-'0')<<6 | (s[n+1]-'0')<<3 | (s[n+2] - '0'), n + 3
	}
	return 0, 0
}

// minQuoted is how many characters must be escaped one behind the other to be
// taken for quoted-printable (RFC 2045, 6.7): id=42 is not.
const minQuoted = 3

// quotedPrintable undoes a row of =34=31 and a soft line break inside a word.
func (p *peel) quotedPrintable(at int) int {
	s := p.src[at:]
	for _, soft := range [...]string{"=\n", "=\r\n"} {
		if end := at + len(soft); strings.HasPrefix(s, soft) && at > 0 && end < len(p.src) && p.src[at-1] > ' ' && p.src[end] > ' ' {
			p.replace(at, end, "", false)
			return end
		}
	}
	end := 0
	for end < len(s) && s[end] == '=' {
		if _, n := equalsByte(s[end:]); n == 0 {
			break
		}
		end += 3
	}
	if end < 3*minQuoted {
		return at + max(1, end)
	}
	for end += at; at < end; {
		r, n := runeOf(p.src[at:end], equalsByte)
		p.character(at, n, r)
		at += max(n, 3)
	}
	return end
}

func equalsByte(s string) (byte, int) {
	if s == "" || s[0] != '=' {
		return 0, 0
	}
	return hexByte(s, 1)
}

package classifiers

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// How a character is folded. Zero is as it stands; below utf8.RuneSelf it is the
// ASCII character that the entry names.
const (
	invisible = 0x80 + iota // has no width: taken out
	mark                    // combines with the character in front: taken out
	override                // U+202E: what follows is shown backwards
	popped                  // U+202C and U+2069 end that

	alike  = 0x100 // flag: looks like the ASCII character; folded in words that hold ASCII too
	beside = 0x200 // flag: punctuation; folded beside ASCII
)

// folds holds how each character below U+20000 is folded, by pages of 256.
var folds = makeFolds()

type foldTable [0x200]*[256]uint16

func (t *foldTable) set(r rune, how uint16) {
	if t[r>>8] == nil {
		t[r>>8] = new([256]uint16)
	}
	if t[r>>8][r&0xff] == 0 {
		t[r>>8][r&0xff] = how
	}
}

// foldOf says how a character is folded.
func foldOf(r rune) uint16 {
	switch {
	case r < 0x20000:
		if page := folds[r>>8]; page != nil {
			return page[r&0xff]
		}
	case r >= 0xE0000 && r < 0xE1000: // tags and variation selectors: all without a glyph
		return invisible
	}
	return 0
}

// makeFolds puts the table together: what this file lists, the digits of all
// scripts, and what Unicode calls compatible (NFKC, UAX #15) with one character
// of ASCII: full width, mathematical, enclosed, raised and lowered forms.
func makeFolds() *foldTable {
	t := new(foldTable)
	for _, r := range []rune{0x202C, 0x2069} {
		t.set(r, popped)
	}
	t.set(0x202E, override)
	for _, x := range invisibles {
		for r := x[0]; r <= x[1]; r++ {
			t.set(r, invisible)
		}
	}
	for _, x := range marks {
		for r := x[0]; r <= x[1]; r++ {
			t.set(r, mark)
		}
	}
	for _, group := range strings.Fields(signs) {
		each(group, func(c byte, r rune) { t.set(r, flagged(c)) })
	}
	for _, group := range strings.Fields(lookalikes) {
		each(group, func(c byte, r rune) { t.set(r, uint16(c)|alike) })
	}
	digits := func(lo, hi rune) {
		for r := lo; r <= hi && r < 0x20000; r++ { // in whole tens (UAX #44, General_Category Nd)
			if r >= utf8.RuneSelf {
				t.set(r, uint16('0'+(r-lo)%10))
			}
		}
	}
	for _, x := range unicode.Nd.R16 {
		digits(rune(x.Lo), rune(x.Hi))
	}
	for _, x := range unicode.Nd.R32 {
		digits(rune(x.Lo), rune(x.Hi))
	}
	for _, x := range compatible {
		for r := x[0]; r <= x[1]; r++ {
			if to := norm.NFKC.String(string(r)); len(to) == 1 {
				t.set(r, flagged(to[0]))
			} else if len(to) == 3 && to[0] == '(' { // (1), (a)
				t.set(r, uint16(to[1]))
			}
		}
	}
	return t
}

func flagged(c byte) uint16 {
	if digit(c) || lower(c)-'a' < 26 {
		return uint16(c)
	}
	return uint16(c) | beside
}

// each calls f for every character of a group behind its first, which is ASCII.
func each(group string, f func(c byte, r rune)) {
	for _, r := range group[1:] {
		f(group[0], r)
	}
}

// fold takes off what only the eye does not see: forms of ASCII characters that
// Unicode has elsewhere, letters of other scripts that look like ASCII in words
// that hold ASCII, characters without width, marks over ASCII. Text in other
// scripts that holds none of that has no layer.
func fold(text string, room *room) (*layer, error) {
	at := nonASCII(text, 0)
	if at == len(text) {
		return nil, nil
	}
	p := peel{src: text, room: room}
	var word int // the end of the word that was judged last
	var mixed bool
	var b backwards
	var g tags
	for ; at < len(text) && p.err == nil; at = nonASCII(text, at) {
		b.end(&p, at)
		r, size := utf8.DecodeRuneInString(text[at:])
		switch how := foldOf(r); {
		case how == 0:
		case how&alike != 0:
			if at >= word {
				word, mixed = judgeWord(text, at)
			}
			if mixed {
				p.unit(at, at+size, byte(how))
			}
		case how < utf8.RuneSelf:
			p.unit(at, at+size, byte(how))
		case how&beside != 0:
			if shows(text, at, true) || shows(text, at+size, false) {
				p.unit(at, at+size, byte(how))
			}
		default:
			end, marks := unseen(text, at)
			turned := strings.Contains(text[at:end], "\u202e")
			said := g.read(text, at, end)
			if turned || said || at > 0 && (marks && text[at-1] == ' ' || shows(text, at, true) || !marks && shows(text, end, false)) {
				p.replace(at, end, "", false)
			}
			if turned {
				b.begin(&p, end)
			}
			size = end - at
		}
		at += size
	}
	b.end(&p, len(text))
	g.end(&p)
	return p.layer()
}

// tags are ASCII characters that nobody sees (U+E0020 and up). What they say
// stands at the end of the layer.
type tags struct {
	from, to int
	said     []byte
}

func (g *tags) read(text string, from, to int) (found bool) {
	for i, r := range text[from:to] {
		if r >= 0xE0020 && r < 0xE007F {
			if len(g.said) == 0 {
				g.from = from + i
			}
			g.said, g.to, found = append(g.said, byte(r-0xE0000)), from+i+utf8.RuneLen(r), true
		}
	}
	return found
}

func (g *tags) end(p *peel) {
	if len(g.said) > 0 && p.grow(len(g.said)) {
		p.keep(len(p.src))
		p.add(span{lo: uint32(g.from), hi: uint32(g.to), blob: true}, "\n"+string(g.said))
	}
}

// backwards is a stretch of text that is shown from right to left (UAX #9, 3.3.2):
// what it reads that way follows it in the layer.
type backwards struct{ from, to int }

func (b *backwards) begin(p *peel, at int) {
	if b.to > 0 {
		return
	}
	end := len(p.src)
	if n := strings.IndexAny(p.src[at:], "\n\u202c\u2069"); n >= 0 {
		end = at + n
	}
	if end > at {
		b.from, b.to = at, end
	}
}

// end closes the stretch when offset at lies behind it.
func (b *backwards) end(p *peel, at int) {
	if b.to == 0 || at < b.to || !p.grow(b.to-b.from) {
		return
	}
	runes := []rune(strings.ReplaceAll(p.src[b.from:b.to], "\u202e", ""))
	slices.Reverse(runes)
	p.keep(b.to)
	p.add(span{lo: uint32(b.from), hi: uint32(b.to), blob: true}, "\n"+string(runes)+"\n")
	*b = backwards{}
}

// nonASCII is the offset of the first byte from at on that is not ASCII.
func nonASCII(text string, at int) int {
	for ; at+8 <= len(text); at += 8 {
		s := text[at : at+8]
		if (s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7])&0x80 != 0 {
			break
		}
	}
	for at < len(text) && text[at] < utf8.RuneSelf {
		at++
	}
	return at
}

// shows tells whether the character that ends, or begins, at offset at is one of
// ASCII with a glyph, or is folded to one. What has no width is passed over.
func shows(text string, at int, before bool) bool {
	for range 8 {
		var r rune
		var size int
		if before {
			r, size = utf8.DecodeLastRuneInString(text[:at])
			at -= size
		} else {
			r, size = utf8.DecodeRuneInString(text[at:])
			at += size
		}
		if r < utf8.RuneSelf {
			return r > ' ' && size > 0
		}
		switch how := foldOf(r); how {
		case invisible, mark, popped, override:
		default:
			return how > ' ' && how < utf8.RuneSelf
		}
	}
	return false
}

// unseen is the end of the run of characters without width, and of marks, that
// begins at offset at.
func unseen(text string, at int) (end int, marks bool) {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch foldOf(r) {
		case mark:
			marks = true
		case invisible, popped, override:
		default:
			return at, marks
		}
		at += size
	}
	return at, marks
}

// judgeWord tells whether the word around offset at holds a letter or digit of
// ASCII, and where it ends. A word is judged whole, and once: of a part of it
// another would be judged again, and differently, in the next layer.
func judgeWord(text string, at int) (end int, mixed bool) {
	for from := at; from > 0; {
		r, size := utf8.DecodeLastRuneInString(text[:from])
		if !inWord(r) {
			break
		}
		mixed = mixed || isASCIIWord(r)
		from -= size
	}
	for end = at; end < len(text); {
		r, size := utf8.DecodeRuneInString(text[end:])
		if !inWord(r) {
			break
		}
		mixed = mixed || isASCIIWord(r)
		end += size
	}
	return max(end, at+1), mixed
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return isASCIIWord(r) || r == '_' || r == '-'
	}
	return r < alphabets && letters[r] != 0 || r >= alphabets && unicode.IsLetter(r) && !runsOn(r) || foldOf(r) != 0
}

// isASCIIWord tells whether a character is a letter or digit of ASCII, or is
// folded to one whatever stands around it.
func isASCIIWord(r rune) bool {
	if r >= utf8.RuneSelf {
		how := foldOf(r)
		if how == 0 || how >= utf8.RuneSelf {
			return false
		}
		r = rune(how)
	}
	return digit(byte(r)) || lower(byte(r))-'a' < 26
}

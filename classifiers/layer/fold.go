package layer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/unicode/norm"

	"github.com/sluice-proxy/sluice/classifiers/shape"
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
	accent = 0x400 // flag: the ASCII letter with a mark; folded in words with digits
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
	for i := range rune(26) { // of which flags are made
		t.set(0x1F1E6+i, uint16('A'+i)|alike)
	}
	for _, group := range strings.Fields(lookalikes) {
		each(group, func(c byte, r rune) { t.set(r, uint16(c)|alike) })
	}
	for _, x := range accented {
		for r := x[0]; r <= x[1]; r++ {
			if to := norm.NFD.PropertiesString(string(r)).Decomposition(); len(to) > 1 && shape.Lower(to[0])-'a' < 26 {
				t.set(r, uint16(to[0])|accent)
			}
		}
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
			if to := norm.NFKD.PropertiesString(string(r)).Decomposition(); len(to) == 1 {
				t.set(r, flagged(to[0]))
			} else if len(to) == 3 && to[0] == '(' { // (1), (a)
				t.set(r, uint16(to[1]))
			}
		}
	}
	return t
}

func flagged(c byte) uint16 {
	if digit(c) || shape.Lower(c)-'a' < 26 {
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
// scripts that holds none of that has no layer. What stands beside a character is
// judged by what becomes of it, so that nothing is left to the next layer.
func fold(text string, room *room) (*layer, error) {
	at := nonASCII(text, 0)
	if at == len(text) {
		return nil, nil
	}
	f := folding{peel: peel{src: text, room: room}}
	for ; at < len(text) && f.err == nil; at = nonASCII(text, at) {
		f.backwards.end(&f.peel, at)
		r, size := utf8.DecodeRuneInString(text[at:])
		switch how := foldOf(r); {
		case how == 0:
		case how&(alike|accent) != 0:
			if f.resembles(at, how) {
				f.unit(at, at+size, byte(how))
			}
		case how < utf8.RuneSelf:
			f.unit(at, at+size, byte(how))
		case how&beside != 0:
			if f.before(at) > ' ' || f.shows(at) {
				f.unit(at, at+size, byte(how))
			}
		default:
			size = f.unseen(at)
		}
		at += size
	}
	f.backwards.end(&f.peel, len(text))
	f.tags.end(&f.peel)
	return f.layer()
}

// folding makes the layer of fold.
type folding struct {
	peel
	backwards backwards
	tags      tags

	word    int  // the end of the word that was judged last
	mixed   bool // it holds ASCII
	numbers int  // and so many digits

	next  int  // the character that what is in front of it was judged by last
	shown bool // it is one of ASCII with a glyph
}

// resembles tells whether a letter or digit that looks like one of ASCII, or is one
// with a mark, is read as that: by what else is in its word.
func (f *folding) resembles(at int, how uint16) bool {
	if at >= f.word {
		f.word, f.mixed, f.numbers = judgeWord(f.src, at)
	}
	return how&alike != 0 && f.mixed || how&accent != 0 && f.numbers > 1
}

// before is the byte in front of offset at, as it is folded; 0: none of ASCII.
func (f *folding) before(at int) byte {
	s := f.src[:at]
	if f.changed && f.done == at {
		s = unsafe.String(unsafe.SliceData(f.out), len(f.out))
	}
	if n := len(s); n > 0 && s[n-1] < utf8.RuneSelf {
		return s[n-1]
	}
	return 0
}

// shows tells whether a character of ASCII with a glyph follows offset at, or one
// that is folded to one. What has no width is passed over, and punctuation, which is
// folded when that follows it.
func (f *folding) shows(at int) bool {
	if at < f.next {
		return f.shown
	}
	f.shown = false
	for f.next = at; f.next < len(f.src); {
		r, size := utf8.DecodeRuneInString(f.src[f.next:])
		how := foldOf(r)
		if r < utf8.RuneSelf {
			how = uint16(r)
		}
		switch {
		case how&(alike|accent) != 0:
			f.shown = f.resembles(f.next, how)
		case how < utf8.RuneSelf:
			f.shown = how > ' '
		case how&beside != 0 && byte(how) <= ' ':
		default:
			f.next += size
			continue
		}
		break
	}
	return f.shown
}

// unseen takes out the run of characters without width, and of marks, at offset at,
// where they are beside ASCII or say something, and returns its length.
func (f *folding) unseen(at int) int {
	end, marks, turned := at, false, false
run:
	for end < len(f.src) {
		r, size := utf8.DecodeRuneInString(f.src[end:])
		switch foldOf(r) {
		case mark:
			marks = true
		case override:
			turned = true
		case invisible, popped:
		default:
			break run
		}
		end += size
	}
	c := f.before(at)
	if f.tags.read(f.src, at, end) || turned || c > ' ' || marks && c == ' ' || !marks && at > 0 && f.shows(end) {
		f.replace(at, end, "", false)
	}
	if turned {
		f.backwards.begin(&f.peel, end)
	}
	return end - at
}

// tags are ASCII characters that nobody sees (U+E0020 and up). What they say
// stands at the end of the layer.
type tags struct {
	from, to int
	said     []byte
}

func (g *tags) read(text string, from, to int) (found bool) {
	if to-from >= minPairs*3 {
		if said := hiddenBytes(text[from:to]); len(said) > 0 {
			if len(g.said) == 0 {
				g.from = from
			}
			g.said, g.to = append(g.said, said...), to
			return true
		}
	}
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
		p.add(span{lo: uint32(g.from), hi: uint32(g.to), blob: true}, "\n"+strings.ToValidUTF8(string(g.said), " "))
	}
}

// backwards is a stretch of text that is shown from right to left (UAX #9, 3.3.2):
// what it reads that way follows it in the layer.
type backwards struct {
	from, to int
	out      int // where it begins in the layer
}

func (b *backwards) begin(p *peel, at int) {
	if b.to > 0 {
		return
	}
	end := len(p.src)
	if n := strings.IndexAny(p.src[at:], "\n\u202c\u2069"); n >= 0 {
		end = at + n
	}
	if end > at {
		b.from, b.to, b.out = at, end, len(p.out)
	}
}

// end closes the stretch when offset at lies behind it.
func (b *backwards) end(p *peel, at int) {
	if b.to == 0 || at < b.to || !p.grow(b.to-b.from) {
		return
	}
	p.keep(b.to)
	runes := []rune(string(p.out[b.out:]))
	slices.Reverse(runes)
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

// judgeWord tells where the word around offset at ends, whether letters that look like
// ASCII are ASCII in it, because it holds a letter or digit of ASCII or is a number,
// and how many digits of any script it holds. A word is judged whole, and once: of a
// part of it another would be judged again, and differently, in the next layer.
func judgeWord(text string, at int) (end int, mixed bool, numbers int) {
	accents := false
	judge := func(r rune) bool {
		if !inWord(r) {
			return false
		}
		mixed, accents = mixed || isASCIIWord(r), accents || r >= utf8.RuneSelf && foldOf(r)&accent != 0
		numbers += btoi(isNumber(r))
		return true
	}
	for from := at; from > 0; {
		r, size := utf8.DecodeLastRuneInString(text[:from])
		if !judge(r) {
			break
		}
		from -= size
	}
	for end = at; end < len(text); {
		r, size := utf8.DecodeRuneInString(text[end:])
		if !judge(r) {
			break
		}
		end += size
	}
	return max(end, at+1), mixed || numbers >= minRow || accents && numbers > 1, numbers
}

// isNumber tells whether a character is a digit or is folded to one.
func isNumber(r rune) bool {
	if r >= utf8.RuneSelf {
		r = rune(foldOf(r) &^ alike)
	}
	return r-'0' < 10 && r >= '0'
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return isASCIIWord(r) || r == '_' || r == '-'
	}
	if r < 0x0E00 { // alphabets, whose marks are in their words
		return shape.Letter(r) != 0 || foldOf(r) != 0
	}
	return unicode.IsLetter(r) && !shape.RunsOn(r) || foldOf(r) != 0
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
	return digit(byte(r)) || shape.Lower(byte(r))-'a' < 26
}

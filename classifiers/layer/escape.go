package layer

import (
	"strings"
	"unicode/utf8"
)

// minEscapes is how many short escapes of style sheets, or code points, must stand in a
// row to be taken for a text: \be is part of a path, and U+200B stands in prose.
const minEscapes = 3

// cssEscape reads \41 and \000041 with the blank that may end it (CSS Syntax 3, 4.3.7),
// and whether it is written in full, so that it can be nothing else.
func cssEscape(s string) (r rune, n int, full bool) {
	from := backslashes(s)
	for n = from; n < len(s) && n-from < 6 && nibble[s[n]] < 16; n++ {
		r = r<<4 | rune(nibble[s[n]])
	}
	digits := n - from
	if from == 0 || digits < 2 || r < ' ' || r >= 0x7f {
		return 0, 0, false
	}
	full = digits == 6 || digits == 4
	if n < len(s) && s[n] == ' ' && (!full || strings.HasPrefix(s[n:], ` \`)) {
		n++
	}
	return r, n, full
}

// styled undoes escapes of style sheets from offset at on and returns where to go on.
func (p *peel) styled(at int) int {
	_, n, full := cssEscape(p.src[at:])
	row := 0
	for i := at; n > 0 && row < minEscapes; row++ {
		i += n
		_, n, _ = cssEscape(p.src[i:])
	}
	if row == 0 || row < minEscapes && !full {
		return at + 1
	}
	for {
		r, n, _ := cssEscape(p.src[at:])
		if n == 0 {
			return at
		}
		p.unit(at, at+n, byte(r))
		at += n
	}
}

// codePoint reads U+0041.
func codePoint(s string) (r rune, n int) {
	if len(s) < 6 || s[0]|0x20 != 'u' || s[1] != '+' {
		return 0, 0
	}
	for n = 2; n < len(s) && n < 8 && nibble[s[n]] < 16; n++ {
		r = r<<4 | rune(nibble[s[n]])
	}
	if n < 6 || r < ' ' || !utf8.ValidRune(r) {
		return 0, 0
	}
	return r, n
}

// codePoints puts the characters in place of a row of code points that begins at start;
// it returns where to go on, start when there is none.
func (p *peel) codePoints(start int) int {
	s := p.src
	next := func(at int) (r rune, end, to int) {
		r, n := codePoint(s[at:])
		end = at + n
		for to = end; to < len(s) && to-end < 3 && strings.IndexByte(" ,;|+\n", s[to]) >= 0; to++ {
		}
		return r, end, to
	}
	row := 0
	for at := start; row < minEscapes; row++ {
		_, end, to := next(at)
		if end == at {
			return start
		}
		at = to
	}
	at := start
	for {
		r, end, to := next(at)
		if end == at {
			return at
		}
		if _, more := codePoint(s[to:]); more == 0 {
			to = end
		}
		p.character(at, to-at, r)
		at = to
	}
}

// signNames are the names that Unicode gives to signs of ASCII that stand in values.
var signNames = map[string]byte{
	"SPACE": ' ', "COMMERCIAL AT": '@', "FULL STOP": '.', "HYPHEN-MINUS": '-', "LOW LINE": '_', "EQUALS SIGN": '=', "COLON": ':', "SOLIDUS": '/', "PLUS SIGN": '+',
	"DIGIT ZERO": '0', "DIGIT ONE": '1', "DIGIT TWO": '2', "DIGIT THREE": '3', "DIGIT FOUR": '4', "DIGIT FIVE": '5', "DIGIT SIX": '6', "DIGIT SEVEN": '7', "DIGIT EIGHT": '8', "DIGIT NINE": '9',
	"QUOTATION MARK": '"', "APOSTROPHE": '\'', "NUMBER SIGN": '#', "EXCLAMATION MARK": '!', "DOLLAR SIGN": '$', "PERCENT SIGN": '%', "AMPERSAND": '&', "ASTERISK": '*', "TILDE": '~',
}

// namedCharacter reads \N{LATIN SMALL LETTER A}, as Python and Perl have it.
func namedCharacter(s string) (rune, int) {
	n := backslashes(s)
	if !strings.HasPrefix(s[n:], "N{") {
		return 0, 0
	}
	name, _, closed := strings.Cut(s[n+2:min(len(s), n+40)], "}")
	if !closed {
		return 0, 0
	}
	end := n + 2 + len(name) + 1
	for prefix, lift := range map[string]byte{"LATIN SMALL LETTER ": 0x20, "LATIN CAPITAL LETTER ": 0} {
		if letter, ok := strings.CutPrefix(name, prefix); ok && len(letter) == 1 && letter[0] >= 'A' && letter[0] <= 'Z' {
			return rune(letter[0] + lift), end
		}
	}
	if c, ok := signNames[name]; ok {
		return rune(c), end
	}
	return 0, 0
}

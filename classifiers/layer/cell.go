package layer

import "unicode/utf8"

// firstCell is the first sign of Braille (Unicode block U+2800).
const firstCell = "\u2800"

// Letters of Braille: the first ten are the digits, too.
const braille = "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵"

// cells are the signs of Unified English Braille for one cell.
var cells = func() (t [256]byte) {
	i := 0
	for _, r := range braille {
		t[r&0xff] = byte('a' + i)
		i++
	}
	for _, s := range [...]struct {
		cell rune
		c    byte
	}{{'⠲', '.'}, {'⠤', '-'}, {'⠀', ' '}, {'⠒', ':'}, {'⠖', '!'}, {'⠂', ','}, {'⠆', ';'}} {
		t[s.cell&0xff] = s.c
	}
	return t
}()

// Signs in front of letters.
const cellNumber, cellCapital, cellLetter, cellAt, cellLow = '⠼', '⠠', '⠰', '⠈', '⠨'

// minCells is how many cells are a text.
const minCells = 9

// cells puts the letters in place of the Braille that begins at offset at, if it does,
// and returns where to go on. Characters of ASCII may stand in it.
func (p *peel) cells(at int) int {
	s := p.src
	if r, _ := utf8.DecodeRuneInString(s[at:]); !isCell(r) {
		return at + 1
	}
	end, n := at, 0
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !isCell(r) && (r <= ' ' || r >= utf8.RuneSelf) {
			break
		}
		end += size
		n += btoi(isCell(r))
	}
	if n < minCells {
		return end
	}
	number, capital, word := false, false, false
	for i := at; i < end; {
		r, size := utf8.DecodeRuneInString(s[i:])
		next, _ := utf8.DecodeRuneInString(s[i+size:])
		wide := 2 * size
		switch {
		case !isCell(r):
			number, word = false, false
		case r == cellNumber || r == cellCapital || r == cellLetter:
			word = r == cellCapital && (capital || word)
			number, capital = r == cellNumber, r == cellCapital
			p.replace(i, i+size, "", false)
		case r == cellAt && next == '⠁' || r == cellLow && next == '⠤':
			c := byte('@')
			if r == cellLow {
				c = '_'
			}
			p.unit(i, i+wide, c)
			size, number = wide, false
		default:
			c := cells[r&0xff]
			switch {
			case c == 0:
				c = ' '
			case number && c >= 'a' && c <= 'j':
				c = '0' + (c-'a'+1)%10
			case (capital || word) && c >= 'a' && c <= 'z':
				c -= 0x20
			default:
				number, word = false, word && c >= 'a'
			}
			capital = false
			p.unit(i, i+size, c)
		}
		i += size
	}
	return end
}

func isCell(r rune) bool { return r >= 0x2800 && r <= 0x28ff }

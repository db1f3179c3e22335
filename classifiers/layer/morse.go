package layer

import "strings"

// morseLetters are the signs of ITU-R M.1677-1 for the characters behind.
const morseLetters = ".- A -... B -.-. C -.. D . E ..-. F --. G .... H .. I .--- J -.- K .-.. L -- M -. N --- O .--. P --.- Q .-. R ... S - T ..- U ...- V .-- W -..- X -.-- Y --.. Z " +
	"----- 0 .---- 1 ..--- 2 ...-- 3 ....- 4 ..... 5 -.... 6 --... 7 ---.. 8 ----. 9 .-.-.- . --..-- , ..--.. ? .----. ' -.-.-- ! -..-. / -.--. ( -.--.- ) ---... : -.-.-. ; -...- = .-.-. + -....- - ..--.- _ .-..-. \" .--.-. @ ...-..- $"

// morseTable has them by dots (0) and dashes (1) behind a leading 1.
var morseTable = func() (t [256]byte) {
	f := strings.Fields(morseLetters)
	for i := 0; i < len(f); i += 2 {
		n := 1
		for _, c := range []byte(f[i]) {
			n = n<<1 | btoi(c == '-')
		}
		t[n] = f[i+1][0]
	}
	return t
}()

// minMorse is how many letters, and how many different ones, are taken for a text: a line
// may be drawn with dashes.
const minMorse, minDifferent = 9, 4

// morseAt reads the letter at offset at and what parts it from the next; 0 when there is
// none. word says that a word ends with it.
func morseAt(s string, at int) (c byte, end, next int, word bool) {
	n := 1
	for end = at; end < len(s) && n < 128 && (s[end] == '.' || s[end] == '-'); end++ {
		n = n<<1 | btoi(s[end] == '-')
	}
	if end == at || n > 255 || morseTable[n] == 0 {
		return 0, at, at, false
	}
	for next = end; next < len(s) && next-end < 4 && (s[next] == ' ' || s[next] == '/' || s[next] == '\n'); next++ {
	}
	return morseTable[n], end, next, next-end > 1
}

// morse reads letters in dots and dashes around offset at, and returns where to go on: at
// when there are none.
func (p *peel) morse(at int) int {
	if at < p.tried {
		return at
	}
	s := p.src
	start := at
	for start > max(p.done, p.tried) && strings.IndexByte(".-/ ", s[start-1]) >= 0 {
		start--
	}
	for s[start] == '/' || s[start] == ' ' {
		start++
	}
	letters, kinds, end := 0, 0, start
	var seen [256]bool
	for i := start; ; letters++ {
		c, to, next, _ := morseAt(s, i)
		if c == 0 {
			break
		}
		if !seen[c] {
			seen[c] = true
			kinds++
		}
		if end = to; next == to {
			letters++
			break
		}
		i = next
	}
	p.tried = end
	if letters < minMorse || kinds < minDifferent {
		return at
	}
	for i := start; i < end; {
		c, to, next, word := morseAt(s, i)
		if to == end {
			next, word = end, false
		}
		if !word {
			p.unit(i, next, c)
		} else {
			p.unit(i, to, c)
			p.unit(to, next, ' ')
		}
		i = next
	}
	return end
}

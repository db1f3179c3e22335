package classifiers

import (
	"strings"
	"unicode/utf8"
)

// mailSigns are the words for the signs of an address, as they stand in brackets.
var mailSigns = map[string]byte{
	"@": '@', "at": '@', "ät": '@', "arobase": '@', "arroba": '@', "chiocciola": '@', "apenstaartje": '@', "snabel-a": '@', "собака": '@', "małpa": '@', "zavináč": '@', "kukac": '@', "et": '@', "alfakrøll": '@', "παπάκι": '@',
	".": '.', "dot": '.', "punkt": '.', "point": '.', "punto": '.', "ponto": '.', "punt": '.', "точка": '.', "kropka": '.', "tečka": '.', "pont": '.', "nokta": '.', "prick": '.', "τελεία": '.', "piste": '.', "miuku": '@',
}

// longestSign is the longest of them with a blank on either side.
const longestSign = 16

// bracketed puts the sign that a word in brackets stands for in its place: [at], (dot).
func (p *peel) bracketed(at int) int {
	s := p.src
	end := at + 1
	if end == len(s) || s[end] != '@' && s[end] != '.' && s[end] != ' ' && s[end] < utf8.RuneSelf && lower(s[end])-'a' >= 26 {
		return end
	}
	for end < len(s) && end-at <= longestSign && strings.IndexByte(")]}>\n", s[end]) < 0 {
		end++
	}
	if end == len(s) || s[end] != s[at]+1+btob(s[at] != '(') {
		return at + 1
	}
	var space [longestSign]byte
	word := space[:0]
	for _, c := range []byte(strings.Trim(s[at+1:end], " ")) {
		word = append(word, lower(c))
	}
	c := mailSigns[string(word)]
	lo, hi := at, end+1
	for lo > 0 && at-lo < 2 && s[lo-1] == ' ' {
		lo--
	}
	for hi < len(s) && hi-end < 3 && s[hi] == ' ' {
		hi++
	}
	if c == 0 || lo < p.done || lo == 0 || hi == len(s) || !isASCIIWord(rune(s[lo-1])) && s[lo-1] < utf8.RuneSelf || !isASCIIWord(rune(s[hi])) && s[hi] < utf8.RuneSelf {
		return at + 1
	}
	p.unit(lo, hi, c)
	return hi
}

func btob(b bool) byte { return byte(btoi(b)) }

// mail takes out the blanks around the signs of an address: ann . lee @ corp . example.
// Without a dot that stands so behind it, the sign is one of prose.
func (p *peel) mail(at int) int {
	s := p.src
	if at < 2 || at+2 >= len(s) || s[at-1] != ' ' || s[at+1] != ' ' {
		return at + 1
	}
	word := func(i int) int {
		for i < len(s) && (isASCIIWord(rune(s[i])) || s[i] == '-' || s[i] == '_') {
			i++
		}
		return i
	}
	end := word(at + 2)
	if end == at+2 || !strings.HasPrefix(s[end:], " . ") || word(end+3) == end+3 {
		return at + 1
	}
	start := at - 1 // in front of it, as far as nothing was done
	for start-3 > p.done && at-start < maxMargin {
		i := start
		for i > p.done && (isASCIIWord(rune(s[i-1])) || s[i-1] == '-' || s[i-1] == '_') {
			i--
		}
		if i == start || i-3 <= p.done || s[i-3:i] != " . " {
			break
		}
		start = i - 3
	}
	for i := start; i < at-1; i++ {
		if s[i] == ' ' {
			p.replace(i, i+1, "", false)
		}
	}
	p.replace(at-1, at, "", false)
	p.replace(at+1, at+2, "", false)
	for strings.HasPrefix(s[end:], " . ") {
		to := word(end + 3)
		if to == end+3 {
			break
		}
		p.replace(end, end+1, "", false)
		p.replace(end+2, end+3, "", false)
		end = to
	}
	return end
}

package layer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers/shape"
)

// mailSigns are the words for the signs of an address, as they stand in brackets.
var mailSigns = map[string]byte{
	"@": '@', "at": '@', "ät": '@', "arobase": '@', "arroba": '@', "chiocciola": '@', "apenstaartje": '@', "snabel-a": '@', "собака": '@', "małpa": '@', "zavináč": '@', "kukac": '@', "et": '@', "alfakrøll": '@', "παπάκι": '@',
	".": '.', "dot": '.', "punkt": '.', "point": '.', "punto": '.', "ponto": '.', "punt": '.', "точка": '.', "kropka": '.', "tečka": '.', "pont": '.', "nokta": '.', "prick": '.', "τελεία": '.', "piste": '.', "miuku": '@',
}

// closing are the bytes at which what a bracket holds ends.
var closing = [256]bool{')': true, ']': true, '}': true, '>': true, '\n': true}

// longestSign is the longest of them with a blank on either side.
const longestSign = 16

// bracketed puts the sign that a word in brackets stands for in its place: [at], (dot).
func (p *peel) bracketed(at int) int {
	s := p.src
	end := at + 1
	if end == len(s) || s[end] != '@' && s[end] != '.' && s[end] != ' ' && s[end] < utf8.RuneSelf && shape.Lower(s[end])-'a' >= 26 {
		return end
	}
	for end < len(s) && end-at <= longestSign && !closing[s[end]] {
		end++
	}
	if end == len(s) || s[end] != s[at]+1+btob(s[at] != '(') {
		return at + 1
	}
	var space [longestSign]byte
	word := space[:0]
	for _, c := range []byte(strings.Trim(s[at+1:end], " ")) {
		word = append(word, shape.Lower(c))
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

// said are the words for the at sign that go with those for the dot.
var said = map[string][]string{
	"dot": {"at"}, "punkt": {"at", "ät"}, "point": {"arobase"}, "punto": {"arroba", "chiocciola"}, "ponto": {"arroba"}, "punt": {"apenstaartje", "at"}, "точка": {"собака"}, "kropka": {"małpa", "at"},
}

// address reads an address whose signs are words: ann dot lee at corp dot example. The
// first word for a dot stands at offset at, with what parts words in front of it.
func (r *readings) address(at int) {
	if at < r.numbered {
		return
	}
	s, sep := r.src, r.src[at:at+1]
	inName := func(c byte) bool {
		return inSpelling(c) || c == '.' || c == '-' && sep != "-" || c == '_' && sep != "_"
	}
	name := func(i int) int {
		for i < len(s) && inName(s[i]) {
			i++
		}
		return i
	}
	start := at
	for words := 0; words < 6 && start > r.numbered; words++ { // in front: names, dots and the at sign
		i := start
		for i > r.numbered && at-i < 2*maxName && inName(s[i-1]) {
			i--
		}
		if start = i; i == r.numbered || s[i-1:i] != sep {
			break
		}
		start = i - 1
	}
	if start < at && s[start:start+1] == sep {
		start++
	}
	// name sep (at|dot) sep name ...
	dot, end := name(at+1), start
	ats, known := said[strings.ToLower(s[at+1:dot])]
	if !known {
		return
	}
	for from := start; from < at; { // the name in front of the at sign
		to := name(from)
		next := name(min(to+1, len(s)))
		if to > from && to < at && slices.Contains(ats, strings.ToLower(s[to+1:next])) {
			start, end = from, to
			break
		}
		from = to + 1
	}
	if end == start {
		return
	}
	word := strings.ToLower(s[at+1 : dot])
	for start-2-len(word) > r.numbered && strings.EqualFold(s[start-2-len(word):start], sep+word+sep) { // ann dot lee
		i := start - 2 - len(word)
		for i > r.numbered && at-i < 4*maxName && inName(s[i-1]) {
			i--
		}
		start = i
	}
	out, spans := len(r.out), len(r.spans)
	r.begin(start)
	i, host := start, 0
	for i-start < maxAddress {
		to := name(i)
		r.copy(i, to, part)
		next := name(min(to+1, len(s)))
		if next == len(s) || s[to:to+1] != sep || s[next:next+1] != sep || name(next+1) == next+1 {
			break
		}
		if sign := strings.ToLower(s[to+1 : next]); sign == word {
			r.say(to, next+1, changed, ".")
		} else if host == 0 && slices.Contains(ats, sign) {
			r.say(to, next+1, changed, "@")
			host = next + 1
		} else {
			break
		}
		i = next + 1
	}
	if !isSpokenTop(s[i:name(i)]) || slices.Contains(determiners, strings.ToLower(s[host:name(host)])) {
		r.out, r.spans = r.out[:out], r.spans[:spans]
		return
	}
	r.end()
	r.numbered = max(r.numbered, name(i))
}

// maxAddress is the longest address (RFC 5321, 4.5.3.1.3) with words for its dots.
const maxAddress = 320

// determiners are words between at and dot in prose: is at the first dot in a name.
var determiners = strings.Fields("the a an any each every this that its their your one first second third last next final")

// isSpokenTop tells whether a word is a top-level domain that people spell out: that of
// a country, or one of these.
func isSpokenTop(s string) bool {
	return len(s) == 2 || slices.Contains([]string{"com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "app", "dev", "cloud", "example", "test"}, strings.ToLower(strings.TrimRight(s, ".")))
}

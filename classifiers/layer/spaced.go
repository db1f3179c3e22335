package layer

import "strings"

const (
	// minSpaced is how many characters must stand alone to be taken for one word.
	minSpaced = 10
	// maxBeside is how many bytes may stand between two of them.
	maxBeside = 5
)

// besides are the bytes behind which the first of such characters may stand.
var besides = func() (t [256]bool) {
	for c := range 256 {
		t[c] = c <= ' ' || c >= 0x80
	}
	for _, c := range "\"'`[({<>|*:=\\^" {
		t[c] = true
	}
	return t
}()

// spaced joins characters that stand alone, as in A K I A, with the same between them,
// and returns where to go on. Digits alone are left to the families that know how their
// numbers are grouped.
func (p *peel) spaced(start, end int) int {
	s := p.src
	if s[start] == '-' {
		if to := p.morse(start); to > start {
			return to
		}
	}
	if start > 0 && !besides[s[start-1]] || !isASCIIWord(rune(s[start])) {
		return end
	}
	gap := besideBy(s, end)
	if gap == 0 {
		return end
	}
	sep, last, others, signs := s[end:end+gap], start, 0, 0
	least := byte(' ')
	if strings.IndexByte(sep, ' ') >= 0 {
		least++
	}
	for strings.HasPrefix(s[last+1:], sep) && last+1+gap < len(s) && s[last+1+gap] >= least && s[last+1+gap] < 0x7f {
		if !digit(s[last]) {
			others++
			signs += btoi(!isASCIIWord(rune(s[last]))) // of which a line may be drawn
		}
		last += 1 + gap
	}
	if last+1 < len(s) && !strings.HasPrefix(s[last+1:], sep) && isASCIIWord(rune(s[last+1])) {
		last -= 1 + gap // the first letter of a word
	}
	if n := (last-start)/(1+gap) + 1; n < minSpaced || others == 0 || signs*2 > n {
		return max(end, last+1)
	}
	for at := start; at < last; at += 1 + gap {
		p.replace(at+1, at+1+gap, "", false)
	}
	return last + 1
}

// besideBy is the length of what stands behind a character that ends at an offset, and
// again behind the next: signs, or tags. A next one that is a letter or digit is better.
func besideBy(s string, end int) (gap int) {
	most := maxBeside
	if end < len(s) && s[end] == '<' {
		most = 24
	}
	for n := 1; n <= most && end+2*n < len(s); n++ {
		at := end + n
		if c := s[at-1]; isASCIIWord(rune(c)) && s[end] != '<' {
			break
		}
		if c := s[at]; c > ' ' && c < 0x7f && s[at+1] == s[end] && strings.HasPrefix(s[at+1:], s[end:at]) {
			if isASCIIWord(rune(c)) {
				return n
			}
			gap = max(gap, n)
		}
	}
	return gap
}

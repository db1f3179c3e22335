package layer

import (
	"bytes"
	"strings"
)

const (
	// minPairs is how many bytes in hexadecimal must stand in a row: a hardware
	// address has six.
	minPairs = 8
	// maxApart is how many bytes may stand between two groups: `) + chr(0x`.
	maxApart = 14
)

// pairs undoes bytes in hexadecimal, in groups of the same width with the same text
// between them: 34 31, 34:31, 0x34, 0x31, "34", "31", 3431 3536, 34h, 31h.
func (p *peel) pairs(start, end int) int {
	s := p.src
	lo, hi := start, end
	if hi-lo > 2 && s[lo] == '0' && s[lo+1]|0x20 == 'x' {
		lo += 2
	} else if hi-lo == 3 && s[hi-1]|0x20 == 'h' {
		hi--
	}
	w := hi - lo
	if start < p.tried || w != 2 && w != 4 && w != 8 || end >= len(s) || !betweenPairs[s[end]] || !isHex(s[lo:hi]) {
		return end
	}
	gap := apartBy(s, hi, w)
	if gap == 0 {
		return end
	}
	sep, last, n := s[hi:hi+gap], hi, 1
	for strings.HasPrefix(s[last:], sep) && last+gap+w <= len(s) && isHex(s[last+gap:last+gap+w]) {
		last += gap + w
		n++
	}
	if w > 2 && strings.HasPrefix(s[last:], sep) { // the last group may be shorter
		to := last + gap
		for to < len(s) && nibble[s[to]] < 16 {
			to++
		}
		if (to-last-gap)%2 == 0 {
			last = to
		}
	}
	if n*w/2 < minPairs {
		return end
	}
	p.tried = last
	if last < len(s) && sextet[s[last]] >= 0 && s[last]|0x20 != 'h' {
		return max(end, last-w) // a group of another kind
	}
	var begin [minPairs]byte
	first := appendGroups(begin[:0], s[lo:min(lo+2*minPairs/w*(w+gap), last)], w, gap)
	if unreadable(first)-bytes.Count(first, []byte{0}) > 2*btoi(n*w >= chunk) && !packed(first) {
		return last // numbers
	}
	data := appendGroups(make([]byte, 0, n*w/2+w), s[lo:last], w, gap)
	p.put(start, last, data)
	return last
}

// appendGroups adds the bytes of groups of w digits with gap bytes between them.
func appendGroups(data []byte, s string, w, gap int) []byte {
	for at := 0; at < len(s); at += gap {
		for to := min(at+w, len(s)); at+1 < to; at += 2 {
			data = append(data, nibble[s[at]]<<4|nibble[s[at+1]])
		}
	}
	return data
}

// betweenPairs are the bytes with which what parts two groups may begin.
var betweenPairs = func() (t [256]bool) {
	for _, c := range " :,;.|\n\r\"')]`$#+" {
		t[c] = true
	}
	return t
}()

// apartBy is the length of what stands behind a group that ends at an offset, and again
// behind the next; 0 when these are no groups of w digits.
func apartBy(s string, end, w int) int {
	for gap := 1; gap <= maxApart; gap++ {
		at := end + gap
		if next := at + w + gap; next+w > len(s) {
			return 0
		} else if isHex(s[at:at+w]) && s[end] == s[at+w] && s[end:at] == s[at+w:next] && isHex(s[next:next+w]) {
			return gap
		}
	}
	return 0
}

func isHex(s string) bool {
	for i := range len(s) {
		if nibble[s[i]] > 15 {
			return false
		}
	}
	return true
}

// signed undoes hexadecimal in groups with a sign of base64 between them, and bytes with
// an x in front of each: 34-31, 34313536-3738, x34x31, 0x340x31. It returns where it
// ends, start when there is none.
func (p *peel) signed(start, end int) int {
	s := p.src
	if start < p.tried || end-start < 3*minPairs-1 {
		return start
	}
	mark := 0 // length of what stands in front of each
	switch {
	case s[start]|0x20 == 'x':
		mark = 1
	case s[start] == '0' && s[start+1]|0x20 == 'x':
		mark = 2
	}
	at := start + mark
	to := at
	for to < end && nibble[s[to]] < 16 {
		to++
	}
	if mark > 0 { // 0x340x31: the next zero is none of the digits
		to = min(to, at+2)
	}
	if w := to - at; w < 2 || w%2 == 1 || mark == 0 && (to == end || !isSign(s[to])) {
		return start
	}
	if c := nibble[s[at]]<<4 | nibble[s[at+1]]; c < ' ' && c != 0x1f || c >= 0x7f {
		return start
	}
	between := s[to:min(to+max(mark, 1), end)]
	if mark > 0 && between != s[start:start+mark] {
		return start
	}
	first, last, n, bad := at, to, 0, 0
	for {
		if mark > 0 {
			to = min(at+2, end)
		} else {
			for to = at; to < end && nibble[s[to]] < 16; to++ {
			}
		}
		if (to-at)%2 == 1 || to == at || !isHex(s[at:to]) {
			break
		}
		for last = to; at < to; at += 2 {
			c := nibble[s[at]]<<4 | nibble[s[at+1]]
			n, bad = n+1, bad+btoi(c < ' ' || c == 0x7f)
		}
		if !strings.HasPrefix(s[to:end], between) {
			break
		}
		at = to + len(between)
	}
	p.tried = last
	if last < end && !isSign(s[last]) || n < minPairs || bad > n/4 {
		return start
	}
	data := make([]byte, 0, n)
	for at = first; at < last; {
		if nibble[s[at]] > 15 || mark > 0 && at > first && (at-first)%(2+mark) == 2 {
			at += len(between)
			continue
		}
		data = append(data, nibble[s[at]]<<4|nibble[s[at+1]])
		at += 2
	}
	if !p.put(start, last, data) {
		return start
	}
	return last
}

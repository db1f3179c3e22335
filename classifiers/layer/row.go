package layer

import "strings"

const (
	minRow   = 9  // digits: a social security number
	maxRow   = 40 // digits of what is one number
	maxGap   = 14 // bytes between two groups: ") + Chr("
	maxCall  = 24 // and between two characters: ") + String.fromCharCode("
	minCodes = minPairs
)

// row reads a row of groups of digits with the same gap between them, from the group
// at offset at on, and returns where to go on: at when it is none. The groups are
// one number, or one character each.
func (r *readings) row(at int) int {
	src := r.src
	if at < r.rowed {
		return at
	}
	lo := at
	at += prefixAt(src, at)
	end := groupEnd(src, at)
	gap := gapAt(src, end)
	if end-at > maxGap || gap == 0 {
		if n := end - at; n >= 24 {
			switch {
			case n%3 == 0 && r.fixed(at, end, 3):
			case n >= 64 && n%8 == 0 && r.bits(at, end, r.src[at:end]):
			default:
				r.radix(at, end, decimals, 10)
			}
		} else if n >= 13 && n <= 19 {
			r.turned(at, end, 0)
		}
		return at
	}
	sep := src[end : end+gap]
	first, groups, digits, widest := end-at, 1, end-at, end-at
	codes, far := first <= 3, gap > maxGap
	for strings.HasPrefix(src[end:], sep) {
		next := groupEnd(src, end+gap)
		n := next - end - gap
		if n == 0 || n > maxGap {
			break
		}
		end = next
		groups++
		digits += n
		widest = max(widest, n)
		codes = codes && n <= 3
	}
	r.rowed = end
	switch {
	case groups < 3:
		r.rowed = at
		return at
	case (codes || widest <= 8) && groups >= minCodes && r.codes(lo, at, end, gap, widest):
		return end
	case digits < minRow || digits > maxRow || far:
	case !known(sep) || widest == 1:
		r.begin(at)
		for i := at; i < end; {
			to := groupEnd(src, i)
			r.copy(i, to, part)
			i = to + gap
		}
		r.end()
	case digits >= 13 && digits <= 19:
		r.turned(at, end, gap)
	}
	return at
}

func digit(c byte) bool { return c-'0' <= 9 }

func groupEnd(src string, at int) int {
	for at < len(src) && digit(src[at]) {
		at++
	}
	return at
}

// gapAt is the length of what stands between two groups of digits.
func gapAt(src string, at int) int {
	n := 0
	for at+n < len(src) && n <= maxCall && !digit(src[at+n]) {
		n++
	}
	if at+n >= len(src) || n > maxCall {
		return 0
	}
	return n + prefixAt(src, at+n)
}

// prefixAt is the length of the 0b or 0o that says what digits at an offset are.
func prefixAt(src string, at int) int {
	if at+2 < len(src) && src[at] == '0' && (src[at+1] == 'b' || src[at+1] == 'o') && digit(src[at+2]) {
		return 2
	}
	return 0
}

// known tells what parts the groups of a number for the families.
func known(sep string) bool { return len(sep) == 1 && strings.IndexByte(" -./_:", sep[0]) >= 0 }

// codes puts the characters that a row of numbers stands for into a reading: in
// decimal, octal or binary. It reports whether they are text.
func (r *readings) codes(lo, at, end, gap, widest int) bool {
	s := r.src[at:end]
	switch {
	case strings.Trim(s[:groupEnd(s, 0)], "01") == "" && widest == 4: // half of one each
		s = strings.ReplaceAll(s, s[4:4+gap], "")
		return len(s)%8 == 0 && len(s) >= 8*minCodes && strings.Trim(s, "01") == "" && r.bits(lo, end, s)
	case widest > 3:
		text, ok := charCodes(s, gap, 2)
		if ok {
			r.reveal(lo, end, text)
		}
		return ok
	}
	text, decimal := charCodes(s, gap, 10)
	if decimal {
		r.reveal(lo, end, text)
	}
	if text, ok := charCodes(s, gap, 8); ok && (!decimal || s[0] == '0' || s[0] == '1') {
		r.reveal(lo, end, text)
		return true
	}
	return decimal
}

// reveal makes a reading of text that src[lo:hi] stands for as a whole.
func (r *readings) reveal(lo, hi int, text string) {
	r.begin(lo)
	if r.grow(len(text)) {
		r.add(span{lo: uint32(lo), hi: uint32(hi), kind: decoded, blob: true}, text)
	}
	r.end()
}

func charCodes(src string, gap, base int) (string, bool) {
	text := make([]byte, 0, len(src)/(gap+2)+1)
	for i := 0; i < len(src); {
		to := groupEnd(src, i)
		n := 0
		for ; i < to; i++ {
			if d := int(src[i] - '0'); d < base && n < 256 {
				n = n*base + d
			} else {
				return "", false
			}
		}
		if n < ' ' && n != '\n' && n != '\t' && n != '\r' || n >= 0x7f {
			return "", false
		}
		text = append(text, byte(n))
		i = to + gap
	}
	return string(text), true
}

// fixed reads characters of w decimal digits each.
func (r *readings) fixed(at, end, w int) bool {
	text := make([]byte, 0, (end-at)/w)
	for i := at; i < end; i += w {
		n := 0
		for _, c := range []byte(r.src[i : i+w]) {
			n = n*10 + int(c-'0')
		}
		if n < ' ' && n != '\n' || n >= 0x7f {
			return false
		}
		text = append(text, byte(n))
	}
	r.reveal(at, end, string(text))
	return true
}

// bits reads characters of eight binary digits each. It reports whether they are text.
func (r *readings) bits(at, end int, s string) bool {
	if strings.Trim(s[:64], "01") != "" {
		return false
	}
	text := make([]byte, 0, len(s)/8)
	for i := 0; i < len(s); i += 8 {
		c := byte(0)
		for _, b := range []byte(s[i : i+8]) {
			c = c<<1 | b&1
		}
		if c < ' ' && c != '\n' || c >= 0x7f {
			return false
		}
		text = append(text, c)
	}
	r.reveal(at, end, string(text))
	return true
}

// turned reads what may be the number of a card from its end.
func (r *readings) turned(at, end, gap int) {
	if gap > 0 && (gap > 1 || end-at != 19 || r.src[at+4] != r.src[at+9] || r.src[at+9] != r.src[at+14]) {
		return
	}
	r.begin(at)
	r.turn(at, end, doubtful)
	r.end()
}

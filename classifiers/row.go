package classifiers

import "strings"

const (
	minRow   = 9  // digits: a social security number
	maxRow   = 40 // digits of what is one number
	maxGap   = 14 // bytes between two groups: ") + Chr("
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
	end := groupEnd(src, at)
	gap := gapAt(src, end)
	if end-at > maxGap || gap == 0 {
		if n := end - at; n >= 64 {
			r.bits(at, end)
		} else if n >= 13 && n <= 19 {
			r.turned(at, end, 0)
		}
		return at
	}
	sep := src[end : end+gap]
	first, groups, digits, widest := end-at, 1, end-at, end-at
	codes := first <= 3
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
	case (codes || widest == 8) && groups >= minCodes && r.codes(at, end, gap):
		return end
	case digits < minRow || digits > maxRow:
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

func groupEnd(src string, at int) int {
	for at < len(src) && digit(src[at]) {
		at++
	}
	return at
}

// gapAt is the length of what stands between two groups of digits.
func gapAt(src string, at int) int {
	n := 0
	for at+n < len(src) && n <= maxGap && !digit(src[at+n]) {
		n++
	}
	if at+n >= len(src) || n > maxGap {
		return 0
	}
	return n
}

// known tells what parts the groups of a number for the families.
func known(sep string) bool { return len(sep) == 1 && strings.IndexByte(" -./_:", sep[0]) >= 0 }

// codes puts the characters that a row of numbers stands for into a reading: in
// decimal, octal or binary. It reports whether they are text.
func (r *readings) codes(at, end, gap int) bool {
	base := 10
	if w := groupEnd(r.src, at) - at; w == 8 {
		base = 2
	}
	text, ok := charCodes(r.src[at:end], gap, base)
	if !ok && base == 10 {
		text, ok = charCodes(r.src[at:end], gap, 8)
	}
	if !ok {
		return false
	}
	r.reveal(at, end, text)
	return true
}

// reveal makes a reading of text that src[lo:hi] stands for as a whole.
func (r *readings) reveal(lo, hi int, text string) {
	r.begin(lo)
	if r.grow(len(text)) {
		r.add(span{lo: uint32(lo), hi: uint32(hi), kind: changed, blob: true}, text)
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

// bits reads characters of eight binary digits each.
func (r *readings) bits(at, end int) {
	s := r.src[at:end]
	if len(s)%8 != 0 || strings.Trim(s[:64], "01") != "" {
		return
	}
	text := make([]byte, 0, len(s)/8)
	for i := 0; i < len(s); i += 8 {
		c := byte(0)
		for _, b := range []byte(s[i : i+8]) {
			c = c<<1 | b&1
		}
		if c < ' ' && c != '\n' || c >= 0x7f {
			return
		}
		text = append(text, c)
	}
	r.reveal(at, end, string(text))
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

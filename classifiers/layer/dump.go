package layer

import "strings"

// A dump is what xxd, hexdump and od print: an offset, the bytes in groups, and beside
// them what they look like.
//
//	00000000: 414b 4941 5133 4547  AKIAQ3EG
//	00000000  41 4b 49 41 51 33 45 47  |AKIAQ3EG|
//	0000000 101 113 111 101
//	0000000   A   K   I   A

// dumped are the bytes of a dump so far.
type dumped struct {
	src    string
	data   []byte
	offset int // digits
	colon  bool
	width  int // of a group, in digits; 0: not known; 1: characters
}

// dump undoes the dump whose first offset is src[start:end]. It returns where to go on,
// start when there is none.
func (p *peel) dump(start, end int) int {
	if p.src[start] != '0' || start > 0 && p.src[start-1] > ' ' || end+9 > len(p.src) || !isHex(p.src[start:end]) || p.src[end] != ':' && p.src[end] != ' ' {
		return start
	}
	d := dumped{src: p.src, offset: end - start, colon: p.src[end] == ':'}
	last := start
	for at := start; ; {
		to := d.line(at)
		if to == at {
			break
		}
		last, at = to, to+1
		for at < len(p.src) && (p.src[at] == ' ' || p.src[at] == '>') {
			at++
		}
		if at >= len(p.src) {
			break
		}
	}
	if len(d.data) < minPairs || !p.put(start, last, d.data) {
		return start
	}
	return last
}

// line reads a line from its offset on and returns where it ends, at when it is none.
func (d *dumped) line(at int) int {
	s := d.src
	i := at + d.offset
	if i > len(s) || !isHex(s[at:i]) {
		return at
	}
	if d.colon {
		if i == len(s) || s[i] != ':' {
			return at
		}
		i++
	}
	end := i
	for end < len(s) && s[end] != '\n' && end-at < 256 {
		end++
	}
	if end == i {
		return end // the last offset
	}
	if s[i] != ' ' {
		return at
	}
	if end > i && s[end-1] == '\r' {
		end--
	}
	if d.width <= 1 && strings.HasPrefix(s[i:end], "   ") {
		d.width = 1
		for ; i+4 <= end && (s[i:i+3] == "   " || s[i:i+3] == `  \`); i += 4 {
			d.data = append(d.data, s[i+3])
		}
		return end
	}
	before := len(d.data)
	for groups := 0; i < end; groups++ {
		blanks := 0
		for i < end && s[i] == ' ' {
			i++
			blanks++
		}
		from := i
		for i < end && nibble[s[i]] < 16 {
			i++
		}
		n := i - from
		if blanks == 0 || n == 0 || blanks > 1 && groups > 0 && (groups != 8 || n != 2) || d.width > 0 && n > d.width || i < end && s[i] != ' ' || len(d.data)-before >= 32 {
			break
		}
		if d.width == 0 {
			d.width = n
		}
		if !d.group(s[from:i]) {
			break
		}
	}
	if len(d.data) == before {
		return at
	}
	return end
}

// group adds the bytes of a group.
func (d *dumped) group(s string) bool {
	number := func(base int) (n int, ok bool) {
		for i := range len(s) {
			if v := int(nibble[s[i]]); v < base {
				n = n*base + v
			} else {
				return 0, false
			}
		}
		return n, true
	}
	switch {
	case len(s) == 8 && d.width == 8 && strings.Trim(s, "01") == "":
		n, _ := number(2)
		d.data = append(d.data, byte(n))
	case len(s) == 3 || len(s) == 6:
		n, ok := number(8)
		if !ok || n > 0xffff || len(s) == 3 && n > 0xff {
			return false
		}
		if d.data = append(d.data, byte(n)); len(s) == 6 {
			d.data = append(d.data, byte(n>>8))
		}
	case len(s)%2 == 1:
		return false
	default:
		bytes := unhex(s)
		for i := range bytes {
			if !d.colon && len(s) > 2 { // numbers of a machine that has the low byte first
				d.data = append(d.data, bytes[len(bytes)-1-i])
			} else {
				d.data = append(d.data, bytes[i])
			}
		}
	}
	return true
}

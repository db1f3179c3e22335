package layer

import (
	"bytes"
	"slices"
	"strings"
)

const (
	// minBlob is how many characters of base64 are looked into: 11 bytes, a
	// social security number with its dashes.
	minBlob = 15
	// minHex is the same for hexadecimal.
	minHex = 20
)

// blob looks for encoded text in a run of characters of base64 and returns where
// to go on. The run may be a path or a name with a blob in it, so one is looked
// for behind each sign in it, too.
func (p *peel) blob(start, end int) int {
	from := start
	if start > 0 && p.src[start-1] == '\\' { // \nNDEx
		from++
	}
	if start+3 < end && isSign(p.src[start+1]) && p.src[start+3] == p.src[start+1] {
		if to := p.spaced(start, start+1); to > start+1 {
			return to
		}
	}
	if p.src[start+1] == '+' {
		if to := p.codePoints(start); to > start {
			return to
		}
	}
	last := end - minBlob
	if wrapped(p.src, end) {
		last = end - 4
	}
	for from <= last && p.err == nil {
		if next := p.blobAt(from, end); next > from {
			from = next
			continue
		}
		for from++; from < end && (!isSign(p.src[from-1]) || isSign(p.src[from])); from++ {
		}
	}
	return max(from, end)
}

// wrapped tells whether a run that ends at offset at may go on in the next line.
func wrapped(text string, at int) bool {
	return at < len(text) && (text[at] == '\n' || text[at] == '\r' || text[at] == '\\')
}

func isSign(c byte) bool { return c == '-' || c == '_' || c == '/' || c == '+' }

// blobAt undoes the blob at start, inside a run that ends at end, and returns
// where to go on: start when there is none. What was read once is not read again,
// so that time stays linear.
func (p *peel) blobAt(start, end int) int {
	if to := p.signed(start, end); to > start {
		return to
	}
	digits := start
	if strings.HasPrefix(p.src[start:end], "0x") || strings.HasPrefix(p.src[start:end], "0X") {
		digits += 2
	}
	piece := digits
	for piece < end && nibble[p.src[piece]] < 16 {
		piece++
	}
	if n := piece - digits; n >= minHex && n%2 == 0 && (piece == end || isSign(p.src[piece])) {
		if p.put(start, piece, unhex(p.src[digits:piece])) {
			return piece
		}
	}
	if noise(p.src[start:min(start+12, end)]) {
		return start
	}
	r := sextets{src: p.src, at: start, end: end}
	first := r.next()
	if packed(first) {
		out, read := p.unpack(first[0], &sextets{src: p.src, at: start, end: end})
		if len(out) == 0 {
			return start
		}
		for read -= len(first); read > 0; {
			read -= len(r.next())
		}
		p.place(start, r.padded(), out)
		return r.padded()
	}
	r = sextets{src: p.src, at: start, end: end}
	if first = r.text(); len(first) < minBlob*3/4 || !readable(first) {
		return start
	}
	text, stop := plainText(nil, first), r.padded()
	for next := r.text(); len(next) > 0 && !mangled(next); next = r.text() {
		text, stop = plainText(text, next), r.padded()
	}
	p.place(start, stop, text)
	return stop
}

// noise tells at a glance, by the first nine bytes, that a blob is neither text nor
// packed: pictures and keys have thousands of places to begin at. Digits alone are a
// number: the first byte of three that they stand for is never of ASCII.
func noise(s string) bool {
	if len(s) >= 12 && groupEnd(s, 0) == len(s) {
		return true
	}
	var buf [9]byte
	n := 0
	for i := 0; i+4 <= len(s) && n < len(buf); i += 4 {
		bits := uint32(sextet[s[i]])<<18 | uint32(sextet[s[i+1]])<<12 | uint32(sextet[s[i+2]])<<6 | uint32(sextet[s[i+3]])
		buf[n], buf[n+1], buf[n+2] = byte(bits>>16), byte(bits>>8), byte(bits)
		n += 3
	}
	bad := unreadable(buf[:n])
	if bad < 4 || packed(buf[:n]) {
		return false
	}
	for _, c := range buf[:n] { // UTF-16
		if c == 0 {
			bad--
		}
	}
	return bad >= 4
}

func unhex(s string) []byte {
	out := make([]byte, len(s)/2)
	for i := range out {
		out[i] = nibble[s[2*i]]<<4 | nibble[s[2*i+1]]
	}
	return out
}

// put puts what a blob holds in its place, when it begins as text or was packed.
// It reports whether it did.
func (p *peel) put(start, end int, data []byte) bool {
	var text []byte
	switch {
	case packed(data):
		text, _ = p.unpack(data[0], bytes.NewReader(data))
	case readable(data[:min(chunk, len(data))]):
		for next := range slices.Chunk(data, chunk) {
			if mangled(next) {
				break
			}
			text = plainText(text, next)
		}
	}
	if len(text) == 0 {
		return false
	}
	p.place(start, end, text)
	return true
}

// place puts text where a blob stands. It is no part of the words beside it, and
// its digits are no part of a number there.
func (p *peel) place(start, end int, text []byte) {
	if !p.grow(len(text)) {
		return
	}
	before, after := " ", " "
	if left := strings.TrimRight(p.src[max(0, start-8):start], " "); left != "" && digit(left[len(left)-1]) {
		before = "\n"
	}
	if right := strings.TrimLeft(p.src[end:min(end+8, len(p.src))], " "); right != "" && digit(right[0]) {
		after = "\n"
	}
	p.replace(start, end, before+strings.ToValidUTF8(string(text), " ")+after, true)
}

package layer

import (
	"io"
	"strings"
)

// sextet is the value of a character of base64 in either alphabet (RFC 4648,
// sections 4 and 5), -1 of other bytes.
var sextet = func() (t [256]int8) {
	for c := range t {
		t[c] = -1
	}
	for i := range 26 {
		t['A'+i], t['a'+i] = int8(i), int8(26+i)
	}
	for i := range 10 {
		t['0'+i] = int8(52 + i)
	}
	t['+'], t['-'], t['/'], t['_'] = 62, 62, 63, 63
	return t
}()

// sextets reads base64, in chunks, from a run of its characters and the lines
// that continue it.
type sextets struct {
	src     string
	at, end int
	buf     [chunk]byte
	rest    []byte // of buf, for Read
}

// next is the next chunk, or what there is of it.
func (r *sextets) next() []byte {
	out := r.buf[:0]
	var bits uint32
	n := 0
	for len(out) < chunk {
		if r.at == r.end && !r.line() {
			break
		}
		bits = bits<<6 | uint32(sextet[r.src[r.at]])
		r.at++
		if n++; n == 4 {
			out = append(out, byte(bits>>16), byte(bits>>8), byte(bits))
			bits, n = 0, 0
		}
	}
	switch n {
	case 3:
		out = append(out, byte(bits>>10), byte(bits>>2))
	case 2:
		out = append(out, byte(bits>>4))
	}
	return out
}

// text is the next chunk of text. When a sign lies in it that ends the text, as in
// a path, it ends there.
func (r *sextets) text() []byte {
	before := *r
	out := r.next()
	if unreadable(out) == 0 {
		return out
	}
	here := before.src[before.at:min(before.at+chunk/3*4, before.end)]
	n := strings.IndexFunc(here, func(c rune) bool { return isSign(byte(c)) })
	if n <= 0 {
		return out
	}
	after := *r
	*r = before
	r.end = r.at + n
	if cut := r.next(); unreadable(cut) == 0 {
		return cut
	}
	*r = after
	return r.buf[:len(out)]
}

// Read implements io.Reader.
func (r *sextets) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.rest = r.next(); len(r.rest) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// line goes on to the next line when it holds nothing but base64.
func (r *sextets) line() bool {
	at := r.end
	for _, br := range [...]string{"\n", "\r\n", `\n`, `\r\n`} {
		if strings.HasPrefix(r.src[r.end:], br) {
			at = r.end + len(br)
		}
	}
	if at == r.end {
		return false
	}
	for at < len(r.src) && (r.src[at] == ' ' || r.src[at] == '\t' || r.src[at] == '>') {
		at++
	}
	stop := at
	for stop < len(r.src) && sextet[r.src[stop]] >= 0 {
		stop++
	}
	if stop == at || stop < len(r.src) && strings.IndexByte("\r\n\"'\\=<`", r.src[stop]) < 0 {
		return false
	}
	r.at, r.end = at, stop
	return true
}

// padded is the place behind what was read and its padding.
func (r *sextets) padded() int {
	at := r.at
	for at < len(r.src) && at < r.at+2 && r.src[at] == '=' {
		at++
	}
	return at
}

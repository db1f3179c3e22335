package classifiers

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// minBlob is how many characters of base64 are looked into: 11 bytes, a
	// social security number with its dashes.
	minBlob = 15
	// minHex is the same for hexadecimal.
	minHex = 20
	// minPairs is how many bytes in hexadecimal must stand in a row: a hardware
	// address has six.
	minPairs = 8
	// maxPacked is how often packed data may expand, once it is over packedFloor.
	maxPacked   = 100
	packedFloor = 64 << 10
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

// blob looks for encoded text in a run of characters of base64 and returns where
// to go on. The run may be a path or a name with a blob in it, so one is looked
// for behind each sign in it, too.
func (p *peel) blob(start, end int) int {
	from := start
	if start > 0 && p.src[start-1] == '\\' { // \nNDEx
		from++
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
// packed: pictures and keys have thousands of places to begin at.
func noise(s string) bool {
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

// sextets reads base64, in chunks, from a run of its characters and the lines
// that continue it.
type sextets struct {
	src     string
	at, end int
	buf     [chunk]byte
	rest    []byte // of buf, for Read
}

// chunk is how many bytes are judged at a time.
const chunk = 48

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

func unhex(s string) []byte {
	out := make([]byte, len(s)/2)
	for i := range out {
		out[i] = nibble[s[2*i]]<<4 | nibble[s[2*i+1]]
	}
	return out
}

// pairs undoes bytes in hexadecimal with separators between them: 34 31, 34:31,
// 0x34, 0x31.
func (p *peel) pairs(start, end int) int {
	s := p.src
	prefix := ""
	if end-start == 4 {
		if prefix = s[start : start+2]; prefix != "0x" && prefix != "0X" {
			return end
		}
	}
	if !isHexPair(s[end-2:]) || end >= len(s) || strings.IndexByte(" :,;", s[end]) < 0 {
		return end
	}
	gap := 1
	if end+1 < len(s) && s[end+1] == ' ' {
		gap = 2
	}
	sep := s[end : end+gap]
	step := len(prefix) + 2 + gap
	last := end
	for at := end; at+step <= len(s) && s[at:at+gap] == sep && s[at+gap:at+gap+len(prefix)] == prefix && isHexPair(s[at+step-2:]); at += step {
		last = at + step
	}
	n := (last-end)/step + 1
	if n < minPairs || last < len(s) && sextet[s[last]] >= 0 {
		return max(end, last-2*btoi(n >= minPairs))
	}
	data := make([]byte, 0, n)
	for at := end - 2; at < last; at += step {
		data = append(data, nibble[s[at]]<<4|nibble[s[at+1]])
	}
	p.put(start, last, data)
	return last
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

// readable tells whether data is text: nearly all of it characters that can be
// seen, and all of it when it is short. Random bytes are not: of eleven, all are
// characters of ASCII in one case of forty thousand.
func readable(data []byte) bool {
	if len(data) < minPairs {
		return false
	}
	return !mangled(data)
}

// mangled tells whether too much of a piece of data is no text.
func mangled(data []byte) bool {
	if wide, ok := fromUTF16(data); ok {
		data = wide
	}
	bad := unreadable(data)
	if len(data) < chunk/2 {
		return bad > 0
	}
	return bad*5 > len(data)
}

// unreadable counts the bytes that are no part of a character with a meaning. A
// character that is cut by the end is not counted.
func unreadable(data []byte) int {
	bad := 0
	for i := 0; i < len(data); {
		c := data[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
				bad++
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			if !utf8.FullRune(data[i:]) {
				return bad
			}
			bad++
		}
		i += size
	}
	return bad
}

// plainText appends data as text, with a space for each byte that is none.
func plainText(out, data []byte) []byte {
	if wide, ok := fromUTF16(data); ok {
		data = wide
	}
	for _, c := range data {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			c = ' '
		}
		out = append(out, c)
	}
	return out
}

// fromUTF16 is text of which every other byte is NUL, as the shells of Windows
// encode commands, in UTF-8.
func fromUTF16(data []byte) ([]byte, bool) {
	if len(data) >= 2 && (data[0] == 0xff && data[1] == 0xfe || data[0] == 0xfe && data[1] == 0xff) {
		data = data[2:]
	}
	var zero [2]int
	for i, c := range data {
		if c == 0 {
			zero[i&1]++
		}
	}
	half := len(data) / 2
	low := 0 // where the byte stands that is not NUL
	switch {
	case half < 6:
		return nil, false
	case zero[1]*10 >= half*8 && zero[0] == 0:
	case zero[0]*10 >= half*8 && zero[1] == 0:
		low = 1
	default:
		return nil, false
	}
	units := make([]uint16, half)
	for i := range units {
		units[i] = uint16(data[2*i+low]) | uint16(data[2*i+1-low])<<8
	}
	return []byte(string(utf16.Decode(units))), true
}

// packed tells whether data begins as gzip (RFC 1952), zlib (RFC 1950) or zstd
// (RFC 8878) does.
func packed(data []byte) bool {
	if len(data) < 8 {
		return false
	}
	return data[0] == 0x1f && data[1] == 0x8b && data[2] == 8 ||
		data[0] == 0x28 && data[1] == 0xb5 && data[2] == 0x2f && data[3] == 0xfd ||
		data[0] == 0x78 && (uint(data[0])<<8|uint(data[1]))%31 == 0 && data[1]&0x20 == 0
}

// unpack undoes compression and tells how many bytes it read. What comes out
// before an error is kept when it is text: a receiver may be content with it. All
// that was read and made takes room, so that what merely looks packed cannot be
// tried without end.
func (p *peel) unpack(magic byte, in io.Reader) (out []byte, read int) {
	counted := &counter{Reader: in}
	buffered := bufio.NewReader(counted)
	var r io.Reader
	var err error
	switch magic {
	case 0x1f:
		r, err = gzip.NewReader(buffered)
	case 0x78:
		r, err = zlib.NewReader(buffered)
	default:
		var z *zstd.Decoder
		z, err = zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
		if err == nil {
			defer z.Close()
			r = z
		}
	}
	if err == nil {
		out, err = p.expand(r, counted)
	}
	read = counted.n - buffered.Buffered()
	if !p.grow(counted.n+len(out)) || err != nil && !readable(out[:min(chunk, len(out))]) {
		return nil, read
	}
	return plainText(nil, out), read
}

// counter counts what is read.
type counter struct {
	io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// expand reads all that a decoder makes, up to the limits.
func (p *peel) expand(r io.Reader, in *counter) ([]byte, error) {
	var out []byte
	for {
		out = slices.Grow(out, 4<<10)
		n, err := r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case len(out)+in.n > p.room.left || len(out) > packedFloor && len(out) > maxPacked*in.n:
			p.err = ErrExpands
			return nil, ErrExpands
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, err
		}
	}
}

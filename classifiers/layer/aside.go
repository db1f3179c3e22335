package layer

import (
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A reading is what a person would make of a part of a text: pieces that something
// parts put together, what stands backwards turned round, numbers in words in
// digits. The readings of a text are a layer of their own beside it, because the
// text stays what it is, too. A value in one is a guess: it is believed when it is
// certain (see Doubt) and lies over a place where something was changed.

// How a span of a reading came to be.
const (
	copied   = iota
	part     // stands beside another piece only in the reading
	linked   // so, and what parts the two links them: ends of string literals, tags, names of variables
	changed  // says something else in the text
	decoded  // the text of what was decoded as a whole
	doubtful // changed, and nothing in the text says that it should be
	border   // between two readings
)

const (
	// maxAsides is how often readings are made of what was found in readings.
	maxAsides = 2
	// nearby is how much of the line in front of a reading is put there, in bytes.
	nearby = 48
	// maxOut is how many bytes of readings a Stack keeps room for.
	maxOut = 64 << 10
)

// What a byte is to the search for readings.
const (
	valueByte = iota // may stand in a value
	gapByte          // parts words
	jointByte        // may part the pieces of a value
	digitByte
)

var gaps = func() (t [256]uint8) {
	for c := range 256 {
		if c <= ' ' || c >= 0x7f {
			t[c] = gapByte
		}
	}
	for _, c := range ",;:|?()[]{}>\\^~" {
		t[c] = gapByte
	}
	for _, c := range "\"'`\n\r<*/)]{}\\^\x1b" {
		t[c] = jointByte
	}
	t['/'] = valueByte // of base64; comments are looked for at the star
	for c := range byte(' ') {
		if c != '\t' && c != '\n' && c != '\r' {
			t[c] = jointByte
		}
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = digitByte
	}
	for c := 0x80; c < 256; c++ {
		t[c] = jointByte
	}
	return t
}()

// readings makes the layer of a text's readings.
type readings struct {
	peel
	joined   int // what lies in front of it was put together
	rowed    int // the same of rows of digits
	numbered int // and of digits in words
	evened   int // what lies in front of it was looked at for groups of one length,
	framed   int // for lines that are alike,
	halved   int // and for the pieces that a cue tells of
	pieces   []run

	variables []variable
	names     uint64 // kinds of names that they have
}

// aside returns the readings of the text that was shown last, nil when there are none.
// The layer holds until readings are made of another text at this depth.
func (s *Stack) aside(text string, depth int) (*layer, error) {
	m := &s.sides[depth]
	r := readings{peel: peel{src: text, room: &s.room, out: m.out[:0], spans: m.spans[:0]}, variables: m.variables[:0], pieces: m.pieces[:0]}
	start, blank := 0, 0             // of the token, and of what stands between blanks
	before, period, equal := 0, 0, 0 // of the token before it, from there to here, and how many are as long
	r.frame(0)
	for i := 0; i < len(text) && r.err == nil; {
		switch gaps[text[i]] {
		case valueByte:
			i++
			continue
		case digitByte:
			if end := r.row(i); end > i {
				i = end
				continue
			}
			for i < len(text) && digit(text[i]) {
				i++
			}
			continue
		}
		if i > start {
			if n := start - before; n != period {
				period, equal = n, 0
			} else if equal++; equal == minEven-2 {
				r.even(start-(minEven-1)*n, n)
			}
			before = start
		}
		if i-start >= minOdd {
			r.odd(start, i)
		}
		if text[i] <= ' ' {
			if text[i] == '\n' && i >= r.framed {
				r.frame(i + 1)
			}
			if i-blank >= minOdd {
				r.dense(blank, i)
			}
			blank = i + 1
		}
		if gaps[text[i]] == jointByte && i > 0 && i >= r.joined {
			if c := text[i]; (c == '"' || c == '\'') && (text[i-1] == ' ' || text[i-1] == '=' || text[i-1] == ':') {
				r.assigned(i)
			}
			if inPiece(text[i-1]) || quotesMeet(text, i) {
				if end := r.chain(i); end > i {
					start, i = end, end
					continue
				}
			}
			for text[i] >= utf8.RuneSelf && i+1 < len(text) && text[i+1] >= utf8.RuneSelf {
				i++
			}
		}
		i++
		start = i
	}
	if len(text)-start >= minOdd && r.err == nil {
		r.odd(start, len(text))
	}
	if len(text)-blank >= minOdd && r.err == nil {
		r.dense(blank, len(text))
	}
	r.expressions(len(text))
	r.told(&s.cues)
	m.keep(r.out, r.spans)
	m.variables, m.pieces = r.variables, r.pieces
	if r.err != nil {
		return nil, r.err
	}
	if len(r.out) == 0 {
		return nil, nil
	}
	m.layer = layer{text: unsafe.String(unsafe.SliceData(r.out), len(r.out)), spans: r.spans, aside: true, stands: m.layer.stands}
	return &m.layer, nil
}

// side is the memory of a layer of readings.
type side struct {
	out       []byte
	spans     []span
	variables []variable
	pieces    []run
	layer     layer
}

func (s *side) keep(out []byte, spans []span) {
	if cap(out) <= maxOut && cap(spans) <= maxKept {
		s.out, s.spans = out, spans
	}
	if cap(s.layer.stands) > maxKept {
		s.layer.stands = nil
	}
}

// begin opens a reading of what stands from offset start on, with what is in front
// of it in the line.
func (r *readings) begin(start int) {
	from := max(0, start-nearby)
	for from < start && !utf8.RuneStart(r.src[from]) {
		from++
	}
	if n := strings.LastIndexByte(r.src[from:start], '\n'); n >= 0 {
		from += n + 1
	} else if from > 0 { // not a part of a word
		for from < start && gaps[r.src[from]] != gapByte && r.src[from] < utf8.RuneSelf {
			from++
		}
	}
	r.copy(from, start, copied)
}

// copy puts src[lo:hi] into the reading.
func (r *readings) copy(lo, hi int, kind uint8) {
	if lo < hi && r.grow(hi-lo) {
		r.add(span{lo: uint32(lo), hi: uint32(hi), unit: 1, kind: kind}, r.src[lo:hi])
	}
}

// say puts text into the reading that src[lo:hi] stands for.
func (r *readings) say(lo, hi int, kind uint8, text string) {
	if text != "" && r.grow(len(text)) {
		r.add(span{lo: uint32(lo), hi: uint32(hi), kind: kind}, text)
	}
}

// turn puts src[lo:hi], which is ASCII, into the reading, the last byte first.
func (r *readings) turn(lo, hi int, kind uint8) {
	if lo >= hi || !r.grow(hi-lo) {
		return
	}
	r.add(span{lo: uint32(lo), hi: uint32(hi), unit: 1, kind: kind, back: true}, "")
	for i := hi - 1; i >= lo; i-- {
		r.out = append(r.out, r.src[i])
	}
}

// end closes the reading.
func (r *readings) end() {
	if n := len(r.spans); n > 0 && r.grow(2) {
		last := r.spans[n-1]
		r.add(span{lo: last.lo, hi: last.hi, kind: border}, "\n\n")
	}
}

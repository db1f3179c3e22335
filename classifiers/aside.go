package classifiers

import (
	"sort"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A reading is what a person would make of a part of a text: pieces that something
// parts put together, what stands backwards turned round, numbers in words in
// digits. The readings of a text are a layer of their own beside it, because the
// text stays what it is, too. A value in one is a guess: it is believed when it is
// certain (Whole, Marked) and lies over a place where something was changed.

// How a span of a reading came to be.
const (
	copied   = iota
	part     // stands beside another piece only in the reading
	changed  // says something else in the text
	doubtful // changed, and nothing in the text says that it should be
	border   // between two readings
)

const (
	// maxAsides is how often readings are made of what was found in readings.
	maxAsides = 2
	// nearby is how much of the line in front of a reading is put there, in bytes.
	nearby = 48
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

	variables []variable
	names     uint64 // kinds of names that they have
}

// aside returns the readings of a text, nil when there are none. The layer holds
// until w is used for another text at this depth.
func aside(text string, w *scratch, depth int) (*layer, error) {
	r := readings{peel: peel{src: text, room: &w.room, out: w.sides[depth].out[:0], spans: w.sides[depth].spans[:0]}, variables: w.sides[depth].variables[:0]}
	start, blank := 0, 0 // of the token, and of what stands between blanks
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
		if i-start >= minOdd {
			r.odd(start, i)
		}
		if text[i] <= ' ' {
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
	r.told(&w.cues)
	m := &w.sides[depth]
	m.keep(r.out, r.spans)
	m.variables = r.variables
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
	layer     layer
}

func (s *side) keep(out []byte, spans []span) {
	if cap(out) <= block && cap(spans) <= maxScratch {
		s.out, s.spans = out, spans
	}
	if cap(s.layer.stands) > maxScratch {
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

// believed tells whether a finding in a layer of readings is more than a guess: it
// lies in one reading, over something that was put together or changed, and is
// certain.
func (l *layer) believed(start, end int, told Grade) bool {
	pieces, least := 0, Proven+1
	first := l.behind(start) - 1
	for _, s := range l.spans[first:l.behind(end-1)] {
		switch s.kind {
		case border:
			return false
		case part:
			pieces++
		case changed:
			least = min(least, Whole)
		case doubtful:
			least = min(least, Marked)
		}
	}
	if pieces > 1 {
		least = min(least, Whole)
	}
	return told >= least
}

// taken tells whether something certain stands at a place of the text that was
// read. A secret that is found whole may take the place of its parts, but not with
// the beginning of another line.
func (l *layer) taken(lo, hi int, whole bool) bool {
	at := sort.Search(len(l.stands), func(i int) bool { return l.stands[i].End > lo })
	for ; at < len(l.stands) && l.stands[at].Start < hi; at++ {
		if s := l.stands[at]; !whole || lo > s.Start || hi < s.End || lo == s.Start && (hi == s.End || hi < s.goesOn) {
			return true
		}
	}
	return false
}

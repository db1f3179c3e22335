package layer

import (
	"slices"
	"strings"
)

const (
	maxBefore = 160 // bytes in front of a cue that the pieces of a value stand in
	maxBehind = 320 // and behind it
	maxWords  = 48  // between two of them
	maxHalves = 16  // pieces
	minHalf   = 4   // bytes of one
)

// halves puts together what looks like no word around the cue at offset at, which says
// that a value is told in pieces: the first half is ghp_x7, and then add Kq2mPv.
func (r *readings) halves(at int) {
	s := r.src
	lo, hi := max(r.halved, at-maxBefore), min(len(s), at+maxBehind)
	if lo >= hi {
		return
	}
	r.halved = hi
	for lo > 0 && lo < hi && inPiece(s[lo]) && inPiece(s[lo-1]) {
		lo++
	}
	var space [maxHalves]run
	pieces, from := space[:0], lo
	for i := lo; i < hi && len(pieces) < maxHalves; i++ {
		p := pieceAt(s, i)
		if p.start == p.end {
			continue
		}
		i = p.end
		p.end = p.start + len(strings.TrimRight(s[p.start:p.end], ".!"))
		if word := s[p.start:p.end]; len(word) < minHalf || !speaks(word) && !oddPiece(word) {
			continue
		}
		if p.start-from > maxWords || strings.Count(s[from:p.start], "\n") > 1 {
			r.inPieces(pieces)
			pieces = pieces[:0]
		}
		pieces, from = append(pieces, p), p.end
	}
	r.inPieces(pieces)
}

// inPieces puts together pieces that a text tells one behind the other: all of them, and
// each with the next. Addresses are told in two, neither of which is one.
func (r *readings) inPieces(pieces []run) {
	if len(pieces) > 2 && !slices.ContainsFunc(pieces, func(p run) bool { return strings.Contains(r.src[p.start:p.end], "@") }) {
		r.assemble(pieces)
	}
	for i := 1; i < len(pieces); i++ {
		a, b := pieces[i-1], pieces[i]
		first, second := r.src[a.start:a.end], r.src[b.start:b.end]
		if _, host, ok := strings.Cut(first, "@"); first != second && !strings.Contains(second, "@") && (!ok || !strings.Contains(host, ".") && len(first) > len(host)+1) {
			r.assemble(pieces[i-1 : i+1])
		}
	}
}

package layer

// sequence makes a reading of pieces, one behind the other.
func (r *readings) sequence(pieces []run, kind uint8) {
	r.begin(pieces[0].start)
	for _, p := range pieces {
		r.copy(p.start, p.end, kind)
	}
	r.end()
}

// assemble makes a reading of pieces that may be a value, and one without the words that
// they end with: what follows a value is laid out as its pieces are.
func (r *readings) assemble(pieces []run) {
	last, total, telling, odd := len(pieces), 0, false, false
	for last > 0 && isWord(r.src[pieces[last-1].start:pieces[last-1].end]) {
		last--
	}
	for _, p := range pieces[:last] {
		s := r.src[p.start:p.end]
		total, telling, odd = total+len(s), telling || speaks(s), odd || oddPiece(s)
	}
	if last < 2 || total < minChain || !telling || !odd {
		return
	}
	r.sequence(pieces, part)
	if last < len(pieces) {
		r.sequence(pieces[:last], part)
	}
}

// withoutWord makes the last reading, whose spans begin with one, once more, without the
// word that is its last piece.
func (r *readings) withoutWord(first int) {
	last := len(r.spans) - 2 // behind it is the border
	if last-first < 2 || !isWord(r.src[r.spans[last].lo:r.spans[last].hi]) {
		return
	}
	for i := first; i < last; i++ {
		if s := r.spans[i]; s.unit == 1 {
			r.copy(int(s.lo), int(s.hi), s.kind)
		} else {
			r.say(int(s.lo), int(s.hi), s.kind, " ")
		}
	}
	r.end()
}

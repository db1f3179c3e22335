package layer

import "strings"

const (
	minPeriod = 3  // bytes of a group and of what parts it from the next: ab-
	maxPeriod = 20 // of both
	minEven   = 4  // groups
	maxGroups = 256
)

// even reads groups of one length, with the same between them, as one: ghp_ x7Kq 2mPv, or
// ghp<br>_x7<br>Kq2. The first begins at offset at, and the next period bytes behind it.
// Prose and tables hold such groups, too, but no value that is whole.
func (r *readings) even(at, period int) {
	s := r.src
	if at < r.evened || period < minPeriod || period > maxPeriod || at+3*period > len(s) {
		return
	}
	n := period // of a group
	for n > 0 && s[at+n-1] == s[at+n-1+period] && s[at+n-1] == s[at+n-1+2*period] {
		n--
	}
	for n < period && isASCIIWord(rune(s[at+n])) {
		n++
	}
	if n < 2 || n == period {
		return
	}
	sep := s[at+n : at+period]
	pieces := r.pieces[:0]
	for skipped := 0; skipped < 2 && pieceAt(s[:at+n], at).end < at+n; skipped++ { // this: ghp_ x7Kq
		at += period
	}
	for len(pieces) < maxGroups {
		end := at
		for end < len(s) && end-at < n && inPiece(s[end]) {
			end++
		}
		last := !strings.HasPrefix(s[end:], sep)
		if end == at || last && end < len(s) && inPiece(s[end]) {
			break
		}
		if len(pieces) > 0 || sep[0] != ' ' || !isWord(s[at:end]) {
			pieces = append(pieces, run{at, end})
		}
		short := end-at < n
		if at = end; last || short {
			break
		}
		at += len(sep)
	}
	for sep[0] == ' ' && len(pieces) > minEven && isWord(s[pieces[len(pieces)-1].start:pieces[len(pieces)-1].end]) {
		pieces = pieces[:len(pieces)-1]
	}
	r.evened, r.pieces = at, pieces
	if len(pieces) >= minEven && (n == 2 && len(sep) > 1 || !r.hexadecimals(pieces)) {
		r.assemble(pieces)
	}
}

// hexadecimals tells whether all pieces are digits, of which decode and the families know
// how they are grouped. The two letters of a country may stand in front.
func (r *readings) hexadecimals(pieces []run) bool {
	letters := 0
	for i, p := range pieces {
		s := r.src[p.start:p.end]
		if !hexadecimal(s) {
			return false
		}
		if i == 0 {
			s = s[min(2, len(s)):]
		}
		letters += btoi(!digits(s))
	}
	first := r.src[pieces[0].start:pieces[0].end]
	return letters > 0 || digits(first)
}

// evenIn looks for such groups in the token src[start:end], which signs part.
func (r *readings) evenIn(start, end int) {
	s := r.src[start:end]
	for n := 2; n < 10 && 3*n+2 < len(s); n++ {
		if c := s[n]; !isASCIIWord(rune(c)) && s[2*n+1] == c && s[3*n+2] == c {
			r.even(start, n+1)
			return
		}
	}
}

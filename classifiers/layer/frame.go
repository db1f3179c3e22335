package layer

import "strings"

// maxFrame is how long a line may be that frames a piece, in bytes.
const maxFrame = 240

// frame reads the lines from offset at on that are alike but for one piece in each, and
// for numbers in front of it, as what the pieces make together: <li>ghp_x7</li>, or
// sb.append("ghp_x7");, or 12 | ghp_x7. The pieces of most that is laid out so are no
// value that is whole.
func (r *readings) frame(at int) {
	s := r.src
	end := lineEnd(s, at)
	pieces := r.pieces[:0]
	for len(pieces) < maxGroups && end > at && end < len(s) {
		next := end + 1
		to := lineEnd(s, next)
		if to < 0 {
			break
		}
		a, b, alike := framed(s[at:end], s[next:to])
		if n := len(pieces); b.end == 0 || n == 0 && !alike || n > 0 && pieces[n-1].start != at+a.start {
			break
		}
		if len(pieces) == 0 {
			first := run{at + a.start, at + a.end}
			if head := r.head(at, first, s[at+a.end:end]); head.end > 0 {
				pieces = append(pieces, head)
			}
			pieces = append(pieces, first)
		}
		pieces = append(pieces, run{next + b.start, next + b.end})
		if at, end = next, to; !alike {
			break
		}
	}
	if r.pieces = pieces; len(pieces) > 0 {
		r.framed = at
		if r.laidOut(pieces) {
			r.assemble(pieces)
		}
	}
}

// minFramed is how long the pieces of a value are that lines frame; two are longer, and
// many may be shorter.
const minFramed = 4

// laidOut tells whether pieces may be those of one value that was cut by its length: only
// the last is shorter.
func (r *readings) laidOut(pieces []run) bool {
	width, last, ats := pieces[0].end-pieces[0].start, len(pieces)-1, 0
	for i, p := range pieces {
		if n := p.end - p.start; n != width && (i < last || n > width && !isWord(r.src[p.start:p.end])) {
			return false
		}
		ats += strings.Count(r.src[p.start:p.end], "@")
	}
	long := width >= 2*minFramed || width >= minFramed && last > 1 || last >= minSpaced
	return long && ats < 2 && (digits(r.src[pieces[0].start:pieces[0].end]) || !r.hexadecimals(pieces))
}

// digits tells whether s is digits.
func digits(s string) bool { return groupEnd(s, 0) == len(s) }

// lineEnd is where the line ends that begins at an offset, -1 when it is long.
func lineEnd(s string, at int) int {
	if n := strings.IndexByte(s[at:min(len(s), at+maxFrame)], '\n'); n >= 0 {
		return at + n
	}
	if len(s)-at < maxFrame {
		return len(s)
	}
	return -1
}

// framed tells which piece of line a, and of the next, b, makes them differ last, but
// for what stands behind it, and whether that is the same. There is none when they begin
// differently.
func framed(a, b string) (pa, pb run, alike bool) {
	i, j := indentation(a), indentation(b)
	from, to := i, j // of the piece, as it may be
	first, second := -1, -1
	for i < len(a) && j < len(b) {
		x, y := a[i], b[j]
		switch {
		case digit(x) && digit(y):
			m, n := groupEnd(a, i), groupEnd(b, j)
			if a[i:m] != b[j:n] {
				first, second = from, to
			}
			i, j = m, n
			continue
		case x == ' ' && y == ' ':
			i, j = i+indentation(a[i:]), j+indentation(b[j:])
		case x == y:
			i, j = i+1, j+1
			if inPiece(x) && (i > 1 || x != '+' && x != '-') { // of a patch
				continue
			}
		default:
			if first < 0 || inPiece(a[from]) && inPiece(b[to]) {
				first, second = from, to
			}
			i = len(a)
			continue
		}
		from, to = i, j
	}
	if first < 1 || second < 1 {
		return run{}, run{}, false
	}
	pa, pb = pieceAt(a, first), pieceAt(b, second)
	if pa.start == pa.end || pb.start == pb.end {
		return run{}, run{}, false
	}
	rest, other := strings.Trim(a[pa.end:], " \r"), strings.Trim(b[pb.end:], " \r")
	return pa, pb, rest == other
}

func pieceAt(s string, at int) run {
	end := at
	for end < len(s) && inPiece(s[end]) {
		end++
	}
	return run{at, end}
}

func indentation(s string) int {
	n := 0
	for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	return n
}

// head is the piece with which the line in front of offset at ends, when text leads to
// it: it stands between what the first of the pieces does.
func (r *readings) head(at int, first run, rest string) run {
	end := max(0, at-1)
	lo := max(r.framed, end-maxFrame)
	line := strings.TrimRight(r.src[min(lo, end):end], " \r")
	line, ends := strings.CutSuffix(line, strings.TrimRight(rest, " \r"))
	end = lo + len(line)
	from := end
	for from > lo && inPiece(r.src[from-1]) {
		from--
	}
	if !ends || from == lo || from == end || r.src[from-1] != r.src[first.start-1] || !oddPiece(r.src[from:end]) {
		return run{}
	}
	return run{from, end}
}

package layer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers/shape"
)

const (
	maxPiece  = 512  // bytes of a piece of a value
	minChain  = 9    // bytes of pieces that are put together: a social security number
	maxListed = 2048 // bytes of a list that is read as one value
)

// What parts two pieces.
const (
	noJoint = iota
	quoted  // ends of string literals, and what puts them together or lists them
	line    // a line break, and what lines begin with
	sign    // tags, comments, emphasis, signs that are no part of a value
)

// A join is the place between two pieces.
type join struct {
	kind     uint8
	at, next int  // where the piece in front ends, and the next begins
	comma    bool // one that lists
}

// chain puts together the pieces that the joint at offset at and those behind it
// part, and returns where to go on: at when there are none.
func (r *readings) chain(at int) int {
	j := joint(r.src, at)
	if j.kind == noJoint {
		return at
	}
	start, grouped := r.pieceBefore(j)
	if start >= j.at {
		return at
	}
	if j.kind != quoted && !speaks(r.src[start:j.at]) && !oddPiece(r.src[start:j.at]) && !alone(r.src, start) {
		return at
	}
	out, spans, left := len(r.out), len(r.spans), r.room.left
	r.begin(start)
	total, pieces, listed, telling, lines := 0, 0, false, false, false
	odd := true // while there are two
	for end := j.at; r.err == nil; end = j.at {
		r.copy(start, end, part)
		total += end - start
		pieces++
		telling = telling || speaks(r.src[start:end])
		odd = odd && oddPiece(r.src[start:end])
		r.joined = end
		if j.kind == noJoint {
			break
		}
		start, listed, lines = j.next, listed || j.comma, lines || j.kind == line
		quotes := j.kind == quoted
		odd = odd || quotes
		to, more := pieceAfter(r.src, start, j.kind)
		if to == start {
			break
		}
		if j.kind == line && (grouped || more) {
			r.say(j.at, j.next, copied, " ")
		}
		if j = joint(r.src, to); j.kind == noJoint || j.at <= start {
			j = join{at: to}
		}
	}
	if !telling || total < minChain || pieces < 2 || pieces == 2 && !odd || listed && total > maxListed {
		r.out, r.spans, r.room.left = r.out[:out], r.spans[:spans], left
	} else {
		for i := spans; i < len(r.spans) && !lines && !listed; i++ {
			if s := &r.spans[i]; s.kind == part {
				s.kind = linked
			}
		}
		r.end()
		if lines {
			r.withoutWord(spans)
		}
	}
	return max(at, r.joined)
}

// alone tells whether a piece begins its line.
func alone(src string, start int) bool { return start == 0 || src[start-1] <= ' ' }

// quotesMeet tells at a glance whether the quotation mark at offset at, behind a
// space, is followed by what may lead to the next.
func quotesMeet(src string, at int) bool {
	c := src[at]
	return (c == '"' || c == '\'' || c == '`' || c == '\\') && at+1 < len(src) && meet(src, at+1)
}

// meet tells the same of what stands behind the mark, at offset i.
func meet(src string, i int) bool {
	switch c := src[i]; c {
	case ')':
		return strings.HasPrefix(src[i+1:], ".")
	case '}':
		return strings.HasPrefix(src[i+1:], "$")
	default:
		return meets[c]
	}
}

var meets = func() (t [256]bool) {
	for _, c := range "\"'`\\ \t\r\n+.&|~<," {
		t[c] = true
	}
	return t
}()

// pieceBefore is where the piece begins that ends at a joint, and whether it is
// groups of a number.
func (r *readings) pieceBefore(j join) (start int, grouped bool) {
	lo := max(r.joined, j.at-maxPiece)
	if j.kind == quoted {
		n := strings.LastIndexByte(r.src[lo:j.at], r.src[j.at+btoi(r.src[j.at] == '\\')])
		if n < 0 {
			return j.at, false
		}
		start = lo + n + 1
		if s := r.src[start:j.at]; strings.Contains(s, "\n") || strings.IndexByte(",:=+.&;) ", (s + ",")[0]) >= 0 {
			return j.at, false
		}
		return start, false
	}
	for start = j.at; start > lo && inPiece(r.src[start-1]); start-- {
	}
	if j.kind == line && start < j.at && start > lo && r.src[start-1] == ' ' {
		if from := lo + shape.Groups(r.src[lo:j.at], start-lo); from < start && digit(r.src[j.at-1]) {
			return from, true
		}
	}
	return start, false
}

// pieceAfter is where the piece ends that begins behind a joint, and whether it is
// groups of a number.
func pieceAfter(src string, start int, kind uint8) (end int, grouped bool) {
	if kind == quoted {
		q, escaped := src[start-1], start > 1 && src[start-2] == '\\'
		for end = start; end < len(src) && end-start < maxPiece && src[end] != '\n'; end++ {
			if src[end] != q {
				continue
			}
			if src[end-1] != '\\' {
				return end, false
			}
			if escaped {
				return max(start, end-1), false
			}
		}
		return start, false
	}
	for end = start; end < len(src) && inPiece(src[end]); end++ {
	}
	for kind == line && end+1 < len(src) && src[end] == ' ' && shape.InGroup(src[end+1]) {
		next := end + 1
		for next < len(src) && next-end <= 8 && shape.InGroup(src[next]) {
			next++
		}
		if !digit(src[next-1]) || next < len(src) && inPiece(src[next]) {
			break
		}
		end, grouped = next, true
	}
	return end, grouped
}

func inPiece(c byte) bool { return gaps[c] == valueByte || gaps[c] == digitByte }

// speaks tells whether a piece may be one of a value that matters.
func speaks(s string) bool { return strings.ContainsAny(s, "0123456789@") }

// oddPiece tells whether a piece is no word of prose.
func oddPiece(s string) bool {
	s = strings.Trim(s, ".!-'")
	return s != "" && !shape.Plain(s)
}

// joint reads what may part two pieces at offset at.
func joint(src string, at int) join {
	if at >= len(src) {
		return join{}
	}
	none := join{}
	switch c := src[at]; c {
	case '"', '\'', '`':
		if c == '`' && at+1 < len(src) && src[at+1] == '\n' {
			return lineJoint(src, at, at+1)
		}
		return quotes(src, at, at+1)
	case '\n', '\r':
		return lineJoint(src, at, at)
	case '\\', '^':
		if at+1 == len(src) {
			return none
		}
		switch n := src[at+1]; {
		case c == '\\' && (n == '"' || n == '\''):
			return quotes(src, at, at+2)
		case n == '\n' || n == '\r':
			return lineJoint(src, at, at+1)
		case c == '\\' && (n == 'n' || n == 'r'):
			return lineJoint(src, at, at)
		}
		return none
	}
	end, next := marksAt(src, at)
	if next <= at || next >= len(src) || !inPiece(src[next]) || end == 0 || !inPiece(src[end-1]) {
		return none
	}
	return join{kind: sign, at: end, next: next}
}

// operators put string literals together in some language; a comma lists them.
var operators = []string{",", "++", "+", "..", ".concat(", ".", "&", "||", "~", "<>", "<<", ").append(", ").concat(", "}${"}

// quotes reads from behind the quotation mark at an offset to behind the next.
func quotes(src string, at, i int) join {
	if at == 0 || src[at-1] < ' ' {
		return join{}
	}
	if i < len(src) && !meet(src, i) {
		return join{}
	}
	i = blanks(src, i)
	comma := false
	for _, op := range operators {
		if i < len(src) && src[i] == op[0] && strings.HasPrefix(src[i:], op) {
			i, comma = blanks(src, i+len(op)), op == ","
			break
		}
	}
	if i < len(src) && src[i] == '\\' {
		i++
	}
	if i >= len(src) || strings.IndexByte("\"'`", src[i]) < 0 {
		return join{}
	}
	return join{kind: quoted, at: at, next: i + 1, comma: comma}
}

// blanks passes over white space and the ends of continued lines.
func blanks(src string, i int) int {
	for n := 0; i < len(src) && n < 64; n++ {
		if src[i] != ' ' && src[i] != '\t' && src[i] != '\n' && src[i] != '\r' && (src[i] != '\\' || i+1 == len(src) || src[i+1] != '\n') {
			break
		}
		i++
	}
	return i
}

// brackets are brackets that close one piece and open the next.
var brackets = []string{"{}", "][", "] [", ")(", ") (", "}{", "[]", "]]><![CDATA[", "~~"}

// marksAt reads what has no meaning inside a value: tags, comments, emphasis, empty
// brackets, sequences for terminals, characters without a glyph, pictures.
func marksAt(src string, at int) (end, next int) {
	end, next = at, at
	switch c := src[at]; {
	case c == '<':
		for n := 0; n < 8 && next < len(src) && src[next] == '<'; n++ {
			to := tagEnd(src, next)
			if to == next {
				return at, at
			}
			next = to
		}
	case c == '*' && at > 0 && src[at-1] == '/':
		n := strings.Index(src[at:min(len(src), at+80)], "*/")
		if n <= 0 {
			return at, at
		}
		return at - 1, at + n + 2
	case c == '*':
		for next < len(src) && src[next] == '*' {
			next++
		}
		if next+1 < len(src) && src[next] == ' ' && src[next+1] == '*' {
			for next++; next < len(src) && src[next] == '*'; {
				next++
			}
		}
	case c == '\x1b':
		if next++; next < len(src) && src[next] == '[' {
			for next++; next < len(src) && next-at < 16 && src[next]-'0' < 12; {
				next++
			}
			next++
		}
	case c < ' ' || c == 0x7f:
		for next < len(src) && (src[next] < ' ' && src[next] != '\n' || src[next] == 0x7f) {
			next++
		}
	case c >= utf8.RuneSelf:
		for next < len(src) && next-at < 24 && src[next] >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(src[next:])
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return at, at
			}
			next += size
		}
	default:
		for _, b := range brackets {
			if strings.HasPrefix(src[at:], b) {
				return at, at + len(b)
			}
		}
	}
	return end, next
}

// tagEnd is the place behind the tag or comment at offset at.
func tagEnd(src string, at int) int {
	const longest = 120
	s := src[at:min(len(src), at+longest)]
	if strings.HasPrefix(s, "<!--") {
		if n := strings.Index(s, "-->"); n > 0 {
			return at + n + 3
		}
		return at
	}
	if len(s) < 3 || s[1] != '/' && shape.Lower(s[1])-'a' >= 26 {
		return at
	}
	if n := strings.IndexAny(s[1:], "<>\n"); n > 0 && s[n+1] == '>' {
		return at + n + 2
	}
	return at
}

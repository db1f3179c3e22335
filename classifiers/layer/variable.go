package layer

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/shape"
)

// A value can be put together by a program: its pieces are given names, and an
// expression joins what the names stand for.

const (
	maxVariables = 64   // that are known at a time
	maxPieces    = 16   // of one value
	maxDistance  = 2048 // bytes between its first and its last piece
	maxJoining   = 12   // bytes between two names in an expression
	maxName      = 64   // bytes
	maxNumbered  = 128  // bytes of a piece whose name is numbered
)

// A variable is a name and the literal that it was given last, and what that was added to.
type variable struct {
	name   string
	piece  run
	before int // the one before, counted from 1; 0: none
}

// assigned notes the literal that the quotation mark at offset at opens, when a name is
// given to it.
func (r *readings) assigned(at int) {
	s := r.src
	i := at
	for i > 0 && at-i < 3 && s[i-1] == ' ' {
		i--
	}
	if i < 2 || s[i-1] != '=' && s[i-1] != ':' {
		return
	}
	adds := s[i-1] == '=' && (s[i-2] == '+' || s[i-2] == '.')
	i -= 1 + btoi(adds || s[i-2] == ':')
	for i > 0 && (s[i-1] == ' ' || s[i-1] == '"' || s[i-1] == '\'') && at-i < 8 {
		i--
	}
	from := i
	for from > 0 && i-from < maxName && inName(s[from-1]) {
		from--
	}
	end := at + 1
	for end < len(s) && end-at <= maxPiece && s[end] != s[at] && s[end] > ' ' && s[end] < 0x7f {
		end++
	}
	if from == i || end == len(s) || s[end] != s[at] || end-at < 3 || !speaks(s[at+1:end]) && !oddPiece(s[at+1:end]) {
		return
	}
	if len(r.variables) == maxVariables {
		r.expressions(at)
	}
	v := variable{name: s[from:i], piece: run{at + 1, end}}
	if old := r.variable(v.name); adds && old > 0 {
		v.before = old
	} else if n := len(r.variables); n > 0 && end-at <= maxNumbered && follows(v.name, r.variables[n-1].name) {
		v.before = n
	}
	r.variables = append(r.variables, v)
	r.names |= nameBit(v.name)
	var space [maxPieces]run
	n := len(space)
	for k := len(r.variables); k > 0 && n > 0; k = r.variables[k-1].before {
		n--
		space[n] = r.variables[k-1].piece
	}
	r.together(space[n:])
}

// variable is the number of the one with a name, counted from 1; 0: none.
func (r *readings) variable(name string) int {
	if r.names&nameBit(name) == 0 {
		return 0
	}
	for i := len(r.variables); i > 0; i-- {
		if r.variables[i-1].name == name {
			return i
		}
	}
	return 0
}

// nameBit is one of 64 kinds of names, by which most that stand for nothing are told.
func nameBit(name string) uint64 {
	if name == "" {
		return 0
	}
	return 1 << ((int(name[0]) + 7*len(name)) & 63)
}

// follows tells whether a name is that before it but for a number, which is one more:
// part2 behind part1.
func follows(name, before string) bool {
	n := len(name) - 1
	return n == len(before)-1 && name[:n] == before[:n] && digit(name[n]) && name[n] == before[n]+1
}

// together makes a reading of pieces, one behind the other.
func (r *readings) together(pieces []run) {
	if len(pieces) < 2 || len(pieces) > maxPieces {
		return
	}
	lo, hi := pieces[0].start, pieces[0].end
	for _, p := range pieces {
		lo, hi = min(lo, p.start), max(hi, p.end)
	}
	if hi-lo > maxDistance {
		return
	}
	r.sequence(pieces, linked)
}

// expressions reads what puts together the literals that names stand for: a + b, a . b,
// {a}{b}, $a$b, [a, b], a + "literal"; up to offset to, and forgets the names.
func (r *readings) expressions(to int) {
	if len(r.variables) == 0 {
		return
	}
	s := r.src
	for i := r.variables[0].piece.end; i < to && r.err == nil; {
		if !inName(s[i]) {
			i++
			continue
		}
		end := nameEnd(s, i)
		v := r.variable(s[i:end])
		if i = end; v == 0 {
			continue
		}
		var space [maxPieces + 1]run
		pieces := append(space[:0], r.variables[v-1].piece)
		for len(pieces) <= maxPieces {
			next := joining(s, end)
			if next == end || next >= len(s) {
				break
			}
			if c := s[next-1]; c == '"' || c == '\'' {
				if n := strings.IndexByte(s[next:min(len(s), next+maxPiece)], c); n > 1 && !strings.ContainsAny(s[next:next+n], " \n") {
					pieces, end = append(pieces, run{next, next + n}), next+n+1
					continue
				}
			}
			after := nameEnd(s, next)
			if v = r.variable(s[next:after]); v == 0 {
				break
			}
			pieces, end = append(pieces, r.variables[v-1].piece), after
		}
		i = max(i, end)
		r.together(pieces)
	}
	clear(r.variables) // the text is not kept
	r.variables, r.names = r.variables[:0], 0
}

// joining passes over what puts two names together, or a name and a literal. A comma
// does where a function is called that joins.
func joining(s string, at int) int {
	i := at
	for i < len(s) && i-at < maxJoining {
		switch c := s[i]; {
		case c == '"' || c == '\'':
			if i == at {
				return at
			}
			return i + 1
		case c == ',':
			called := s[max(0, at-maxName):at]
			if !strings.Contains(called, "join") && !strings.Contains(called, "oncat") && !strings.Contains(called, "ormat") {
				return at
			}
		case strings.IndexByte(" +.&|~$#{}()<>%", c) < 0:
			if s[at:i] == "." { // a part of what is named
				return at
			}
			return i
		}
		if i++; strings.HasPrefix(s[i:], "concat(") {
			i += len("concat(")
		}
	}
	return i
}

func inName(c byte) bool { return c == '_' || digit(c) || shape.Lower(c)-'a' < 26 }

func nameEnd(s string, at int) int {
	for at < len(s) && inName(s[at]) {
		at++
	}
	return at
}

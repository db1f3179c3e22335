package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// pieces are words to look for inside a value, in any case of its letters. One
// pass looks for all of them, for a value may be long and may be read often.
type pieces struct {
	begin ascii.Class   // places of words
	words [256][]string // by their first two bytes, see place
}

// piecesOf returns the pieces of words in small letters, each of two bytes or more.
func piecesOf(words ...string) *pieces {
	p := new(pieces)
	for _, w := range words {
		at := place(w[0], w[1])
		p.begin.Add(at)
		p.words[at] = append(p.words[at], w)
	}
	return p
}

func place(first, second byte) byte { return first*37 + second }

// in reports whether one of the pieces is in v.
func (p *pieces) in(v string) bool {
	if v == "" {
		return false
	}
	first := lowerByte(v[0])
	for i := 1; i < len(v); i++ {
		second := lowerByte(v[i])
		if at := place(first, second); p.begin.Has(at) {
			for _, w := range p.words[at] {
				if len(v)-i >= len(w)-1 && strings.EqualFold(v[i-1:i-1+len(w)], w) {
					return true
				}
			}
		}
		first = second
	}
	return false
}

// without returns v in small letters, without the pieces.
func (p *pieces) without(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		c := lowerByte(v[i])
		if i+1 < len(v) {
			n := 0
			for _, w := range p.words[place(c, lowerByte(v[i+1]))] {
				if len(w) > n && len(v)-i >= len(w) && strings.EqualFold(v[i:i+len(w)], w) {
					n = len(w)
				}
			}
			if n > 0 {
				i += n - 1
				continue
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

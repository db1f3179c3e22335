package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// span is a secret in a sample: byte offsets of the secret itself.
type span struct{ start, end int }

// atStart matches a rule whose match begins at the anchor, at i. Like the
// others it returns the secret, where the bytes end that the expression
// matched, 0 when it does not, and what speaks against the secret, if anything.
func (r *rule) atStart(text string, i int, global *allowlist) (at span, read int, why string) {
	if p := r.pattern(); !fits(p.shape, text, i) || p.word && ascii.WordAt(text, i-1) {
		return span{}, 0, ""
	}
	if r.stop != 0 {
		if end := ascii.Base64URL.Run(text, i, window); end >= len(text) || text[end] != r.stop {
			return span{}, 0, ""
		}
	}
	return r.anchored(text, i, global)
}

// atName matches a rule whose anchor, at [i, end), is the vendor's name in
// front of an assignment.
func (r *rule) atName(text string, i, end int, global *allowlist) (at span, read int, why string) {
	value, ok := assigned(text, end)
	if !ok || !fits(r.pattern().shape, text, value) {
		return span{}, 0, ""
	}
	return r.anchored(text, i, global)
}

// fits reports whether the bytes of text from at belong to the classes.
func fits(classes []ascii.Class, text string, at int) bool {
	if len(text)-at < len(classes) {
		return false
	}
	for i := range classes {
		if !classes[i].Has(text[at+i]) {
			return false
		}
	}
	return true
}

// window is how many bytes an anchored expression sees first. It is doubled
// while a match reaches its end, so that a long value is covered whole.
const window = 512

func (r *rule) anchored(text string, i int, global *allowlist) (at span, read int, why string) {
	size := window
	if r.after > 0 {
		size = r.after
	}
	for {
		end := min(i+size, len(text))
		m := r.pattern().re().FindStringSubmatchIndex(text[i:end])
		if m == nil {
			return span{}, 0, ""
		}
		if i+m[1] == end && end < len(text) && r.after == 0 {
			size *= 2
			continue
		}
		at, why = r.judge(text, i, m, global)
		return at, i + m[1], why
	}
}

// judge applies the entropy floor and the allowlists to a match m, whose
// offsets count from base, and returns which of them drops it, if one does.
func (r *rule) judge(text string, base int, m []int, global *allowlist) (span, string) {
	s := span{base + m[0], base + m[1]}
	for g := 1; g < len(m)/2 && r.group != wholeMatch; g++ {
		if m[2*g] >= 0 && m[2*g+1] > m[2*g] && (r.group == 0 || r.group == g) {
			s = span{base + m[2*g], base + m[2*g+1]}
			break
		}
	}
	for s.end > s.start && terminator.Has(text[s.end-1]) { // of an expression without a group
		s.end--
	}
	if r.entropy > 0 && entropy(text[s.start:s.end]) <= r.entropy {
		return s, whyEntropy
	}
	if global.allows(text, s.start, s.end, base+m[0], base+m[1]) {
		return s, whyAllowed
	}
	for i := range r.allow {
		if r.allow[i].allows(text, s.start, s.end, base+m[0], base+m[1]) {
			return s, whyAllowed
		}
	}
	return s, ""
}

// around calls yield for every match of a window rule in text[from:to].
// Matches that the cut makes are not believed: the caller's windows are wide
// enough for the longest match on both sides of an anchor.
func (r *rule) around(text string, from, to int, global *allowlist, yield func(at span, why string)) {
	if r.needs != "" && !strings.ContainsAny(text[from:to], r.needs) {
		return
	}
	for _, m := range r.pattern().re().FindAllStringSubmatchIndex(text[from:to], -1) {
		if m[0] == 0 && from > 0 || from+m[1] == to && to < len(text) {
			continue
		}
		yield(r.judge(text, from, m, global))
	}
}

// assigned returns where the value begins when an assignment follows at i: at
// most 20 bytes of an identifier, three of quotes or space, an operator, and
// five of quotes, space or equal signs.
func assigned(text string, i int) (int, bool) {
	i = nameTail.Run(text, i, 20+12)
	i = nameQuote.Run(text, i, 3)
	n := operator(text, i)
	if n == 0 {
		return 0, false
	}
	return valueQuote.Run(text, i+n, 5), true
}

var (
	terminator = ascii.Of(" \t\r\n\"'`")
	nameTail   = ascii.Of(ascii.Alnums + "_.- \t")
	nameQuote  = ascii.Of(" \t\r\n\v\f'\"")
	valueQuote = ascii.Of("`'\"= \t\r\n\v\f")
)

// operator returns the length of the assignment operator at i: one of
// = > : := ::= :::= || => ?= , and 0 when there is none.
func operator(text string, i int) int {
	rest := text[min(i, len(text)):]
	switch {
	case rest == "":
		return 0
	case strings.HasPrefix(rest, "=>"), strings.HasPrefix(rest, "||"), strings.HasPrefix(rest, "?="), strings.HasPrefix(rest, ":="):
		return 2
	case strings.HasPrefix(rest, "::="):
		return 3
	case strings.HasPrefix(rest, ":::="):
		return 4
	case rest[0] == '=', rest[0] == '>', rest[0] == ':', rest[0] == ',':
		return 1
	}
	return 0
}

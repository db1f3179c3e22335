package secrets

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
	"github.com/sluice-proxy/sluice/classifiers/secrets/layout"
)

// formatsText holds the formats of tokens that their bytes alone give away.
//
//go:embed formats.txt
var formatsText string

// token is a rule of formats.txt.
type token struct {
	rule   parserRule
	format layout.Format
	anchor int // the piece that was hit

	ordinary bool // its literal is words that anything may begin with
}

// ordinaryWords are what the literals of some formats are made of, and ends of words: a
// key_ that goes on is something else, and so is session_ where ion_ is a vendor's.
var ordinaryWords = set("access api apikey app branch cal client dataset dev development dose dub hawk key live mid mint mobile pat permit persona polar prod production " +
	"railway sandbox sdk seam secret server sig signkey sl test tid token tr user aio ico ion lip nfo odt phs pts ptr rnd tss")

func ordinary(literal string) bool {
	for _, w := range strings.FieldsFunc(literal, func(r rune) bool { return !ascii.Letter.Has(byte(r)) }) {
		if !ordinaryWords[strings.ToLower(w)] {
			return false
		}
	}
	return true
}

// loadTokens reads formats.txt. All problems are reported at once.
func loadTokens(text string) ([]token, error) {
	var all []token
	var problems []error
	n := 0
	for line := range strings.Lines(text) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0][0] == '#' {
			continue
		}
		if len(fields) != 3 {
			problems = append(problems, fmt.Errorf("secrets: formats.txt:%d: %d fields, want id, pattern and source", n, len(fields)))
			continue
		}
		formats, err := layout.ParseAll(fields[1])
		if err != nil {
			problems = append(problems, fmt.Errorf("secrets: formats.txt:%d: %w", n, err))
			continue
		}
		id, entity, named := strings.Cut(fields[0], "=")
		if !named {
			entity = entityOf(id)
		}
		for _, f := range formats {
			t := token{rule: parserRule{id, entity, sureFormat}, format: f, anchor: f.Anchor(), ordinary: ordinary(f[0].Text)}
			if t.anchor < 0 {
				problems = append(problems, fmt.Errorf("secrets: formats.txt:%d: %q has no literal to look for", n, fields[1]))
				continue
			}
			all = append(all, t)
		}
	}
	return all, errors.Join(problems...)
}

// entityOf is the entity of a rule's id.
func entityOf(id string) string { return strings.ToUpper(strings.ReplaceAll(id, "-", "_")) }

// maxJudged bounds how much of a glued token is judged: its literal may stand in it
// again and again.
const maxJudged = 256

// token reports the token whose anchor was hit, unless it is an example of one.
func (s *scan) token(i int, h classifiers.Hit) {
	t := &s.c.tokens[i]
	start, end, fit := t.format.At(s.text, t.anchor, h.Start)
	at := span{start, end}
	switch {
	case fit == layout.None, t.ordinary && strings.HasSuffix(s.text[:at.start], "pk_"): // pk_live_: the public one of a pair
	case fit == layout.Glued && (at.start < s.gluedEnd || t.ordinary):
	case fit == layout.Glued && !t.random(s.text[at.start:min(at.end, at.start+maxJudged)]):
		s.drop(t.rule, at, "words in the form of the vendor's tokens, glued to something")
	case fit == layout.Glued:
		s.gluedEnd = at.end
		s.report(t.rule, at, sureGlued, "form of the vendor's tokens, glued to something")
	case t.random(s.text[at.start:at.end]):
		s.report(t.rule, at, t.rule.sure, "form of the vendor's tokens")
	default:
		s.report(t.rule, at, surePlaceholder, "placeholder or words in the form of the vendor's tokens")
	}
}

// random reports whether the variable bytes of a token look like ones that a
// machine has drawn.
func (t *token) random(v string) bool {
	body := v
	for _, p := range t.format {
		if len(p.Text) >= layout.MinAnchor {
			body = strings.Replace(body, p.Text, "", 1)
		}
	}
	if monotonous(body) || tokenDummies.in(body) && !drawn(tokenDummies.without(body)) {
		return false
	}
	k := count(body)
	if k.digit == 0 && (k.lower == 0 || k.upper == 0) {
		return false
	}
	words, judged := wordiness(body)
	return judged*2 < len(body) || words < 0.1
}

// tokenDummies are pieces of tokens that stand for a token.
var tokenDummies = piecesOf("example", "xxxx", "your", "****", "placeholder", "redacted", "dummy", "changeme", "insert")

// drawn reports whether what is left of a value beside the words of a placeholder
// is too long and too mixed to belong to one: a long random value may hold a word,
// and somebody may have put one in the middle.
func drawn(rest string) bool {
	if len(rest) < 32 || count(rest).digit == 0 || entropy(rest) < 3.8 || sequences.in(rest) || placeholderWords.in(rest) {
		return false
	}
	words, judged := wordiness(rest)
	return judged*2 < len(rest) || words < 0
}

// placeholderWords are words that placeholders have beside those above.
var placeholderWords = piecesOf("token", "secret", "pass", "here", "test", "fake")

// monotonous reports whether v has too few different bytes to be drawn.
func monotonous(v string) bool {
	var seen ascii.Class
	for i := range min(len(v), 64) {
		seen.Add(v[i])
	}
	return seen.Size() <= 3 || len(v) >= 16 && seen.Size() <= 5
}

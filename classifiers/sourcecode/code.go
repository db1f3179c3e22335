package sourcecode

import (
	"context"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Entities of the family.
const (
	Source      = "SOURCE_CODE"
	Proprietary = "PROPRIETARY_CODE"
)

// Options are what the family is told about the company's own code.
type Options struct {
	// Internal are names that stand only in code of the company: packages, modules,
	// hosts of repositories ("com.acme.billing", "@acme/"). Letter case does not
	// matter; each is at least 4 bytes long.
	Internal []string
}

// Weights, in tenths of a line that is clearly code.
const (
	lineCap  = 25  // what one line counts for at most
	proseCap = -20 // and against
	sink     = 45  // how far the sum may fall before the passage has ended
	enough   = 45  // the sum of a passage that is reported
	many     = 300 // the sum of what is many lines
	maxLine  = 2048
)

// Classifier is the code family.
type Classifier struct {
	about    classifiers.Description
	internal []string
}

// New returns the family.
func New(opts Options) *Classifier {
	c := &Classifier{internal: opts.Internal}
	c.about = classifiers.Description{
		Family:   classifiers.Code,
		Entities: []string{Source, Proprietary},
		Anchors:  append(markerAnchors(), opts.Internal...),
		Version:  classifiers.Fingerprint("2", fmt.Sprint(keywords, others, sql, functionWords), markers, opts.Internal),
		Words:    true,
		Wide:     []string{Source, Proprietary},
	}
	return c
}

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description { return c.about }

// Classify implements classifiers.Classifier.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	found = c.passages(v, found)
	return c.marks(v, found), nil
}

// A passage is a row of lines that are code so far.
type passage struct {
	start, end int // to the end of the last line that raised the sum
	sum, peak  int
	evidence   evidence
	votes      votes
	pending    votes // since the peak
}

func (c *Classifier) passages(v *classifiers.View, found []classifiers.Finding) []classifiers.Finding {
	if len(v.Words) == 0 {
		return found
	}
	text, words := v.Text, v.Words
	var p passage
	fenced := false
	for at := lineStart(text, min(v.Lo, words[0].Start)); at < v.Hi; {
		size, next := lineEnd(text[at:])
		end := at + size
		n := 0
		for n < len(words) && words[n].Start < end {
			n++
		}
		line := line{text: text[at:end], words: words[:n], at: at}
		words = words[n:]
		if strings.HasPrefix(strings.TrimLeft(line.text, " \t>"), "```") {
			fenced = !fenced
		} else if p.peak > 0 || line.begins() {
			said := line.judge()
			if fenced && said.score > 0 {
				said.score += 5
			}
			found = p.add(v, found, said, at, end)
		}
		at += next
	}
	return p.close(v, found)
}

// add lets a line count.
func (p *passage) add(v *classifiers.View, found []classifiers.Finding, said verdict, start, end int) []classifiers.Finding {
	if p.peak == 0 {
		if said.score <= 0 {
			return found
		}
		*p = passage{start: start}
	}
	p.sum += said.score
	p.evidence |= said.evidence
	p.pending.add(&said.votes)
	switch {
	case p.sum > p.peak:
		p.peak, p.end = p.sum, end
		p.votes.add(&p.pending)
		p.pending = votes{}
	case p.sum <= 0 || p.sum < p.peak-sink:
		return p.close(v, found)
	}
	return found
}

// close reports the passage where it is heavy enough and begins anew.
func (p *passage) close(v *classifiers.View, found []classifiers.Finding) []classifiers.Finding {
	q := *p
	*p = passage{}
	switch {
	case q.peak == 0:
	case q.peak < enough:
		v.Drop("passage", q.start, q.end, "too little code")
	case q.evidence&methods == 0 && bits.OnesCount8(uint8(q.evidence)) < 2:
		v.Drop("passage", q.start, q.end, "no statements") // the steps of a build, a table of functions
	default:
		sure, why := sureLines, "lines of code"
		if q.peak >= many {
			sure, why = sureMany, "many lines of code"
		}
		rule := q.votes.language()
		v.Keep(rule, q.start, q.end, why)
		found = append(found, classifiers.Finding{Entity: Source, Rule: rule, Confidence: sure.Confidence, Grade: sure.Grade, Start: q.start, End: q.end})
	}
	return found
}

// lineStart is the beginning of the line around at, not more than a long line away.
func lineStart(text string, at int) int {
	lo := max(0, at-maxLine)
	if i := strings.LastIndexByte(text[lo:at], '\n'); i >= 0 {
		return lo + i + 1
	}
	if lo == 0 {
		return 0
	}
	return at
}

// lineEnd is the length of the line, or of the part of a long one that is read by
// itself: minified code has no lines. next is where the one behind it begins.
func lineEnd(text string) (end, next int) {
	n := min(len(text), maxLine)
	if i := strings.IndexByte(text[:n], '\n'); i >= 0 {
		return i, i + 1
	}
	for n < len(text) && n > maxLine-utf8.UTFMax && !utf8.RuneStart(text[n]) {
		n--
	}
	return n, n
}

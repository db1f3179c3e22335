package markings

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Options are what the family is told about the company's labels.
type Options struct {
	// Labels are names of the company's own sensitivity labels, which mean what
	// MARKING_CONFIDENTIAL does ("Confidential - Finance"). They are read like the
	// phrases of the family, so a name that is a common word counts only where it
	// stands like a marking.
	Labels []string
}

// Classifier is the marking family.
type Classifier struct {
	about classifiers.Description
	marks []flat
	keys  *classifiers.Words
}

// flat is one phrase of a mark, by the number of its anchor.
type flat struct {
	entity string
	always bool
	label  bool
}

// New returns the family.
func New(opts Options) *Classifier {
	c := &Classifier{keys: classifiers.NewWords(keys...)}
	d := classifiers.Description{Family: classifiers.Marking, Version: classifiers.Fingerprint("2", marks, keys, opts.Labels)}
	for _, m := range marks {
		if !slices.Contains(d.Entities, m.Entity) {
			d.Entities = append(d.Entities, m.Entity)
		}
		for _, p := range m.Phrase {
			for _, form := range forms(p) {
				d.Anchors = append(d.Anchors, form)
				c.marks = append(c.marks, flat{entity: m.Entity, always: m.Always})
			}
		}
	}
	for _, l := range opts.Labels {
		for _, form := range forms(l) {
			d.Anchors = append(d.Anchors, form)
			c.marks = append(c.marks, flat{entity: Confidential, label: true})
		}
	}
	c.about = d
	return c
}

// forms are the phrase and, since anchors ignore the case of ASCII only, the phrase in
// capitals, in small letters and with a capital in front where that is another text.
func forms(phrase string) []string {
	all := []string{phrase}
	first, size := utf8.DecodeRuneInString(phrase)
	for _, other := range []string{strings.ToUpper(phrase), strings.ToLower(phrase), string(unicode.ToUpper(first)) + phrase[size:]} {
		if !slices.ContainsFunc(all, func(s string) bool { return strings.EqualFold(s, other) && onlyASCII(s, other) }) {
			all = append(all, other)
		}
	}
	return all
}

// onlyASCII tells whether two texts differ in the case of ASCII letters at most.
func onlyASCII(a, b string) bool {
	fold := func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r | 0x20
		}
		return r
	}
	return strings.Map(fold, a) == strings.Map(fold, b)
}

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description { return c.about }

// Classify implements classifiers.Classifier.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	for _, h := range v.Hits {
		m := c.marks[h.Anchor]
		if word(v.Text, h.Start, h.End) {
			continue
		}
		var rule, why string
		var sure classifiers.Sure
		switch {
		case m.always:
			rule, sure, why = "form", sureForm, "the form of a marking"
		case c.keyed(v.Text, h.Start):
			rule, sure, why = "key", sureKey, "the value of a field for it"
		case alone(v.Text, h.Start, h.End):
			rule, sure, why = "line", sureLine, "all that its line says"
		default:
			v.Drop("phrase", h.Start, h.End, "mentioned in a sentence")
			continue
		}
		v.Keep(rule, h.Start, h.End, why)
		found = append(found, classifiers.Finding{Entity: m.entity, Rule: rule, Confidence: sure.Confidence, Grade: sure.Grade, Start: h.Start, End: h.End})
	}
	return found, nil
}

// word tells whether a phrase is part of a longer word.
func word(text string, start, end int) bool {
	joins := func(r rune) bool { return r < 0x2E80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	first, _ := utf8.DecodeRuneInString(text[start:])
	after, _ := utf8.DecodeRuneInString(text[end:])
	last, _ := utf8.DecodeLastRuneInString(text[:end])
	return joins(before) && joins(first) || joins(after) && joins(last)
}

// keyed tells whether the phrase follows the key of a classification on its line.
func (c *Classifier) keyed(text string, start int) bool {
	const reach = 60
	head := text[max(0, start-reach):start]
	if i := strings.LastIndexByte(head, '\n'); i >= 0 {
		head = head[i+1:]
	}
	head = strings.TrimRight(head, " \t*\"'[(\\/|")
	r, size := utf8.DecodeLastRuneInString(head)
	if r != ':' && r != '=' && r != '：' {
		return false
	}
	head = strings.TrimRight(head[:len(head)-size], " \t*\"'")
	if i := strings.LastIndexAny(head, ".;,|{("); i >= 0 {
		head = head[i+1:]
	}
	return len(head) < 40 && c.keys.In(head)
}

const (
	maxLine  = 120 // bytes of a line that holds a marking
	maxWords = 4   // words beside markings, for instance the name of the company
)

// alone tells whether a phrase is what its line says: beside it stand only signs,
// numbers, the words of footers and headers, and a name in capitals.
func alone(text string, start, end int) bool {
	lo, hi := max(0, start-maxLine), min(len(text), end+maxLine)
	if i := strings.LastIndexByte(text[lo:start], '\n'); i >= 0 {
		lo += i + 1
	} else if lo > 0 {
		return false
	}
	if i := strings.IndexByte(text[end:hi], '\n'); i >= 0 {
		hi = end + i
	} else if hi < len(text) {
		return false
	}
	if hi-lo > maxLine {
		return false
	}
	line, phrase := text[lo:hi], text[start:end]
	loud := strings.ToUpper(phrase) == phrase && strings.ToLower(phrase) != phrase
	title := strings.IndexFunc(phrase, unicode.IsUpper) == 0
	others := 0
	for _, w := range strings.FieldsFunc(text[lo:start]+" "+text[end:hi], func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		switch first, _ := utf8.DecodeRuneInString(w); {
		case footers[strings.ToLower(w)]:
		case unicode.IsUpper(first), first >= 0x2E80:
			others++
		default: // a small word makes a sentence
			return false
		}
	}
	switch {
	case others == 0:
		return loud || title || strings.TrimSpace(strings.Trim(line, "[](){}<>*-–—_#=~•|/\\ \t\r")) == phrase
	case others <= maxWords:
		last := line[len(strings.TrimRight(line, " \t\r"))-1]
		return (loud || title) && last != '?' && last != '!' && last != ':' && last != ',' && separated(text[lo:start], text[end:hi])
	}
	return false
}

// separated tells whether a sign stands between the phrase and what else is on the
// line.
func separated(before, after string) bool {
	const signs = "-–—|/•·.:;,()[]©"
	edge := func(s string, trim func(string, string) string) bool {
		s = trim(s, " \t")
		return s == "" || strings.ContainsAny(s, signs)
	}
	return edge(before, strings.TrimRight) && edge(after, strings.TrimLeft)
}

// footers are words that stand beside a marking.
var footers = func() map[string]bool {
	all := make(map[string]bool)
	for _, w := range strings.Fields(`page pages of seite von página pagina de di sur copyright c all rights reserved version draft rev revision document
		and only use for internal external distribution not do the company proprietary information privileged private strictly highly
		und nur für den internen gebrauch et usage interne y uso interno property inc ltd gmbh ag llc corp plc sa strict`) {
		all[w] = true
	}
	return all
}()

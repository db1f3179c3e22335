package secrets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/privatekey"
)

// revision is raised when the code of this package or of those below it changes what is
// found.
const revision = "25"

// maxWindows is how many window rules there may be.
const maxWindows = 16

// Classifier is the family of secrets. It never changes and is safe for
// concurrent use.
type Classifier struct {
	rules   []rule
	tokens  []token
	vendors []vendor
	global  allowlist
	actions [][]action // by anchor
	windows []int      // the window rules, by slot
	about   classifiers.Description
	scans   sync.Pool // of *scan, none of which holds a text
}

// action is what a hit of an anchor starts: a parser, or one of the rules of
// gitleaks.json, formats.txt and vendors.txt.
type action struct {
	kind  actionKind
	rule  int // index among those of its kind
	parse func(*scan, classifiers.Hit)
}

type actionKind int

const (
	runParser actionKind = iota
	runRule
	runToken
	runNear
)

// New returns the family. It fails only when the embedded rules are broken.
func New() (*Classifier, error) {
	rules, global, err := loadRules(rulesJSON)
	if err != nil {
		return nil, err
	}
	tokens, err := loadTokens(formatsText)
	if err != nil {
		return nil, err
	}
	vendors, err := loadVendors(vendorsText)
	if err != nil {
		return nil, err
	}
	c := &Classifier{rules: rules, tokens: tokens, vendors: vendors, global: global}
	c.scans.New = func() any { return new(scan) }
	index := make(map[string]int)
	add := func(anchor string, a action) {
		n, ok := index[anchor]
		if !ok {
			n = len(c.actions)
			index[anchor] = n
			c.actions = append(c.actions, nil)
			c.about.Anchors = append(c.about.Anchors, anchor)
		}
		c.actions[n] = append(c.actions[n], a)
	}
	for i := range rules {
		if rules[i].mode == matchWindow {
			rules[i].slot = len(c.windows)
			c.windows = append(c.windows, i)
		}
		for _, a := range rules[i].anchors {
			if a != strings.ToLower(a) {
				return nil, fmt.Errorf("secrets: rule %s: anchor %q is not in lower case", rules[i].id, a)
			}
			add(a, action{kind: runRule, rule: i})
		}
		c.about.Entities = append(c.about.Entities, rules[i].entity)
	}
	if len(c.windows) > maxWindows {
		return nil, fmt.Errorf("secrets: %d window rules, room for %d", len(c.windows), maxWindows)
	}
	for i := range tokens {
		add(strings.ToLower(tokens[i].format[tokens[i].anchor].Text), action{kind: runToken, rule: i})
		c.about.Entities = append(c.about.Entities, tokens[i].rule.entity)
	}
	for i := range vendors {
		add(vendors[i].name, action{kind: runNear, rule: i})
	}
	for _, p := range parserAnchors {
		for _, a := range p.anchors {
			add(a, action{parse: p.parse})
		}
	}
	for _, r := range parserRules {
		c.about.Entities = append(c.about.Entities, r.entity)
	}
	slices.Sort(c.about.Entities)
	c.about.Entities = slices.Compact(c.about.Entities)
	c.about.Family = classifiers.Secret
	c.about.Version = classifiers.Fingerprint(revision, string(rulesJSON), formatsText, vendorsText, privatekey.Wordlist, pairs)
	return c, nil
}

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description { return c.about }

// Classify implements classifiers.Classifier.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	if len(v.Hits) == 0 {
		return found, nil
	}
	s := c.scans.Get().(*scan)
	defer func() { // a panic is the caller's to report: what it left is not used again
		*s = scan{}
		c.scans.Put(s)
	}()
	*s = scan{c: c, view: v, text: v.Text, found: found}
	for _, h := range v.Hits {
		for _, a := range c.actions[h.Anchor] {
			switch a.kind {
			case runParser:
				a.parse(s, h)
			case runRule:
				s.vendor(a.rule, h)
			case runToken:
				s.token(a.rule, h)
			case runNear:
				s.near(a.rule, h)
			}
		}
	}
	for _, i := range c.windows {
		s.flush(i)
	}
	s.accounts(len(found))
	return s.found, nil
}

// scan is what one call remembers.
type scan struct {
	c       *Classifier
	view    *classifiers.View
	text    string
	found   []classifiers.Finding
	done    []int            // by rule: hits in front of it lie in a long match that was read
	windows [maxWindows]span // by slot: the window that is still growing

	pemEnd, derEnd, kubernetesEnd  int // hits in front of it were dealt with
	curlEnd, nameEnd               int
	connectionEnd, ticketEnd       int
	jwkEnd, nkeyEnd, pfxEnd        int
	phraseEnd, cookieEnd, gluedEnd int
	parts                          [2]span // the runs that jwt looked at last
}

// vendor deals with the hit of a vendor rule's anchor.
func (s *scan) vendor(i int, h classifiers.Hit) {
	r := &s.c.rules[i]
	if s.done != nil && h.Start < s.done[i] {
		return
	}
	var at span
	var read int
	var why string
	switch r.mode {
	case matchStart:
		at, read, why = r.atStart(s.text, h.Start, &s.c.global)
	case matchAssign:
		at, read, why = r.atName(s.text, h.Start, h.End, &s.c.global)
	case matchWindow:
		s.widen(i, max(h.Start-r.before, 0), min(h.Start+r.after, len(s.text)))
	}
	if read > 0 {
		s.hit(i, at, why)
	}
	if read > h.Start+window {
		if s.done == nil {
			s.done = make([]int, len(s.c.rules))
		}
		s.done[i] = read
	}
}

// hit deals with a match of a vendor rule, which why speaks against when it is
// not empty.
func (s *scan) hit(i int, at span, why string) {
	r := &s.c.rules[i]
	p := parserRule{r.id, r.entity, sureFormat}
	named := r.mode == matchAssign
	if named { // it ends where the rule says, which does not make it likelier
		p.sure = classifiers.Sure{Confidence: sureNear.Confidence, Grade: classifiers.Whole}
	}
	switch {
	case why != "":
		s.drop(p, at, why)
	case named && count(s.text[at.start:at.end]).digit == 0 && plain(s.text[at.start:at.end]):
		s.drop(p, at, whyWord) // DBSystemNameIngres
	case named:
		s.report(p, at, p.sure, "form of the vendor's keys, behind its name")
	case checksummed[r.id] && checksumHolds(s.text[at.start:at.end]):
		s.report(p, at, sureChecked, "checksum")
	case checksummed[r.id]:
		s.report(p, at, p.sure, "form of the vendor's tokens; the checksum does not hold")
	default:
		s.report(p, at, p.sure, "form of the vendor's tokens")
	}
}

// widen adds a window around an anchor. Windows that touch become one, so that
// no byte is read twice however dense the anchors are.
func (s *scan) widen(i, from, to int) {
	w := &s.windows[s.c.rules[i].slot]
	if w.end > 0 && from <= w.end {
		w.end = to
		return
	}
	s.flush(i)
	*w = span{from, to}
}

func (s *scan) flush(i int) {
	r := &s.c.rules[i]
	w := s.windows[r.slot]
	if w.end == 0 {
		return
	}
	s.windows[r.slot] = span{}
	r.around(s.text, w.start, w.end, &s.c.global, func(at span, why string) { s.hit(i, at, why) })
}

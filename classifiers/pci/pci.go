package pci

import (
	"context"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

const (
	// revision is raised when the code of this package changes what is found.
	revision = "3"
	// entity is Presidio's name.
	entity = "CREDIT_CARD"

	minDigits, maxDigits = 12, 19
	maxGroups            = maxDigits

	before, after = 60, 40 // bytes searched for context words
)

// What a finding states. Measured with deploy/score CORPUS --calibration on made-up
// records, the examples of test suites, and prompts without personal data; a scheme
// counts once for a document where it is right and once where it is wrong.
var (
	grouped   = classifiers.Measured(145, 146, classifiers.Proven) // in groups, as cards are printed, or with a word about cards
	ungrouped = classifiers.Estimated(0.85, classifiers.Whole)     // a bare run of digits: the labels have five, four of them cards
)

// Classifier is the family of card numbers. It never changes and is safe for
// concurrent use.
type Classifier struct {
	words *classifiers.Words
}

// New returns the family.
func New() *Classifier { return &Classifier{classifiers.NewWords(words...)} }

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description {
	return classifiers.Description{
		Family:   classifiers.PCI,
		Entities: []string{entity},
		Version:  classifiers.Fingerprint(revision, issuers, words, single, separators),
	}
}

// Rules lists the rules by name: one for each card scheme.
func (c *Classifier) Rules() []string {
	var all []string
	for _, i := range issuers {
		if !slices.Contains(all, i.Rule) {
			all = append(all, i.Rule)
		}
	}
	return all
}

// Classify implements classifiers.Classifier. It reads from every run of digits
// that begins a sequence of groups.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	end := 0
	if v.Lo > 0 && len(v.Digits) > 0 {
		for _, r := range runsBefore(v.Text, v.Digits[0].Start) {
			end, found = c.sequence(v, r, end, found)
		}
	}
	for _, r := range v.Digits {
		end, found = c.sequence(v, r, end, found)
	}
	return found, nil
}

// sequence reads the sequence that begins with r, unless r lies in front of
// end, where the one before it ended. It returns where this one ends.
func (c *Classifier) sequence(v *classifiers.View, r classifiers.Run, end int, found []classifiers.Finding) (int, []classifiers.Finding) {
	if r.Start < end || r.Len() > maxDigits {
		return end, found
	}
	s := sequence{view: v, text: v.Text, fresh: true}
	for {
		s.read(r)
		if s.total < minDigits && !s.full {
			return s.last().End, found
		}
		i := c.cards(&s, &found)
		if !s.full {
			return s.last().End, found
		}
		r, s.before = s.groups[i], s.groups[i-1].Len()
	}
}

// cards looks for cards among the groups of a sequence and returns the group
// from which to go on. A card takes up whole groups and does not begin in the
// middle of a row of groups of one size, unless another card ends there:
// otherwise every column of four-digit numbers would hold some.
func (c *Classifier) cards(s *sequence, found *[]classifiers.Finding) int {
	i := 0
	for i < s.n && (!s.full || i == 0 || s.n-i > maxGroups) {
		if !s.fresh && s.sizeBefore(i) == s.groups[i].Len() {
			i++
			continue
		}
		n := c.card(s, i, found)
		s.fresh = n > 0
		i += max(1, n)
	}
	return i
}

// card tries to read a card that begins with group i and returns the number of
// its groups, or 0.
func (c *Classifier) card(s *sequence, i int, found *[]classifiers.Finding) int {
	var digits [maxDigits]byte
	total := 0
	for n := i; n < s.n; n++ {
		g := s.groups[n]
		if total+g.Len() > maxDigits {
			return 0
		}
		total += copy(digits[total:], s.text[g.Start:g.End])
		if total < minDigits {
			continue
		}
		start, end := s.groups[i].Start, g.End
		printed := s.printed(i, n)
		// Groups of odd sizes are a card only when they are all there is.
		if !printed && (s.sizeBefore(i) > 0 && !s.fresh || n+1 < s.n) {
			continue
		}
		if !luhn(digits[:total]) {
			s.view.Drop("card", start, end, "check digit is wrong")
			continue
		}
		if s.embedded(i, n) {
			s.view.Drop("card", start, end, "part of something longer")
			continue
		}
		rule, sure := issuerOf(string(digits[:total]))
		if rule == "" {
			s.view.Drop("card", start, end, "no issuer has such numbers")
			continue
		}
		near := !sure || i == n
		if near {
			near = c.words.Near(s.text, start, end, before, after)
		}
		if !sure && !near {
			s.view.Drop(rule, start, end, "a length that cards seldom have, and no word about cards nearby")
			continue
		}
		states, why := ungrouped, "check digit and issuer"
		switch {
		case near:
			states, why = grouped, "check digit, issuer, and a word about cards nearby"
		case n > i && printed:
			states, why = grouped, "check digit, issuer, and grouped as cards are"
		}
		s.view.Keep(rule, start, end, why)
		*found = append(*found, classifiers.Finding{Entity: entity, Rule: rule, Confidence: states.Confidence, Grade: states.Grade, Start: start, End: end})
		return n - i + 1
	}
	return 0
}

// issuerOf returns the scheme that a number of these digits belongs to, or "",
// and whether its length needs no context.
func issuerOf(digits string) (rule string, sure bool) {
	for _, i := range issuers {
		first := digits[:len(i.First)]
		if first < i.First || first > i.Last {
			continue
		}
		if slices.Contains(i.Lengths, len(digits)) {
			return i.Rule, true
		}
		if rule == "" && slices.Contains(i.Context, len(digits)) {
			rule = i.Rule
		}
	}
	return rule, false
}

// luhn checks the last digit (ISO/IEC 7812-1, annex B). One digit repeated is no
// number of a card.
func luhn(digits []byte) bool {
	sum := 0
	for i, c := range digits {
		d := int(c - '0')
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0 && strings.Trim(string(digits), string(digits[:1])) != ""
}

package pii

import (
	"context"

	"github.com/sluice-proxy/sluice/classifiers"
)

// revision is raised when the code of this package changes what is found.
const revision = "1"

// Entities, with Presidio's names.
const (
	email = "EMAIL_ADDRESS"
	phone = "PHONE_NUMBER"
	iban  = "IBAN_CODE"
	ssn   = "US_SSN"
	ip    = "IP_ADDRESS"
)

// anchors and, in the same order, what a hit of each starts.
var (
	anchors = []string{"@", "%40", ":"}
	starts  = []func(*scan, classifiers.Hit){(*scan).email, (*scan).email, (*scan).ipv6}
)

// rules are the rules by name.
var rules = []string{
	"email", "iban", "ipv4", "ipv6", "phone-international", "phone-national", "phone-nanp", "us-ssn",
}

// Classifier is the family of personal data. It never changes and is safe for
// concurrent use.
type Classifier struct {
	phone, ssn, ip, version *classifiers.Words
}

// New returns the family.
func New() *Classifier {
	return &Classifier{
		phone:   classifiers.NewWords(phoneWords...),
		ssn:     classifiers.NewWords(ssnWords...),
		ip:      classifiers.NewWords(ipWords...),
		version: classifiers.NewWords(versionWords...),
	}
}

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description {
	return classifiers.Description{
		Family:   classifiers.PII,
		Entities: []string{email, iban, ip, phone, ssn},
		Anchors:  anchors,
		Version: classifiers.Fingerprint(revision, rules, ibans, callingCodes, notDomains,
			phoneWords, ssnWords, ipWords, versionWords),
	}
}

// Rules lists the rules by name.
func (c *Classifier) Rules() []string { return rules }

// Classify implements classifiers.Classifier.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	s := scan{Classifier: c, text: v.Text, found: found}
	for _, h := range v.Hits {
		starts[h.Anchor](&s, h)
	}
	for _, r := range v.Digits {
		s.digits(r)
	}
	return s.found, nil
}

// scan is what one call remembers.
type scan struct {
	*Classifier
	text  string
	found []classifiers.Finding

	ipv6End  int // colons in front of it were dealt with
	phoneEnd int // runs in front of it belong to a number that was reported
}

// digits tries the rules that start at a run of digits.
func (s *scan) digits(r classifiers.Run) {
	if s.iban(r) {
		return
	}
	if s.ipv4(r) || s.socialSecurity(r) {
		s.phoneEnd = max(s.phoneEnd, r.End)
		return
	}
	s.telephone(r)
}

func (s *scan) add(entity, rule string, confidence float64, start, end int) {
	s.found = append(s.found, classifiers.Finding{Entity: entity, Rule: rule, Confidence: confidence, Start: start, End: end})
}

// at returns the byte at i, or 0 outside the text.
func (s *scan) at(i int) byte {
	if i < 0 || i >= len(s.text) {
		return 0
	}
	return s.text[i]
}

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return c|0x20-'a' < 26 }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }
func isHex(c byte) bool    { return isDigit(c) || c|0x20-'a' < 6 }

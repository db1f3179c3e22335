package pii

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/pii/national"
	"github.com/sluice-proxy/sluice/classifiers/pii/people"
)

// revision is raised when the code of this package changes what is found.
const revision = "9"

// Entities, with Presidio's names.
const (
	email  = "EMAIL_ADDRESS"
	phone  = "PHONE_NUMBER"
	iban   = "IBAN_CODE"
	ssn    = "US_SSN"
	ip     = "IP_ADDRESS"
	crypto = "CRYPTO"
	mac    = "MAC_ADDRESS"
	swift  = "SWIFT_CODE"
	born   = "DATE_OF_BIRTH"
)

// anchors start what start does for their index.
var anchors = []string{"@", "%40", ":", "swift", "bic"}

// start reads what the hit may belong to.
func (s *scan) start(h classifiers.Hit) {
	switch h.Anchor {
	case 0, 1:
		s.email(h)
	case 2:
		s.colon(h)
	default:
		s.swift(h)
	}
}

// rules are the rules by name.
var rules = []string{
	"crypto", "date-of-birth", "email", "iban", "ipv4", "ipv6", "mac", "phone-international", "phone-national", "phone-nanp", "phone-whole", "us-ssn",
}

// Classifier is the family of personal data. It never changes and is safe for
// concurrent use.
type Classifier struct {
	phone, ssn, ip, version, macs, birth *classifiers.Words
	numbers                              *national.Index
	people                               *people.Finder
	rooms                                *sync.Pool
	lexicon                              lexicon
	entities, rules                      []string
	ruleOf                               []string // by index into national.Kinds
}

// New returns the family.
func New() *Classifier {
	c := &Classifier{
		phone:    classifiers.NewWords(phoneWords...),
		ssn:      classifiers.NewWords(ssnWords...),
		ip:       classifiers.NewWords(ipWords...),
		version:  classifiers.NewWords(versionWords...),
		macs:     classifiers.NewWords(macWords...),
		birth:    classifiers.NewWords(strings.Split(birthWords, "|")...),
		numbers:  national.NewIndex(),
		people:   people.New(),
		lexicon:  newLexicon(),
		entities: []string{born, crypto, email, iban, ip, mac, phone, ssn, people.Person, people.Address},
		rules:    slices.Clone(rules),
	}
	for _, k := range national.Kinds {
		c.ruleOf = append(c.ruleOf, rule(k.Entity))
		if !slices.Contains(c.entities, k.Entity) {
			c.entities = append(c.entities, k.Entity)
			c.rules = append(c.rules, rule(k.Entity))
		}
	}
	c.rooms = &sync.Pool{New: c.newRoom}
	return c
}

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description {
	return classifiers.Description{
		Family:   classifiers.PII,
		Entities: c.entities,
		Anchors:  anchors,
		Words:    true,
		Version: classifiers.Fingerprint(revision, rules, ibans, callingCodes, notDomains, roles,
			phoneWords, ssnWords, ipWords, versionWords, macWords, birthWords, national.Kinds, people.Version(), planText),
	}
}

// Rules lists the rules by name.
func (c *Classifier) Rules() []string { return c.rules }

// Classify implements classifiers.Classifier.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	s := scan{Classifier: c, view: v, text: v.Text, found: found}
	defer s.leave()
	from := len(found)
	for _, h := range v.Hits {
		s.start(h)
	}
	for _, r := range v.Digits {
		s.digits(r)
		s.dateOfBirth(r)
		s.number(r)
	}
	if v.Lo == 0 && len(s.found) == from {
		s.whole()
	}
	return c.people.Find(v, s.found), nil
}

// scan is what one call remembers.
type scan struct {
	*Classifier
	view  *classifiers.View
	text  string
	room  *room // nil: not needed yet
	found []classifiers.Finding

	ipv6End   int // colons in front of it were dealt with
	phoneEnd  int // runs in front of it belong to a number that was reported
	numberEnd int // and these to a number of a state, bank or registry
}

// digits tries the rules that start at a run of digits.
func (s *scan) digits(r classifiers.Run) {
	if s.iban(r) || s.crypto(r) || r.Len() <= 4 && s.hyphened(r) {
		return
	}
	if s.ipv4(r) || s.socialSecurity(r) {
		s.phoneEnd = max(s.phoneEnd, r.End)
		return
	}
	s.telephone(r)
}

// colon tries what is written with colons.
func (s *scan) colon(h classifiers.Hit) {
	if !s.mac(h.Start) {
		s.ipv6(h)
	}
}

// hyphened tries hardware addresses that are written without colons.
func (s *scan) hyphened(r classifiers.Run) bool {
	if s.at(r.End) == '-' && r.Len() == 2 || s.at(r.End+1) == '-' && r.Len() == 1 {
		return s.mac(r.Start + 2)
	}
	if s.at(r.End) == '-' && r.Len() == 1 && isHex(s.at(r.Start-1)) {
		return s.mac(r.End)
	}
	return r.Len() <= 4 && s.at(r.Start+4) == '.' && s.dottedMAC(r)
}

// add reports what stands at a place, and why it is believed.
func (s *scan) add(entity, rule string, sure classifiers.Sure, start, end int, why string) {
	s.view.Keep(rule, start, end, why)
	s.found = append(s.found, classifiers.Finding{Entity: entity, Rule: rule, Confidence: sure.Confidence, Grade: sure.Grade, Start: start, End: end})
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

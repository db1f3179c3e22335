package phi

import (
	"context"
	"fmt"

	"github.com/sluice-proxy/sluice/classifiers"
)

// revision is raised when the code of this package changes what is found.
const revision = "3"

// Entities of the family, with Presidio's names where it has them.
const (
	Note      = "CLINICAL_NOTE" // a passage
	Record    = "MEDICAL_RECORD_NUMBER"
	Insurance = "HEALTH_INSURANCE_NUMBER"
	Code      = "ICD10_CODE"
	Drug      = "DRUG_NAME"
	NHS       = "UK_NHS"
	MBI       = "US_MBI"
	NPI       = "US_NPI"
	License   = "MEDICAL_LICENSE" // DEA number
)

// Classifier is the family of health data. It never changes and is safe for
// concurrent use.
type Classifier struct {
	about classifiers.Description
	dict  *dictionary
	ends  *suffixes
}

// New returns the family.
func New() *Classifier {
	return &Classifier{
		about: classifiers.Description{
			Family:   classifiers.PHI,
			Entities: []string{Note, Record, Insurance, Code, Drug, NHS, MBI, NPI, License},
			Anchors:  anchors(),
			Version: classifiers.Fingerprint(revision, jargon, medical, story, deeds, pastWords, diseases, headings, weakHeadings, generics, brands, patientWords, verbWords,
				sexWords, noWords, unitWords, givenWords, vitalWords, names, fmt.Sprint(categories, otherTerms, endings)),
			Words: true,
			Wide:  []string{Note},
		},
		dict: newDictionary(),
		ends: newSuffixes(),
	}
}

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description { return c.about }

// Classify implements classifiers.Classifier.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	s := scan{Classifier: c, view: v, text: v.Text, words: v.Words, found: found}
	for _, h := range v.Hits {
		s.record(h)
	}
	for _, r := range v.Digits {
		s.digits(r)
	}
	for i := range s.words {
		s.word(i)
	}
	return s.note.close(v, s.found), nil
}

// scan is what one call remembers.
type scan struct {
	*Classifier
	view  *classifiers.View
	text  string
	words []classifiers.Word
	found []classifiers.Finding
	note  note
}

// nearEdge is how far in front of a block drugs are looked at again: what stands
// behind the edge was not yet known.
const nearEdge = 512

// word reads the i-th word.
func (s *scan) word(i int) {
	w := s.words[i]
	weight := 0
	if e := s.dict.find(w.Hash); e != nil {
		weight = s.weigh(i, e)
		if e.flags&drug != 0 && w.Start >= s.view.Lo-nearEdge {
			s.prescribed(i, true)
		}
	} else if w.End-w.Start > 6 {
		var f flags
		if weight, f = s.ends.find(s.text, w); f&drug != 0 && w.Start >= s.view.Lo-nearEdge {
			s.prescribed(i, false)
		}
	}
	if weight > 0 || s.note.peak > 0 {
		s.found = s.note.add(s.view, s.found, w, weight)
	}
}

func (s *scan) keep(entity, rule string, sure classifiers.Sure, start, end int, why string) {
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
func isUpper(c byte) bool  { return c-'A' < 26 }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }

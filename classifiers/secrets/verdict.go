package secrets

import "github.com/sluice-proxy/sluice/classifiers"

// A verdict says what becomes of a value: how sure it is that it is a secret, not at
// all when it is taken for none, and what decided.
type verdict struct {
	sure classifiers.Sure
	why  string
}

func no(why string) verdict { return verdict{why: why} }

func (v verdict) secret() bool { return v.sure.Confidence > 0 }

// What drops a value.
const (
	whyShort       = "too short"
	whyLong        = "too long"
	whyPlaceholder = "placeholder"
	whyTemplate    = "template or reference"
	whySame        = "one byte again and again"
	whySequence    = "test value: a sequence"
	whyHash        = "hash of a password"
	whyCall        = "call or expression"
	whyPath        = "path"
	whyDotted      = "identifier with dots"
	whyBytes       = "bytes that secrets do not have"
	whyWord        = "word or identifier"
	whyUUID        = "uuid"
	whyNumber      = "number"
	whyEntropy     = "entropy"
	whyPublic      = "public key"
	whyWellKnown   = "password of every manual"
	whyCase        = "letters alone"
	whySentence    = "sentence"
	whyAllowed     = "allowlist of the rule"
	whyName        = "no name of a secret"
	whyAlone       = "no key word near"
	whyShape       = "shape of the vendor's keys"
	whyMethod      = "name of a method or version"
	whyUnfounded   = "no part of a connection string near"
)

// whyRandom is what speaks for a value that only a machine can have made.
const whyRandom = "long and of high entropy"

// whyQuoted is why a word is reported as a password.
const whyQuoted = "a word in quotes"

// report adds what rule r found at a place, and why it is believed.
func (s *scan) report(r parserRule, at span, sure classifiers.Sure, why string) {
	s.view.Keep(r.id, at.start, at.end, why)
	s.found = append(s.found, classifiers.Finding{
		Entity: r.entity, Rule: r.id, Confidence: sure.Confidence, Grade: sure.Grade, Start: at.start, End: at.end,
	})
}

// drop says why rule r does not report what stands at a place.
func (s *scan) drop(r parserRule, at span, why string) { s.view.Drop(r.id, at.start, at.end, why) }

// settle reports what stands at a place, or drops it.
func (s *scan) settle(r parserRule, at span, v verdict) {
	if v.secret() {
		s.report(r, at, v.sure, v.why)
	} else {
		s.drop(r, at, v.why)
	}
}

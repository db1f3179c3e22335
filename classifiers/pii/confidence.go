package pii

import (
	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/pii/national"
)

// What each group of rules states: of so many values that it found so many were true.
// The text is made-up records in which all personal data is labelled (presidio-research),
// the examples of test suites, wrong ones too (Presidio, python-stdnum, validator.js),
// and 3,282 prompts without personal data: what is found in them counts as wrong,
// although most of it, as an address of a private network, is what it is called. A rule
// counts once for a document where it is right and once where it is wrong. Of text in
// which personal data is rarer, a smaller share is true. Measured with
//
//	deploy/score CORPUS --calibration
var (
	sureEmail   = classifiers.Measured(59, 70, classifiers.Proven)
	sureChecked = classifiers.Measured(109, 111, classifiers.Proven) // check digits, the form of IPv6, a form and a word about it nearby
	sureForm    = classifiers.Measured(216, 227, classifiers.Whole)  // a form that little else has, often with check digits
	sureIP      = classifiers.Measured(16, 19, classifiers.Proven)   // IPv4 with a word about addresses, a port or a mask
	sureBorn    = classifiers.Measured(24, 25, classifiers.Proven)
	surePhone   = classifiers.Measured(225, 273, classifiers.Whole) // in use in its country, or grouped and a word nearby; wrong ones are fixed lines where a mobile was asked for
	sureGroups  = classifiers.Measured(32, 38, classifiers.Likely)  // grouped like one
	sureDigits  = classifiers.Measured(45, 49, classifiers.Likely)  // digits, and a word about telephones nearby

	// What the labels cannot tell: four bare IPv4 addresses are too few; and a text
	// that is nothing but a number is one of a register in 617 of 754 examples of test
	// suites, and a telephone's in 60 of 68, which ask for nothing else, but in a prompt
	// it may be any number, so the road does not act on it by default.
	sureBareIP = classifiers.Estimated(0.60, classifiers.Likely)
	sureItself = classifiers.Estimated(0.40, classifiers.Weak)
)

// sureNumber is what numbers of states, banks and registers state, by what speaks for
// them. The labels name registers in their own ways, so a number of another one counts
// as true.
var sureNumber = [...]classifiers.Sure{
	national.ByItself: sureItself,
	national.ByWord:   classifiers.Measured(14, 15, classifiers.Likely), // together with ByDigit
	national.ByDigit:  classifiers.Measured(14, 15, classifiers.Likely),
	national.ByForm:   sureForm,
	national.BySpeech: classifiers.Measured(20, 20, classifiers.Proven),
}

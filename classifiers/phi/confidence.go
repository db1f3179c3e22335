package phi

import "github.com/sluice-proxy/sluice/classifiers"

// What each group of rules states: of so many that it found so many were true. The text
// is clinical notes (MTSamples), whose drugs were read by hand, made-up records, the
// examples of test suites, source code, and prompts without health data, few of which
// speak of medicine at all. A rule counts once for a document where it is right and once
// where it is wrong. Measured with
//
//	deploy/score CORPUS --calibration
var (
	sureNote   = classifiers.Measured(114, 114, classifiers.Whole) // the record of somebody's care
	sureDose   = classifiers.Measured(13, 14, classifiers.Proven)  // a dose beside the name of a drug
	sureItself = classifiers.Measured(3, 22, classifiers.Likely)   // a number that is all of the text: mostly one of another register

	// What the labels cannot tell: of these, none or at most three were seen.
	sureSaid    = classifiers.Estimated(0.90, classifiers.Proven) // a word about it nearby, and most often a check digit
	sureRecord  = classifiers.Estimated(0.90, classifiers.Proven) // stands behind its name
	sureForm    = classifiers.Estimated(0.85, classifiers.Whole)
	sureRegimen = classifiers.Estimated(0.80, classifiers.Whole) // how it is given beside the name of a drug
	sureShape   = classifiers.Estimated(0.60, classifiers.Likely)
)

package people

import "github.com/sluice-proxy/sluice/classifiers"

// What each group of rules states: of so many that it found in made-up records and
// sentences, in which all names and addresses are labelled (presidio-research), so many
// were true. A rule counts once for a document where it is right and once where it is
// wrong. Other text has no labels for names; of 148 that were found in prompts, read by
// hand, 45 of 59 given names and 82 of 88 full names were persons, and so were the
// fields of 29 of 30 prompts and files. Measured with
//
//	deploy/score CORPUS --calibration
var (
	sureTitle       = classifiers.Measured(53, 53, classifiers.Named)    // a title in front
	sureName        = classifiers.Measured(337, 353, classifiers.Likely) // a first name and a surname
	sureGiven       = classifiers.Measured(210, 255, classifiers.Likely) // a first name, or what is around a name
	sureField       = classifiers.Measured(29, 30, classifiers.Named)    // fills a field or a cell that is for names
	sureAddress     = classifiers.Measured(358, 359, classifiers.Likely) // a street, a post box, a postcode, with what belongs to it
	sureEastern     = classifiers.Estimated(0.9, classifiers.Likely)     // in Han, kana or Hangul: no labelled text has any
	sureEasternName = classifiers.Estimated(0.85, classifiers.Likely)    // in scripts without capitals: the same; all of 20 in text written to try them
)

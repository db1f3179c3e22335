package secrets

import "github.com/sluice-proxy/sluice/classifiers"

// What each group of rules states: of so many that it found in labelled text so many
// were true. The text is real repositories (CredData), the examples of public rule
// sets, source code, and prompts without secrets; a rule counts once for a document
// where it is right and once where it is wrong. Of text in which secrets are rarer
// than in these, a smaller share is true. Measured with
//
//	deploy/score CORPUS --calibration
//
// The grade says what a value is told by: only from Whole on is it put together over
// lines and messages, and of two at one place that of the higher grade stays.
var (
	sureFormat = classifiers.Measured(974, 1001, classifiers.Proven) // the form of a vendor's tokens, of a private key, of a JSON Web Token
	sureHeader = classifiers.Measured(46, 46, classifiers.Marked)    // Basic, Bearer, curl
	sureURL    = classifiers.Measured(31, 37, classifiers.Whole)     // userinfo of a URL, connection string, .netrc, command line
	sureMember = classifiers.Measured(11, 18, classifiers.Whole)     // private member of a JSON Web Key; those of test suites, which are whole, have no label
	sureNear   = classifiers.Measured(323, 332, classifiers.Named)   // near a vendor's name
	sureDrawn  = classifiers.Measured(221, 232, classifiers.Likely)  // assigned, and as a machine draws it: letters that form no words
	sureChosen = classifiers.Measured(22, 29, classifiers.Likely)    // assigned, and as a person chooses it: a word and more
	sureTold   = classifiers.Measured(3, 4, classifiers.Likely)      // a sentence tells it

	// What stands in the place of a key, in the form of the vendor's: one byte again and
	// again, an example. A third of those in labelled text is labelled as a secret, so
	// they are stated and not acted on.
	surePlaceholder = classifiers.Measured(17, 49, classifiers.Weak)

	// What the labels cannot tell. A checksum holds by chance once in millions. Values
	// with marks that no code has were made unreadable for publication, which lets
	// every password look random. No manifest was seen. The labels know no accounts:
	// those that were found belong to a secret, but by themselves they open nothing.
	sureChecked   = classifiers.Estimated(0.99, classifiers.Proven)
	sureScrambled = classifiers.Estimated(0.60, classifiers.Likely)
	sureManifest  = classifiers.Estimated(0.80, classifiers.Whole)
	sureWord      = classifiers.Estimated(0.60, classifiers.Likely) // a word in quotes: in files of others two of three
	sureGlued     = classifiers.Estimated(0.60, classifiers.Likely) // a token with a letter in front of it or behind it
	sureAccount   = classifiers.Estimated(0.60, classifiers.Likely)
)

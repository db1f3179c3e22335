package secrets

// Confidence is the share of true ones among the different values that a group of
// rules finds in labelled text: real repositories (CredData), the examples of
// public rule sets, source code, and prompts without secrets. Where few were
// seen, it is the estimate (true+1)/(found+2), and values that somebody made
// unreadable for publication, which lets every password look random, count less.
// A step is left between the groups so that of two findings at one place the more
// specific stays. Measured with deploy/score --calibration:
//
//	group                                   true/found   confidence
//	format with a checksum that holds       by its bits  0.99
//	format: of vendors, JSON Web Token,
//	private key, NATS seed                  477/506      0.94
//	near a vendor's name                    247/255      0.79
//	header: Basic, Bearer, curl              46/46       0.93
//	assigned: long and of high entropy      134/142      0.78
//	assigned: shorter, of some entropy      105/106      0.78
//	userinfo of a URL, connection string,
//	.netrc, command line                     39/45       0.85
//	assigned: uuid, number                   10/10       0.77
//	assigned: password of three kinds        11/13       0.75
//	assigned: password of letters, or with
//	little besides                           41/42       0.75
//	private member of a JSON Web Key         24/37       0.80
//	account beside a secret                  by hand     0.60
//	assigned: marks that no code has          2/3        0.60
//	told by a sentence                        3/5        0.55
//
// What has no form of its own, near a vendor's name or assigned, states less than
// was measured: from 0.8 on the engine puts a value together over lines and
// messages, and these do not say by themselves where they end.
//
// The labels know no accounts; all 13 that were found belong to a secret, but by
// themselves they open nothing. Nor do they know all JSON Web Keys of test suites,
// which are whole. The keys of Kubernetes manifests were not seen.
const (
	sureChecked   = 0.99
	sureFormat    = 0.94
	sureNear      = 0.79
	sureHeader    = 0.93
	sureRandom    = 0.78
	sureToken     = 0.78
	sureUUID      = 0.77
	sureNumber    = 0.77
	sureURL       = 0.85
	sureStrong    = 0.75
	sureWeak      = 0.75
	sureLetters   = 0.75
	sureMarks     = 0.75
	sureManifest  = 0.80
	sureAccount   = 0.60
	sureMember    = 0.80
	sureScrambled = 0.60
	sureTold      = 0.55
)

package pii

// Confidences of the rules of this package. The numbers of states, banks and
// registries have theirs in national.
const (
	certain = 0.95
	likely  = 0.85
	fair    = 0.6
	weak    = 0.4
)

// Package destination knows where an exchange goes: it normalises authorities, finds the GenAI service behind a host and
// writes the PAC file.
//
// A host is normalised once, by [ParseAuthority], and everything after works on that [Target]: the catalogue lookup, the
// policy, the certificate, the dial. Deny lists have been passed with a trailing dot, a capital letter or a pair of
// brackets too many; so what has more than one spelling is brought to one, and what is no host name is refused.
//
// Two decisions shape the code:
//
//   - The catalogue is data (catalogue.json, with its provenance) under one index by host suffix. An overlay has the same
//     form as the embedded file and goes through the same decoder.
//   - A path that can be read in two ways counts as every one of them, where that means more inspection, and as none where
//     it would mean less ([Choose]).
//
// All types are immutable after construction and safe for concurrent use.
package destination

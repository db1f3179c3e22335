// Package keyed holds sets of hashed values in files that say nothing without the key.
//
// Values are hashed with SipHash-2-4 (Aumasson and Bernstein, 2012), a keyed function
// that is fast on short input and from whose output the key cannot be told. The key
// comes from 32 secret bytes: whoever has them can test whether a value that he
// guesses is in a file, nobody else can. A file names its kind, its version and its
// key, and ends with an HMAC-SHA256 of all that stands before it, so that one that was
// cut, changed or made with another key is refused and never read as an empty one.
package keyed

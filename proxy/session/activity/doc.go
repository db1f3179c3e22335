// Package activity is what a person is told of what was done with their prompts: the
// notice of one that waits for their answer, and the list of what was redacted,
// blocked and permitted.
//
// It holds names, counts and texts of rules, never anything of a prompt but its
// keyed hash. Both are sealed and kept under keyed hashes (session.Box); a person
// finds only their own.
package activity

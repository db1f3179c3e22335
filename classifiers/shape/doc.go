// Package shape tells what characters and tokens are by their form alone: letters, the
// scripts that write words without spaces, words of prose, the groups of a number. It
// knows no words and no rules, takes no memory, and is safe for concurrent use.
package shape

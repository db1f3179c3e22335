// Package custom holds what a company tells sluice of its own data: the keyword and the
// custom family, and the one file in which all of it is written.
//
// The file (see File) also names indexes of the exact family, fingerprints of documents,
// what is allowed, names of internal packages and names of labels; those are built
// elsewhere. Reading it reports every problem at once, each with its line.
package custom

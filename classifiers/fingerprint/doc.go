// Package fingerprint is the fingerprint family: passages that were copied from the
// company's own documents.
//
// Documents are read as runs of 6 words, whatever stands between the words and whatever
// their case. Of each 8 neighbouring runs the one with the least hash is kept
// (winnowing: Schleimer, Wilkerson and Aiken, SIGMOD 2003), so that every copy of 13
// words or more shares at least one kept run with its source, wherever it was cut out,
// and only two of nine runs are stored. A text is read in the same way; runs of one
// document that follow each other are a passage, reported when it is long enough.
//
// What is stored of a run is a keyed hash (package keyed) and the number of its
// document, so a file of fingerprints tells nothing of the documents without the key.
package fingerprint

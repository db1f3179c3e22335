// Package exact is the exact family: values of the company's own tables, customers or
// employees, and nothing that only looks like them.
//
// A table becomes an index: a file of keyed hashes (package keyed) of the values in one
// form, each with the numbers of its rows. A rule names the columns that must meet: a
// name alone is anybody's, a name with the birthday of the same row within 300 bytes is
// a customer's. Each value is reported by itself, so that each is redacted.
//
// A value is read as letters and digits only: case, accents, spaces and signs between
// them do not matter, and dates are one date in any order of their parts. A value
// begins and ends where a word or number does.
//
// What a clean text costs is a keyed look at the first word of a candidate, in a small
// table; only words with which a value begins, and numbers, are read further and
// hashed, and of those only what is as long as a value is looked up.
package exact

// Package pci finds payment card numbers.
//
// A card number is a run of digits, or groups of digits with one kind of
// separator between them, whose first digits belong to an issuer (issuers.go),
// whose length that issuer uses and whose check digit is right (ISO/IEC 7812-1,
// annex B). All three are needed: the check digit alone lets one number in ten
// pass. Numbers that schemes publish for tests count too, since they are what a
// person tries the proxy with, and nobody can tell them from a real one.
//
// A number inside a longer run of digits, a decimal fraction, a UUID or another
// identifier is none. Lengths that other things share (12 and 13 digits: article
// numbers, times in milliseconds) need a word about cards nearby.
package pci

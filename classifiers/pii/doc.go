// Package pii finds personal data that has a form of its own: e-mail addresses,
// telephone numbers, bank accounts (IBAN), United States social security numbers,
// addresses of networks, hardware and Bitcoin, and the numbers of some two hundred
// kinds by which states, banks and registries name people, companies and things
// (see national); and, in prose, persons and postal addresses (see people).
//
// Each rule is a parser by hand that starts at a trigger of the shared pass (an
// at sign, a colon, a run of digits) and reads a bounded number of bytes around
// it. What a checksum or a registry can decide is decided by it; what has
// neither, such as nine bare digits, needs a word about it nearby. The words,
// calling codes and account formats are data.
package pii

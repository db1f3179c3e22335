// Package privatekey finds private keys in a text: in PEM and the other forms of key
// files, in key stores, bare in base64, and as the phrase that a wallet is made anew
// from. A key is found whole, however long it is.
//
// Anchors are what a key is looked for by, in small letters; the functions look around
// the place where one stands. Offsets are of bytes in the text that was given, an end is
// behind the last byte, and they mean nothing unless ok is true or the function says
// so. Nothing fails; all is safe for concurrent use.
package privatekey

// Package national knows the numbers by which states, banks and registries name
// people, companies and things: their shapes, their check digits and the words
// that stand beside them. It is one table of plain data (Kinds) over a few
// checksum algorithms, and a reader that finds them in text.
//
// What a kind needs to be believed depends on how much its form proves. A number
// of ten digits with one check digit is right one time in ten by chance: it needs
// a word about it nearby, in English or the language of its country. One with two
// check digits or letters in fixed places may stand by itself when it is written
// as its country writes it, and a few are so long that they always may. A text
// that is nothing but one number is about that number, and its check digit
// decides; what has none never stands without a word.
package national

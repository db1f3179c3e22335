// Package people finds persons and postal addresses in prose, in many languages.
//
// Names have no form of their own. What finds them is evidence, in this order: lists
// of first names and surnames, and of words that are written small somewhere, so that
// Will and Paris are not names by themselves; how names stand together (a first name
// and a surname, initials, particles, titles); what stands around one (a greeting, a
// verb of speech, a label, another person, a pronoun); and, for words that no list
// has, a linear model of what names look like. Only words with a capital are looked
// at, unless the text has none. Persons that everybody knows are none.
//
// Addresses start at a number: with a word for streets in front of the name or behind
// it, in a word that ends in one, or at a post box. Without, a name and a number need
// more that belongs to addresses. The number may stand behind a comma or a word for
// numbers, where the street has a word for it. The finding reaches over apartments,
// places, states, postcodes and countries, and over lines; also over what stands in
// front: a flat, a part of a city, a city. Those in Han, kana and Hangul go from the
// large to the small and are read on their own: a part of a country, then a street or a
// quarter, then numbers.
//
// The lists are embedded as hashes (words.bin, famous.bin) and as text (names.txt), the model as its weights
// (shape.bin). deploy/dictionary makes them; NOTICE names where the words come from.
package people

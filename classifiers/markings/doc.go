// Package markings is the marking family: what people write on documents to say who
// may read them, and what comes along when a document is pasted.
//
// A marking is told from a mention. "This is confidential, of course" is a sentence;
// "CONFIDENTIAL – internal use only" on a line of its own, "Sensitivity: Highly
// Confidential", a footer with a page number and a TLP label are markings. So a
// phrase counts when it is all there is on its line but for a name, a date, a page or
// another marking, when it follows the key of a classification, or when its form is
// never used otherwise (TLP 2.0, CUI).
//
// Labels inside of files (MSIP properties) are the file readers' concern.
package markings

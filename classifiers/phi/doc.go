// Package phi is the family of health data: numbers of patients, of those who care
// for them and of their insurance, codes of diagnoses, names of drugs, and notes on
// the care of a person.
//
// What a number proves decides what it needs. A Medicare beneficiary identifier has
// a form that little else has; a number of the NHS or a provider's has one check
// digit and needs a word about it or to be all of the text; the number of a record
// has no form at all and counts behind its name only, in the language of the house.
// Codes of ICD-10 look like parts, vitamins and paper, so one counts behind the word
// diagnosis or the name of the classification, or beside the name of a disease; names
// of drugs count beside a dose, a route or a frequency.
//
// A clinical note is a passage (CLINICAL_NOTE), found by weighing its words: terms of
// records of care, headings of their sections, measured values and what tells the
// story of one patient against all words that are none of these. Medicine alone is
// not enough: an essay on a disease speaks like a doctor, but of nobody, so a note
// must show two kinds of evidence of care or the sections of a record.
//
// Numbers that states give for insurance (DE_HEALTH_INSURANCE, AU_MEDICARE, NZ_NHI
// and others) are the pii family's.
package phi

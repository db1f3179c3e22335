package phi

import (
	"github.com/sluice-proxy/sluice/classifiers"
)

// Words near numbers of patients and of those who care for them.
var (
	nhsWords = classifiers.NewWords("nhs", "nhs number", "nhs no", "national health service", "health services number", "hsc number", "chi number")
	npiWords = classifiers.NewWords("npi", "national provider", "provider", "provider id", "provider identifier", "prescriber", "physician", "nppes")
	mbiWords = classifiers.NewWords("mbi", "medicare", "beneficiary", "medicare id", "cms")
	deaWords = classifiers.NewWords("dea", "dea number", "dea registration", "medical license", "prescriber", "controlled substance", "certificate number", "registrant")
)

// How far away they may stand, in bytes.
const (
	wordsBefore = 64
	wordsAfter  = 32
)

// digits tries what begins at a run of digits or with letters in front of it.
func (s *scan) digits(r classifiers.Run) {
	switch n := r.Len(); {
	case n == 10:
		if !s.joined(r.Start, r.End) && !s.nhs(r.Start, r.End) {
			s.npi(r)
		}
	case n == 3:
		s.grouped(r)
	case n == 7 || n == 8:
		s.dea(r)
	case n == 1 && isLetter(s.at(r.End)) && s.text[r.Start] != '0':
		s.mbi(r.Start)
	}
	if isUpper(s.at(r.Start - 1)) {
		s.icd(r)
	}
}

// joined tells whether text[start:end] is part of something longer.
func (s *scan) joined(start, end int) bool {
	before, after := s.at(start-1), s.at(end)
	escaped := start > 1 && s.text[start-2] == '\\'
	return isAlnum(before) && !escaped || before == '_' || before == '-' || before == '/' && isDigit(s.at(start-2)) || before == '.' && isDigit(s.at(start-2)) ||
		before == '+' || isAlnum(after) || after == '_' || after == '@' || (after == '-' || after == '.' || after == '/') && isAlnum(s.at(end+1))
}

// alone tells whether text[start:end] is all of the text but for space.
func (s *scan) alone(start, end int) bool {
	for i := start - 1; i >= 0; i-- {
		if s.text[i] > ' ' || start-i > 8 {
			return false
		}
	}
	for i := end; i < len(s.text); i++ {
		if s.text[i] > ' ' || i-end > 8 {
			return false
		}
	}
	return true
}

// number reports a value with a right check digit when a word about it stands near or
// it is all of the text.
func (s *scan) number(entity, rule string, words *classifiers.Words, start, end int) bool {
	switch {
	case words.Near(s.text, start, end, wordsBefore, wordsAfter):
		s.keep(entity, rule, sureSaid, start, end, "check digit and a word about it")
	case s.alone(start, end):
		s.keep(entity, rule, sureItself, start, end, "check digit, and all of the text")
	default:
		s.view.Drop(rule, start, end, "check digit only")
		return false
	}
	return true
}

// grouped reads the number of the National Health Service in the groups in which it
// is printed: 943 476 5919.
func (s *scan) grouped(r classifiers.Run) {
	sep := s.at(r.End)
	end := r.Start + 12
	if sep != ' ' && sep != '-' || end > len(s.text) || s.text[r.Start+7] != sep {
		return
	}
	for _, i := range [...]int{4, 5, 6, 8, 9, 10, 11} {
		if !isDigit(s.text[r.Start+i]) {
			return
		}
	}
	if !s.joined(r.Start, end) {
		s.nhs(r.Start, end)
	}
}

// nhs checks the digits modulo 11 (NHS Data Dictionary, attribute NHS NUMBER).
func (s *scan) nhs(start, end int) bool {
	sum, weight := 0, 10
	for i := start; i < end; i++ {
		if c := s.text[i]; isDigit(c) {
			sum += weight * int(c-'0')
			weight--
		}
	}
	// The last digit was weighted with 1, so all of it is a multiple of 11.
	if sum%11 != 0 || one(s.text[start:end]) {
		return false
	}
	return s.number(NHS, "uk-nhs", nhsWords, start, end)
}

// npi checks the National Provider Identifier: Luhn with the prefix 80840 in front of
// it, which adds 24 (45 CFR 162.406; CMS, NPI check digit).
func (s *scan) npi(r classifiers.Run) {
	text := s.text[r.Start:r.End]
	if text[0] != '1' && text[0] != '2' {
		return
	}
	sum := 24
	for i := range len(text) {
		d := int(text[i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	if sum%10 == 0 {
		s.number(NPI, "us-npi", npiWords, r.Start, r.End)
	}
}

// mbiShape is the form of the Medicare Beneficiary Identifier: 0 a digit, A a letter
// but S, L, O, I, B and Z, * either (CMS, Understanding the MBI format).
const mbiShape = "0A*0A*0AA00"

// mbi reads a Medicare Beneficiary Identifier, which begins at a digit.
func (s *scan) mbi(start int) {
	at, dashes, small, capital := start, 0, false, false
	for i := range len(mbiShape) {
		if (i == 4 || i == 7) && s.at(at) == '-' {
			dashes++
			at++
		}
		c := s.at(at)
		letter := isLetter(c)
		if letter {
			small, capital = small || c >= 'a', capital || c < 'a'
			switch c &^ 0x20 {
			case 'S', 'L', 'O', 'I', 'B', 'Z':
				return
			}
		}
		if !letter && !isDigit(c) || letter && mbiShape[i] == '0' || isDigit(c) && mbiShape[i] == 'A' {
			return
		}
		at++
	}
	if dashes == 1 || small && capital || s.joined(start, at) {
		return
	}
	switch {
	case mbiWords.Near(s.text, start, at, wordsBefore, wordsAfter):
		s.keep(MBI, "us-mbi", sureSaid, start, at, "a word about it")
	case dashes == 2:
		s.keep(MBI, "us-mbi", sureForm, start, at, "printed in its groups")
	case capital:
		s.keep(MBI, "us-mbi", sureShape, start, at, "its form")
	default:
		s.view.Drop("us-mbi", start, at, "small letters and no word about it")
	}
}

// dea reads the registration number of the Drug Enforcement Administration: two
// letters, or a letter and 9, six digits and a check digit (21 CFR 1301; DEA Office of
// Diversion Control, registrant type codes).
func (s *scan) dea(r classifiers.Run) {
	start := r.Start - 2
	if r.Len() == 8 {
		if start++; s.text[r.Start] != '9' {
			return
		}
	}
	if start < 0 || !isLetter(s.text[start]) || !isAlnum(s.text[start+1]) || s.joined(start, r.End) {
		return
	}
	switch s.text[start] &^ 0x20 {
	case 'I', 'N', 'O', 'Q', 'V', 'W', 'Y', 'Z':
		return
	}
	d := func(i int) int { return int(s.text[r.End-8+i] - '0') } // from 1
	if (d(1)+d(3)+d(5)+2*(d(2)+d(4)+d(6)))%10 == d(7) && !one(s.text[r.End-7:r.End]) {
		s.number(License, "medical-license", deaWords, start, r.End)
	}
}

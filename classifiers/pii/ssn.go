package pii

import "github.com/sluice-proxy/sluice/classifiers"

// ssnWords speak of social security numbers.
var ssnWords = []string{
	"ssn", "ssns", "social security", "my social", "her social", "his social", "social number", "social no", "soc sec", "social sec", "ss number", "seguro social",
	"número de seguro social", "numero de seguro social", "taxpayer", "taxpayer id", "tax id", "tin", "itin", "社会安全号码", "社会保障号",
}

// socialSecurity reads a United States social security number: area, group and
// serial number, none of them zero, the area not 666 and under 900 (Social
// Security Administration, randomised since 2011). 123-45-6789 is reported by
// its form; with spaces or dots it, and nine bare digits, need a word nearby.
func (s *scan) socialSecurity(r classifiers.Run) bool {
	end, sep := r.End, byte(0)
	var area, group, serial string
	switch {
	case r.Len() == 9:
		area, group, serial = s.text[r.Start:r.Start+3], s.text[r.Start+3:r.Start+5], s.text[r.Start+5:r.End]
	case r.Len() == 3:
		sep, end = s.at(r.End), r.Start+11
		if sep != '-' && sep != ' ' && sep != '.' || end > len(s.text) || s.text[r.Start+6] != sep {
			return false
		}
		area, group, serial = s.text[r.Start:r.Start+3], s.text[r.Start+4:r.Start+6], s.text[r.Start+7:end]
		if !digitsOnly(group) || !digitsOnly(serial) {
			return false
		}
	default:
		return false
	}
	var why string
	switch {
	case area == "000", area == "666", area[0] == '9', group == "00", serial == "0000", allSame(area + group + serial):
		why = "never issued"
	case s.joined(r.Start, end):
		why = "part of something longer"
	case s.ssn.Near(s.text, r.Start, end, 60, 30):
		s.add(ssn, "us-ssn", sureChecked, r.Start, end, "a word about it nearby")
		return true
	case sep == '-':
		s.add(ssn, "us-ssn", sureForm, r.Start, end, "its form")
		return true
	default:
		why = "no word about it nearby, and no hyphens"
	}
	s.view.Drop("us-ssn", r.Start, end, why)
	return false
}

// joined tells whether text[start:end] is part of a longer number or word.
func (s *scan) joined(start, end int) bool {
	if c := s.at(start - 1); isAlnum(c) || c == '_' {
		return true
	} else if (c == '-' || c == '.' || c == '+' || c == '/') && isAlnum(s.at(start-2)) {
		return true
	}
	if c := s.at(end); isAlnum(c) || c == '_' {
		return true
	} else if (c == '-' || c == '.' || c == '/') && isAlnum(s.at(end+1)) {
		return true
	}
	return false
}

func digitsOnly(t string) bool {
	for i := range len(t) {
		if !isDigit(t[i]) {
			return false
		}
	}
	return true
}

func allSame(t string) bool {
	for i := range len(t) {
		if t[i] != t[0] {
			return false
		}
	}
	return true
}

package phi

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Words near codes.
var (
	icdWords = classifiers.NewWords("icd", "cim", "cie", "diagnosis code", "diagnosis codes", "dx code", "diagnoseschlüssel", "diagnosecode", "code diagnostic", "código diagnóstico", "icd cm", "icd gm")
	dxWords  = classifiers.NewWords("diagnosis", "diagnoses", "diagnosed with", "dx", "diagnose", "diagnosen", "hauptdiagnose", "nebendiagnose", "diagnostic", "diagnóstico", "diagnósticos", "pdx", "principal diagnosis")
)

// categories are stems of the diseases of categories that are often named by their
// three characters alone. Source: WHO, ICD-10 Version:2019.
var categories = []struct{ codes, stems string }{
	{"I10 I11 I12 I13 I15", "hypert bluthochdruck hipert"}, {"E10 E11 E12 E13 E14", "diabet"}, {"J45 J46", "asthm"}, {"J44", "copd obstruct obstruk"},
	{"F32 F33", "depress dépress depres"}, {"F41", "anxi angst ansi"}, {"F20", "schizo esquizo"}, {"F31", "bipolar"}, {"F43", "stress ptsd adjust belastung"},
	{"G20", "parkin"}, {"G30", "alzheim"}, {"G35", "sclero sklero escler"}, {"G40", "epilep"}, {"G43", "migr"}, {"I20", "angin"}, {"I21 I22", "infar"},
	{"I25", "coronar koronar ischem"}, {"I48", "fibrill flimmer flutter"}, {"I50", "heart herz cardiaque cardiaca"}, {"I63 I64", "stroke schlag infar"},
	{"J18 J15", "pneumon neumon"}, {"J20 J40 J42", "bronch bronqu"}, {"K21", "reflux gerd"}, {"K35 K37", "append apend"}, {"K50", "crohn"}, {"K74", "cirrho zirrho"},
	{"L20", "dermat eczema ekzem"}, {"L40", "psoria"}, {"M54", "back rücken dorsal"}, {"M16 M17 M19", "arthro osteo"}, {"M81", "osteop"}, {"N18", "kidney renal nieren"},
	{"N39", "urin harnweg"}, {"O80", "deliver geburt"}, {"R51", "headache kopf"}, {"B20 B24", "hiv"}, {"C50", "breast brust mamm"}, {"C34", "lung bronch"}, {"C61", "prostat"}, {"C18", "colon kolon"},
	{"A41", "seps"}, {"B18", "hepat"}, {"D50 D64", "anem anäm aném"}, {"E03", "hypoth hipot"}, {"E66", "obes adipo obés"}, {"E78", "lipid cholest"}, {"U07", "covid"},
}

// stems are those of categories by code.
var stems = func() map[string][]string {
	all := make(map[string][]string)
	for _, c := range categories {
		for code := range strings.FieldsSeq(c.codes) {
			all[code] = strings.Fields(c.stems)
		}
	}
	return all
}()

const besideCode = 60 // bytes in which the name of a disease may stand

// icd reads a code of ICD-10 whose second character begins the run: a letter, two
// digits or a digit and A or B, and up to four more behind a dot.
func (s *scan) icd(r classifiers.Run) {
	start, end := r.Start-1, r.Start+2
	switch {
	case r.Len() == 1 && (s.at(r.End) == 'A' || s.at(r.End) == 'B'):
	case r.Len() < 2 || r.Len() > 6:
		return
	}
	if !category(s.text[start:end]) {
		return
	}
	dotted := s.at(end) == '.' && isAlnum(s.at(end+1))
	if dotted {
		end++
	}
	for end < len(s.text) && end-start < 8 && (isDigit(s.text[end]) || isUpper(s.text[end])) {
		end++
	}
	if s.joined(start, end) || strings.IndexByte("$#%", s.at(start-1)) >= 0 && start > 0 {
		return
	}
	compact := !dotted && end-start > 3
	line := s.line(start, end)
	switch {
	case icdWords.In(line):
		s.keep(Code, "icd10-named", sureSaid, start, end, "the classification is named")
	case compact:
		s.view.Drop("icd10", start, end, "the classification is not named")
	case dotted && dxWords.Near(s.text, start, end, 40, 0):
		s.keep(Code, "icd10-diagnosis", sureForm, start, end, "a word about diagnoses")
	case dotted && s.ill(line):
		s.keep(Code, "icd10-term", sureForm, start, end, "the name of a disease stands beside it")
	case !dotted && s.labelled(start):
		s.keep(Code, "icd10-diagnosis", sureShape, start, end, "stands behind the word diagnosis")
	case !dotted && s.suits(s.text[start:end], line):
		s.keep(Code, "icd10-term", sureForm, start, end, "the name of its disease stands beside it")
	default:
		s.view.Drop("icd10", start, end, "neither a diagnosis nor a disease beside it")
	}
}

// category tells whether a chapter of ICD-10 holds such codes. In the first two, of
// infections, many numbers are not used; vitamins look like them.
func category(c string) bool {
	n := int(c[1]-'0')*10 + int(c[2]-'0')
	if !isDigit(c[2]) {
		return c == "C4A" || c == "C7A" || c == "C7B" || c == "D3A" || c == "M1A" || c == "O9A" || c == "Z3A"
	}
	switch c[0] {
	case 'A':
		return n < 10 || n > 14 && n < 29 || n > 29 && n != 45 && n != 47 && n != 61 && n != 62 && n != 72 && n != 73 && n != 76
	case 'B':
		return n < 11 || n > 14 && n < 28 || n == 30 || n > 32 && n < 61 || n > 63 && n < 84 || n > 84
	case 'E':
		return n != 9 && n != 19 && n != 47
	case 'H':
		return n < 96
	case 'K':
		return n < 96
	case 'P':
		return n < 97
	case 'U':
		return n == 7 || n == 9
	}
	return true
}

// line is the text around a code, on its line.
func (s *scan) line(start, end int) string {
	lo, hi := max(0, start-besideCode), min(len(s.text), end+besideCode)
	if i := strings.LastIndexAny(s.text[lo:start], "\n\r"); i >= 0 {
		lo += i + 1
	}
	if i := strings.IndexAny(s.text[end:hi], "\n\r"); i >= 0 {
		hi = end + i
	}
	for lo < start && lo > 0 && !utf8.RuneStart(s.text[lo]) {
		lo++
	}
	return s.text[lo:hi]
}

// ill tells whether the name of a disease stands in text.
func (s *scan) ill(text string) bool {
	for w := range words(text) {
		if e := s.dict.find(classifiers.HashWord(text[w.Start:w.End])); e != nil && e.flags&disease != 0 {
			return true
		}
		if _, f := s.ends.find(text, classifiers.Word{Start: w.Start, End: w.End}); f&disease != 0 {
			return true
		}
	}
	return false
}

// suits tells whether the name of the category's disease stands in text.
func (s *scan) suits(code, text string) bool {
	for w := range words(text) {
		for _, stem := range stems[code] {
			if n := len(stem); w.End-w.Start >= n && strings.EqualFold(text[w.Start:w.Start+n], stem) {
				return true
			}
		}
	}
	return false
}

// words are the words of a short text.
func words(text string) func(func(classifiers.Run) bool) {
	return func(yield func(classifiers.Run) bool) {
		for i := 0; i < len(text); i++ {
			start := i
			for i < len(text) && (isLetter(text[i]) || text[i] >= utf8.RuneSelf) {
				i++
			}
			if i > start && !yield(classifiers.Run{Start: start, End: i}) {
				return
			}
		}
	}
}

// labelled tells whether a code stands right behind a word for diagnosis and a colon.
func (s *scan) labelled(start int) bool {
	before := strings.TrimRight(s.text[max(0, start-24):start], " \t*\"'")
	if n := len(before); n == 0 || before[n-1] != ':' && before[n-1] != '=' {
		return false
	}
	if i := strings.LastIndexAny(before, "\n,;."); i >= 0 {
		before = before[i+1:]
	}
	return dxWords.In(strings.TrimRight(before, ":=\"'* "))
}

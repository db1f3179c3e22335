package pii

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/pii/national"
)

// birth is the kind of the words about births in the lexicon.
var birth = len(national.Kinds)

// birthWords speak of the day on which somebody was born.
const birthWords = "date of birth|dob|d o b|birth date|birthdate|birthday|born|born on|geburtsdatum|geboren|geboren am|geb|" +
	"date de naissance|né le|née le|ne le|fecha de nacimiento|nacido|nacida|data di nascita|nato il|nata il|" +
	"data de nascimento|nascido|nascida|geboortedatum|fødselsdato|fødselsdag|född|födelsedatum|syntymäaika|" +
	"tag der geburt|geb datum|geb am|né e le|fecha nac|fecha de nac|f nacimiento|f nac|nacimiento|data nasc|data nac|luogo e data di nascita|nato a|nata a|" +
	"data urodzenia|urodzony|urodzona|ur dnia|nar|datum narození|dátum narodenia|születési idő|data nașterii|datum rođenja|" +
	"дата рождения|дата рожд|г р|года рождения|року народження|роден|дата на раждане|датум рођења|дата народження|рождения|ημερομηνία γέννησης|doğum tarihi|tanggal lahir|tgl lahir|tarikh lahir|petsa ng kapanganakan|ngày sinh|" +
	"生年月日|誕生日|出生日期|出生年月日|出生于|生于|生日|생년월일|วันเกิด|תאריך לידה|تاريخ الميلاد|जन्म तिथि"

// months are the names of months by their first three letters in English,
// German, French, Spanish, Italian, Portuguese and Dutch.
const months = " jan fev fév feb fèv mar mär mrt avr apr abr mai may mei mag jun jui giu jul lug aug aoû ago sep set oct okt out ott nov dec dez déc dic ene gen "

// dateOfBirth reads a day whose first number is the run r, near a word about
// births: three numbers with points, slashes or hyphens, the year first or last,
// or a day or year beside the name of a month.
func (s *scan) dateOfBirth(r classifiers.Run) {
	n := r.Len()
	if n > 2 && n != 4 || r.Start < s.numberEnd || isAlnum(s.at(r.Start-1)) {
		return
	}
	start, end := r.Start, s.numericDate(r)
	if end == 0 {
		end = s.easternDate(r)
	}
	if end == 0 {
		if start, end = s.namedDate(r); end == 0 {
			return
		}
	}
	if c := s.at(end); isAlnum(c) || (c == '.' || c == '-' || c == '/') && isDigit(s.at(end+1)) {
		return
	}
	switch head := s.enter().columns.Heading(start); {
	case s.birth.In(head):
		s.add(born, "date-of-birth", sureBorn, start, end, "the heading of its column")
	case head != "":
		s.view.Drop("date-of-birth", start, end, "the heading of its column speaks of no birth")
		return
	case s.enter().near(birth, start, end) < 0:
		s.view.Drop("date-of-birth", start, end, "no word about births nearby")
		return
	default:
		s.add(born, "date-of-birth", sureBorn, start, end, "a word about births nearby")
	}
	s.numberEnd, s.phoneEnd = end, max(s.phoneEnd, end)
}

// numericDate returns where a date of three numbers ends, or 0.
func (s *scan) numericDate(r classifiers.Run) int {
	sep := s.at(r.End)
	if sep != '.' && sep != '/' && sep != '-' {
		return 0
	}
	var parts [3]string
	at := r.Start
	for i := range parts {
		from := at
		for isDigit(s.at(at)) && at-from < 5 {
			at++
		}
		parts[i] = s.text[from:at]
		if at == from || i < 2 && s.at(at) != sep {
			return 0
		}
		at++
		if i < 2 && sep == '.' && s.at(at) == ' ' {
			at++
		}
	}
	year, month, day := parts[2], parts[1], parts[0]
	if len(year) < len(day) {
		year, day = day, year
	}
	if len(year) != 4 && len(year) != 2 || len(month) > 2 || len(day) > 2 || len(year) == 4 && year[:2] != "19" && year[:2] != "20" {
		return 0
	}
	a, b := value(month), value(day)
	if a == 0 || b == 0 || min(a, b) > 12 || max(a, b) > 31 {
		return 0
	}
	return at - 1
}

// easternDate returns where a date with the signs for year, month and day ends, or 0:
// 1980年3月12日, 1980년 3월 12일.
func (s *scan) easternDate(r classifiers.Run) int {
	if s.at(r.End) < utf8.RuneSelf && s.at(r.End) != ' ' || r.Len() > 4 {
		return 0
	}
	at := r.Start
	for i, signs := range [...]string{"年년", "月월", "日일"} {
		from := at
		for isDigit(s.at(at)) && at-from < 4 {
			at++
		}
		sign, size := utf8.DecodeRuneInString(strings.TrimPrefix(s.text[at:min(len(s.text), at+4)], " "))
		if n := value(s.text[from:at]); at == from || !strings.ContainsRune(signs, sign) || i == 1 && n > 12 || i == 2 && n > 31 {
			return 0
		}
		if s.at(at) == ' ' {
			at++
		}
		at += size
		if i < 2 && s.at(at) == ' ' {
			at++
		}
	}
	return at
}

// namedDate returns where a date with the name of a month begins and ends: 12
// March 1980, 12. März 1980, 12 de marzo de 1980, March 12, 1980.
func (s *scan) namedDate(r classifiers.Run) (start, end int) {
	if r.Len() > 2 || value(s.text[r.Start:r.End]) > 31 || !s.yearSoon(r.End) {
		return 0, 0
	}
	at := s.skip(r.End)
	if word := s.letters(at); word > at && isMonth(s.text[at:word]) {
		if year := s.year(s.skip(word)); year > 0 {
			return r.Start, year
		}
	}
	if year := s.year(s.skip(r.End)); year > 0 && s.at(r.Start-1) == ' ' {
		at = r.Start - 1
		for at > 0 && r.Start-at < 16 && (isLetter(s.text[at-1]) || s.text[at-1] >= 0x80 || s.text[at-1] == '.') {
			at--
		}
		if isMonth(s.text[at : r.Start-1]) {
			return at, year
		}
	}
	return 0, 0
}

// yearSoon tells quickly whether the next digits are those of a year.
func (s *scan) yearSoon(at int) bool {
	for i := at; i < len(s.text) && i < at+32; i++ {
		if isDigit(s.text[i]) {
			return s.year(i) > 0
		}
	}
	return false
}

// skip returns the place behind points, commas, spaces, "de", "th" and the like.
func (s *scan) skip(at int) int {
	for _, t := range [...]string{"st", "nd", "rd", "th", "º", "er", ".", ",", " of ", " de ", " do ", " di ", " ", "-"} {
		if strings.HasPrefix(s.text[at:], t) {
			at += len(t)
		}
	}
	return at
}

func (s *scan) letters(at int) int {
	from := at
	for at < len(s.text) && at-from < 16 && (isLetter(s.text[at]) || s.text[at] >= 0x80) {
		at++
	}
	return at
}

// year returns where the year at offset at ends, or 0.
func (s *scan) year(at int) int {
	if end := at + 4; end <= len(s.text) && digitsOnly(s.text[at:end]) && !isDigit(s.at(end)) && (s.text[at:at+2] == "19" || s.text[at:at+2] == "20") {
		return end
	}
	return 0
}

func isMonth(word string) bool {
	n := 0
	for i := range word { // the first three letters
		if n++; n > 3 {
			word = word[:i]
			break
		}
	}
	return n >= 3 && !strings.Contains(word, " ") && strings.Contains(months, " "+strings.ToLower(word)+" ")
}

func value(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

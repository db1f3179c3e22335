package phi

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// names are what stands in front of numbers that have no form, with | between. Where
// a space stands, a sign or nothing may. HL7 v2.5.1 table 0203 lists the kinds (MR,
// PI, HC, MA, SN); the words are those of hospitals and insurers of each country.
var names = []struct{ Entity, Phrases string }{
	{Record, "mrn|medical record number|medical record no|medical record #|medical record id|medical record|med rec|mr#|mr #|mr no|patient id|patient number|patient no|patient identifier|hospital number|hospital no|hosp number|hosp no|chart number|folder number|chart no|folder no|chart #|health record number|unit record number|" +
		"patientennummer|patienten nr|patienten id|patienten identifikationsnummer|krankenaktennummer|aktennummer patient|aufnahmenummer|behandlungsfallnummer|" +
		"numéro de dossier médical|dossier médical n°|dossier médical no|n° de dossier médical|identifiant permanent du patient|identifiant patient|numéro de patient|numéro patient|n° patient|ipp|" +
		"número de historia clínica|numero de historia clinica|historia clínica|historia clinica|n° historia clínica|número de expediente médico|expediente clínico|número de paciente|id de paciente|id del paciente|nhc|" +
		"numero di cartella clinica|cartella clinica n|codice paziente|id paziente|número do prontuário|prontuário|número do paciente|patiëntnummer|patientnummer|numer pacjenta|journalnummer|" +
		"номер медицинской карты|медицинская карта №|история болезни №|病历号|病案号|住院号|门诊号|患者编号|患者id|患者番号|カルテ番号|診察券番号|환자번호|차트번호"},
	{Insurance, "health insurance number|health insurance no|health insurance id|health insurance policy number|health insurance policy|health insurance claim number|health plan id|health plan number|health plan member id|health plan beneficiary number|" +
		"insurance member id|insurance subscriber id|subscriber id|medical insurance number|medicaid id|medicaid number|medicaid no|ohip|health card number|health card no|health card|personal health number|ehic|" +
		"numéro d'assurance maladie|numéro de carte vitale|carte d'assurance maladie|ramq|número de tarjeta sanitaria|tarjeta sanitaria|número de seguro médico|número de póliza de salud|tessera sanitaria|cartão nacional de saúde|" +
		"krankenversicherungsnummer|versichertennummer|zorgverzekeringsnummer|номер полиса омс|полис омс|医保卡号|医保号|保険者番号|被保険者番号"},
}

type named struct {
	entity, phrase string
	short          bool // means something else, too, so a sign must follow
}

// labels are the phrases of names in all their forms, by the number of the anchor.
var labels = func() (all []named) {
	for _, n := range names {
		for phrase := range strings.SplitSeq(n.Phrases, "|") {
			forms := []string{phrase}
			if strings.Contains(phrase, " ") && phrase[0] < utf8.RuneSelf {
				forms = append(forms, strings.ReplaceAll(phrase, " ", "_"), strings.ReplaceAll(phrase, " ", ""), strings.ReplaceAll(phrase, " ", "-"))
			}
			if upper := strings.ToUpper(phrase); strings.IndexFunc(phrase, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 && upper != phrase {
				forms = append(forms, upper, strings.ToUpper(phrase[:1])+phrase[1:])
			}
			for _, f := range forms {
				if !slices.ContainsFunc(all, func(l named) bool { return strings.EqualFold(l.phrase, f) && l.phrase == f }) {
					all = append(all, named{n.Entity, f, len(phrase) < 5 || strings.HasPrefix(phrase, "subscriber")})
				}
			}
		}
	}
	return all
}()

func anchors() []string {
	all := make([]string, len(labels))
	for i, l := range labels {
		all[i] = l.phrase
	}
	return all
}

// links may stand between the name and the number.
var links = []string{"number", "numéro", "numero", "número", "nummer", "nr", "no", "num", "n°", "nº", "№", "is", "id", "ist", "est", "es", "was", "of", "for"}

const (
	maxLink   = 32 // bytes between name and number
	maxRecord = 24 // bytes of a number
	maxSpaced = 8  // digits behind which a space ends one
)

// record reads the number behind its name, which is the hit.
func (s *scan) record(h classifiers.Hit) {
	l := labels[h.Anchor]
	if s.inWord(h.Start, h.End) {
		return
	}
	at, signed := h.End, false
	for at < len(s.text) && at < h.End+maxLink {
		r, size := utf8.DecodeRuneInString(s.text[at:])
		if strings.ContainsRune(" \t:#.=\"'*|([-_：＃", r) {
			signed = signed || strings.ContainsRune(":#=：＃", r)
			at += size
			continue
		}
		n := link(s.text[at:])
		if rest := s.text[at:]; strings.HasPrefix(rest, `,"value"`) || strings.HasPrefix(rest, `, "value"`) { // HL7 FHIR, Identifier
			n = strings.Index(rest, `e"`) + 2
		}
		if n == 0 {
			break
		}
		at += n
	}
	end, digits, letters := s.value(at)
	value := s.text[at:end]
	switch rule := strings.ToLower(strings.ReplaceAll(l.entity, "_", "-")); {
	case digits < 5 || letters > 5 || end-at == maxRecord && isAlnum(s.at(end)):
		if digits > 0 {
			s.view.Drop(rule, at, end, "not like the number of a record")
		}
	case l.short && !signed && s.text[h.Start:h.End] != strings.ToUpper(l.phrase):
		s.view.Drop(rule, at, end, "the name means something else, too")
	case date(value) || one(value):
		s.view.Drop(rule, at, end, "a date or an example")
	default:
		s.keep(l.entity, rule, sureRecord, at, end, "stands behind its name")
	}
}

// value returns where the number of a record that begins at start ends, and what it is
// made of: letters and digits, with signs between them and spaces between digits.
func (s *scan) value(start int) (end, digits, letters int) {
	for end = start; end < len(s.text) && end-start < maxRecord; end++ {
		c, before, after := s.text[end], s.at(end-1), s.at(end+1)
		switch {
		case isDigit(c):
			digits++
		case isLetter(c):
			letters++
		case (c == '-' || c == '/') && isDigit(before) && isDigit(after), c == '-' && isAlnum(before) && isAlnum(after):
		case c == ' ' && isDigit(before) && isDigit(after) && digits <= maxSpaced:
		default:
			return end, digits, letters
		}
	}
	return end, digits, letters
}

// inWord tells whether text[start:end] is part of a longer word.
func (s *scan) inWord(start, end int) bool {
	letter := func(r rune) bool { return r < 0x2E80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	before, _ := utf8.DecodeLastRuneInString(s.text[:start])
	after, _ := utf8.DecodeRuneInString(s.text[end:])
	last, _ := utf8.DecodeLastRuneInString(s.text[:end])
	escaped := start > 1 && s.text[start-2] == '\\' // \nMRN
	return letter(before) && !escaped && s.text[start] < utf8.RuneSelf || letter(last) && unicode.IsLetter(after) && after < 0x2E80
}

// link is the length of a linking word that text begins with.
func link(text string) int {
	for _, l := range links {
		if len(text) > len(l) && strings.EqualFold(text[:len(l)], l) && !isAlnum(text[len(l)]) {
			return len(l)
		}
	}
	return 0
}

// date tells whether a value is written like one: 12/31/2026, 2026-12-31.
func date(v string) bool {
	var groups []int
	n := 0
	for i := range len(v) {
		switch {
		case isDigit(v[i]):
			n++
		case v[i] == '-' || v[i] == '/':
			groups = append(groups, n)
			n = 0
		default:
			return false
		}
	}
	groups = append(groups, n)
	return len(groups) == 3 && (groups[0] == 4 && groups[1] <= 2 && groups[2] <= 2 || groups[0] <= 2 && groups[1] <= 2 && (groups[2] == 4 || groups[2] == 2 && strings.IndexByte(v, '/') > 0))
}

// one tells whether all digits of a value are the same.
func one(v string) bool {
	first := byte(0)
	for i := range len(v) {
		if isDigit(v[i]) {
			if first != 0 && v[i] != first {
				return false
			}
			first = v[i]
		}
	}
	return true
}

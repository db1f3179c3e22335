package phi

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// flags are what a word may be.
type flags uint16

const (
	drug     flags = 1 << iota
	disease        // stands beside a code
	tale           // tells of the care of one person
	deed           // does so behind was or were
	past           // those
	patient        // the person
	verb           // of a tale, behind the person
	sex            // behind an age
	unit           // of a dose, behind a number
	given          // how and how often a drug is given
	vital          // in front of a measured value
	negation       // of a finding
	head           // a heading begins with it
	heading        // the hash is that of a whole heading
	weak           // one that is common elsewhere
)

// entry is what is known of a word.
type entry struct {
	hash   uint32
	weight uint8 // in a note
	flags  flags
}

// dictionary is an open hash table behind a filter that lets few other words pass, so
// that most words of a text cost one look into the fast cache.
type dictionary struct {
	filter [1 << 11]uint32 // a bit for each of 2^16 ends of hashes
	slots  []entry         // a power of two; hash 0: empty
}

func (d *dictionary) find(hash uint32) *entry {
	if d.filter[hash>>5&(1<<11-1)]>>(hash&31)&1 == 0 {
		return nil
	}
	for i := hash >> 8; ; i++ {
		e := &d.slots[i&uint32(len(d.slots)-1)]
		if e.hash == hash {
			return e
		}
		if e.hash == 0 {
			return nil
		}
	}
}

// put adds to what is known of a word.
func (d *dictionary) put(hash uint32, weight int, f flags) {
	d.filter[hash>>5&(1<<11-1)] |= 1 << (hash & 31)
	for i := hash >> 8; ; i++ {
		e := &d.slots[i&uint32(len(d.slots)-1)]
		if e.hash == hash || e.hash == 0 {
			*e = entry{hash, max(e.weight, uint8(weight)), e.flags | f}
			return
		}
	}
}

func (d *dictionary) words(list string, weight int, f flags) {
	for _, w := range strings.Fields(list) {
		d.put(classifiers.HashWord(w), weight, f)
	}
}

// join is the hash of a row of words.
func join(a, b uint32) uint32 { return (a^b>>16)*16777619 ^ b }

// Weights of words in a note; each word of it takes rest away.
const (
	jargonWeight  = 8
	medicalWeight = 4
	drugWeight    = 6
	rest          = 1
)

// Words of a tale and of doses.
const (
	patientWords = `patient pt patientin patiente paciente`
	verbWords    = `was presents presented denies denied reports reported underwent tolerated states stated returned returns complains complained received remained
		brought taken placed admitted discharged transferred seen had appears wurde berichtet klagt stellte verneint présente présentait rapporte acude refiere niega presenta`
	sexWords   = `man woman male female gentleman lady boy girl infant caucasian hispanic patientin patient varón mujer homme femme`
	unitWords  = `mg mcg µg ug ml iu units meq mmol ie cc`
	givenWords = `po iv im sq subq bid tid qid qhs qam qpm prn nightly subcutaneously intravenously orally puffs verordnet peroral`
	pastWords  = `was were been wurde wurden été fue`
	noWords    = `no without nor none negative kein keine keinen ohne sans pas aucun aucune sin ni niega`
	vitalWords = `bp hr rr spo temp temperature pulse respirations bmi rr blutdruck puls herzfrequenz ta fc tension fréquence saturation`
)

func newDictionary() *dictionary {
	d := &dictionary{slots: make([]entry, 1<<13)}
	d.words(medical, medicalWeight, 0)
	d.words(jargon, jargonWeight, 0)
	for _, o := range otherTerms {
		d.words(o.terms, 5, 0)
		d.words(o.story, jargonWeight, tale)
	}
	d.words(story, jargonWeight, tale)
	d.words(deeds, jargonWeight, deed)
	d.words(pastWords, 0, past)
	d.words(diseases, 0, disease)
	d.words(generics, drugWeight, drug)
	d.words(brands, drugWeight, drug)
	d.words(patientWords, 0, patient)
	d.words(verbWords, 0, verb)
	d.words(sexWords, 0, sex)
	d.words(unitWords, 0, unit)
	d.words(givenWords, 0, given)
	d.words(vitalWords, 0, vital)
	d.words(noWords, 0, negation)
	d.headings(headings, 0)
	d.headings(weakHeadings, weak)
	return d
}

func (d *dictionary) headings(list string, f flags) {
	for _, phrase := range strings.FieldsFunc(list, func(r rune) bool { return r == '|' || r == '\n' }) {
		hash := uint32(0)
		for i, w := range strings.FieldsFunc(phrase, func(r rune) bool { return strings.ContainsRune(" /'", r) }) {
			h := classifiers.HashWord(w)
			if i == 0 {
				d.put(h, 0, head)
				hash = h
			} else {
				hash = join(hash, h)
			}
		}
		d.put(hash, 0, heading|f)
	}
}

// suffix is an ending with what it says.
type suffix struct {
	text   string
	weight int
	flags  flags
}

// suffixes are endings by their last four bytes.
type suffixes struct {
	filter [256]bool // by a hash of the four bytes
	by     map[uint32][]suffix
}

func newSuffixes() *suffixes {
	s := &suffixes{by: make(map[uint32][]suffix)}
	for _, e := range endings {
		for _, text := range strings.Fields(e.list) {
			key := tail(text, len(text))
			s.filter[fold(key)] = true
			s.by[key] = append(s.by[key], suffix{text, e.weight, e.flags})
		}
	}
	return s
}

// tail is the last four bytes in front of end, in small letters.
func tail(text string, end int) uint32 {
	return (uint32(text[end-4])<<24 | uint32(text[end-3])<<16 | uint32(text[end-2])<<8 | uint32(text[end-1])) | 0x20202020
}

func fold(key uint32) uint8 { return uint8(key * 0x9E3779B1 >> 24) }

// find tells what the ending of a word says. Words with two letters in front of the
// ending at least are meant.
func (s *suffixes) find(text string, w classifiers.Word) (weight int, f flags) {
	if w.End-w.Start < 7 {
		return 0, 0
	}
	key := tail(text, w.End)
	if !s.filter[fold(key)] {
		return 0, 0
	}
	best := 0
	for _, x := range s.by[key] {
		if n := len(x.text); n > best && w.End-w.Start >= n+2 && strings.EqualFold(text[w.End-n:w.End], x.text) {
			best, weight, f = n, x.weight, x.flags
		}
	}
	return weight, f
}

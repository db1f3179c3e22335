package people

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// A role is what a word does around names and in addresses. Words have several.
type role uint64

// The roles.
const (
	titles    role = 1 << iota // in front of a name
	particles                  // between the names of one person
	called                     // in front of what somebody is called
	names                      // the word for it
	labels                     // fields that hold a name
	greetings                  // in front of who is greeted
	kin                        // who is whose
	speech                     // what persons do
	with                       // prepositions in front of persons
	conjunctions
	articles // never in front of a name
	pronouns // of persons
	pronounsI
	isBe
	months        // short names of months, which are names, too
	things        // behind a name that is part of the name of something else
	notBehind     // in front of such
	streetBefore  // in front of the name: rue de la Paix 12
	streetBehind  // behind it: 12 Main Street
	streetVague   // of these, parts of other names, too
	boxes         // post boxes
	units         // parts of a building
	directions    // first words of streets
	placeFirst    // first words of places
	placeSmall    // small words in places
	states        // short names
	addressWords  // speak of an address
	codes         // the word for a postcode
	forces        // post offices of armed forces
	sending       // bring things to an address
	closings      // at the end of letters
	codeLinks     // between the word for a postcode and it
	numberWords   // in front of the number of a house
	numberEnds    // behind it
	streetOpen    // the first word of a street when it has a capital: Am Alten Markt
	streetSmall   // small words inside the name of a street
	districts     // in front of the name or the number of a part of a city
	cityWords     // in front of the name of a place
	counted       // in front of the number of something else
	numberThen    // small words that may go on behind an address
	placeEnds     // behind a hyphen at the end of a place: Minato-ku
	surnameTitles // titles in front of surnames, and never something else
	surnameWords  // surnames, though the lists know only the word
	quarters      // behind the name of a part of a city, in front of the street
	boxVague      // boxes, and much else
	otherNames    // whose name is none of a person: file name
	hints         // characters with which words beside names begin or end, in scripts without spaces
	eponyms       // what is called by the name of somebody in front: Murphy's law
	houses        // behind the name of a house
	weather       // in front of the name that a storm bears
	addressed     // titles in scripts without capitals
	lettered      // in front of a letter that is part of its name: vitamin C
)

// roleWords are the words of a role.
type roleWords struct {
	Role  role
	Words string
}

// rolesOf puts words with their roles into a table.
func rolesOf(lists ...[]roleWords) *classifiers.WordTable[role] {
	t := classifiers.NewWordTable[role](2000)
	for _, list := range lists {
		for _, e := range list {
			for w := range strings.FieldsSeq(e.Words) {
				*t.At(classifiers.HashWord(w)) |= e.Role
			}
		}
	}
	return t
}

// in tells whether the word with the hash has one of the roles.
func (s *scan) in(hash uint32, r role) bool { return s.lexicon.roles.Of(hash)&r != 0 }

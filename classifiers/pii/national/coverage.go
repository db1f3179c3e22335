package national

import (
	"slices"
	"strings"
)

// Covered is what is known of one entity.
type Covered struct {
	Country   string // ISO 3166-1 alpha-2 code; "" for entities of no one country
	Entity    string
	Validator string // "check characters", "form" or "form and a word nearby"
}

// Coverage lists the entities of Kinds by country and name, each with the best
// that proves one of its kinds.
func Coverage() []Covered {
	const proven, formed, spoken = "check characters", "form", "form and a word nearby"
	best := make(map[string]string)
	for _, k := range Kinds {
		switch {
		case k.Check != nil:
			best[k.Entity] = proven
		case best[k.Entity] == proven:
		case k.Evidence != Spoken:
			best[k.Entity] = formed
		case best[k.Entity] == "":
			best[k.Entity] = spoken
		}
	}
	var all []Covered
	for entity, validator := range best {
		all = append(all, Covered{countryOf(entity), entity, validator})
	}
	slices.SortFunc(all, func(a, b Covered) int {
		if c := strings.Compare(a.Country, b.Country); c != 0 {
			return c
		}
		return strings.Compare(a.Entity, b.Entity)
	})
	return all
}

// countryOf is the country whose code begins the entity's name, which is
// Presidio's: the United Kingdom is UK there.
func countryOf(entity string) string {
	code, _, _ := strings.Cut(entity, "_")
	switch {
	case code == "UK":
		return "GB"
	case len(code) == 2 && country([]byte(code)) && code != "EU":
		return code
	}
	return ""
}

package destination

import "slices"

// The risk of an entry is the sum of these points, kept within 0 and 100. It
// ranks services for a rule such as "block above 70"; it is no audit. A missing
// fact costs points where ignorance is itself a risk.
//
//	category     what the service is built to receive, see categoryRisk
//	country      of the headquarters: the EU and EEA, and countries that the EU
//	             holds adequate under article 45 of the GDPR, 0; China and
//	             Russia, where the state has access by law, 30; others 5;
//	             unknown 10
//	training     on consumers' input by default 15; not -10; unknown 0
//	soc2         no report 10; a report -5; unknown 0
//	enterprise   a tier with its own terms -5; none or unknown 0
//	tier         how the entry was found: by hand 0, a registry of API providers
//	             5, two or more public lists 10, a blocklist 10
//	confidence   of the entry's hosts: low 5; else 0
var categoryRisk = map[string]int{
	"agent":              55, // acts for the user, with the user's access
	"meeting-notes":      55, // records people who were not asked
	"gateway/aggregator": 50, // passes input on to services of its choice
	"code-assistant":     45, // reads whole repositories
	"chat":               40,
	"search":             40,
	"writing":            40,
	"translation":        40,
	"productivity":       40,
	"audio":              35,
	"model-hub":          35,
	"api-platform":       30,
	"image":              30,
	"video":              30,
	"self-hosted-ui":     25,
	"local-runtime":      20,
}

// otherCategory is for overlays that bring a category of their own.
const otherCategory = 40

// adequateCountries are the EU, the EEA, and those with an adequacy decision of
// the European Commission. The catalogue writes UK for GB.
var adequateCountries = []string{
	"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE",
	"IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
	"IS", "LI", "NO",
	"AD", "AR", "CA", "CH", "FO", "GB", "GG", "IL", "IM", "JE", "JP", "KR", "NZ", "UK", "US", "UY",
}

var tierRisk = map[string]int{"provider-registry": 5, "list-derived": 10, "blocklist-derived": 10}

// computeRisk adds up the table.
func computeRisk(e *entry) int {
	risk, ok := categoryRisk[deref(e.Category)]
	if !ok {
		risk = otherCategory
	}
	switch country := deref(e.Country); {
	case country == "":
		risk += 10
	case country == "CN" || country == "RU":
		risk += 30
	case !slices.Contains(adequateCountries, country):
		risk += 5
	}
	risk += ternary(e.Trains, 15, -10)
	risk += ternary(e.SOC2, -5, 10)
	risk += ternary(e.Enterprise, -5, 0)
	risk += tierRisk[deref(e.Tier)]
	if deref(e.Confidence) == "low" {
		risk += 5
	}
	return min(100, max(0, risk))
}

// ternary gives the points of a fact that is true, false, or not known.
func ternary(fact *bool, yes, no int) int {
	switch {
	case fact == nil:
		return 0
	case *fact:
		return yes
	}
	return no
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

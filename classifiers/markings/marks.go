package markings

// Entities of the family, from the strictest.
const (
	Classified   = "MARKING_CLASSIFIED" // of a state: SECRET//NOFORN, NATO RESTRICTED, CUI
	Secret       = "MARKING_SECRET"     // the strictest of a company: strictly confidential
	Confidential = "MARKING_CONFIDENTIAL"
	Internal     = "MARKING_INTERNAL"
	Privileged   = "MARKING_PRIVILEGED" // attorney–client
	TLPRed       = "TLP_RED"
	TLPAmber     = "TLP_AMBER"
	TLPGreen     = "TLP_GREEN"
)

// mark is a phrase that marks a document.
type mark struct {
	Entity string
	Always bool // its form says enough, wherever it stands
	Phrase []string
}

// marks are the phrases. TLP: FIRST, Traffic Light Protocol 2.0. Government: ISOO CUI
// marking handbook and the marks of US (E.O. 13526), UK, NATO, EU, DE and FR. The rest is what the
// label sets of Microsoft Purview, Google Workspace and companies use.
//
//nolint:misspell // other languages
var marks = []mark{
	{TLPRed, true, []string{"TLP:RED", "TLP: RED", "TLP-RED"}},
	{TLPAmber, true, []string{"TLP:AMBER", "TLP: AMBER", "TLP-AMBER"}},
	{TLPGreen, true, []string{"TLP:GREEN", "TLP: GREEN", "TLP-GREEN"}},

	{Classified, true, []string{
		"SECRET//NOFORN", "SECRET//SI", "SECRET//REL", "TOP SECRET//", "CUI//", "CONTROLLED//", "UNCLASSIFIED//FOUO", "UNCLASSIFIED//FOR OFFICIAL USE ONLY",
		"(S//NF)", "(TS//SI", "(U//FOUO)",
	}},
	{Classified, false, []string{
		"top secret", "for official use only", "controlled unclassified information", "official-sensitive", "official sensitive",
		"NATO restricted", "NATO confidential", "NATO secret", "EU restricted", "restreint UE", "confidentiel UE", "EU confidential",
		"VS-NUR FÜR DEN DIENSTGEBRAUCH", "VS-NfD", "nur für den Dienstgebrauch", "diffusion restreinte", "secret défense", "для служебного пользования", "совершенно секретно", "绝密",
	}},
	{Secret, false, []string{
		"strictly confidential", "highly confidential", "most confidential", "strictly private and confidential", "streng vertraulich", "streng geheim",
		"strictement confidentiel", "estrictamente confidencial", "strettamente riservato", "strettamente confidenziale", "strikt vertrouwelijk",
		"estritamente confidencial", "ściśle poufne", "strengt fortrolig", "strängt konfidentiellt", "строго конфиденциально", "极机密", "極秘",
	}},
	{Privileged, false, []string{
		"attorney-client privileged", "attorney–client privileged", "attorney client privilege", "attorney-client privilege", "attorney work product", "privileged and confidential",
		"privileged & confidential", "privileged communication", "legal professional privilege", "anwaltsgeheimnis",
	}},
	{Confidential, false, []string{
		"confidential", "company confidential", "commercial in confidence", "in confidence", "business confidential", "confidential and proprietary",
		"vertraulich", "confidentiel", "confidencial", "riservato", "confidenziale", "vertrouwelijk", "poufne", "fortrolig", "konfidentiell", "konfidentiellt",
		"luottamuksellinen", "důvěrné", "gizli", "конфиденциально", "conținut confidențial", "bizalmas", "机密", "機密", "秘密文件", "社外秘", "対外秘", "대외비", "기밀",
	}},
	{Internal, false, []string{
		"internal use only", "for internal use only", "for internal use", "internal only", "company internal", "do not distribute", "not for distribution", "not for external distribution", "do not forward",
		"nur für den internen Gebrauch", "nur zum internen Gebrauch", "nur intern", "interner Gebrauch", "usage interne", "à usage interne", "uso interno", "solo uso interno", "ad uso interno", "alleen voor intern gebruik",
		"do użytku wewnętrznego", "endast för internt bruk", "kun til intern brug", "для внутреннего использования", "内部资料", "仅供内部使用", "内部使用", "社内限り", "関係者外秘", "사내용",
	}},
}

// keys stand in front of a marking: "Classification: confidential".
var keys = []string{
	"classification", "sensitivity", "sensitivity label", "security classification", "document classification", "data classification", "information classification", "label", "confidentiality", "protective marking", "distribution", "handling",
	"klassifizierung", "einstufung", "vertraulichkeit", "vertraulichkeitsstufe", "schutzklasse", "clasificación", "classificação", "classificazione", "classificatie", "niveau de confidentialité", "sensibilité", "klasyfikacja", "密级", "分類", "区分",
}

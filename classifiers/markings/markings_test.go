package markings_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/markings"
)

func TestMarkings(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, markings.New(markings.Options{Labels: []string{"Brightfield Restricted", "Finance"}}))
	body := "The merger with Mill is planned for May. Nobody outside knows of it.\n"
	for text, want := range map[string]string{
		// On a line of their own.
		"CONFIDENTIAL\n" + body:                                        "MARKING_CONFIDENTIAL CONFIDENTIAL",
		body + "\nConfidential – Internal Use Only":                    "MARKING_CONFIDENTIAL Confidential, MARKING_INTERNAL Internal Use Only",
		body + "Brightfield AG | Strictly Confidential | Page 3 of 12": "MARKING_SECRET Strictly Confidential",
		"[Confidential]\n" + body:                                      "MARKING_CONFIDENTIAL Confidential",
		"** for internal use only **\n" + body:                         "MARKING_INTERNAL for internal use only",
		"© 2026 Brightfield AG. Confidential.\n" + body:                "MARKING_CONFIDENTIAL Confidential",
		"ATTORNEY-CLIENT PRIVILEGED\n" + body:                          "MARKING_PRIVILEGED ATTORNEY-CLIENT PRIVILEGED",
		"Privileged & Confidential\n" + body:                           "MARKING_PRIVILEGED Privileged & Confidential",
		"NATO RESTRICTED\n" + body:                                     "MARKING_CLASSIFIED NATO RESTRICTED",
		// Forms that are nothing else.
		"Share this as TLP:AMBER+STRICT, please.": "TLP_AMBER TLP:AMBER",
		"tlp:red " + body:                         "TLP_RED tlp:red",
		"(U//FOUO) " + body:                       "MARKING_CLASSIFIED (U//FOUO)",
		"CUI//SP-PRVCY\n" + body:                  "MARKING_CLASSIFIED CUI//",
		// Behind a key.
		"Sensitivity: Highly Confidential\\All Employees\n" + body: "MARKING_SECRET Highly Confidential",
		"{\"classification\": \"confidential\"}":                   "MARKING_CONFIDENTIAL confidential",
		"Einstufung: vertraulich\n" + body:                         "MARKING_CONFIDENTIAL vertraulich",
		"密级：机密\n" + body:                                           "MARKING_CONFIDENTIAL 机密",
		// In other languages.
		"STRENG VERTRAULICH\n" + body:            "MARKING_SECRET STRENG VERTRAULICH",
		"Nur für den internen Gebrauch\n" + body: "MARKING_INTERNAL Nur für den internen Gebrauch",
		"DIFFUSION RESTREINTE\n" + body:          "MARKING_CLASSIFIED DIFFUSION RESTREINTE",
		"КОНФИДЕНЦИАЛЬНО\n" + body:               "MARKING_CONFIDENTIAL КОНФИДЕНЦИАЛЬНО",
		"社外秘\n" + body:                           "MARKING_CONFIDENTIAL 社外秘",
		"Ściśle poufne\n" + body:                 "MARKING_SECRET Ściśle poufne",
		// The company's own.
		"Brightfield Restricted\n" + body: "MARKING_CONFIDENTIAL Brightfield Restricted",
		"Label: Finance\n" + body:         "MARKING_CONFIDENTIAL Finance",

		// Mentions.
		"Please keep this confidential, it is not public yet.":                       "",
		"How do I write a confidentiality agreement?":                                "",
		"Is this confidential?":                                                      "",
		"The file is marked as strictly confidential and must not leave the house.":  "",
		"What does top secret mean in the United States?":                            "",
		"Act as a character with a top secret mission.":                              "",
		"Write an email to the finance team about internal use only software.":       "",
		"Strictly confidential documents should be kept in a locked drawer at night": "",
		"Was ist streng vertraulich?":                                                "",
		"Why is Finance hard?":                                                       "",
		"TLP is the Traffic Light Protocol; TLP:CLEAR may be shared with everybody.": "",
		"In confidence, Anna told me":                                                "",
	} {
		var got []string
		for _, f := range classifierstest.Classify(t, set, text) {
			got = append(got, fmt.Sprintf("%s %s", f.Entity, text[f.Start:f.End]))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q:\n got %q\nwant %q", text, strings.Join(got, ", "), want)
		}
	}
}

func TestContract(t *testing.T) {
	classifierstest.Contract(t, markings.New(markings.Options{}), []string{
		"CONFIDENTIAL\nThe plan.", "The plan.\nPage 1 of 3 | Strictly Confidential | Brightfield AG", "TLP:RED", "Sensitivity: Highly Confidential", "密级：机密",
	})
}

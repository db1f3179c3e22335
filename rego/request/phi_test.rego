package sluice.request.phi_test

import data.sluice.request.phi
import data.sluice.testing

# The rows are the tests' own, so that a company may change the table.
rows := {
	"_default": {"redact": 10, "bulk": 50},
	"MEDICAL_RECORD_NUMBER": {"redact": 1, "bulk": 20},
	"US_MBI": {"redact": 1, "bulk": 20},
}

said(sanction, content) := answer if {
	answer := phi.verdict with data.sluice.limits.entities as rows with input as testing.request({
		"destination": {"sanction": sanction},
		"content": content,
	})
}

found(entity, n) := testing.findings({entity: ["phi", n]})

agreed := {"sanctioned", "tolerated"}

elsewhere := {"unsanctioned", "unreviewed"}

test_numbers_are_redacted_at_agreed_apps if {
	every sanction in agreed {
		said(sanction, testing.findings({"US_MBI": ["phi", 1], "MEDICAL_RECORD_NUMBER": ["phi", 2], "DRUG_NAME": ["phi", 5]})) == {{
			"id": "phi.redact",
			"action": "redact",
			"redact": {"US_MBI", "MEDICAL_RECORD_NUMBER"},
		}}
	}
}

test_the_table_says_from_how_many_on if {
	said("sanctioned", found("UK_NHS", 9)) == set()
	testing.ids(said("sanctioned", found("UK_NHS", 10))) == {"phi.redact"}
}

test_bulk_is_blocked if {
	"phi.bulk" in testing.ids(said("sanctioned", found("US_MBI", 20)))
	not "phi.bulk" in testing.ids(said("sanctioned", found("US_MBI", 19)))
}

test_notes_stay_at_agreed_apps if {
	every sanction in agreed {
		said(sanction, found("CLINICAL_NOTE", 1)) == set()
	}
}

test_patients_are_blocked_elsewhere if {
	every sanction in elsewhere {
		every entity in {"CLINICAL_NOTE", "MEDICAL_RECORD_NUMBER", "US_MBI"} {
			testing.ids(said(sanction, found(entity, 1))) == {"phi.elsewhere"}
		}
	}
}

test_medicine_is_silent if {
	every sanction in agreed | elsewhere {
		said(sanction, testing.findings({"DRUG_NAME": ["phi", 60], "ICD10_CODE": ["phi", 60], "US_NPI": ["phi", 60]})) == set()
	}
}

test_a_number_that_may_be_any_is_silent if {
	said("unreviewed", {"entities": {"UK_NHS": {"count": 1, "confidence": 0.45, "family": "phi"}}}) == set()
}

test_other_families_are_silent if said("unreviewed", testing.findings({"EMAIL_ADDRESS": ["pii", 1]})) == set()

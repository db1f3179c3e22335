package sluice.request.company_test

import data.sluice.request.company
import data.sluice.testing

said(sanction, found) := answer if answer := company.verdict with input as testing.request({
	"destination": {"sanction": sanction},
	"content": testing.findings(found),
})
	with data.sluice.limits.entities as {"_default": {"redact": 10, "bulk": 50}, "PROJECT_NAME": {"redact": 3, "bulk": 9}}

redact(entities) := {{"id": "company.redact", "action": "redact", "redact": entities}}

test_one_value_is_redacted_at_agreed_apps if {
	every sanction in {"sanctioned", "tolerated"} {
		every family in {"exact", "fingerprint", "keyword", "custom"} {
			said(sanction, {"CUSTOMER": [family, 1], "EMAIL_ADDRESS": ["pii", 99]}) == redact({"CUSTOMER"})
		}
	}
}

test_blocked_elsewhere if {
	every sanction in {"unsanctioned", "unreviewed"} {
		testing.ids(said(sanction, {"CUSTOMER": ["exact", 1]})) == {"company.elsewhere"}
	}
}

test_a_row_of_the_table_counts if {
	said("sanctioned", {"PROJECT_NAME": ["keyword", 2]}) == set()
	said("unreviewed", {"PROJECT_NAME": ["keyword", 2]}) == set()
	said("sanctioned", {"PROJECT_NAME": ["keyword", 3], "CUSTOMER": ["exact", 1]}) == redact({"PROJECT_NAME", "CUSTOMER"})
}

test_other_families_are_silent if {
	every sanction in {"sanctioned", "unreviewed"} {
		said(sanction, {"GITHUB_PAT": ["secret", 9], "EMAIL_ADDRESS": ["pii", 99]}) == set()
	}
}

package sluice.request.pii_test

import data.sluice.request.pii
import data.sluice.testing

# The rows are the tests' own, so that a company may change the table.
rows := {
	"_default": {"redact": 10, "bulk": 50},
	"EMAIL_ADDRESS": {"redact": 20, "bulk": 100},
	"IBAN_CODE": {"redact": 3, "bulk": 20},
	"US_SSN": {"redact": 1, "bulk": 10},
}

said(found) := answer if {
	answer := pii.verdict with data.sluice.limits.entities as rows with input as testing.request({
		"destination": {"app": "chat"},
		"identity": {"department": "hr"},
		"content": testing.findings(found),
	})
}

redact(entities) := {"id": "pii.redact", "action": "redact", "redact": entities}

test_small_counts_are_silent if said({"EMAIL_ADDRESS": ["pii", 19], "IBAN_CODE": ["pii", 2]}) == set()

test_more_is_redacted if said({"EMAIL_ADDRESS": ["pii", 20], "IBAN_CODE": ["pii", 2]}) == {redact({"EMAIL_ADDRESS"})}

test_bulk_is_blocked if "pii.bulk" in testing.ids(said({"EMAIL_ADDRESS": ["pii", 100]}))

test_one_social_security_number_is_redacted if said({"US_SSN": ["pii", 1]}) == {redact({"US_SSN"})}

test_an_entity_without_a_row_has_the_default if {
	said({"PASSPORT": ["pii", 9]}) == set()
	said({"PASSPORT": ["pii", 10]}) == {redact({"PASSPORT"})}
	"pii.bulk" in testing.ids(said({"PASSPORT": ["pii", 50]}))
}

test_other_families_are_silent if said({"GITHUB_PAT": ["secret", 1000]}) == set()

test_an_app_has_its_own_row if {
	said({"EMAIL_ADDRESS": ["pii", 2]}) == {redact({"EMAIL_ADDRESS"})} with data.sluice.limits.apps as {"chat": {"EMAIL_ADDRESS": {"redact": 2, "bulk": 5}}}
}

test_a_department_has_its_own_row if {
	said({"EMAIL_ADDRESS": ["pii", 500]}) == set() with data.sluice.limits.departments as {"hr": {"EMAIL_ADDRESS": {"redact": 1000, "bulk": 1000}}}
}

test_the_app_comes_before_the_department if {
	said({"EMAIL_ADDRESS": ["pii", 2]}) == {redact({"EMAIL_ADDRESS"})} with data.sluice.limits.apps as {"chat": {"EMAIL_ADDRESS": {"redact": 2, "bulk": 5}}}
		with data.sluice.limits.departments as {"hr": {"EMAIL_ADDRESS": {"redact": 1000, "bulk": 1000}}}
}

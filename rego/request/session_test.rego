package sluice.request.session_test

import data.sluice.request.session
import data.sluice.testing

limits := {
	"_default": {"redact": 10, "bulk": 50},
	"EMAIL_ADDRESS": {"redact": 20, "bulk": 100},
	"PHONE_NUMBER": {"redact": 20, "bulk": 100, "day": 5, "month": 8},
}

bled(sums) := answer if answer := session.verdict with input as testing.request({
	"content": testing.findings({"EMAIL_ADDRESS": ["pii", 1], "PHONE_NUMBER": ["pii", 1]}),
	"session": {"exposure_after": sums},
})
	with data.sluice.limits.entities as limits

sums(h24, d30) := {"h1": 0, "h24": h24, "d30": d30}

redact(entities) := {{"id": "session.bleed", "action": "redact", "redact": entities}}

test_silent_at_the_limits if bled({"EMAIL_ADDRESS": sums(100, 300), "PHONE_NUMBER": sums(5, 8)}) == set()

test_silent_without_a_past if bled({}) == set()

test_a_day_is_bulk_unless_said if bled({"EMAIL_ADDRESS": sums(101, 101)}) == redact({"EMAIL_ADDRESS"})

test_a_month_is_three_times_bulk_unless_said if bled({"EMAIL_ADDRESS": sums(0, 301)}) == redact({"EMAIL_ADDRESS"})

test_a_row_of_its_own if {
	bled({"PHONE_NUMBER": sums(6, 6)}) == redact({"PHONE_NUMBER"})
	bled({"PHONE_NUMBER": sums(0, 9)}) == redact({"PHONE_NUMBER"})
}

test_only_what_this_request_holds if bled({"US_SSN": sums(1000, 1000)}) == set()

test_several_at_once if {
	bled({"EMAIL_ADDRESS": sums(101, 301), "PHONE_NUMBER": sums(6, 9)}) == redact({"EMAIL_ADDRESS", "PHONE_NUMBER"})
}

held(family, entity) := answer if {
	answer := session.verdict with input as testing.request({
		"content": testing.findings({entity: [family, 1]}),
		"session": {"exposure_after": {entity: sums(51, 51)}},
	})
		with data.sluice.limits.entities as limits
}

test_patients_add_up if {
	every entity in {"US_MBI", "MEDICAL_RECORD_NUMBER", "HEALTH_INSURANCE_NUMBER"} {
		held("phi", entity) == redact({entity})
	}
}

test_the_companys_own_data_adds_up if {
	every family in {"exact", "fingerprint", "keyword", "custom"} {
		held(family, "CUSTOMER") == redact({"CUSTOMER"})
	}
}

test_a_row_of_the_companys_data if {
	rows := object.union(limits, {"CUSTOMER": {"redact": 5, "bulk": 50, "day": 2}})
	said := session.verdict with data.sluice.limits.entities as rows with input as testing.request({
		"content": testing.findings({"CUSTOMER": ["exact", 1]}),
		"session": {"exposure_after": {"CUSTOMER": sums(3, 3)}},
	})
	said == redact({"CUSTOMER"})
}

test_what_is_no_ones_does_not_add_up if {
	held("code", "SOURCE_CODE") == set()
	held("injection", "INJECTION") == set()
	held("marking", "TLP_GREEN") == set()
	held("phi", "DRUG_NAME") == set()
	held("phi", "CLINICAL_NOTE") == set()
}

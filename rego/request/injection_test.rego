package sluice.request.injection_test

import data.sluice.request.injection
import data.sluice.testing

ids(scores) := answer if answer := testing.ids(injection.verdict) with input as testing.request({"content": {"scores": scores}}) with data.sluice.settings.apps as {"": {"block_injection": true}}

test_a_tool_brings_one if ids({"injection": 0.97, "injection_read": 0.97}) == {"injection.read"}

test_an_unsure_one_is_silent if ids({"injection": 0.89, "injection_read": 0.89}) == set()

test_the_person_writes_one if ids({"injection": 0.99}) == set()

test_nothing if ids({}) == set()

test_off_by_default if {
	answer := testing.ids(injection.verdict) with input as testing.request({"content": {"scores": {"injection_read": 0.99}}})
	answer == set()
}

test_the_score_is_a_row if {
	rows := {"": {"block_injection": true, "injection_score": 0.5}}
	answer := testing.ids(injection.verdict) with input as testing.request({"content": {"scores": {"injection_read": 0.6}}}) with data.sluice.settings.apps as rows
	answer == {"injection.read"}
}

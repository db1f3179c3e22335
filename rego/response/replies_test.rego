package sluice.response.replies_test

import data.sluice.response.replies
import data.sluice.testing

ids(content) := answer if answer := testing.ids(replies.verdict) with input as testing.response({"content": content}) with data.sluice.settings.apps as {"": {"mask_replies": true}}

found(entity, family) := {
	"found": [entity],
	"entities": {entity: {"count": 1, "confidence": 0.9, "family": family}},
	"families": {family: {"count": 1}},
}

test_private_key if ids(found("PRIVATE_KEY", "secret")) == {"replies.private_key", "replies.secrets"}

test_secret if ids(found("AWS_ACCESS_TOKEN", "secret")) == {"replies.secrets"}

test_secret_masks_what_was_found if {
	some verdict in replies.verdict with input as testing.response({"content": found("AWS_ACCESS_TOKEN", "secret")}) with data.sluice.settings.apps as {"": {"mask_replies": true}}
	verdict.redact == {"AWS_ACCESS_TOKEN"}
}

test_card if ids(found("CREDIT_CARD", "pci")) == {"replies.cards"}

test_nothing if ids({}) == set()

test_address_is_no_secret if ids(found("EMAIL_ADDRESS", "pii")) == set()

test_off_by_default if {
	answer := testing.ids(replies.verdict) with input as testing.response({"content": found("PRIVATE_KEY", "secret")})
	answer == set()
}

injected(score) := answer if answer := testing.ids(replies.verdict) with input as testing.response({"content": {"scores": {"injection": score}}}) with data.sluice.settings.apps as {"": {"block_injection": true}}

test_injection if injected(0.95) == {"replies.injection"}

test_unsure_injection_is_silent if injected(0.89) == set()

test_injection_is_off_by_default if {
	answer := testing.ids(replies.verdict) with input as testing.response({"content": {"scores": {"injection": 0.95}}})
	answer == set()
}

# METADATA
# title: Replies
# description: >-
#   What AI services answer. The rules hold where the setting mask_replies is true, which it is not by default: a model
#   that is asked for an example key gives one. What is found in replies is recorded in any case. Instructions to the
#   AI that look like an attack block a reply where block_injection is true.
package sluice.response.replies

import data.sluice.lib

# METADATA
# title: Private keys in replies are masked
# labels: {rule: replies.private_key}
# custom: {severity: high, remediation: "The reply held a private key. Do not use it: ask your security team where it comes from."}
verdict contains {"id": "replies.private_key", "action": "redact", "redact": {"PRIVATE_KEY"}, "style": "mask"} if {
	lib.settings.mask_replies
	"PRIVATE_KEY" in input.content.found
}

# METADATA
# title: Keys, tokens and passwords in replies are masked
# labels: {rule: replies.secrets}
# custom: {severity: medium, remediation: "The reply held a key or password. Do not use it: ask your security team where it comes from."}
verdict contains {"id": "replies.secrets", "action": "redact", "redact": secrets, "style": "mask"} if {
	lib.settings.mask_replies
	input.content.families.secret.count > 0
}

# METADATA
# title: Card numbers in replies are masked
# labels: {rule: replies.cards}
# custom: {severity: medium, remediation: The reply held card numbers. Ask for test data instead.}
verdict contains {"id": "replies.cards", "action": "redact", "redact": {"CREDIT_CARD"}, "style": "mask"} if {
	lib.settings.mask_replies
	"CREDIT_CARD" in input.content.found
}

# METADATA
# title: This reply tries to give instructions to an AI
# labels: {rule: replies.injection}
# custom: {severity: high, remediation: "The reply held instructions that look like an attack on an AI. Ask again, without the page or file that they may come from."}
verdict contains {"id": "replies.injection", "action": "block"} if {
	lib.settings.block_injection
	input.content.scores.injection >= lib.settings.injection_score
}

secrets contains entity if input.content.entities[entity].family == "secret"

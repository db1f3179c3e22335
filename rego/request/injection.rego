# METADATA
# title: Prompt injection
# description: >-
#   Instructions to the model in what tools and files bring. The rule holds where the setting block_injection is true,
#   which it is not by default: what is found is a score and is recorded in any case. What people write themselves,
#   a jailbreak for instance, is not blocked: it is theirs to try, and the record has it.
package sluice.request.injection

import data.sluice.lib

# METADATA
# title: A tool or file brings instructions that look like an attack on the AI
# labels: {rule: injection.read}
# custom: {severity: high, remediation: "Take the page, message or file with these instructions out of the conversation: start a new one without it."}
verdict contains {"id": "injection.read", "action": "block"} if {
	lib.settings.block_injection
	input.content.scores.injection_read >= lib.settings.injection_score
}

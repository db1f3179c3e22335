# METADATA
# title: Payment cards
package sluice.request.cards

import data.sluice.lib

# METADATA
# title: Card numbers are replaced by placeholders
# labels: {rule: cards.redact}
# custom: {severity: high, remediation: "The service sees a placeholder instead of the card number. If this was blocked, remove the card number, for example from the name of a file, and try again."}
verdict contains {"id": "cards.redact", "action": "redact", "redact": cards} if {
	input.content.families.pci.count > 0
	lib.agreed
}

# METADATA
# title: This service is not approved for card numbers
# labels: {rule: cards.elsewhere}
# custom: {severity: high, remediation: "Remove the card numbers, use test data, or use an approved AI service."}
verdict contains {"id": "cards.elsewhere", "action": "block"} if {
	not lib.agreed
	input.content.families.pci.count > 0
}

# METADATA
# title: This app sends many card numbers in the background
# labels: {rule: cards.other}
# custom: {severity: critical, remediation: Close the document that holds them and try again.}
verdict contains {"id": "cards.other", "action": "block"} if {
	found := input.content.entities_other.CREDIT_CARD.count
	found >= lib.limit("CREDIT_CARD").bulk
}

cards contains entity if input.content.entities[entity].family == "pci"

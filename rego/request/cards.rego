# METADATA
# title: Payment cards
package sluice.request.cards

import data.sluice.lib

# METADATA
# title: Card numbers are replaced by placeholders
# labels: {rule: cards.redact}
# custom: {severity: high, remediation: Nothing needs to be done. The service sees a placeholder instead of the card number.}
verdict contains {"id": "cards.redact", "action": "redact", "redact": cards} if {
	input.content.families.pci.count > 0
	lib.agreed
}

# METADATA
# title: Card numbers go to no service that the company has not agreed to
# labels: {rule: cards.elsewhere}
# custom: {severity: high, remediation: Remove the card numbers or use test data or an approved AI service.}
verdict contains {"id": "cards.elsewhere", "action": "block"} if {
	input.content.families.pci.count > 0
	not lib.agreed
}

# METADATA
# title: Card numbers in bulk leave by no way at all
# labels: {rule: cards.other}
# custom: {severity: critical, remediation: Many card numbers were found in what the app sends in the background. Close the document that holds them and try again.}
verdict contains {"id": "cards.other", "action": "block"} if {
	input.content.entities_other.CREDIT_CARD.count >= lib.limit("CREDIT_CARD").bulk
}

cards contains entity if {
	some entity, finding in input.content.entities
	finding.family == "pci"
}

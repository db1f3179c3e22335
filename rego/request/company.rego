# METADATA
# title: The company's own data, which classifiers.yaml tells
package sluice.request.company

import data.sluice.lib

# METADATA
# title: Data of the company is replaced by placeholders
# labels: {rule: company.redact}
# custom: {severity: high, remediation: "The service sees placeholders instead of the company's data. If this was blocked, remove it, for example from the name of a file, and try again."}
verdict contains {"id": "company.redact", "action": "redact", "redact": many} if {
	many != set()
	lib.agreed
}

# METADATA
# title: This service is not approved for data of the company
# labels: {rule: company.elsewhere}
# custom: {severity: high, remediation: "Remove the company's data from your text, or use an approved AI service."}
verdict contains {"id": "company.elsewhere", "action": "block"} if {
	many != set()
	not lib.agreed
}

# An entity with a row in the table limits counts from there on, any other from one value.
many contains entity if {
	some family in {"exact", "fingerprint", "keyword", "custom"}
	input.content.families[family].count > 0
	rows := lib.limits
	some entity
	finding := input.content.entities[entity]
	finding.family == family
	finding.count >= object.get(rows, entity, {"redact": 1}).redact
}

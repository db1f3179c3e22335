# METADATA
# title: Personal data, by the limits table
package sluice.request.pii

import data.sluice.lib

# METADATA
# title: Personal data is replaced by placeholders
# labels: {rule: pii.redact}
# custom: {severity: medium, remediation: "The service sees placeholders instead of the personal data. If this was blocked, remove the personal data, for example from the name of a file, and try again."}
verdict contains {"id": "pii.redact", "action": "redact", "redact": many} if many != set()

# METADATA
# title: This is too much personal data to send
# labels: {rule: pii.bulk}
# custom: {severity: high, remediation: "Remove the personal data, send fewer records at a time, or use made-up ones."}
verdict contains {"id": "pii.bulk", "action": "block"} if {
	rows := lib.limits
	other := rows._default
	some entity
	finding := input.content.entities[entity]
	finding.family == "pii"
	finding.count >= object.get(rows, entity, other).bulk
}

many contains entity if {
	rows := lib.limits
	other := rows._default
	some entity
	finding := input.content.entities[entity]
	finding.family == "pii"
	finding.count >= object.get(rows, entity, other).redact
}

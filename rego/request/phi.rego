# METADATA
# title: Health data
# description: >-
#   Numbers of patients, and notes on their care. At agreed apps the numbers are replaced and the note stays, so that a
#   doctor's letter can be summarised; elsewhere both stay here. Codes of diagnoses and names of drugs are recorded only:
#   without a person they are medicine, and so is the number of a provider, which is public.
package sluice.request.phi

import data.sluice.lib

# METADATA
# title: Numbers of patients are replaced by placeholders
# labels: {rule: phi.redact}
# custom: {severity: high, remediation: "The service sees placeholders instead of the patients' numbers. If this was blocked, remove them, for example from the name of a file, and try again."}
verdict contains {"id": "phi.redact", "action": "redact", "redact": many} if {
	lib.agreed
	many != set()
}

# METADATA
# title: These are too many patients to send
# labels: {rule: phi.bulk}
# custom: {severity: high, remediation: "Remove the patients' numbers, send fewer records at a time, or use made-up ones."}
verdict contains {"id": "phi.bulk", "action": "block"} if {
	some entity in numbers
	input.content.entities[entity].count >= lib.limit(entity).bulk
}

# METADATA
# title: This service is not approved for health data
# labels: {rule: phi.elsewhere}
# custom: {severity: high, remediation: "Remove the patients' numbers and notes, or use an approved AI service."}
verdict contains {"id": "phi.elsewhere", "action": "block"} if {
	not lib.agreed
	patients
}

patients if numbers != set()

patients if input.content.entities.CLINICAL_NOTE.count > 0

many contains entity if {
	some entity in numbers
	input.content.entities[entity].count >= lib.limit(entity).redact
}

# A number that is all of a text and right by its check digit may be any number.
numbers contains entity if {
	input.content.families.phi.count > 0
	some entity in lib.patients
	input.content.entities[entity].confidence >= 0.5
}

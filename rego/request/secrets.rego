# METADATA
# title: Keys, tokens and passwords
package sluice.request.secrets

import data.sluice.lib

# METADATA
# title: Private keys must not be sent to AI services
# labels: {rule: secrets.private_key}
# custom: {severity: critical, remediation: "Remove the private key from your text. If it is a real one, have it replaced."}
verdict contains {"id": "secrets.private_key", "action": "block"} if "PRIVATE_KEY" in input.content.found

# METADATA
# title: Passwords and keys are replaced by placeholders
# labels: {rule: secrets.redact}
# custom: {severity: high, remediation: "The service sees a placeholder instead of the password or key. If this was blocked, remove the password or key, for example from the name of a file, and try again."}
verdict contains {"id": "secrets.redact", "action": "redact", "redact": secrets} if {
	input.content.families.secret.count > 0
	lib.agreed
}

# METADATA
# title: This service is not approved for passwords and keys
# labels: {rule: secrets.elsewhere}
# custom: {severity: high, remediation: "Remove the password or key from your text, or use an approved AI service."}
verdict contains {"id": "secrets.elsewhere", "action": "block"} if {
	not lib.agreed
	input.content.families.secret.count > 0
}

# METADATA
# title: This app sends a private key or cloud key in the background
# labels: {rule: secrets.other}
# custom: {severity: critical, remediation: Remove the key from the app or page and try again.}
verdict contains {"id": "secrets.other", "action": "block"} if {
	some entity, _ in input.content.entities_other
	object.get(data.sluice.other, entity, data.sluice.other._default) == true
}

secrets contains entity if input.content.entities[entity].family == "secret"

# METADATA
# title: Keys, tokens and passwords
package sluice.request.secrets

import data.sluice.lib

# METADATA
# title: Private keys never leave
# labels: {rule: secrets.private_key}
# custom: {severity: critical, remediation: Remove the private key from your text. If it was real have it replaced.}
verdict contains {"id": "secrets.private_key", "action": "block"} if "PRIVATE_KEY" in input.content.found

# METADATA
# title: Secrets are replaced by placeholders
# labels: {rule: secrets.redact}
# custom: {severity: high, remediation: Nothing needs to be done. The service sees a placeholder instead of the secret.}
verdict contains {"id": "secrets.redact", "action": "redact", "redact": secrets} if {
	input.content.families.secret.count > 0
	lib.agreed
}

# METADATA
# title: Secrets go to no service that the company has not agreed to
# labels: {rule: secrets.elsewhere}
# custom: {severity: high, remediation: Remove the password or key from your text or use an approved AI service.}
verdict contains {"id": "secrets.elsewhere", "action": "block"} if {
	input.content.families.secret.count > 0
	not lib.agreed
}

# METADATA
# title: Private keys and cloud keys leave by no way at all
# labels: {rule: secrets.other}
# custom: {severity: critical, remediation: A key was found in what the app sends in the background. Remove it from the app or page and try again.}
verdict contains {"id": "secrets.other", "action": "block"} if {
	some entity, _ in input.content.entities_other
	object.get(data.sluice.other, entity, data.sluice.other._default) == true
}

secrets contains entity if {
	some entity, finding in input.content.entities
	finding.family == "secret"
}

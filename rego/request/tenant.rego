# METADATA
# title: Whose account is used
package sluice.request.tenant

import data.sluice.lib

# METADATA
# title: This account does not belong to the company
# labels: {rule: tenant.foreign}
# custom: {severity: high, remediation: "Sign out, then sign in again with your work account. A program needs a key of the company."}
verdict contains {"id": "tenant.foreign", "action": "block"} if input.tenant.match == "foreign"

# METADATA
# title: This service can be used only when you are signed in
# labels: {rule: tenant.anonymous}
# custom: {severity: medium, remediation: Sign in with your work account and send it again.}
verdict contains {"id": "tenant.anonymous", "action": "block"} if {
	input.tenant.match == "anonymous"
	"tenant_configured" in input.destination.tags
	lib.brings_content
}

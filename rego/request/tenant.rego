# METADATA
# title: Whose account is used
package sluice.request.tenant

import data.sluice.lib

# METADATA
# title: Only the company's own accounts are used
# labels: {rule: tenant.foreign}
# custom: {severity: high, remediation: Sign out and sign in again with your work account.}
verdict contains {"id": "tenant.foreign", "action": "block"} if input.tenant.match == "foreign"

# METADATA
# title: This service is used signed in
# labels: {rule: tenant.anonymous}
# custom: {severity: medium, remediation: Sign in with your work account and send it again.}
verdict contains {"id": "tenant.anonymous", "action": "block"} if {
	input.tenant.match == "anonymous"
	"tenant_configured" in input.destination.tags
	lib.brings_content
}

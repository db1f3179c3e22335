# METADATA
# title: Which services may be used at all, by the settings table
package sluice.request.apps

import data.sluice.lib

# METADATA
# title: This AI service is not approved
# labels: {rule: apps.unsanctioned}
# custom: {severity: medium, remediation: Use an approved AI service.}
verdict contains {"id": "apps.unsanctioned", "action": "block"} if {
	input.destination.sanction == "unsanctioned"
	lib.settings.block_unsanctioned == true
}

# METADATA
# title: This AI service is rated as too risky
# labels: {rule: apps.risk}
# custom: {severity: medium, remediation: Use an approved AI service.}
verdict contains {"id": "apps.risk", "action": "block"} if input.destination.risk > lib.settings.max_risk

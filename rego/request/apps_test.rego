package sluice.request.apps_test

import data.sluice.request.apps
import data.sluice.testing

ids(sanction, risk) := answer if answer := testing.ids(apps.verdict) with input as testing.request({
	"destination": {"app": "chat", "sanction": sanction, "risk": risk},
	"identity": {"department": "hr"},
})

test_silent_by_default if {
	every sanction in {"sanctioned", "tolerated", "unsanctioned", "unreviewed"} {
		ids(sanction, 100) == set()
	}
}

test_unsanctioned_when_configured if {
	ids("unsanctioned", 0) == {"apps.unsanctioned"} with data.sluice.settings._default.block_unsanctioned as true
	ids("unreviewed", 0) == set() with data.sluice.settings._default.block_unsanctioned as true
}

test_risk_when_configured if {
	ids("sanctioned", 71) == {"apps.risk"} with data.sluice.settings._default.max_risk as 70
	ids("sanctioned", 70) == set() with data.sluice.settings._default.max_risk as 70
}

test_departments_differ if {
	ids("sanctioned", 71) == {"apps.risk"} with data.sluice.settings.departments as {"hr": {"max_risk": 50}}
	ids("sanctioned", 71) == set() with data.sluice.settings.departments as {"it": {"max_risk": 50}}
}

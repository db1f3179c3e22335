package sluice.request.tenant_test

import data.sluice.request.tenant
import data.sluice.testing

ids(match, kind, tags) := answer if answer := testing.ids(tenant.verdict) with input as testing.request({
	"request": {"kind": kind},
	"tenant": {"match": match},
	"destination": {"tags": tags},
})

test_foreign_is_blocked if {
	every kind in {"prompt", "upload", "history", "tool", "sign_in", "other"} {
		ids("foreign", kind, []) == {"tenant.foreign"}
	}
}

test_own_and_unknown_are_silent if {
	every match in {"corporate", "unknown"} {
		ids(match, "prompt", ["tenant_configured"]) == set()
	}
}

test_logged_out_is_blocked if {
	every kind in {"prompt", "upload", "tool"} {
		ids("anonymous", kind, ["tenant_configured"]) == {"tenant.anonymous"}
	}
}

test_logged_out_may_sign_in if {
	every kind in {"history", "sign_in", "other"} {
		ids("anonymous", kind, ["tenant_configured"]) == set()
	}
}

test_logged_out_is_silent_without_a_tenants_block if ids("anonymous", "prompt", []) == set()

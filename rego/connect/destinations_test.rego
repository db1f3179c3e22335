package sluice.connect.destinations_test

import data.sluice.connect.destinations
import data.sluice.testing

ids(fields) := answer if answer := testing.ids(destinations.verdict) with input as testing.connect({"destination": fields})

test_genai_is_read if ids({"known": true}) == {"connect.genai"}

test_unknown_is_not_named if ids({}) == set()

test_shared_host_is_tunnelled if ids({"known": true, "tags": ["mixed"]}) == {"connect.mixed"}

test_tenant_host_is_read if ids({"tags": ["tenant"]}) == {"connect.tenant"}

# Of several actions the strongest holds: block, then intercept, then tunnel.
actions(fields) := answer if answer := {v.action | some v in destinations.verdict} with input as testing.connect({"destination": fields})

test_shared_tenant_host_is_read if {
	ids({"known": true, "tags": ["mixed", "tenant"]}) == {"connect.mixed", "connect.tenant"}
	actions({"known": true, "tags": ["mixed", "tenant"]}) == {"intercept", "tunnel"}
}

test_tenant_host_of_an_ai_service_is_read if {
	actions({"known": true, "tags": ["tenant"]}) == {"intercept"}
}

test_tenant_host_in_passthrough_is_tunnelled if {
	every known in [true, false] {
		ids({"known": known, "tags": ["tenant", "passthrough"]}) == {"connect.passthrough"}
		actions({"known": known, "tags": ["tenant", "passthrough"]}) == {"tunnel"}
	}
}

test_ai_service_in_passthrough_is_tunnelled if ids({"known": true, "tags": ["passthrough"]}) == {"connect.passthrough"}

test_tenant_host_without_a_name_is_refused if {
	ids({"tags": ["no_name", "tenant"]}) == {"connect.no_name", "connect.tenant"}
	"block" in actions({"tags": ["no_name", "tenant"]})
}

test_shared_host_without_a_name_is_refused if {
	"block" in actions({"known": true, "tags": ["mixed", "no_name"]})
	"block" in actions({"known": true, "tags": ["mixed", "no_name", "tenant"]})
}

test_passthrough_wins if {
	ids({"known": true, "tags": ["mixed", "no_name", "passthrough", "tenant"]}) == {"connect.passthrough"}
}

test_no_name_is_refused if ids({"tags": ["no_name"]}) == {"connect.no_name"}

test_hidden_name_is_refused if ids({"tags": ["ech"]}) == {"connect.ech"}

test_hidden_name_is_refused_in_passthrough if ids({"tags": ["ech", "passthrough"]}) == {"connect.ech", "connect.passthrough"}

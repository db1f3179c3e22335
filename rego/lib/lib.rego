# METADATA
# title: What packs share
# description: >-
#   A row of a table is looked up for the app first, then for the department, then in general, then by _default. A row
#   that is missing everywhere would silence the rule that asks, so the schemas require the defaults. Tables are only
#   looked up by key: what an admin adds to them costs nothing.
package sluice.lib

# METADATA
# title: The limits of an entity, as counts of distinct values, {redact, bulk}
limit(entity) := object.get(limits, entity, limits._default)

# METADATA
# title: All rows that limit chooses from
# description: >-
#   In a rule that goes through many entities, bind this once and use object.get as limit does. Rows are laid over each other
#   only where the app or the department has its own.
limits := data.sluice.limits.entities if {
	not data.sluice.limits.apps[input.destination.app]
	not data.sluice.limits.departments[input.identity.department]
} else := object.union_n([
	data.sluice.limits.entities,
	object.get(data.sluice.limits.departments, input.identity.department, {}),
	object.get(data.sluice.limits.apps, input.destination.app, {}),
])

# METADATA
# title: The settings that hold for this app and department
settings := data.sluice.settings._default if {
	not data.sluice.settings.apps[input.destination.app]
	not data.sluice.settings.departments[input.identity.department]
} else := object.union_n([
	data.sluice.settings._default,
	object.get(data.sluice.settings.departments, input.identity.department, {}),
	object.get(data.sluice.settings.apps, input.destination.app, {}),
])

# METADATA
# title: Apps that the company has agreed to use
agreed if input.destination.sanction in {"sanctioned", "tolerated"}

# METADATA
# title: Requests that bring something new to the service
brings_content if input.request.kind in {"prompt", "upload", "tool"}

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
#   In a rule that goes through many entities, bind this and its _default once and use object.get as limit does.
#   Rows are laid over each other only where the app or the department has its own.
limits := object.union_n([data.sluice.limits.entities, object.get(data.sluice.limits.departments, input.identity.department, {}), app]) if {
	app := data.sluice.limits.apps[input.destination.app]
} else := object.union(data.sluice.limits.entities, department) if {
	department := data.sluice.limits.departments[input.identity.department]
} else := data.sluice.limits.entities

# METADATA
# title: The settings that hold for this app and department
settings := object.union_n([data.sluice.settings._default, object.get(data.sluice.settings.departments, input.identity.department, {}), app]) if {
	app := data.sluice.settings.apps[input.destination.app]
} else := object.union(data.sluice.settings._default, department) if {
	department := data.sluice.settings.departments[input.identity.department]
} else := data.sluice.settings._default

# METADATA
# title: Apps that the company has agreed to use
agreed if input.destination.sanction == "sanctioned"

agreed if input.destination.sanction == "tolerated"

# METADATA
# title: Requests that bring something new to the service
brings_content if input.request.kind in {"prompt", "upload", "tool"}

# METADATA
# title: Numbers of patients, of their records and insurance
patients := {"HEALTH_INSURANCE_NUMBER", "MEDICAL_LICENSE", "MEDICAL_RECORD_NUMBER", "UK_NHS", "US_MBI"}

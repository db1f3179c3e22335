# METADATA
# title: What packs share
# description: >-
#   Look-ups in the tables go from the most particular row to the default: app, department, entity, _default. A row that is
#   missing everywhere would silence the rule that asked, so the schemas require the defaults.
package sluice.lib

# METADATA
# title: The row of data.sluice.limits for an entity, {redact, block}, both counts of distinct values
limit(entity) := row if row := data.sluice.limits.apps[input.destination.app][entity]

else := row if row := data.sluice.limits.departments[input.identity.department][entity]

else := row if row := data.sluice.limits.entities[entity]

else := data.sluice.limits._default

# METADATA
# title: A setting of data.sluice.settings
setting(name) := value if value := data.sluice.settings.apps[input.destination.app][name]

else := value if value := data.sluice.settings.departments[input.identity.department][name]

else := data.sluice.settings._default[name]

# METADATA
# title: Whether an entity is blocked even where its text is not content (telemetry, session and profile calls)
blocked_in_other(entity) := answer if answer := data.sluice.other[entity]

else := data.sluice.other._default

# METADATA
# title: Apps that the company has agreed to use
agreed if input.destination.sanction in {"sanctioned", "tolerated"}

# METADATA
# title: Requests that bring something new to the service
brings_content if input.request.kind in {"prompt", "upload", "tool"}

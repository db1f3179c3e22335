# METADATA
# title: What left over a day and a month, by the limits table
# description: >-
#   A little at a time is still a lot. What one request may hold is the business of other packs; here the sum counts that
#   one person or agent has let out, over all apps and with this request. A value that was sent before counts once, and
#   one that was redacted does not count. Where a row says nothing, a day may hold what is bulk in one request, and a
#   month three times that.
package sluice.request.session

import data.sluice.lib

# METADATA
# title: This kind of data is replaced by placeholders, because much of it was sent already
# labels: {rule: session.bleed}
# custom: {severity: high, remediation: "You have sent a lot of this kind of data to AI services lately, so the service sees placeholders instead. If this was blocked, remove the data and try again."}
verdict contains {"id": "session.bleed", "action": "redact", "redact": bled} if bled != set()

# Secrets and cards are replaced from the first one on. Codes of diagnoses, names of drugs and source code are no one's.
bled contains entity if {
	rows := lib.limits
	other := rows._default
	some entity
	found := input.content.entities[entity]
	sums := input.session.exposure_after[entity]
	row := object.get(rows, entity, other)
	too_much(sums, row)
	adds_up(entity, found.family)
}

adds_up(_, family) if family in {"pii", "exact", "fingerprint", "keyword", "custom"}

adds_up(entity, "phi") if entity in lib.patients

too_much(sums, row) if sums.h24 > object.get(row, "day", row.bulk)

too_much(sums, row) if sums.d30 > object.get(row, "month", row.bulk * 3)

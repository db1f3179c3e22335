# METADATA
# title: Inputs for tests
# description: "A test says what matters to it and gets every other field: with input as testing.request({…})"
package sluice.testing

# METADATA
# title: A request input with the given fields, merged deeply over the blank one
request(fields) := object.union(blank, fields)

# METADATA
# title: A connect input
connect(fields) := object.union(object.union(blank, {"phase": "connect"}), fields)

# METADATA
# title: A response input
response(fields) := object.union(object.union(blank, {"phase": "response"}), fields)

# METADATA
# title: The content of a request with these findings, as an object from entity to [family, count]
findings(found) := {
	"found": sort(object.keys(found)),
	"entities": entities(found),
	"families": {family: {"count": sum([n | some [f, n] in found; f == family])} | some [family, _] in found},
}

# METADATA
# title: The same findings as entities
entities(found) := {entity: {"count": n, "confidence": 1, "family": family} | some entity, [family, n] in found}

# METADATA
# title: Ids of a pack's verdicts
ids(verdicts) := {v.id | some v in verdicts}

blank := {
	"v": 1,
	"phase": "request",
	"request": {
		"id": "",
		"time_ns": 0,
		"client_ip": "",
		"method": "",
		"host": "",
		"port": 0,
		"path": "",
		"bytes": 0,
		"kind": "other",
		"content_type": "",
		"streaming": false,
	},
	"identity": {
		"authenticated": false,
		"method": "",
		"sub": "",
		"email": "",
		"name": "",
		"groups": [],
		"department": "",
		"acr": "",
		"amr": [],
		"acrs": [],
		"risk": "",
		"claims": {},
		"device": {"id": "", "managed": false, "compliant": false},
	},
	"agent": {"present": false, "id": "", "name": "", "kind": "", "on_behalf_of": "", "tools": []},
	"tenant": {"header": "", "value": "", "observed": "", "match": "unknown"},
	"destination": {
		"known": false,
		"app": "",
		"name": "",
		"vendor": "",
		"category": "",
		"role": "",
		"sanction": "unreviewed",
		"risk": 0,
		"country": "",
		"tags": [],
	},
	"content": {
		"format": "",
		"matched": false,
		"model": "",
		"conversation": "",
		"parts": 0,
		"inspected": true,
		"opaque": [],
		"truncated": false,
		"unread_bytes": 0,
		"language": "",
		"found": [],
		"entities": {},
		"entities_new": {},
		"entities_other": {},
		"families": {},
		"labels": [],
		"files": [],
		"tools": [],
		"scores": {},
	},
	"session": {
		"id": "",
		"prompts": 0,
		"bytes": 0,
		"exposure": {},
		"exposure_app": {},
		"exposure_after": {},
		"coached_24h": 0,
		"blocked_24h": 0,
		"leak_score": 0,
	},
}

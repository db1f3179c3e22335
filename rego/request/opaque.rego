# METADATA
# title: What cannot be read
package sluice.request.opaque

import data.sluice.lib

# METADATA
# title: This service is not approved for files, images or audio that cannot be checked
# labels: {rule: opaque.content}
# custom: {severity: medium, remediation: "Send it as text or as a readable document, or use an approved AI service."}
verdict contains {"id": "opaque.content", "action": "block"} if {
	unread
	lib.brings_content
	input.destination.sanction != "sanctioned"
}

# METADATA
# title: This service is not approved for large transfers that cannot be checked
# labels: {rule: opaque.other}
# custom: {severity: medium, remediation: Use an approved AI service for this.}
verdict contains {"id": "opaque.other", "action": "block"} if {
	unread
	not lib.brings_content
	input.destination.sanction != "sanctioned"
	input.content.unread_bytes > lib.settings.max_opaque_other_bytes
}

# METADATA
# title: Live connections to this service that cannot be checked are switched off
# labels: {rule: opaque.stream}
# custom: {severity: medium, remediation: "Use the written chat of this service instead. If you need this feature, ask the security team."}
verdict contains {"id": "opaque.stream", "action": "block"} if refused_stream

# METADATA
# title: This is too large to be checked
# labels: {rule: opaque.truncated}
# custom: {severity: medium, remediation: "Send less at a time, or upload large files to an approved AI service."}
verdict contains {"id": "opaque.truncated", "action": "block"} if {
	input.content.truncated == true
	not approved_upload
}

unread if {
	input.content.inspected == false
	not stream
}

stream if "websocket" in input.content.opaque

stream if "grpc" in input.content.opaque

refused_stream if {
	"websocket" in input.content.opaque
	not lib.settings.allow_websocket
}

refused_stream if {
	"grpc" in input.content.opaque
	not lib.settings.allow_grpc
}

approved_upload if {
	input.request.kind == "upload"
	input.destination.sanction == "sanctioned"
}

package sluice.request.opaque_test

import data.sluice.request.opaque
import data.sluice.testing

ids(sanction, kind, bytes, content) := answer if answer := testing.ids(opaque.verdict) with input as testing.request({
	"request": {"kind": kind, "bytes": bytes},
	"destination": {"app": "chat", "sanction": sanction},
	"content": object.union(content, {"unread_bytes": bytes}),
})

image := {"inspected": false, "opaque": ["image"]}

test_unread_content_is_blocked_outside_sanctioned if {
	every kind in {"prompt", "upload", "tool"} {
		every sanction in {"tolerated", "unsanctioned", "unreviewed"} {
			ids(sanction, kind, 10, image) == {"opaque.content"}
		}
	}
}

test_unread_content_goes_to_sanctioned if ids("sanctioned", "prompt", 10, image) == set()

test_read_content_is_silent if ids("unreviewed", "prompt", 10000000, {"inspected": true}) == set()

test_small_unread_telemetry_is_silent if ids("unreviewed", "other", 262144, image) == set()

test_large_unread_transfer_is_blocked if {
	every kind in {"other", "history", "sign_in"} {
		ids("unreviewed", kind, 262145, image) == {"opaque.other"}
	}
}

test_large_unread_transfer_goes_to_sanctioned if ids("sanctioned", "other", 262145, image) == set()

test_the_size_is_a_row if {
	ids("unreviewed", "other", 262145, image) == set() with data.sluice.settings.apps as {"chat": {"max_opaque_other_bytes": 1000000}}
}

stream(kind) := {"inspected": false, "opaque": [kind]}

test_streams_are_blocked_everywhere if {
	every sanction in {"sanctioned", "tolerated", "unsanctioned", "unreviewed"} {
		every kind in {"websocket", "grpc"} {
			ids(sanction, "prompt", 0, stream(kind)) == {"opaque.stream"}
		}
	}
}

test_a_row_lets_one_kind_of_stream_pass if {
	rows := {"chat": {"allow_websocket": true}}
	ids("unreviewed", "prompt", 0, stream("websocket")) == set() with data.sluice.settings.apps as rows
	ids("unreviewed", "prompt", 0, stream("grpc")) == {"opaque.stream"} with data.sluice.settings.apps as rows
}

test_a_row_of_another_app_does_not if {
	ids("sanctioned", "prompt", 0, stream("grpc")) == {"opaque.stream"} with data.sluice.settings.apps as {"talk": {"allow_grpc": true}}
}

truncated := {"inspected": false, "truncated": true}

test_truncated_is_blocked if {
	every kind in {"prompt", "history", "tool", "sign_in", "other"} {
		"opaque.truncated" in ids("sanctioned", kind, 20000000, truncated)
	}
	"opaque.truncated" in ids("tolerated", "upload", 20000000, truncated)
}

test_truncated_upload_goes_to_sanctioned if ids("sanctioned", "upload", 20000000, truncated) == set()

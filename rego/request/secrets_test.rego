package sluice.request.secrets_test

import data.sluice.request.secrets
import data.sluice.testing

said(sanction, content) := answer if answer := secrets.verdict with input as testing.request({
	"destination": {"sanction": sanction},
	"content": content,
})

token := testing.findings({"GITHUB_PAT": ["secret", 1], "EMAIL_ADDRESS": ["pii", 2]})

test_redacted_at_agreed_apps if {
	every sanction in {"sanctioned", "tolerated"} {
		said(sanction, token) == {{"id": "secrets.redact", "action": "redact", "redact": {"GITHUB_PAT"}}}
	}
}

test_blocked_elsewhere if {
	every sanction in {"unsanctioned", "unreviewed"} {
		testing.ids(said(sanction, token)) == {"secrets.elsewhere"}
	}
}

test_no_secret_is_silent if {
	every sanction in {"sanctioned", "unreviewed"} {
		said(sanction, testing.findings({"EMAIL_ADDRESS": ["pii", 2]})) == set()
	}
}

test_private_key_is_blocked_everywhere if {
	every sanction in {"sanctioned", "tolerated", "unsanctioned", "unreviewed"} {
		"secrets.private_key" in testing.ids(said(sanction, testing.findings({"PRIVATE_KEY": ["secret", 1]})))
	}
}

test_cloud_key_in_telemetry if {
	content := {"entities_other": testing.entities({"AWS_ACCESS_TOKEN": ["secret", 1]})}
	testing.ids(said("sanctioned", content)) == {"secrets.other"}
}

test_session_token_in_telemetry_is_silent if {
	content := {"entities_other": testing.entities({"JWT": ["secret", 3], "GENERIC_API_KEY": ["secret", 1], "EMAIL_ADDRESS": ["pii", 1]})}
	said("unreviewed", content) == set()
}

test_other_follows_the_table if {
	content := {"entities_other": testing.entities({"JWT": ["secret", 1]})}
	ids := testing.ids(said("sanctioned", content)) with data.sluice.other as {"_default": false, "JWT": true}
	ids == {"secrets.other"}
}

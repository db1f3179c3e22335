package sluice.request.cards_test

import data.sluice.request.cards
import data.sluice.testing

said(sanction, content) := answer if answer := cards.verdict with input as testing.request({
	"destination": {"sanction": sanction},
	"content": content,
})

card := testing.findings({"CREDIT_CARD": ["pci", 1], "EMAIL_ADDRESS": ["pii", 1]})

test_redacted_at_agreed_apps if {
	every sanction in {"sanctioned", "tolerated"} {
		said(sanction, card) == {{"id": "cards.redact", "action": "redact", "redact": {"CREDIT_CARD"}}}
	}
}

test_blocked_elsewhere if {
	every sanction in {"unsanctioned", "unreviewed"} {
		testing.ids(said(sanction, card)) == {"cards.elsewhere"}
	}
}

test_no_card_is_silent if {
	every sanction in {"sanctioned", "unreviewed"} {
		said(sanction, testing.findings({"EMAIL_ADDRESS": ["pii", 1]})) == set()
	}
}

other(n) := {"entities_other": testing.entities({"CREDIT_CARD": ["pci", n]})}

test_bulk_in_telemetry if testing.ids(said("sanctioned", other(10))) == {"cards.other"}

test_few_in_telemetry_are_silent if said("sanctioned", other(9)) == set()

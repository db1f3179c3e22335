# METADATA
# title: What is read and what is tunnelled
# description: A destination that no rule names is intercepted when the catalogue knows it and tunnelled when not.
package sluice.connect.destinations

passthrough if "passthrough" in input.destination.tags

# METADATA
# title: This destination is never read
# labels: {rule: connect.passthrough}
# custom: {severity: info, remediation: Nothing needs to be done.}
verdict contains {"id": "connect.passthrough", "action": "tunnel"} if passthrough

# METADATA
# title: AI services are read
# labels: {rule: connect.genai}
# custom: {severity: info, remediation: Nothing needs to be done.}
verdict contains {"id": "connect.genai", "action": "intercept"} if {
	input.destination.known == true
	not "mixed" in input.destination.tags
	not passthrough
}

# METADATA
# title: Shared hosts that serve more than AI are tunnelled
# labels: {rule: connect.mixed}
# custom: {severity: info, remediation: Nothing needs to be done.}
verdict contains {"id": "connect.mixed", "action": "tunnel"} if {
	"mixed" in input.destination.tags
	not passthrough
}

# METADATA
# title: Sign-in goes to the company's own accounts
# labels: {rule: connect.tenant}
# custom: {severity: info, remediation: Sign in with your work account.}
verdict contains {"id": "connect.tenant", "action": "intercept"} if {
	"tenant" in input.destination.tags
	not passthrough
}

# METADATA
# title: This connection does not say which service it goes to
# labels: {rule: connect.no_name}
# custom: {severity: medium, remediation: "Use the service by its name instead of a number. If a program needs the bare address, ask IT to add it to the passthrough list."}
verdict contains {"id": "connect.no_name", "action": "block"} if {
	"no_name" in input.destination.tags
	not passthrough
}

# METADATA
# title: This connection hides which service it goes to
# labels: {rule: connect.ech}
# custom: {severity: medium, remediation: "Switch off Encrypted Client Hello in this program, or ask IT."}
verdict contains {"id": "connect.ech", "action": "block"} if "ech" in input.destination.tags

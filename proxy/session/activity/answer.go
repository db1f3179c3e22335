package activity

import "slices"

// An Answer is what the person chose about a notice.
type Answer struct {
	Notice Notice
	AsIs   bool   // send all of it, where the rules allow that; else with their redactions
	Reason string // empty unless a rule wants one
}

// WantsReason reports whether a rule wants to know why.
func (n *Notice) WantsReason() bool {
	return slices.ContainsFunc(n.Asks, func(a Ask) bool { return a.Action == "justify" })
}

// WantsStepUp lists the authentication contexts that the sign-in lacks.
func (n *Notice) WantsStepUp() []string {
	var acrs []string
	for _, a := range n.Asks {
		if a.Action == "step_up" {
			acrs = append(acrs, a.ACRS...)
		}
	}
	slices.Sort(acrs)
	return slices.Compact(acrs)
}

// Waits reports whether a rule waits for more than a stronger sign-in.
func (n *Notice) Waits() bool {
	return slices.ContainsFunc(n.Asks, func(a Ask) bool { return a.Action != "step_up" })
}

// Offers tells which choices there are: with placeholders, and as it is. With neither,
// it goes as it stands, under the other rules.
func (n *Notice) Offers() (redacted, asIs bool) {
	redacted = true
	replaces := false
	for _, a := range n.Asks {
		if a.Action == "step_up" {
			continue
		}
		asIs = asIs || a.AsIs
		replaces = replaces || len(a.Redact) > 0
		if len(a.Redact) > 0 && !a.Redactable {
			redacted = false
		}
	}
	return redacted && replaces, asIs && replaces
}

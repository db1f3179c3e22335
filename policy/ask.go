package policy

import "time"

// Satisfaction says how a coach, justify or step_up verdict was answered. It is found out for every exchange, never cached.
type Satisfaction uint8

// The ways in which a verdict is answered. What was acknowledged goes on with the verdict's own redactions; as it is,
// without them, which only a verdict with as_is allows.
const (
	Unsatisfied Satisfaction = iota
	Satisfied
	SatisfiedAsIs
)

// An Ask is what a decision waits for: one enforced verdict that somebody can still answer. The person reads it on the
// portal, or signs in more strongly, and sends again.
type Ask struct {
	Rule
	Redact      []string      // what goes out redacted when it is answered so; empty: nothing of this verdict's
	Redactable  bool          // and whether that can be done here
	AsIs        bool          // it may be answered by sending all of it
	ACRS        []string      // of step_up: the authentication contexts that are missing
	SafeHarbour string        // the app to use instead; may be empty
	Holds       time.Duration // how long an answer holds for the rule, whatever the prompt; 0: for this prompt, once
}

// asks lists those of the enforced verdicts that can still be answered.
func asks(enforced []weighed) []Ask {
	var list []Ask
	for _, w := range enforced {
		if w.rule.Satisfied || w.gate == ActionBlock || w.gate > ActionCoach {
			continue
		}
		list = append(list, Ask{
			Rule: w.rule, Redact: w.redact, Redactable: w.redactable, AsIs: w.AsIs && w.gate != ActionStepUp,
			ACRS: w.ACRS, SafeHarbour: w.SafeHarbour, Holds: w.holds,
		})
	}
	return list
}

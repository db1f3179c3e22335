package policy

import "fmt"

// Action is what a verdict asks for and what a decision comes to. Smaller is stronger, and the zero Action blocks,
// so the gate of several verdicts is their minimum.
type Action uint8

// Actions, strongest first. Intercept and tunnel belong to the connect phase, the others to request and response.
const (
	ActionBlock Action = iota
	ActionStepUp
	ActionJustify
	ActionCoach
	ActionRedact // allow, after rewriting
	ActionAllow
	ActionIntercept
	ActionTunnel
)

var actionNames = [...]string{"block", "step_up", "justify", "coach", "redact", "allow", "intercept", "tunnel"}

// String returns the word that stands in Rego and in records. An Action outside the list is "block".
func (a Action) String() string {
	if int(a) < len(actionNames) {
		return actionNames[a]
	}
	return actionNames[ActionBlock]
}

// MarshalText writes the word of String.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the word of String and refuses any other.
func (a *Action) UnmarshalText(text []byte) error {
	got, ok := parseAction(string(text))
	if !ok {
		return fmt.Errorf("policy: read action: unknown word of %d bytes", len(text))
	}
	*a = got
	return nil
}

func parseAction(word string) (Action, bool) {
	for i, name := range actionNames {
		if name == word {
			return Action(i), true
		}
	}
	return ActionBlock, false
}

// Modes of a rule, from data.sluice.modes; enforce when nothing is said.
const (
	ModeEnforce = "enforce"
	ModeShadow  = "shadow"
	ModeOff     = "off"
)

// Rule is one verdict as a record tells it.
type Rule struct {
	ID          string `json:"id"`
	Action      Action `json:"action"`
	Mode        string `json:"mode"`
	Satisfied   bool   `json:"satisfied"`
	Title       string `json:"title"`
	Severity    string `json:"severity"` // critical high medium low info
	Remediation string `json:"remediation"`
}

// Decision is the answer for one phase of one exchange. The zero Decision blocks.
type Decision struct {
	Action      Action            `json:"action"`
	Rules       []Rule            `json:"rules"`  // enforced, the deciding one first
	Redact      []string          `json:"redact"` // entities to rewrite wherever content is forwarded, sorted
	Style       string            `json:"style"`  // pseudonym or mask; empty when nothing is redacted
	Headers     map[string]string `json:"headers"`
	ACRS        []string          `json:"acrs"`
	SafeHarbour string            `json:"safe_harbour"`
	Obligations []string          `json:"obligations"`
	Message     string            `json:"message"` // for the employee: the remediation of the deciding rule
	Shadow      []Rule            `json:"shadow"`  // what would have happened, strongest first
	Revision    string            `json:"revision"`
	Cached      bool              `json:"cached"`
	EvalUS      int64             `json:"eval_us"`
	Error       string            `json:"error"` // for the log; empty when the policy answered

	Unasked bool  `json:"-"` // it blocks only because nobody is known who could be asked
	Asks    []Ask `json:"-"` // what it waits for, the strongest first; nil when it waits for nothing, or is blocked whatever somebody says
}

// newDecision returns a decision that says nothing else, with lists that are empty in JSON rather than null.
func newDecision(a Action, revision string) Decision {
	return Decision{
		Action: a, Rules: []Rule{}, Redact: []string{}, Headers: map[string]string{}, ACRS: []string{}, Obligations: []string{},
		Shadow: []Rule{}, Revision: revision,
	}
}

// Forward reports whether the exchange may go on: redacted by Redact, read or tunnelled as Action says.
// Coach, justify and step_up stop it until they are satisfied.
func (d *Decision) Forward() bool {
	switch d.Action {
	case ActionRedact, ActionAllow, ActionIntercept, ActionTunnel:
		return d.Error == ""
	default:
		return false
	}
}

// Blocked is the opposite of Forward.
func (d *Decision) Blocked() bool { return !d.Forward() }

// Deciding returns the rule that decided and whose text the employee sees; false when no rule spoke.
func (d *Decision) Deciding() (Rule, bool) {
	if len(d.Rules) == 0 {
		return Rule{}, false
	}
	return d.Rules[0], true
}

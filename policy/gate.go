package policy

import (
	"cmp"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// ErrHeaders says that verdicts set a header that is not theirs to set, or one header in two ways.
var ErrHeaders = errors.New("header conflict")

// Circumstances are what a decision depends on besides the input. They are asked for every exchange, never cached.
type Circumstances struct {
	// Unrewritable lists entities of which some value sits where nothing can be rewritten: redacting one is block.
	Unrewritable []string
	// Satisfied tells how a coach, justify or step_up verdict is already answered; nil: none is.
	Satisfied func(*Verdict) Satisfaction
}

// weighed is a verdict with what it comes to in these circumstances.
type weighed struct {
	*Verdict
	rule       Rule
	gate       Action
	redact     []string // what of the verdict's own is still to be redacted
	redactable bool     // and whether it can be
	unasked    bool     // it blocks because nobody is known
	holds      time.Duration
}

// merge computes the decision that the verdicts of one phase come to.
func (s *Snapshot) merge(in *Input, verdicts []Verdict, c Circumstances, observe bool) (Decision, error) {
	enforced := make([]weighed, 0, len(verdicts))
	var shadow []weighed
	for i := range verdicts {
		w, err := s.weigh(in, &verdicts[i], c)
		switch {
		case err != nil:
			return Decision{}, err
		case w.rule.Mode == ModeOff:
		case w.rule.Mode == ModeShadow, observe && w.gate < ActionIntercept:
			shadow = append(shadow, w)
		default:
			enforced = append(enforced, w)
		}
	}
	slices.SortFunc(enforced, compareWeighed)
	slices.SortFunc(shadow, compareWeighed)

	d := newDecision(unsaid(in), s.revision)
	d.Rules, d.Shadow = rules(enforced), rules(shadow)
	if len(enforced) > 0 {
		d.Action = enforced[0].gate
		d.Message = enforced[0].rule.Remediation
	}
	for _, w := range enforced {
		d.Redact = append(d.Redact, w.redact...)
		d.Obligations = append(d.Obligations, w.Obligations...)
		d.SafeHarbour = cmp.Or(d.SafeHarbour, w.SafeHarbour)
		if len(w.redact) > 0 && d.Style != styleMask {
			d.Style = cmp.Or(w.Style, stylePseudonym)
		}
		if w.Action == ActionStepUp && !w.rule.Satisfied {
			d.ACRS = append(d.ACRS, w.ACRS...)
		}
		if err := d.setHeaders(w.Verdict); err != nil {
			return Decision{}, err
		}
	}
	if d.Action == ActionCoach || d.Action == ActionJustify || d.Action == ActionStepUp {
		d.Asks = asks(enforced)
	}
	d.Unasked = d.Action == ActionBlock && !slices.ContainsFunc(enforced, func(w weighed) bool { return w.gate == ActionBlock && !w.unasked }) && len(enforced) > 0
	for _, list := range []*[]string{&d.Redact, &d.ACRS, &d.Obligations} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	if d.Action == ActionAllow && len(d.Redact) > 0 {
		d.Action = ActionRedact
	}
	return d, nil
}

// unsaid is the action when no rule speaks.
func unsaid(in *Input) Action {
	switch {
	case in.Phase != PhaseConnect:
		return ActionAllow
	case in.Destination.Known:
		return ActionIntercept
	default:
		return ActionTunnel
	}
}

// weigh finds out what a verdict comes to.
func (s *Snapshot) weigh(in *Input, v *Verdict, c Circumstances) (weighed, error) {
	known, ok := s.rules[v.ID]
	if !ok || known.phase != in.Phase || !legal(in.Phase, v.Action) {
		return weighed{}, fmt.Errorf("%w: rule %q has no place in phase %s", ErrVerdict, v.ID, in.Phase)
	}
	w := weighed{Verdict: v, gate: v.Action, rule: known.Rule, redact: v.Redact, holds: known.holds}
	answer := Unsatisfied
	switch v.Action {
	case ActionCoach, ActionJustify, ActionStepUp:
		if !in.Identity.Authenticated {
			w.gate, w.unasked = ActionBlock, true // nobody is there who could answer
		} else if c.Satisfied != nil {
			answer = c.Satisfied(v)
		}
	case ActionAllow:
		if v.Redact != nil {
			w.gate = ActionRedact
		}
	}
	asIs := v.AsIs && v.Action != ActionStepUp
	if answer == SatisfiedAsIs && !asIs {
		answer = Unsatisfied // the rule has changed since it was given
	}
	if answer != Unsatisfied {
		w.rule.Satisfied = true
		w.gate = ActionAllow
	}
	w.redactable = redactable(in, v, c)
	switch {
	case answer == SatisfiedAsIs:
		w.redact = nil
	case v.Redact == nil && v.Action != ActionRedact, w.redactable:
	case answer == Unsatisfied && asIs && w.gate != ActionBlock: // there is still one answer
	default:
		w.gate = ActionBlock
	}
	w.rule.Action = w.gate
	if w.rule.Satisfied && w.gate != ActionBlock {
		w.rule.Action = v.Action
	}
	return w, nil
}

// redactable reports whether what the verdict names can be taken out of what would be forwarded.
func redactable(in *Input, v *Verdict, c Circumstances) bool {
	if len(v.Redact) == 0 || in.Content.Truncated {
		return false
	}
	return !slices.ContainsFunc(v.Redact, func(entity string) bool { return slices.Contains(c.Unrewritable, entity) })
}

// compareWeighed orders by gate, then severity, then id.
func compareWeighed(a, b weighed) int {
	return cmp.Or(
		cmp.Compare(a.gate, b.gate),
		cmp.Compare(slices.Index(severities, a.rule.Severity), slices.Index(severities, b.rule.Severity)),
		strings.Compare(a.ID, b.ID),
	)
}

func rules(list []weighed) []Rule {
	out := make([]Rule, len(list))
	for i, w := range list {
		out[i] = w.rule
	}
	return out
}

// setHeaders adds the headers of a verdict to the decision.
func (d *Decision) setHeaders(v *Verdict) error {
	for name, value := range v.Headers {
		name = textproto.CanonicalMIMEHeaderKey(name)
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) || isForbidden(name) {
			return fmt.Errorf("%w: rule %q may not set %q", ErrHeaders, v.ID, name)
		}
		if before, ok := d.Headers[name]; ok && before != value {
			return fmt.Errorf("%w: rule %q sets %q against another rule", ErrHeaders, v.ID, name)
		}
		d.Headers[name] = value
	}
	return nil
}

// isForbidden also knows names with underscores, which some servers take for hyphens, and with a number at the end, by
// which a list that is too long for one header goes on.
func isForbidden(name string) bool {
	name = textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(name, "_", "-"))
	return slices.Contains(forbiddenHeaders, strings.TrimRight(name, "0123456789"))
}

// forbiddenHeaders are not for packs: framing and hop-by-hop (RFC 9110 section 7.6.1), credentials, Host, and the tenant
// restriction headers, which the tenants configuration alone sets. Canonical spelling.
var forbiddenHeaders = []string{
	"Connection", "Content-Encoding", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "Via",
	"Authorization", "Cookie", "Proxy-Authorization", "Api-Key", "X-Api-Key", "X-Goog-Api-Key",
	"Anthropic-Allowed-Org-Ids", "Chatgpt-Allowed-Workspace-Id", "Ciscospark-Allowed-Domains", "Ibm-Cloud-Tenant",
	"Openai-Allowed-Organization-Ids", "Restrict-Access-Context", "Restrict-Access-To-Tenants",
	"Sec-Github-Allowed-Enterprise", "Sec-Restrict-Tenant-Access-Policy", "X-Dropbox-Allowed-Team-Ids",
	"X-Geminicodeassist-Allowed-Domains", "X-Goog-Allowed-Resources", "X-Googapps-Allowed-Domains",
	"X-Notion-Allowed-Workspaces", "X-Slack-Allowed-Workspaces", "X-Slack-Allowed-Workspaces-Requester",
	"X-Zoomapps-Policy", "Youtube-Restrict",
}

package proxy

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

// A prompt that waits for somebody's answer is refused like any other; nothing of it
// is kept. The refusal says what was found and leads to the portal, where the person
// answers, and then sends again.

// noticePath is where the portal shows the notice of an exchange.
const noticePath = "/notice/"

// offer posts the notice of a decision that waits for an answer, and says in the
// refusal where it is answered. Without a notice it is a plain refusal.
func (p *Pipeline) offer(x *Exchange, refused *refusal) *refusal {
	asks := x.Decision.Asks
	if x.Decision.Unasked {
		return p.offerSignIn(x, refused)
	}
	if len(asks) == 0 || x.parts.Activity == nil || !x.Identity.Authenticated {
		return refused
	}
	notice := activity.Notice{
		Exchange: x.ID, Time: x.Start, Person: x.Identity.Person(), Subject: x.subject(),
		App: x.serviceName(), Prompt: x.promptSum(), Found: x.foundNames(),
	}
	if x.Known && x.Match.Role == "web" {
		notice.Host = hostHeader(x)
	}
	for _, a := range asks {
		notice.Asks = append(notice.Asks, activity.Ask{
			Rule: a.ID, Action: a.Action.String(), Title: a.Title, Remediation: a.Remediation,
			Redact: a.Redact, Redactable: a.Redactable, AsIs: a.AsIs, ACRS: a.ACRS, Holds: a.Holds,
			SafeHarbour: p.harbour(x, a.SafeHarbour),
		})
	}
	ctx, cancel := uncancelled(x)
	defer cancel()
	err := x.parts.Activity.Post(ctx, notice)
	p.people.posted(err)
	if err != nil {
		x.parts.Log.Warn("a notice cannot be answered", zap.String("id", x.ID), zap.Error(err))
		return refused
	}
	x.offered = true
	refused.link = noticePath + x.ID
	if found := sentence(notice.Found); found != "" {
		refused.text = strings.TrimSpace(found + " " + refused.text)
	}
	switch asks[0].Action {
	case policy.ActionStepUp:
		refused.text += " To send it, confirm who you are on the page below; then send it again."
	case policy.ActionJustify:
		refused.text += " To send it, give your reason on the page below; then send it again."
	default:
		refused.text += " To send it, read the page below and choose; then send it again."
	}
	return refused
}

// offerSignIn leads somebody at a browser who is not known to where they sign in: then
// they are asked instead.
func (p *Pipeline) offerSignIn(x *Exchange, refused *refusal) *refusal {
	if x.parts.SignIn == nil || x.connect == nil || x.Identity.Authenticated || !x.Known || x.Match.Role != "web" || !isBrowser(x.request) {
		return refused
	}
	location, cookies := x.parts.SignIn.Begin(hostHeader(x), "/", signin.Cookies{}, x.signInClient())
	refused.address = location
	refused.header = http.Header{}
	for _, c := range cookies {
		refused.header.Add("Set-Cookie", c.String())
	}
	refused.text += " If you sign in on the page below, you can decide yourself."
	return refused
}

// sentence says what was found, in names and numbers only.
func sentence(found []activity.Found) string {
	var list []string
	for _, f := range found {
		list = append(list, fmt.Sprintf("%d × %s", f.Count, f.Entity))
	}
	if len(list) == 0 {
		return ""
	}
	return "Found: " + strings.Join(list, ", ") + "."
}

// foundNames are the entities in content and how many values of each there are.
func (x *Exchange) foundNames() []activity.Found { return namesIn(x.tally) }

func namesIn(t tally) []activity.Found {
	var out []activity.Found
	for _, e := range t.ordered() {
		out = append(out, activity.Found{Entity: e.entity, Count: e.count()})
	}
	return out
}

// serviceName is what people call the service.
func (x *Exchange) serviceName() string {
	if x.Known {
		return x.Match.App.Name
	}
	return x.Target.Host
}

// harbour is the app that a rule offers instead; nil where the catalogue does not have
// it, or no host of it that a browser can open.
func (p *Pipeline) harbour(x *Exchange, id string) *activity.Link {
	if id == "" {
		return nil
	}
	for _, m := range x.parts.Catalogue.Matches() {
		if m.App.ID == id && m.Role == "web" && m.Kind == destination.MatchExact {
			return &activity.Link{Name: m.App.Name, URL: "https://" + m.Pattern + "/"}
		}
	}
	return nil
}

// tell adds to the person's activity what was done with their prompt and with the
// reply, where it was not simply let through. It comes after the reply: an exchange
// does not fail by it.
func (p *Pipeline) tell(x *Exchange) {
	if x.parts.Activity == nil || !x.Identity.Authenticated || x.input == nil || x.input.Phase == policy.PhaseConnect {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.context()), tellWait)
	defer cancel()
	for _, e := range []struct {
		done  string
		of    *policy.Decision
		found tally
	}{{x.doneWithPrompt(), &x.Decision, x.tally}, {x.doneWithReply(), &x.response, x.replied}} {
		if e.done == "" {
			continue
		}
		event := activity.Event{
			Exchange: x.ID, Time: x.Start, App: x.serviceName(), Done: e.done, Found: namesIn(e.found),
			Advice: e.of.Message, Open: x.offered,
		}
		for _, r := range e.of.Rules {
			event.Rules = append(event.Rules, r.Title)
		}
		if err := x.parts.Activity.Append(ctx, x.Identity.Person(), event); err != nil {
			p.people.untold.Inc()
			x.parts.Log.Warn("not added to the activity", zap.String("id", x.ID), zap.Error(err))
		}
	}
}

// doneWithPrompt is what was done with a prompt, in activity's words; empty where it
// was simply let through, or where a fault stopped it and no rule. Of a draft nothing
// is said: the prompt comes after it.
func (x *Exchange) doneWithPrompt() string {
	d := &x.Decision
	switch {
	case x.draft:
		return ""
	case x.failure != nil && x.failure.reason != "policy" && x.upstream.addr == "":
		return ""
	case x.offered && d.Action == policy.ActionStepUp:
		return activity.SteppedUp
	case x.offered:
		return activity.Asked
	case d.Blocked():
		return activity.Blocked
	case slices.ContainsFunc(d.Rules, func(r policy.Rule) bool { return r.Satisfied }):
		return activity.Permitted
	case x.redactions > 0:
		return activity.Redacted
	}
	return ""
}

// doneWithReply is what was done with the reply.
func (x *Exchange) doneWithReply() string {
	switch {
	case x.response.Revision == "": // policy was not asked
		return ""
	case x.response.Blocked():
		return activity.ReplyBlocked
	case x.masked > 0:
		return activity.ReplyRedacted
	}
	return ""
}

// tellWait bounds how long the end of an exchange waits for the list of the person's
// activity.
const tellWait = 2 * time.Second

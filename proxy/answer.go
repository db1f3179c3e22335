package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/audit"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
)

// permitFor is how long a person has to send again what they were asked about.
const permitFor = 10 * time.Minute

// phaseAnswer is what the record calls an answer that a person gave on the portal. It
// is no exchange, and policy is not asked about it.
const phaseAnswer = "answer"

// Answer puts in force what a person chose about a prompt that waits: it is recorded,
// with the reason, and then the ledger has a permit for each rule. A notice is answered
// once; its errors are activity.ErrNotFound and those of the store and the record.
func (p *Proxy) Answer(ctx context.Context, a activity.Answer, who identity.Identity) error {
	return p.pipeline.answer(ctx, a, who)
}

func (p *Pipeline) answer(ctx context.Context, a activity.Answer, who identity.Identity) error {
	parts := p.current.Load()
	if parts.Activity == nil || parts.Ledger == nil {
		return activity.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWait)
	defer cancel()
	reason := p.reasonWithoutValues(ctx, parts, a.Reason)
	if reason == "" && a.Reason != "" {
		return errors.New("proxy: the reason could not be looked at")
	}
	a.Reason = reason
	if err := parts.Activity.Answered(ctx, a.Notice.Exchange, a.Notice.Person); err != nil {
		return err
	}
	if err := p.permit(ctx, parts, a, who); err != nil {
		if again := parts.Activity.Post(ctx, a.Notice); again != nil { // it was not answered after all
			parts.Log.Warn("a notice cannot be answered", zap.String("id", a.Notice.Exchange), zap.Error(again))
		}
		return err
	}
	p.people.answers.WithLabelValues(choiceOf(a)).Inc()
	event := activity.Event{
		Exchange: a.Notice.Exchange, Time: time.Now(), App: a.Notice.App, Done: activity.Answered, Found: a.Notice.Found, Reason: a.Reason,
		Advice: map[bool]string{true: "You chose to send it as it is.", false: "You chose to send it."}[a.AsIs],
	}
	for _, ask := range a.Notice.Asks {
		event.Rules = append(event.Rules, ask.Title)
	}
	if err := parts.Activity.Append(ctx, a.Notice.Person, event); err != nil {
		p.people.untold.Inc()
		parts.Log.Warn("not added to the activity", zap.String("id", a.Notice.Exchange), zap.Error(err))
	}
	return nil
}

// permit records the answer, and then grants what it is worth. How that went is in the
// record too.
func (p *Pipeline) permit(ctx context.Context, parts *snapshot, a activity.Answer, who identity.Identity) error {
	id, err := p.recordAnswer(ctx, parts, a, who)
	if err != nil {
		return err
	}
	end := &audit.Completion{ID: id, Parent: a.Notice.Exchange, Status: http.StatusSeeOther, Outcome: "answered"}
	granted, err := grant(ctx, parts.Ledger, a)
	p.people.permitted(permitGranted, granted)
	if err != nil {
		end.Status, end.Outcome, end.Reason = http.StatusServiceUnavailable, "refused", "session_unavailable"
		parts.Log.Warn("an answer is not in force", zap.String("id", id), zap.Error(err))
	}
	if err := parts.Audit.Completion(end); err != nil && !errors.Is(err, context.Canceled) {
		parts.Log.Error("completion not recorded", zap.String("id", id), zap.Error(err))
	}
	return err
}

// grant gives the ledger a permit for each rule that waits, and says for how many it did.
func grant(ctx context.Context, l *ledger.Ledger, a activity.Answer) (granted int, err error) {
	for _, ask := range a.Notice.Asks {
		if ask.Action == "step_up" {
			continue
		}
		permit := ledger.Permit{Rule: ask.Rule, Prompt: a.Notice.Prompt, AsIs: a.AsIs && ask.AsIs, Until: time.Now().Add(permitFor)}
		if ask.Holds > 0 {
			permit.Holding, permit.Until = true, time.Now().Add(ask.Holds)
		}
		if err := l.Grant(ctx, a.Notice.Subject, permit); err != nil {
			return granted, fmt.Errorf("proxy: grant permit: %w", err)
		}
		granted++
	}
	return granted, nil
}

// choiceOf is what the record and the metrics call what a person chose.
func choiceOf(a activity.Answer) string {
	redacted, asIs := a.Notice.Offers()
	switch {
	case a.AsIs:
		return choiceAsIs
	case redacted || asIs:
		return choiceRedacted
	}
	return choiceSend
}

// reasonWithoutValues is what may be kept of a reason: people repeat what they were
// told not to.
func (p *Pipeline) reasonWithoutValues(ctx context.Context, parts *snapshot, reason string) string {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", http.NoBody)
	if err != nil {
		return ""
	}
	return p.withoutValues(&Exchange{parts: parts, request: r}, reason)
}

// recordAnswer writes the answer's line before it is worth anything, and returns its
// id. Its parent is the exchange that it is about.
func (p *Pipeline) recordAnswer(ctx context.Context, parts *snapshot, a activity.Answer, who identity.Identity) (string, error) {
	d := &audit.Decision{
		ID: newID(), Parent: a.Notice.Exchange,
		Identity: audit.Identity{
			Authenticated: who.Authenticated, Method: who.Method, Sub: who.Sub, Email: who.Email, Name: who.Name, Department: who.Department, Groups: who.Groups,
		},
		Destination: audit.Destination{Name: a.Notice.App},
		Request:     audit.Request{Phase: phaseAnswer, Method: http.MethodPost, Bytes: -1},
		Content:     audit.Content{Inspected: true},
		Decision:    audit.Verdict{Action: "allow", Choice: choiceOf(a), Reason: a.Reason},
	}
	for _, ask := range a.Notice.Asks {
		d.Decision.Rules = append(d.Decision.Rules, audit.Rule{ID: ask.Rule, Action: ask.Action, Satisfied: ask.Action != "step_up"})
	}
	for _, f := range a.Notice.Found {
		d.Findings = append(d.Findings, audit.Finding{Entity: f.Entity, Count: f.Count})
	}
	if err := parts.Audit.Decision(ctx, d); err != nil {
		return "", fmt.Errorf("proxy: record answer: %w", err)
	}
	return d.ID, nil
}

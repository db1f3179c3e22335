package proxy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/content"
)

// admit asks the connect question for a request that came without a CONNECT:
// plain http is refused or passed unread for the same reasons.
func (p *Pipeline) admit(x *Exchange) error {
	if x.connect != nil {
		return nil
	}
	input := p.newInput(x, policy.PhaseConnect)
	decision, err := x.parts.Policy.Decide(x.context(), input, policy.Circumstances{})
	x.input, x.Decision = input, decision
	switch {
	case err != nil:
		return refuseFor("policy_error", err)
	case decision.Blocked():
		return policyRefusal(decision)
	case decision.Action == policy.ActionTunnel:
		x.mode = pass
	case x.mode == pass:
		x.mode = read // not GenAI, but a connect rule asked to look
	}
	return nil
}

// classify is stage 5: findings with byte offsets, or an error. An unfinished
// scan cannot look like a clean one.
func (p *Pipeline) classify(x *Exchange) error {
	defer since(time.Now(), &x.stages.classify)
	if x.message == nil || len(x.message.Parts) == 0 {
		return nil
	}
	findings, err := x.find(samplesOf(x.message))
	if err != nil {
		if x.context().Err() != nil {
			return ended(x.context(), err)
		}
		if errors.Is(err, errBusy) {
			return refuseFor("busy", err)
		}
		return refuseFor("inspection_failed", err)
	}
	x.findings = findings
	return nil
}

// find classifies the parts of a message. What is disguised in them takes room
// while it is read. An engine that may fail, and did, is noted for the record.
func (x *Exchange) find(samples []classifiers.Sample) ([]classifiers.Finding, error) {
	ctx, done := x.lease.reading(x.context())
	defer done()
	ctx = classifiers.WithMissed(ctx, func(remote string, _ error) {
		if !slices.Contains(x.missed, remote) {
			x.missed = append(x.missed, remote)
		}
	})
	return x.look(ctx, samples)
}

// look classifies texts and leaves out what is too little sure, and what may be at the
// exchange's destination. It is the one way to findings for requests, messages and
// replies.
func (x *Exchange) look(ctx context.Context, samples []classifiers.Sample) ([]classifiers.Finding, error) {
	found, err := x.parts.Classifiers.Classify(ctx, samples)
	if err != nil {
		return nil, err
	}
	found = classifiers.AtLeast(found, x.parts.Options.MinConfidence)
	return x.parts.Allowance.Keep(found, samples, x.app()), nil
}

// app is the id of the app that is talked to, the host of a service that is none.
func (x *Exchange) app() string {
	if x.Known {
		return x.Match.App.ID
	}
	return x.Target.Host
}

// samplesOf gives classifiers the parts of a message, in order.
func samplesOf(m *content.Message) []classifiers.Sample {
	samples := make([]classifiers.Sample, len(m.Parts))
	for i, part := range m.Parts {
		samples[i] = classifiers.Sample{Text: part.Text, Role: part.Role.String(), Apart: part.Apart}
	}
	return samples
}

// decide is stage 6: policy answers, and the decision line is written before
// anything is forwarded. Then a decision that stops the exchange is a refusal.
func (p *Pipeline) decide(x *Exchange) error {
	defer since(time.Now(), &x.stages.decide)
	if err := p.settle(x); err != nil {
		return err
	}
	if !x.quiet() {
		if err := p.recordDecision(x); err != nil {
			return refuseFor("audit_error", err)
		}
	}
	if x.Decision.Blocked() {
		return p.offer(x, policyRefusal(x.Decision))
	}
	return nil
}

// ask puts the question of the phase. A plain request that is passed unread was
// asked already, by admit; the portal is ours and needs no policy.
func (p *Pipeline) ask(x *Exchange) error {
	switch {
	case x.connect == nil && x.Phase == policy.PhaseRequest && x.mode == pass:
		return nil
	case x.Phase == policy.PhaseConnect && x.Target.Host == x.parts.Options.PortalHost:
		x.Decision = policy.Decision{Action: policy.ActionIntercept}
		return nil
	}
	input := p.newInput(x, x.Phase)
	if x.message != nil {
		p.describe(x, input)
	}
	x.used = nil
	decision, err := x.parts.Policy.Decide(x.context(), input, policy.Circumstances{Unrewritable: x.unrewritable(), Satisfied: x.satisfied})
	x.input, x.Decision = input, decision
	if err != nil {
		if x.context().Err() != nil {
			return ended(x.context(), err)
		}
		return refuseFor("policy_error", err)
	}
	return nil
}

// unrewritable lists the entities of content of which a value stands where
// nothing can be replaced.
func (x *Exchange) unrewritable() []string {
	var out []string
	for _, f := range x.findings {
		if x.message.Parts[f.Sample].Role != content.RoleOther && !x.message.CanRewrite(f.Sample) && !slices.Contains(out, f.Entity) {
			out = append(out, f.Entity)
		}
	}
	return out
}

// newInput fills in everything but the content.
func (p *Pipeline) newInput(x *Exchange, phase string) *policy.Input {
	r := x.request
	in := policy.NewInput(phase)
	in.Request.ID = x.ID
	in.Request.TimeNS = x.Start.UnixNano()
	in.Request.ClientIP = x.Client.String()
	in.Request.Method = r.Method
	in.Request.Host = x.Target.Host
	in.Request.Port = int(x.Target.Port)
	if phase == policy.PhaseRequest && x.mode != inject {
		in.Request.Path = r.URL.EscapedPath()
		in.Request.ContentType = r.Header.Get("Content-Type")
		in.Request.Bytes = max(r.ContentLength, x.bytesIn)
	}

	who := x.Identity
	in.Identity = policy.Identity{
		Authenticated: who.Authenticated, Method: who.Method,
		Sub: who.Sub, Email: who.Email, Name: who.Name,
		Groups: who.Groups, Department: who.Department,
		ACR: who.ACR, AMR: who.AMR, ACRS: who.ACRS, Claims: who.Claims,
		Device: policy.Device{ID: who.Device.ID, Managed: who.Device.Managed},
	}
	in.Agent = policy.Agent{
		Present: who.Agent.Present, ID: who.Agent.ID, Name: who.Agent.Name, Kind: who.Agent.Kind, OnBehalfOf: who.Agent.OnBehalfOf,
	}

	in.Destination.Tags = x.Tags
	if x.Known {
		app := x.Match.App
		in.Destination = policy.Destination{
			Known: true, App: app.ID, Name: app.Name, Vendor: app.Vendor, Category: app.Category,
			Role: x.Match.Role, Sanction: app.Sanction, Risk: app.Risk, Country: app.Country, Tags: x.Tags,
		}
	}
	if set := x.parts.Tenants.Headers(x.Target.Host); len(set) > 0 {
		in.Tenant.Header, in.Tenant.Value = set[0].Name, set[0].Value
	}
	return in
}

// describe fills in what the content showed.
func (p *Pipeline) describe(x *Exchange, in *policy.Input) {
	m := x.message
	in.Request.Kind = string(m.Kind)
	in.Request.Streaming = m.Streaming
	if x.Known {
		p.judgeAccount(x, in)
	}
	c := &in.Content
	c.Format, c.Matched = m.Format, m.Matched
	// Cloned, because they are pieces of the body, which is let go of before them.
	c.Model, c.Conversation = strings.Clone(m.Model), strings.Clone(m.Conversation)
	c.Parts = len(m.Parts)
	c.Opaque = m.Opaque
	c.Truncated = x.body != nil && x.body.truncated
	c.Inspected = len(m.Opaque) == 0 && !c.Truncated
	if !c.Inspected {
		c.UnreadBytes = in.Request.Bytes
	}
	for _, tool := range m.Tools {
		c.Tools = append(c.Tools, strings.Clone(tool))
	}
	for _, f := range m.Files {
		c.Files = append(c.Files, policy.File{Name: strings.Clone(f.Name), Type: strings.Clone(f.Type), Bytes: f.Bytes})
	}
	p.count(x, c)
	x.past(in)
}

// count turns findings into distinct values by entity: in content, in the new
// part of it, and elsewhere.
func (p *Pipeline) count(x *Exchange, c *policy.Content) {
	all, fresh, other := newTally(), newTally(), newTally()
	for _, f := range x.findings {
		part := x.message.Parts[f.Sample]
		value := f.Value(part.Text)
		if part.Role == content.RoleOther {
			other.add(f, value)
			continue
		}
		all.add(f, value)
		if !part.Old {
			fresh.add(f, value)
		}
	}
	c.Scores = x.scores()
	c.Entities, c.EntitiesNew, c.EntitiesOther = all.entities(), fresh.entities(), other.entities()
	c.Found = all.names()
	c.Families = all.families()
	for _, t := range []tally{all, other} {
		t.seal()
	}
	x.tally, x.tallyOther = all, other
}

// scores says how likely the content holds a prompt injection: injection is that of
// the surest passage, injection_read that in what tools and files bring, which the
// model reads and nobody wrote to it.
func (x *Exchange) scores() map[string]float64 {
	scores := map[string]float64{}
	for _, f := range x.findings {
		role := x.message.Parts[f.Sample].Role
		if f.Family != classifiers.Injection || role == content.RoleOther {
			continue
		}
		scores["injection"] = max(scores["injection"], f.Confidence)
		if role == content.RoleToolResult || role == content.RoleFile {
			scores["injection_read"] = max(scores["injection_read"], f.Confidence)
		}
	}
	return scores
}

// policyRefusal tells the client what the deciding rule says.
func policyRefusal(d policy.Decision) *refusal {
	refused := refuseFor("policy", nil)
	if rule, ok := d.Deciding(); ok {
		refused.title, refused.rule = rule.Title, rule.ID
	}
	if d.Message != "" {
		refused.text = d.Message
	}
	return refused
}

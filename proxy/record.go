package proxy

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/access"
	"github.com/sluice-proxy/sluice/proxy/audit"
)

// maxOffsets bounds the places of one entity that a decision line holds.
const maxOffsets = 64

// record is stage 10 of a request, at the end of the road: a panic becomes a
// refusal, an exchange that never came to a decision gets its line, and one that was not
// sent its permits. The
// completion line follows when the reply's body is closed.
func (p *Pipeline) record(x *Exchange, resp *http.Response, panicked any) *http.Response {
	if panicked != nil {
		x.failure = p.panicked(x, panicked)
		resp = p.reply(x, plainAnswer(x))
	}
	p.recordRefusal(x)
	p.giveBack(x)
	return resp
}

// recordConnect is stage 10 of a CONNECT, when its connection is done with.
func (p *Pipeline) recordConnect(x *Exchange, panicked any) {
	if panicked != nil {
		x.failure = p.panicked(x, panicked)
	}
	p.recordRefusal(x)
	p.complete(x)
}

// panicked logs a fault of ours. The value of a panic may quote a request, so
// only its type and the stack are kept.
func (p *Pipeline) panicked(x *Exchange, value any) *refusal {
	x.parts.Log.Error("panic on the road", zap.String("id", x.ID), zap.String("type", fmt.Sprintf("%T", value)), zap.ByteString("stack", debug.Stack()))
	return refuseFor("internal", fmt.Errorf("panic: %T", value))
}

// recordRefusal writes the decision line of an exchange that a stage before
// decide refused. It is refused already, so a record that cannot be written
// changes nothing here; the next exchange will meet it.
func (p *Pipeline) recordRefusal(x *Exchange) {
	if x.decided || x.tried {
		return
	}
	if err := p.recordDecision(x); err != nil {
		x.parts.Log.Error("decision not recorded", zap.String("id", x.ID), zap.Error(err))
	}
}

// recordDecision writes the decision line. It returns when the line is written.
func (p *Pipeline) recordDecision(x *Exchange) error {
	r := x.request
	d := &audit.Decision{
		ID:     x.ID,
		Parent: x.parentID(),
		Client: audit.Client{IP: x.Client.String()},
		Identity: audit.Identity{
			Authenticated: x.Identity.Authenticated, Method: x.Identity.Method,
			Sub: x.Identity.Sub, Email: x.Identity.Email, Name: x.Identity.Name,
			Department: x.Identity.Department, Groups: x.Identity.Groups, Device: x.Identity.Device.ID,
		},
		Destination: audit.Destination{Host: x.Target.Host, Port: x.Target.Port, Tags: x.Tags},
		Request:     audit.Request{Phase: x.Phase, Method: r.Method, Proto: x.Proto, Bytes: -1},
		Decision:    verdictOf(x.Decision),
	}
	if a := x.Identity.Agent; a.Present {
		d.Agent = &audit.Agent{ID: a.ID, Name: a.Name, Kind: a.Kind, OnBehalfOf: a.OnBehalfOf, Blueprint: a.Blueprint}
	}
	if x.Known {
		app := x.Match.App
		d.Destination.App, d.Destination.Name, d.Destination.Vendor = app.ID, app.Name, app.Vendor
		d.Destination.Category, d.Destination.Role, d.Destination.Sanction = app.Category, x.Match.Role, app.Sanction
		d.Destination.Country, d.Destination.Risk = app.Country, app.Risk
	}
	if x.Phase == policy.PhaseRequest && x.mode == read {
		x.path = p.withoutValues(x, r.URL.EscapedPath())
		d.Request.Path = x.path
		d.Request.ContentType, _, _ = strings.Cut(r.Header.Get("Content-Type"), ";")
		d.Request.Bytes = r.ContentLength
	}
	if x.parent != nil {
		d.Request.Bytes = x.bytesIn
	}
	if x.input != nil {
		in := x.input
		d.Tenant = audit.Tenant{Header: in.Tenant.Header, Observed: p.withoutValues(x, in.Tenant.Observed), Match: in.Tenant.Match}
		d.Request.Kind, d.Request.Streaming = in.Request.Kind, in.Request.Streaming
		d.Content = audit.Content{
			Format: in.Content.Format, Model: p.withoutValues(x, in.Content.Model), Conversation: p.withoutValues(x, in.Content.Conversation),
			Parts: in.Content.Parts, Inspected: in.Content.Inspected, Opaque: in.Content.Opaque, Truncated: in.Content.Truncated,
		}
	}
	d.Content.Missed = x.missed
	d.Findings = p.findingsOf(x)
	if x.failure != nil && x.Decision.Error == "" {
		d.Decision.Action, d.Decision.Error = policy.ActionBlock.String(), x.failure.reason
	}
	ctx, cancel := uncancelled(x)
	defer cancel()
	err := x.parts.Audit.Decision(ctx, d)
	x.tried, x.decided = true, err == nil
	return err
}

// withoutValues replaces what is sensitive in a short text that a client chose:
// a path, a model's name. What cannot be looked at is left out. Here nothing is allowed:
// the record is read by others than the destination.
func (p *Pipeline) withoutValues(x *Exchange, text string) (clean string) {
	if text == "" || text == "/" {
		return text
	}
	if _, known := x.parts.harmless.Get(text); known { // most are the same again and again
		return text
	}
	defer func() {
		if recover() != nil { // the record is written all the same
			clean = ""
		}
	}()
	ctx, cancel := uncancelled(x)
	defer cancel()
	findings, err := x.parts.Classifiers.Classify(ctx, []classifiers.Sample{{Text: text, Role: "other"}})
	if err != nil {
		return ""
	}
	if len(findings) == 0 && len(text) <= longestHarmless {
		x.parts.harmless.Add(strings.Clone(text), struct{}{})
	}
	rest := len(text) // from here on nothing is left to replace
	for _, f := range slices.Backward(findings) {
		text = text[:f.Start] + "[" + f.Entity + "]" + text[min(f.End, rest):]
		rest = f.Start
	}
	return text
}

// findingsOf lists what was found, by place and entity, without the values.
func (p *Pipeline) findingsOf(x *Exchange) []audit.Finding {
	if x.message == nil || len(x.findings) == 0 {
		return nil
	}
	out := findingsIn(x.tally, x.tallyOther)
	for i, e := range slices.Concat(x.tally.ordered(), x.tallyOther.ordered()) {
		for _, place := range e.places[:min(maxOffsets, len(e.places))] {
			out[i].Offsets = append(out[i].Offsets, [3]int{place.Sample, place.Start, place.End})
		}
	}
	return out
}

// findingsIn lists what tallies hold.
func findingsIn(tallies ...tally) []audit.Finding {
	var out []audit.Finding
	for _, t := range tallies {
		for _, e := range t.ordered() {
			out = append(out, audit.Finding{Family: e.family, Entity: e.entity, Rule: e.rule, Count: e.count(), Confidence: e.confidence})
		}
	}
	return out
}

func verdictOf(d policy.Decision) audit.Verdict {
	v := audit.Verdict{
		Action: d.Action.String(), Redact: d.Redact, Message: d.Message,
		Revision: d.Revision, Cached: d.Cached, EvalMicros: d.EvalUS,
	}
	if d.Error != "" {
		v.Error = "policy_error"
	}
	for _, r := range d.Rules {
		v.Rules = append(v.Rules, audit.Rule{ID: r.ID, Action: r.Action.String(), Mode: r.Mode, Severity: r.Severity, Satisfied: r.Satisfied})
	}
	for _, r := range d.Shadow {
		v.Shadow = append(v.Shadow, audit.Rule{ID: r.ID, Action: r.Action.String(), Mode: r.Mode, Severity: r.Severity})
	}
	return v
}

// complete ends an exchange: its room is given back, its completion line and
// its one line of log are written, it is counted. It runs once.
func (p *Pipeline) complete(x *Exchange) {
	if x.recorded {
		return
	}
	x.recorded = true
	x.bytesIn += x.sent.Load()
	x.lease.end()
	p.unseat(x)
	p.metrics.ended(x)
	if x.parent != nil && !x.tried {
		return // quiet: counted and no more
	}
	c := &audit.Completion{
		ID: x.ID, Parent: x.parentID(), Status: x.status, Outcome: x.outcome(),
		BytesIn: x.bytesIn, BytesOut: x.bytesOut, Redactions: x.redactions, Events: x.events, Messages: x.messages.Load(),
		Timings: audit.Timings{
			Extract: millis(x.stages.extract), Classify: millis(x.stages.classify), Decide: millis(x.stages.decide),
			Forward: millis(x.stages.forward), Inspect: millis(x.stages.inspect), Total: millis(time.Since(x.Start)),
		},
	}
	if x.failure != nil {
		c.Reason = x.failure.reason
	}
	if x.upstream.addr != "" {
		c.Upstream = &audit.Upstream{Addr: x.upstream.addr, Proto: x.upstream.proto, Reused: x.upstream.reused}
	}
	if x.response.Revision != "" {
		v := verdictOf(x.response)
		c.Response, c.Masked = &v, x.masked
	}
	c.Findings = findingsIn(x.replied, x.repliedOther)
	if err := x.parts.Audit.Completion(c); err != nil {
		x.parts.Log.Error("completion not recorded", zap.String("id", x.ID), zap.Error(err))
	}
	p.logLine(x, c)
	p.tell(x)
	if log := x.parts.Access; log != nil && x.parent == nil { // a message is no request
		log.Write(x.entry(c))
	}
}

// answered keeps what the client sees first of a reply.
func (x *Exchange) answered(status int, h http.Header) {
	x.status = status
	x.mediaType, _, _ = strings.Cut(h.Get("Content-Type"), ";")
}

// entry is the exchange in the access log: what the record tells of it and no
// more. A path that is not recorded does not stand there either.
func (x *Exchange) entry(c *audit.Completion) access.Entry {
	e := access.Entry{
		ID: x.ID, Ended: time.Now(), Client: x.Client, Method: x.request.Method, Host: x.Target.Host, Port: x.Target.Port,
		Path: x.path, Proto: x.Proto, Status: x.status, In: c.BytesIn, Out: c.BytesOut, Type: x.mediaType, Upstream: x.upstream.addr,
		Action: x.Decision.Action.String(), Outcome: c.Outcome, Reason: c.Reason,
	}
	e.Took = e.Ended.Sub(x.Start)
	if x.Phase != policy.PhaseConnect {
		e.Scheme = x.request.URL.Scheme
	}
	if x.Known {
		e.App = x.Match.App.ID
	}
	if x.Identity.Authenticated {
		e.User = x.Identity.Sub
	}
	return e
}

// parentID is the id of the exchange that a message belongs to.
func (x *Exchange) parentID() string {
	if x.parent == nil {
		return ""
	}
	return x.parent.ID
}

// outcome says in one word how it ended.
func (x *Exchange) outcome() string {
	switch {
	case x.failure == nil && x.Phase == policy.PhaseConnect:
		return "closed"
	case x.failure == nil:
		return "forwarded"
	case x.failure.reason == "client_left":
		return "cancelled"
	case x.broken:
		return "broken"
	case slices.Contains([]string{"tunnel_idle", "tunnel_failed", "socket_idle"}, x.failure.reason):
		return "broken"
	}
	return "refused"
}

// mostFields is room for the fields of a line of log.
const mostFields = 16

// logLine is the one line of log for an exchange. It holds no path, query,
// header or text of the request.
func (p *Pipeline) logLine(x *Exchange, c *audit.Completion) {
	level := zapcore.InfoLevel
	fields := append(make([]zap.Field, 0, mostFields),
		zap.String("id", x.ID), zap.String("phase", x.Phase), zap.String("client", x.Client.String()),
		zap.String("host", x.Target.Host), zap.String("action", x.Decision.Action.String()),
		zap.Int("status", x.status), zap.String("outcome", c.Outcome),
		zap.Int64("bytes_in", x.bytesIn), zap.Int64("bytes_out", x.bytesOut), zap.Float64("ms", c.Timings.Total),
	)
	if x.parent != nil {
		fields = append(fields, zap.String("parent", x.parent.ID))
	}
	if x.Known {
		fields = append(fields, zap.String("app", x.Match.App.ID))
	}
	if x.Identity.Authenticated {
		fields = append(fields, zap.String("user", x.Identity.Sub))
	}
	if names := x.tally.names(); len(names) > 0 {
		fields = append(fields, zap.Strings("found", names))
	}
	if x.redactions > 0 {
		fields = append(fields, zap.Int("redactions", x.redactions))
	}
	if rule, ok := x.Decision.Deciding(); ok {
		fields = append(fields, zap.String("rule", rule.ID))
	}
	if len(x.Decision.Shadow) > 0 {
		would := x.Decision.Shadow[0]
		fields = append(fields, zap.String("would", would.Action.String()), zap.String("would_rule", would.ID))
	}
	if x.failure != nil {
		fields = append(fields, zap.String("reason", x.failure.reason))
		if x.failure.cause != nil {
			fields = append(fields, zap.Error(x.failure.cause))
		}
		if x.failure.status >= http.StatusInternalServerError {
			level = zapcore.WarnLevel
		}
	}
	x.parts.Log.Log(level, "exchange", fields...)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

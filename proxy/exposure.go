package proxy

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
)

// settleAttempts bounds how often a decision is made anew because another proxy of
// the fleet decided about the same person meanwhile.
const settleAttempts = 8

// turnWait bounds how long an exchange waits until those of the same person that came
// before it are decided: meanwhile it holds its body.
const turnWait = 5 * time.Second

// settle asks policy on what the person has exposed so far, and reserves what the
// answer lets out before anything of it is forwarded. Of several prompts at once each
// is decided on the sum that holds the others: in this process one waits for the
// other, and when another proxy was faster the question is asked again.
func (p *Pipeline) settle(x *Exchange) error {
	defer x.closeAccount()
	if x.counts() {
		if err := x.openAccount(); err != nil {
			return err
		}
		p.people.waited(x.ledger.Waited())
	}
	found := x.findings
	for range settleAttempts {
		x.findings = found
		if err := p.joinTails(x); err != nil {
			return err
		}
		if err := p.ask(x); err != nil {
			return err
		}
		err := p.reserve(x)
		if !errors.Is(err, session.ErrConflict) {
			return err
		}
		p.people.conflicts.Inc()
	}
	return refuseFor("session_busy", nil)
}

// counts reports whether the ledger counts the exchange: only what brings something
// new to a service; what is not read is not.
func (x *Exchange) counts() bool {
	return x.parts.Ledger != nil && x.mode == read && x.message != nil && slices.Contains(remembered, x.message.Kind)
}

// openAccount opens the account of whoever asks.
func (x *Exchange) openAccount() error {
	ctx, cancel := context.WithTimeout(x.context(), turnWait)
	defer cancel()
	account, err := x.parts.Ledger.Open(ctx, x.subject())
	switch {
	case err == nil:
		x.ledger = account
		return nil
	case x.context().Err() != nil:
		return ended(x.context(), err)
	case errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, session.ErrUnavailable):
		return refuseFor("session_busy", err)
	}
	return refuseFor("session_unavailable", err)
}

func (x *Exchange) closeAccount() {
	if x.ledger != nil {
		x.ledger.Close()
		x.ledger = nil
	}
}

// remembered are the kinds of request that the ledger counts.
var remembered = []content.Kind{content.KindPrompt, content.KindUpload, content.KindTool}

// subject is whose account an exchange belongs to: the person's, with what agents do in
// their name, or that of an agent of its own, each in its tenant; where nobody is known,
// the client address's.
func (x *Exchange) subject() string {
	if !x.Identity.Authenticated {
		return "address " + x.Client.String()
	}
	return "person " + x.Identity.Person()
}

// subjectID names the account in policy and in the record, without saying whose it is.
func (x *Exchange) subjectID() string {
	mac := hmac.New(sha256.New, x.parts.Options.Key[:])
	mac.Write([]byte("subject\x00" + x.subject()))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// past fills in what the ledger knows.
func (x *Exchange) past(in *policy.Input) {
	if x.ledger == nil || !x.counts() {
		return
	}
	totals := x.ledger.Totals()
	s := &in.Session
	s.ID = x.subjectID()
	s.Prompts, s.Bytes = totals.Prompts, totals.Bytes
	s.Coached24h, s.Blocked24h, s.LeakScore = totals.Coached24h, totals.Blocked24h, float64(totals.LeakScore)
	s.Exposure, s.ExposureApp = exposures(totals.Exposure, nil), exposures(totals.Apps[x.appName()], nil)
	if x.values = x.valuesFound(); len(x.values) > 0 {
		after := x.ledger.With(x.appName(), x.values)
		s.ExposureAfter = exposures(after.Exposure, in.Content.Entities)
	}
}

// exposures are those of all entities, or of some.
func exposures(all map[string]ledger.Windows, some map[string]policy.Entity) map[string]policy.Exposure {
	out := map[string]policy.Exposure{}
	for entity, w := range all {
		if _, wanted := some[entity]; some == nil || wanted {
			out[entity] = policy.Exposure{H1: w.H1, H24: w.H24, D30: w.D30}
		}
	}
	return out
}

// appName is what the ledger calls the service.
func (x *Exchange) appName() string {
	if x.Known {
		return x.Match.App.ID
	}
	return x.Target.Host
}

// valuesFound are the values in content, as the ledger counts them. A value that is cut
// over parts is one.
func (x *Exchange) valuesFound() []ledger.Value {
	var values []ledger.Value
	add := func(f classifiers.Finding, value string) {
		values = append(values, ledger.Value{Entity: f.Entity, Family: f.Family, Sum: x.parts.Ledger.Sum(f.Entity, value)})
	}
	pieces := map[int]string{}
	for _, f := range x.findings {
		part := x.message.Parts[f.Sample]
		switch {
		case part.Role == content.RoleOther:
		case f.Split > 0:
			pieces[f.Split] += part.Text[f.Start:f.End]
		default:
			add(f, f.Value(part.Text))
		}
	}
	for _, f := range x.findings {
		whole, cut := pieces[f.Split]
		if f.Split == 0 || !cut {
			continue
		}
		delete(pieces, f.Split)
		if joined := x.joined[f.Split]; joined != "" {
			whole = joined
		}
		add(f, f.Normal(whole))
	}
	return values
}

// reserve writes to the ledger what the decision lets out: before the first byte of it
// is forwarded, and once for each exchange. What was refused anyway stays refused when
// that cannot be noted.
func (p *Pipeline) reserve(x *Exchange) error {
	if x.ledger == nil {
		return nil
	}
	d := &x.Decision
	entry := ledger.Entry{Exchange: x.ID, App: x.appName()}
	switch {
	case !x.counts(): // it stands on permits, if on anything
		if entry.Used = x.used; d.Blocked() || len(x.used) == 0 {
			return nil
		}
	case d.Action == policy.ActionCoach, d.Action == policy.ActionJustify, d.Action == policy.ActionStepUp:
		entry.Coached = 1
	case d.Action == policy.ActionAllow, d.Action == policy.ActionRedact:
		entry.Bytes = max(x.request.ContentLength, x.bytesIn, 0)
		if x.message.Kind == content.KindPrompt && !x.draft && (x.stream == nil || x.message.Speaks()) { // a piece of sound is none
			entry.Prompts = 1
		}
		for _, v := range x.values {
			if !slices.Contains(d.Redact, v.Entity) {
				entry.Values = append(entry.Values, v)
			}
		}
		if entry.Used = x.used; !x.draft { // which would push out the ends of prompts
			entry.Tail = x.tail()
		}
	default:
		entry.Blocked = 1
	}
	ctx, cancel := uncancelled(x)
	defer cancel()
	err := x.ledger.Commit(ctx, entry)
	switch {
	case err == nil:
		x.spent = x.ledger.Spent()
		p.people.permitted(permitSpent, len(x.spent))
		return nil
	case errors.Is(err, session.ErrConflict):
		return err
	case d.Blocked():
		x.parts.Log.Warn("a refusal is not counted", zap.String("id", x.ID), zap.Error(err))
		return nil
	case errors.Is(err, ledger.ErrBudget):
		return refuseFor("session_budget", err)
	}
	return refuseFor("session_unavailable", err)
}

// giveBack restores the one-use permits of an exchange that was stopped before there was
// a connection to send it over: a service that cannot be reached costs the person no
// answer. What was sent over one, if only in part, stays spent.
func (p *Pipeline) giveBack(x *Exchange) {
	if x.failure == nil || len(x.spent) == 0 || x.upstream.addr != "" {
		return
	}
	ctx, cancel := uncancelled(x)
	defer cancel()
	if err := x.parts.Ledger.GiveBack(ctx, x.subject(), x.ID, x.spent); err != nil {
		x.parts.Log.Warn("a permit is spent on what was not sent", zap.String("id", x.ID), zap.Error(err))
	} else {
		p.people.permitted(permitGiven, len(x.spent))
	}
	x.spent = nil
}

// promptSum is the keyed hash of what is sent, by which a permit knows the prompt
// again: to which app, account and model it goes, what is new in it, every value that
// was found in it, also in what was said before, and the bytes of what could not be
// read. So a permit lets nothing out that its notice did not speak of. Of an app without a format
// of its own, whose requests hold numbers and times that change with each, the text is
// left out.
func (x *Exchange) promptSum() (sum [16]byte) {
	m := x.message
	mac := hmac.New(sha256.New, x.parts.Options.Key[:])
	write := func(kind string, fields ...string) {
		for _, field := range append([]string{kind, strconv.Itoa(len(fields))}, fields...) {
			mac.Write([]byte(strconv.Itoa(len(field))))
			mac.Write([]byte{':'})
			mac.Write([]byte(field))
		}
	}
	if m == nil { // it was not read
		write("unread", x.appName())
		copy(sum[:], mac.Sum(nil))
		return sum
	}
	write("prompt", x.appName(), m.Model)
	write("account", slices.Sorted(slices.Values(m.TenantIDs))...)
	for _, key := range x.keys {
		if key.APIKey {
			write("key", key.Fingerprint)
		}
	}
	var found []string
	for _, f := range x.findings {
		if part := m.Parts[f.Sample]; part.Role != content.RoleOther {
			found = append(found, f.Entity+"\x00"+f.Value(part.Text))
		}
	}
	slices.Sort(found)
	write("found", slices.Compact(found)...)
	write("opaque", m.Opaque...)
	m.WriteUnread(mac)
	for _, f := range m.Files {
		write("file", f.Name, f.Type, strconv.FormatInt(f.Bytes, 10))
	}
	if x.body != nil && x.body.truncated {
		write("truncated", strconv.FormatInt(x.request.ContentLength, 10))
	}
	for _, part := range m.Parts {
		if m.Matched && part.Role != content.RoleOther && !part.Old {
			write(part.Role.String(), strings.TrimSpace(part.Text))
		}
	}
	copy(sum[:], mac.Sum(nil))
	return sum
}

// satisfied tells how a verdict was answered: a coach or justify by a permit in the
// ledger, which reserve spends, a step_up by the contexts that the sign-in satisfied.
func (x *Exchange) satisfied(v *policy.Verdict) policy.Satisfaction {
	if v.Action == policy.ActionStepUp {
		if len(v.ACRS) > 0 && (x.steppedUp(v.ACRS) || x.refreshed() && x.steppedUp(v.ACRS)) {
			return policy.Satisfied
		}
		return policy.Unsatisfied
	}
	if x.ledger == nil && (x.parts.Ledger == nil || x.openAccount() != nil) { // of what is not counted a rule may ask too
		return policy.Unsatisfied
	}
	prompt := x.promptSum()
	choice := x.ledger.Permitted(v.ID, prompt)
	if choice == ledger.Unanswered {
		return policy.Unsatisfied
	}
	if !x.draft { // else the prompt itself, which comes next, would find it spent
		x.used = append(x.used, ledger.Use{Rule: v.ID, Prompt: prompt})
	}
	if choice == ledger.AsIs {
		return policy.SatisfiedAsIs
	}
	return policy.Satisfied
}

// refreshed looks whether the person has signed in more strongly a moment ago, at
// another proxy.
func (x *Exchange) refreshed() bool {
	if x.signIn == "" {
		return false
	}
	who, err := x.parts.SignIn.Refresh(x.context(), x.signIn, x.signInClient())
	if err == nil { // the device, and groups that were looked up, are in no sign-in
		who.Device, who.Groups, who.GroupsOverage = x.Identity.Device, x.Identity.Groups, x.Identity.GroupsOverage
		x.Identity = who
	}
	return err == nil
}

// steppedUp reports whether the sign-in satisfied every context, not too long ago.
func (x *Exchange) steppedUp(acrs []string) bool {
	since := x.Start.Add(-x.parts.Options.ACRSFresh)
	return !slices.ContainsFunc(acrs, func(acr string) bool {
		return !slices.Contains(x.Identity.ACRS, acr) || x.Identity.ACRSAt[acr].Before(since)
	})
}

package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

// A Permit is what a person has chosen for a rule that asked them.
type Permit struct {
	Rule   string   // its id, at most 255 bytes
	Prompt [16]byte // keyed hash of the canonical prompt, for one use
	AsIs   bool     // else redacted
	// Until is when it ends. For one use that is ten minutes after it was granted, or
	// earlier if it is said; of one that holds it must be said, and is at most thirty
	// days away. Whole seconds.
	Until time.Time
	// Holding: for every prompt and until its time; else for one use with Prompt.
	Holding bool
}

// granted is a permit and when it was.
type granted struct {
	Permit
	from uint32
}

// A Use is of a rule's permit, by a prompt.
type Use struct {
	Rule   string
	Prompt [16]byte
}

// A Choice is what was answered to a rule.
type Choice int

// The choices.
const (
	Unanswered Choice = iota
	Redacted
	AsIs
)

// ErrPermits says that the subject holds as many permits as they may.
var ErrPermits = errors.New("ledger: too many permits")

const (
	oneUse = 10 * time.Minute
	// skew is how far the clock of the proxy that granted a permit may be ahead.
	skew = time.Minute
)

// Permitted says whether the subject holds a permit for a rule, and this canonical
// prompt. One for this prompt goes before one that holds. If it lets the exchange
// pass, say so in Entry.Used: Commit then spends it. While the store is not
// available one-use permits are not honoured, since they could be spent twice.
func (a *Account) Permitted(rule string, prompt [16]byte) Choice {
	p := a.record.permitted(Use{rule, prompt}, a.ledger.now(), a.local)
	switch {
	case p == nil:
		return Unanswered
	case p.AsIs:
		return AsIs
	}
	return Redacted
}

func (r *record) permitted(u Use, now time.Time, holdingOnly bool) *granted {
	var found *granted
	for i := range r.permits {
		p := &r.permits[i]
		if p.Rule != u.Rule || !p.Until.After(now) || date(p.from).After(now.Add(skew)) {
			continue
		}
		switch {
		case p.Holding && found == nil:
			found = p
		case !p.Holding && p.Prompt == u.Prompt && !holdingOnly:
			return p
		}
	}
	return found
}

// spend takes the one-use permits that are used. If one is not there, and no other
// answers for the rule, somebody else has used it.
func (r *record) spend(used []Use, now time.Time) error {
	for i, u := range used {
		if slices.Contains(used[:i], u) {
			continue
		}
		p := r.permitted(u, now, false)
		if p == nil {
			return ErrConflict
		}
		if !p.Holding {
			r.permits = without(r.permits, func(other granted) bool { return !other.Holding && other.Rule == u.Rule && other.Prompt == u.Prompt })
		}
	}
	return nil
}

// spends are the one-use permits that spend takes.
func (r *record) spends(used []Use, now time.Time) (taken []Permit) {
	for i, u := range used {
		if p := r.permitted(u, now, false); p != nil && !p.Holding && !slices.Contains(used[:i], u) {
			taken = append(taken, p.Permit)
		}
	}
	return taken
}

// GiveBack restores what an exchange of a subject has spent (Account.Spent), of which
// nothing was forwarded after all. What it counted stays counted. It restores nothing
// where the exchange is not known any more, by its id, and makes it not known: so that
// what is spent once is given back once, whoever calls it how often. Its errors are
// those of Grant, and then it is not known whether it was done.
func (l *Ledger) GiveBack(ctx context.Context, subject, exchange string, spent []Permit) error {
	return l.change(ctx, "give back", subject, func(r *record) (*record, error) { return r.giveBack(exchangeID(exchange), spent, l.now()) })
}

func (r *record) giveBack(id uint64, spent []Permit, now time.Time) (*record, error) {
	if !r.has(id) {
		return r, nil
	}
	next := r.next(now)
	next.recents = without(next.recents, func(e recent) bool { return e.id == id })
	for _, p := range spent {
		if !p.Until.After(now) || next.permitted(Use{p.Rule, p.Prompt}, now, false) != nil {
			continue // over, or they were asked again meanwhile
		}
		after, err := next.grant(p, now)
		if err != nil {
			return nil, err
		}
		next = after
	}
	return next, nil
}

// Grant gives a subject a permit. One of the same kind for the same rule, and
// prompt, is replaced by it. Its errors are ErrPermits, ErrRecord,
// session.ErrUnavailable (whatever Options.OnError says; it may have been granted)
// and those of the context.
func (l *Ledger) Grant(ctx context.Context, subject string, p Permit) error {
	if p.Rule == "" || len(p.Rule) > maxName {
		return fmt.Errorf("ledger: grant: a rule's id has 1 to %d bytes", maxName)
	}
	return l.change(ctx, "grant", subject, func(r *record) (*record, error) { return r.grant(p, l.now()) })
}

// change writes what a subject's record becomes. It tries again while others write.
func (l *Ledger) change(ctx context.Context, what, subject string, to func(*record) (*record, error)) error {
	key, err := l.enter(ctx, subject)
	if err != nil {
		return fmt.Errorf("ledger: %s: %w", what, err)
	}
	defer l.turns.end(key[0])
	for {
		stands, err := l.load(ctx, key)
		if err != nil {
			return fmt.Errorf("ledger: %s: %w", what, err)
		}
		next, err := to(stands.record)
		if err != nil || next == stands.record {
			return err
		}
		if err = l.put(ctx, key, &stands, next); err == nil {
			return nil
		}
		if !errors.Is(err, session.ErrConflict) {
			return fmt.Errorf("ledger: %s: %w", what, err)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("ledger: %s: %w", what, ctx.Err())
		}
	}
}

func (r *record) grant(p Permit, now time.Time) (*record, error) {
	latest := now.Add(oneUse)
	if p.Holding {
		p.Prompt, latest = [16]byte{}, now.Add(lifetime)
	} else if p.Until.IsZero() {
		p.Until = latest
	}
	if p.Until.After(latest) {
		p.Until = latest
	}
	p.Until = p.Until.Truncate(time.Second)
	if !p.Until.After(now) {
		return nil, errors.New("ledger: grant: it has ended before it begins")
	}
	next := r.next(now)
	next.prune(now)
	next.permits = slices.DeleteFunc(slices.Clone(next.permits), func(old granted) bool {
		return old.Rule == p.Rule && old.Holding == p.Holding && old.Prompt == p.Prompt
	})
	if len(next.permits) >= maxPermits {
		return nil, ErrPermits
	}
	next.permits = append(next.permits, granted{p, uint32(max(now.Unix(), 0))})
	return next, nil
}

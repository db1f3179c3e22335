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

// Grant gives a subject a permit. One of the same kind for the same rule, and
// prompt, is replaced by it. Its errors are ErrPermits, ErrRecord,
// session.ErrUnavailable (whatever Options.OnError says; it may have been granted)
// and those of the context.
func (l *Ledger) Grant(ctx context.Context, subject string, p Permit) error {
	if p.Rule == "" || len(p.Rule) > maxName {
		return fmt.Errorf("ledger: grant: a rule's id has 1 to %d bytes", maxName)
	}
	key, err := l.enter(ctx, subject)
	if err != nil {
		return fmt.Errorf("ledger: grant: %w", err)
	}
	defer l.turns.end(key[0])
	for {
		stands, err := l.load(ctx, key)
		if err != nil {
			return fmt.Errorf("ledger: grant: %w", err)
		}
		next, err := stands.record.grant(p, l.now())
		if err != nil {
			return err
		}
		if err = l.put(ctx, key, &stands, next); err == nil {
			return nil
		}
		if !errors.Is(err, session.ErrConflict) {
			return fmt.Errorf("ledger: grant: %w", err)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("ledger: grant: %w", ctx.Err())
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

package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// An Account is one subject's, opened for one exchange. It is used by one goroutine,
// and closed.
type Account struct {
	ledger   *Ledger
	key      keys
	standing      // what the store had when it was last asked
	local    bool // the store is not available
	stranger bool // and nothing is known of the subject
	unsure   bool // a Put has failed, and may have been done
	closed   bool
	spent    []Permit
	waited   time.Duration
}

// An Entry is what an exchange did.
type Entry struct {
	Exchange string // its id: what one id does is counted once
	App      string // the destination's id; at most 255 bytes
	Prompts  int
	Bytes    int64 // of the prompts
	Coached  int
	Blocked  int
	Values   []Value // those that leave
	Used     []Use   // permits that let it pass; those for one use are spent
	Tail     *Tail   // nil: none
}

// A Tail is the end of a prompt, so that a value that is cut over several can be put
// together. It is sealed with the record.
type Tail struct {
	App          string
	Conversation string    // the first 255 bytes are kept
	At           time.Time // set by Commit; whole seconds
	Text         string    // the last 256 bytes are kept
}

var errClosed = errors.New("ledger: the account is closed")

// Totals are what the subject has exposed.
func (a *Account) Totals() Totals { return a.totals(a.record) }

// With are what the totals would be if these values left too, to an app. It changes
// nothing. An entity that has no list of its own any more (see the package's doc)
// has here what Rest has.
func (a *Account) With(app string, values []Value) Totals {
	now := a.ledger.now()
	after := *a.record
	after.expose(app, values, seconds(now))
	t := a.totals(&after)
	for _, v := range values {
		if _, found := t.Exposure[v.Entity]; !found {
			t.Exposure[v.Entity] = t.Exposure[Rest]
		}
	}
	return t
}

func (a *Account) totals(r *record) Totals {
	t := r.totals(a.ledger.now())
	t.Local = a.local
	return t
}

// Tails are the ends of the subject's last prompts, of the last 24 hours, the oldest
// first.
func (a *Account) Tails() []Tail {
	yesterday := since(a.ledger.now(), 24*time.Hour)
	return slices.DeleteFunc(slices.Clone(a.record.tails), func(t Tail) bool { return seconds(t.At) < yesterday })
}

// bounded is a tail as it is kept: a copy, because its texts are pieces of a prompt,
// which must not stay in memory with them.
func (t Tail) bounded(now time.Time) Tail {
	t.At = date(seconds(now))
	t.Text = strings.Clone(t.Text[cut(t.Text, len(t.Text)-maxTail):])
	t.Conversation = strings.Clone(t.Conversation[:min(len(t.Conversation), maxName)])
	t.App = strings.Clone(t.App)
	return t
}

// cut is where a text is cut so that a character stays whole, at or after i.
func cut(text string, i int) int {
	for i = max(i, 0); i > 0 && i < len(text) && !utf8.RuneStart(text[i]); i++ {
	}
	return i
}

// Commit writes what an exchange did. It is called before the first byte is
// forwarded, and nothing may be forwarded unless it returns nil. Whoever calls it
// again for the same id, whatever it returned before, does not count anything twice.
//
// ErrConflict says that another process has written, or used the permit: the account
// now shows that, so decide again and commit again. ErrBudget says that the store is
// not available and the subject may do no more; session.ErrUnavailable that it is not
// known whether the entry was written. Other errors are ErrRecord and those of the
// context.
func (a *Account) Commit(ctx context.Context, e Entry) error {
	if a.closed {
		return errClosed
	}
	if err := e.validate(); err != nil {
		return err
	}
	if a.local {
		return a.commitHere(e)
	}
	spends := a.record.spends(e.Used, a.ledger.now())
	err := a.commit(ctx, e)
	switch {
	case err == nil:
		a.spent = spends
		return nil
	case errors.Is(err, ErrConflict):
		return err
	case a.goOn(ctx, err) == nil:
		return a.commitHere(e)
	}
	return fmt.Errorf("ledger: commit: %w", err)
}

// Waited is how long it took until the subject's other exchanges in this process were
// done with the account.
func (a *Account) Waited() time.Duration { return a.waited }

// Spent are the one-use permits that Commit took, for Ledger.GiveBack.
func (a *Account) Spent() []Permit { return a.spent }

func (a *Account) commit(ctx context.Context, e Entry) error {
	l := a.ledger
	if a.unsure {
		before := a.version
		if err := a.read(ctx); err != nil {
			return err
		}
		a.unsure = false
		if a.local || a.version != before && !a.record.has(exchangeID(e.Exchange)) {
			return ErrConflict
		}
	}
	next, err := a.record.with(e, l.now())
	if err != nil || next == a.record {
		return err
	}
	err = l.put(ctx, a.key, &a.standing, next)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, ErrConflict):
		a.unsure = true
		return err
	case a.record.has(exchangeID(e.Exchange)) && a.record.covers(e.App, e.Values):
		return nil // it was ours, and its answer was lost
	}
	return ErrConflict
}

func (e *Entry) validate() error {
	switch {
	case e.Exchange == "":
		return errors.New("ledger: commit: an exchange without an id")
	case e.Prompts < 0 || e.Bytes < 0 || e.Coached < 0 || e.Blocked < 0:
		return errors.New("ledger: commit: a count is negative")
	case len(e.App) > maxName || e.Tail != nil && len(e.Tail.App) > maxName:
		return fmt.Errorf("ledger: commit: the app's id is longer than %d bytes", maxName)
	}
	for _, v := range e.Values {
		if v.Entity == "" || len(v.Entity) > maxName || len(v.Family) > maxName {
			return fmt.Errorf("ledger: commit: an entity has 1 to %d bytes, a family at most that", maxName)
		}
		if v.Sum[0] == 0 {
			return errors.New("ledger: commit: a value without a sum")
		}
	}
	return nil
}

// Close lets the subject's next exchange begin. It may be called again.
func (a *Account) Close() {
	if !a.closed {
		a.closed = true
		a.ledger.turns.end(a.key[0])
	}
}

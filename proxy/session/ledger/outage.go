package ledger

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

// Bounds of what waits for the store.
const (
	maxWaiting   = 256     // entries of one subject
	maxAllWait   = 1 << 17 // entries of all
	settleAtOnce = maxRecents / 2
	settleEvery  = time.Second
	settleLast   = 5 * time.Second
)

// outage is what was committed while the store was not available. That it is there
// is what makes an outage one, for a subject: their budget is whole again when all of
// it has been written.
type outage struct {
	mu       sync.Mutex
	subjects map[string]*apart
	waiting  int // entries of all
}

// apart is a subject's part of it. Whose turn it is may use it.
type apart struct {
	key     keys
	record  *record // what was known, and what waits
	prompts int     // of the budget
	values  int
	allowed int // values
	entries []waiting
}

type waiting struct {
	Entry
	at time.Time
}

func (o *outage) of(key string) *apart {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.subjects[key]
}

// Waiting is how many entries wait for the store to come back. Those of a process
// that ends meanwhile are lost.
func (l *Ledger) Waiting() int {
	l.outage.mu.Lock()
	defer l.outage.mu.Unlock()
	return l.outage.waiting
}

// read loads the account, after what waits for it has been written.
func (a *Account) read(ctx context.Context) error {
	s, err := a.ledger.settled(ctx, a.key)
	if err != nil {
		return a.goOn(ctx, err)
	}
	a.standing = s
	return nil
}

// goOn makes the account local if an error allows it, else it returns the error.
func (a *Account) goOn(ctx context.Context, err error) error {
	l := a.ledger
	if l.onError != OnErrorBudget || !errors.Is(err, session.ErrUnavailable) || ctx.Err() != nil {
		return err
	}
	a.local = true
	if p := l.outage.of(a.key[0]); p != nil {
		a.record = p.record
	} else if a.record == nil {
		a.record, a.stranger = l.lastKnown(a.key)
	}
	return nil
}

// lastKnown is the record as this process saw it last, or an empty one.
func (l *Ledger) lastKnown(key keys) (r *record, stranger bool) {
	var s standing
	for i := range l.boxes {
		if k, ok := l.known.Get(key[i]); ok {
			s.found[i], s.seal[i] = k.record, k.seal
		}
	}
	if _, err := s.choose(len(l.boxes)); err != nil || s.found == [maxSecrets]*record{} {
		return &record{}, true
	}
	return s.record, false
}

// commitHere takes an entry that the store cannot have now.
func (a *Account) commitHere(e Entry) error {
	l, now := a.ledger, a.ledger.now()
	for _, u := range e.Used {
		if a.record.permitted(u, now, true) == nil {
			return ErrConflict // it was for one use, and that is not honoured now
		}
	}
	p := l.outage.of(a.key[0])
	if p == nil {
		p = &apart{key: a.key, record: a.record, allowed: l.budget.Values}
		if a.stranger {
			p.allowed = l.budget.Strangers
		}
	}
	e.Used, e.Values = nil, slices.Clone(e.Values)
	if e.Tail != nil {
		tail := e.Tail.bounded(now)
		e.Tail = &tail
	}
	next, err := p.record.with(e, now)
	if err != nil || next == p.record {
		return err
	}
	values, prompts := p.values+p.record.unknown(e.Values), p.prompts
	if !p.record.has(exchangeID(e.Exchange)) {
		prompts += e.Prompts
	}
	if values > p.allowed || prompts > l.budget.Prompts || len(p.entries) >= maxWaiting || !l.outage.add(p) {
		return ErrBudget
	}
	p.values, p.prompts, p.record = values, prompts, next
	p.entries = append(p.entries, waiting{e, now})
	a.record = next
	return nil
}

// add makes room for one entry more of a subject.
func (o *outage) add(p *apart) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting >= maxAllWait {
		return false
	}
	o.waiting++
	o.subjects[p.key[0]] = p
	return true
}

// unknown is how many of the values are not known to have left. What weighs
// nothing is not of the budget.
func (r *record) unknown(values []Value) int {
	type name struct {
		entity string
		sum    uint64
	}
	fresh := map[name]bool{}
	for _, v := range values {
		if weight(v.Entity, v.Family) > 0 && !r.exposed(v) {
			fresh[name{v.Entity, v.Sum[0]}] = true
		}
	}
	return len(fresh)
}

// settled is what the store has of a subject, after all that waited for it has been
// written: each entry under the id of its exchange, so that one which the store has
// after all is not counted again. No more are written at a time than the record
// remembers ids.
func (l *Ledger) settled(ctx context.Context, key keys) (standing, error) {
	for {
		s, err := l.load(ctx, key)
		p := l.outage.of(key[0])
		if err != nil || p == nil {
			return s, err
		}
		n := min(len(p.entries), settleAtOnce)
		next := s.record
		for _, e := range p.entries[:n] {
			if next, err = next.with(e.Entry, e.at); err != nil {
				return s, err
			}
		}
		if next != s.record {
			if err = l.put(ctx, key, &s, next); errors.Is(err, ErrConflict) && ctx.Err() == nil {
				continue
			} else if err != nil {
				return s, err
			}
		}
		if l.outage.settle(p, n) {
			return s, nil
		}
	}
}

// settle forgets the first entries of a subject, and says whether that was all.
func (o *outage) settle(p *apart, n int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting -= n
	if p.entries = slices.Delete(p.entries, 0, n); len(p.entries) > 0 {
		return false
	}
	delete(o.subjects, p.key[0])
	return true
}

// Run writes what waits once the store is back, until the context ends, and then
// tries for five seconds more. What belongs to a subject who comes back earlier is
// written then.
func (l *Ledger) Run(ctx context.Context) {
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.settleAll(ctx)
		case <-ctx.Done():
			after, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleLast)
			defer cancel()
			l.settleAll(after)
			return
		}
	}
}

// settleAll goes from subject to subject until the store is not available.
func (l *Ledger) settleAll(ctx context.Context) {
	l.outage.mu.Lock()
	subjects := make([]keys, 0, len(l.outage.subjects))
	for _, p := range l.outage.subjects {
		subjects = append(subjects, p.key)
	}
	l.outage.mu.Unlock()
	for _, key := range subjects {
		err := l.settleOne(ctx, key)
		if errors.Is(err, session.ErrUnavailable) || ctx.Err() != nil {
			return
		}
	}
}

func (l *Ledger) settleOne(ctx context.Context, key keys) error {
	turn, cancel := context.WithTimeout(ctx, settleEvery)
	defer cancel()
	if err := l.turns.begin(turn, key[0]); err != nil {
		return err // whose turn it is has settled it, or will
	}
	defer l.turns.end(key[0])
	_, err := l.settled(ctx, key)
	return err
}

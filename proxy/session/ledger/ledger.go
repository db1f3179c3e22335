package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/sluice-proxy/sluice/proxy/session"
)

// Errors, for errors.Is; besides these there are session.ErrUnavailable and those of
// contexts.
var (
	// ErrConflict: another has written the record since it was read.
	ErrConflict = session.ErrConflict
	// ErrRecord: what is kept of the subject cannot be read. The package's doc says
	// what to do.
	ErrRecord = errors.New("record cannot be read")
	// ErrBudget: the store is not available, and the subject may not expose more
	// through this process until it is.
	ErrBudget = errors.New("ledger: nothing more while the store is not available")
)

// Options say how a Ledger works.
type Options struct {
	Store session.Store
	// Secrets of the fleet: today's, and, while it is being changed, the one before.
	Secrets [][32]byte
	OnError OnError // zero: closed
	Budget  Budget  // for OnErrorBudget
	Now     func() time.Time
}

// OnError is what happens while the store is not available.
type OnError string

// What can happen.
const (
	OnErrorClosed OnError = "closed" // exchanges are refused
	OnErrorBudget OnError = "budget" // each subject may still expose a little
)

// A Budget is what one subject may do through this process while the store is not
// available. Zero is nothing.
type Budget struct {
	Prompts int
	Values  int // distinct, that were not known to have left before
	// Strangers is Values for those of whom this process knows nothing: it keeps the
	// accounts of the 8192 subjects it saw last.
	Strangers int
}

// A Ledger keeps the accounts of all subjects. It may be used by many at once.
//
// While the secret is changed, the key of each subject changes with it: accounts are
// then looked for under both (one Get more an exchange) and moved to the key of the
// first at the next Commit, and a value that is known by its hash with the secret
// before is not counted again. A proxy that does not have the new secret refuses whom
// it finds moved, so give the new one to all as the second before any has it as the
// first. The one before must stay for thirty days; what is left then has ended.
type Ledger struct {
	store   session.Store
	boxes   []*session.Box // one for each secret
	onError OnError
	budget  Budget
	now     func() time.Time
	turns   turns
	known   *lru.Cache[string, known] // by key
	outage  outage
	plain   sync.Pool // *[]byte: for encoding
}

// known is a record that this process has read or written.
type known struct {
	seal   uint64
	record *record
}

const (
	maxKnown      = 8192
	maxKnownBytes = 32 << 10 // of a record that is kept known, sealed
	maxSecrets    = 2
	maxSubject    = 4096 // bytes
)

// New returns the ledger of a store.
func New(o Options) (*Ledger, error) {
	if o.OnError == "" {
		o.OnError = OnErrorClosed
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case o.Store == nil:
		return nil, errors.New("ledger: no store")
	case len(o.Secrets) == 0 || len(o.Secrets) > maxSecrets:
		return nil, fmt.Errorf("ledger: %d secrets: there are one or two", len(o.Secrets))
	case o.OnError != OnErrorClosed && o.OnError != OnErrorBudget:
		return nil, fmt.Errorf("ledger: on_error %q: it is closed or budget", o.OnError)
	case o.Budget.Prompts < 0 || o.Budget.Values < 0 || o.Budget.Strangers < 0:
		return nil, errors.New("ledger: a budget is not negative")
	}
	l := &Ledger{store: o.Store, onError: o.OnError, budget: o.Budget, now: o.Now}
	for _, secret := range o.Secrets {
		l.boxes = append(l.boxes, session.NewBox("ledger", secret))
	}
	l.plain.New = func() any { return new([]byte) }
	l.turns.held = map[string]*turn{}
	l.outage.subjects = map[string]*apart{}
	var err error
	if l.known, err = lru.New[string, known](maxKnown); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return l, nil
}

// A Sum stands for a value: keyed hashes with today's secret and, while it is being
// changed, with the one before (else zero).
type Sum [2]uint64

// A Value is something sensitive, without what it is.
type Value struct {
	Entity, Family string // at most 255 bytes each
	Sum            Sum
}

// Sum hashes a normalised value of an entity. It is the same in all proxies that
// share a secret, and for all subjects.
func (l *Ledger) Sum(entity, value string) Sum {
	var s Sum
	for i, box := range l.boxes {
		sum := box.Sum(entity + "\x00" + value)
		s[i] = max(binary.LittleEndian.Uint64(sum[:]), 1)
	}
	return s
}

// keys are those of a subject, under each secret. The first names it in this process.
type keys [maxSecrets]string

// enter waits for the subject's turn in this process.
func (l *Ledger) enter(ctx context.Context, subject string) (keys, error) {
	var k keys
	if subject == "" || len(subject) > maxSubject {
		return k, fmt.Errorf("a subject has 1 to %d bytes", maxSubject)
	}
	for i, box := range l.boxes {
		k[i] = box.Key("ledger", subject)
	}
	if err := l.turns.begin(ctx, k[0]); err != nil {
		return k, fmt.Errorf("wait for the subject's other exchanges: %w", err)
	}
	return k, nil
}

// Open reads the account of a subject: a person or an agent, with their tenant. Until
// it is closed the subject's other exchanges in this process wait, as long as their
// contexts let them, so that they decide one after the other; between processes
// Commit sees to that. While the store is not available it fails with
// session.ErrUnavailable, or returns the account that this process knows
// (Totals.Local). Other errors are ErrRecord and those of the context.
func (l *Ledger) Open(ctx context.Context, subject string) (*Account, error) {
	began := time.Now()
	key, err := l.enter(ctx, subject)
	if err != nil {
		return nil, fmt.Errorf("ledger: open: %w", err)
	}
	a := &Account{ledger: l, key: key, waited: time.Since(began)}
	if err := a.read(ctx); err != nil {
		l.turns.end(key[0])
		return nil, fmt.Errorf("ledger: open: %w", err)
	}
	return a, nil
}

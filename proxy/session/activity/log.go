package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
)

const (
	keptFor    = 30 * 24 * time.Hour // after the last event
	mostEvents = 100                 // of one person; the oldest goes
	attempts   = 8                   // to add one while others do
)

// Options are what a Log is made of.
type Options struct {
	Store   session.Store
	Secrets [][32]byte       // that of the fleet and any before it
	Now     func() time.Time // nil: time.Now
}

// A Log holds notices and events. It may be used by many at once.
type Log struct {
	store session.Store
	box   *session.Box
	now   func() time.Time
}

// New returns a Log.
func New(o Options) (*Log, error) {
	if o.Store == nil || len(o.Secrets) == 0 {
		return nil, errors.New("activity: no store or no secret")
	}
	l := &Log{store: o.Store, box: session.NewBox("activity", o.Secrets...), now: o.Now}
	if l.now == nil {
		l.now = time.Now
	}
	return l, nil
}

// An Event is something that was done with a prompt, or an answer of the person.
type Event struct {
	Exchange string    `json:"exchange"`
	Time     time.Time `json:"time"`
	App      string    `json:"app"`
	Done     string    `json:"done"`             // one of the words below
	Rules    []string  `json:"rules,omitempty"`  // titles, the deciding one first
	Found    []Found   `json:"found,omitempty"`  // what it was about
	Advice   string    `json:"advice,omitempty"` // what to do
	Reason   string    `json:"reason,omitempty"` // that the person gave, without values
	Open     bool      `json:"open,omitempty"`   // it waited for an answer when it was noted
}

// What was done.
const (
	Redacted  = "redacted"
	Blocked   = "blocked"
	Asked     = "asked"
	SteppedUp = "step_up"
	Permitted = "permitted" // sent after an answer
	Answered  = "answered"  // the person chose to send it

	ReplyRedacted = "reply_redacted"
	ReplyBlocked  = "reply_blocked"
)

// Append adds an event to those of a person. Its error is session.ErrUnavailable, or
// session.ErrConflict when too many were added at once.
func (l *Log) Append(ctx context.Context, person string, e Event) error {
	for range attempts {
		var events []Event
		key, version, err := l.find(ctx, "activity", person, &events)
		if err != nil {
			return fmt.Errorf("activity: append event: %w", err)
		}
		if now := l.box.Key("activity", person); key != now {
			key, version = now, 0 // carried over from the secret before, or the first
		}
		events = append(events, e)
		events = slices.Clone(events[max(0, len(events)-mostEvents):])
		plain, err := json.Marshal(events)
		if err != nil {
			return fmt.Errorf("activity: append event: %w", err)
		}
		_, err = l.store.Put(ctx, key, version, l.box.Seal(key, plain), keptFor)
		if err == nil {
			return nil
		}
		if !errors.Is(err, session.ErrConflict) {
			return fmt.Errorf("activity: append event: %w", err)
		}
	}
	return fmt.Errorf("activity: append event: %w", session.ErrConflict)
}

// Events returns those of a person, the latest first.
func (l *Log) Events(ctx context.Context, person string) ([]Event, error) {
	var events []Event
	if _, _, err := l.find(ctx, "activity", person, &events); err != nil {
		return nil, fmt.Errorf("activity: list events: %w", err)
	}
	slices.Reverse(events)
	return events, nil
}

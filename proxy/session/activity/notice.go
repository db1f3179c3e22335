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
	// noticeFor is how long a notice can be answered.
	noticeFor = time.Hour
	// mostNotices of one person are open: a tool that sends again and again what is
	// asked about must not fill the store, without which nothing goes through.
	mostNotices = 32
)

// ErrNotFound says that there is no such notice, that it can no longer be answered, or
// that it is somebody else's.
var ErrNotFound = errors.New("activity: no such notice")

// A Notice is a prompt that was stopped and waits for the person's answer.
type Notice struct {
	Exchange string    `json:"exchange"` // the id
	Time     time.Time `json:"time"`
	Person   string    `json:"person"`  // who may answer
	Subject  string    `json:"subject"` // whose account in the ledger gets the permit
	Prompt   [16]byte  `json:"prompt"`  // keyed hash of the canonical prompt
	App      string    `json:"app"`
	Host     string    `json:"host,omitempty"` // where the person can go back to; empty: it is no page
	Found    []Found   `json:"found"`
	Asks     []Ask     `json:"asks"`
}

// An Ask is one rule that waits.
type Ask struct {
	Rule        string        `json:"rule"`
	Action      string        `json:"action"` // coach, justify or step_up
	Title       string        `json:"title"`
	Remediation string        `json:"remediation"`
	Redact      []string      `json:"redact,omitempty"` // entities that "redacted" takes out
	Redactable  bool          `json:"redactable,omitempty"`
	AsIs        bool          `json:"as_is,omitempty"`
	ACRS        []string      `json:"acrs,omitempty"`
	SafeHarbour *Link         `json:"safe_harbour,omitempty"`
	Holds       time.Duration `json:"holds,omitempty"`
}

// A Link leads to an app.
type Link struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Found is a kind of data and how many values of it there were.
type Found struct {
	Entity string `json:"entity"`
	Count  int    `json:"count"`
}

// Post keeps a notice until it can no longer be answered, or the person has mostNotices
// later ones. Its errors are session.ErrUnavailable, and session.ErrConflict when too
// many were posted at once.
func (l *Log) Post(ctx context.Context, n Notice) error {
	err := l.change(ctx, n.Person, func(open []Notice) ([]Notice, bool) {
		open = append(open, n)
		return open[max(0, len(open)-mostNotices):], true
	})
	if err != nil {
		return fmt.Errorf("activity: post notice: %w", err)
	}
	return nil
}

// Notice returns the notice of an exchange to the person it is for. Its errors are
// ErrNotFound and session.ErrUnavailable.
func (l *Log) Notice(ctx context.Context, exchange, person string) (Notice, error) {
	var open []Notice
	if _, _, err := l.find(ctx, "notices", person, &open); err != nil {
		return Notice{}, fmt.Errorf("activity: find notice: %w", err)
	}
	for _, n := range open {
		if n.Exchange == exchange && n.Person == person && person != "" && !l.over(n) {
			return n, nil
		}
	}
	return Notice{}, ErrNotFound
}

func (l *Log) over(n Notice) bool { return l.now().After(n.Time.Add(noticeFor)) }

// Answered takes a notice away: it is answered once. Of several answers at once, one
// gets nil, the others ErrNotFound, or session.ErrConflict when they are too many.
func (l *Log) Answered(ctx context.Context, exchange, person string) error {
	found := false
	err := l.change(ctx, person, func(open []Notice) ([]Notice, bool) {
		before := len(open)
		open = slices.DeleteFunc(open, func(n Notice) bool { return n.Exchange == exchange })
		found = len(open) < before
		return open, found
	})
	switch {
	case err != nil:
		return fmt.Errorf("activity: answer notice: %w", err)
	case !found:
		return ErrNotFound
	}
	return nil
}

// change writes what a person's notices become, if they change, those that are over
// left out. What stands under the secret before is taken from there first, so that no notice is at two
// places.
func (l *Log) change(ctx context.Context, person string, to func([]Notice) ([]Notice, bool)) error {
	now := l.box.Key("notices", person)
	for range attempts {
		var open []Notice
		key, version, err := l.find(ctx, "notices", person, &open)
		if err != nil {
			return err
		}
		if key != "" && key != now {
			taken, err := l.store.Take(ctx, key)
			if err != nil {
				return err
			}
			if taken.Version != version {
				continue
			}
		}
		if key != now {
			version = 0
		}
		open, changed := to(slices.DeleteFunc(open, l.over))
		if !changed && (key == now || key == "") {
			return nil
		}
		plain, err := json.Marshal(open)
		if err != nil {
			return err
		}
		if _, err = l.store.Put(ctx, now, version, l.box.Seal(now, plain), noticeFor); !errors.Is(err, session.ErrConflict) {
			return err
		}
	}
	return session.ErrConflict
}

// find reads what is kept under a name, with the secret of today or the one before,
// into value, which stays as it is where there is nothing. It returns where it stands
// and in which version.
func (l *Log) find(ctx context.Context, kind, of string, value any) (key string, version uint64, err error) {
	for _, key := range l.box.Keys(kind, of) {
		kept, err := l.store.Get(ctx, key)
		if err != nil {
			return "", 0, err
		}
		if kept.Version == 0 {
			continue
		}
		plain, err := l.box.Open(key, kept.Data)
		if err != nil {
			return "", 0, err
		}
		return key, kept.Version, json.Unmarshal(plain, value)
	}
	return "", 0, nil
}

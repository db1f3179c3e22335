package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// noticeFor is how long a notice can be answered.
const noticeFor = time.Hour

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

// Post keeps a notice until it can no longer be answered. Its error is
// session.ErrUnavailable.
func (l *Log) Post(ctx context.Context, n Notice) error {
	plain, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("activity: post notice: %w", err)
	}
	key := l.box.Key("notice", n.Exchange)
	if _, err := l.store.Put(ctx, key, 0, l.box.Seal(key, plain), noticeFor); err != nil {
		return fmt.Errorf("activity: post notice: %w", err)
	}
	return nil
}

// Notice returns the notice of an exchange to the person it is for. Its errors are
// ErrNotFound and session.ErrUnavailable.
func (l *Log) Notice(ctx context.Context, exchange, person string) (Notice, error) {
	var n Notice
	_, _, err := l.find(ctx, "notice", exchange, &n)
	switch {
	case err != nil:
		return Notice{}, fmt.Errorf("activity: find notice: %w", err)
	case n.Exchange == "" || n.Person != person || person == "" || l.now().After(n.Time.Add(noticeFor)):
		return Notice{}, ErrNotFound
	}
	return n, nil
}

// Answered takes a notice away: it is answered once. Of several answers at once, one
// gets nil, the others ErrNotFound.
func (l *Log) Answered(ctx context.Context, exchange string) error {
	for _, key := range l.box.Keys("notice", exchange) {
		taken, err := l.store.Take(ctx, key)
		if err != nil {
			return fmt.Errorf("activity: answer notice: %w", err)
		}
		if taken.Version != 0 {
			return nil
		}
	}
	return ErrNotFound
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

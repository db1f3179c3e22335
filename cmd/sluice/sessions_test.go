package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session/activity"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
)

// TestActivityTakesNoRoom: what people are told of their prompts never fills the store
// without which no prompt goes through, and the latest of it is there.
func TestActivityTakesNoRoom(t *testing.T) {
	c := defaultConfig().Sessions
	c.Memory = 1 << 20
	s, err := openSessions(c, [][32]byte{{1}})
	if err != nil {
		t.Fatal(err)
	}
	const people = 2000
	for i := range people {
		event := activity.Event{Exchange: fmt.Sprint(i), Time: time.Now(), Done: activity.Blocked, Advice: strings.Repeat("Use the other one. ", 50)}
		if err := s.activity.Append(t.Context(), fmt.Sprint("person ", i), event); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		notice := activity.Notice{Exchange: fmt.Sprint(i), Time: time.Now(), Person: fmt.Sprint("person ", i), Subject: "somebody"}
		if err := s.activity.Post(t.Context(), notice); err != nil {
			t.Fatalf("notice %d: %v", i, err)
		}
	}
	account, err := s.ledger.Open(t.Context(), "somebody")
	if err != nil {
		t.Fatal(err)
	}
	defer account.Close()
	if err := account.Commit(t.Context(), ledger.Entry{Exchange: "e", App: "a", Prompts: 1}); err != nil {
		t.Fatal(err)
	}
	if account.Totals().Local || s.ledger.Waiting() != 0 {
		t.Error("the store did not take it")
	}
	last := fmt.Sprint("person ", people-1)
	if events, err := s.activity.Events(t.Context(), last); err != nil || len(events) != 1 {
		t.Errorf("the latest: %v, %v", events, err)
	}
	if _, err := s.activity.Notice(t.Context(), fmt.Sprint(people-1), last); err != nil {
		t.Errorf("the latest notice: %v", err)
	}
}

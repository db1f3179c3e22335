package proxy_test

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
	"github.com/sluice-proxy/sluice/proxy/session"
)

// TestPeopleMetrics: what people are asked, answer and may send is counted, and nothing
// in the metrics says who they are.
func TestPeopleMetrics(t *testing.T) {
	store := &pickyStore{Store: memory()}
	p := asked(t, func(s *proxytest.Settings) { s.Store = store })
	is := func(name, label, value string, want float64) {
		t.Helper()
		waitFor(t, name+" "+value, func() bool { return counter(t, p, name, label, value) == want })
	}
	is("sluice_notices_total", "outcome", "failed", 0)
	answer := func(model, text string, form url.Values) {
		t.Helper()
		_, said, _ := sendAs(t, p, "ana", model, text)
		if status, page := visit(t, p, "ana", http.MethodPost, noticeIn(t, said), form); status != http.StatusSeeOther {
			t.Fatalf("%d %s", status, page)
		}
		if status, said, _ := sendAs(t, p, "ana", model, text); status != http.StatusOK {
			t.Fatalf("%d %s", status, said)
		}
	}
	answer("m", "Write to jo.doe@example.org", choose("as_is"))
	answer("m", "Write to ann.doe@example.org", choose("redacted"))
	answer("big", "hello", url.Values{"choice": {"send"}, "reason": {"because"}})
	answer("new", "hello", choose("send"))
	is("sluice_notices_total", "outcome", "posted", 4)
	is("sluice_answers_total", "choice", "as_is", 1)
	is("sluice_answers_total", "choice", "redacted", 1)
	is("sluice_answers_total", "choice", "send", 2)
	is("sluice_permits_total", "event", "granted", 4)
	is("sluice_permits_total", "event", "spent", 3) // one holds
	is("sluice_permits_total", "event", "given_back", 0)

	store.refuse("notices")
	if status, _, _ := sendAs(t, p, "ana", "big", "hello"); status != http.StatusForbidden {
		t.Error(status)
	}
	is("sluice_notices_total", "outcome", "failed", 1)

	families, err := p.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	waits := uint64(0)
	for _, f := range families {
		if f.GetName() == "sluice_turn_wait_seconds" {
			waits = f.GetMetric()[0].GetHistogram().GetSampleCount()
		}
		if text := f.String(); strings.Contains(text, `"ana"`) || strings.Contains(text, "doe@") {
			t.Errorf("%s says who: %s", f.GetName(), text)
		}
	}
	if waits != 9 {
		t.Errorf("%d waited for their turn", waits)
	}
}

// TestLostActivityIsCounted: what a store does not take for a person's activity is
// counted. It is added after the reply, so the store refuses from the start.
func TestLostActivityIsCounted(t *testing.T) {
	store := &pickyStore{Store: memory()}
	store.refuse("activity")
	p := asked(t, func(s *proxytest.Settings) { s.Store = store })
	if status, _, _ := sendAs(t, p, "ana", "big", "hello"); status != http.StatusForbidden {
		t.Error(status)
	}
	waitFor(t, "lost activity", func() bool { return metric(t, p, "sluice_activity_lost_total") == 1 })
}

// A hastyStore is one to which another proxy has written just before, once.
type hastyStore struct {
	session.Store
	late atomic.Bool
}

func (s *hastyStore) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	if strings.HasPrefix(key, "ledger:") && !s.late.Swap(true) {
		v, err := s.Get(ctx, key)
		return v, cmp.Or(err, session.ErrConflict)
	}
	return s.Store.Put(ctx, key, old, data, ttl)
}

// TestConflictsAreCounted: a decision that another proxy was faster than is made anew, and
// counted.
func TestConflictsAreCounted(t *testing.T) {
	p := fleet(t, 1, &hastyStore{Store: memory()}, nil)[0]
	for range 2 {
		if status, said, _ := sendAs(t, p, "ana", "m", "hello"); status != http.StatusOK {
			t.Errorf("%d %s", status, said)
		}
	}
	if n := metric(t, p, "sluice_ledger_conflicts_total"); n != 1 {
		t.Errorf("%v conflicts", n)
	}
}

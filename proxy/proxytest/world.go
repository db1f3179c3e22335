package proxytest

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
)

// A world is the proxy of a transcript and what is around it, which changes when a
// transcript says "Now: …".
type world struct {
	*Proxy
	plan      plan
	store     shakyStore
	memory    atomic.Uint64     // in use, of limits.memory
	authority *authority        // of clients' certificates, and of odd origins
	client    *http.Client      // of the scene before
	shown     *x509.Certificate // that it showed
	ends      []func()          // of connections that stay open until then
}

// newWorld starts the proxy of a transcript.
func newWorld(t *testing.T, s plan) *world {
	t.Helper()
	w := &world{authority: newTestAuthority(t, "clients")}
	w.store.Store = session.NewMemory(session.MemoryOptions{MaxBytes: 64 << 20})
	s.Store = &w.store
	if s.DeviceField != "" || s.UserField != "" {
		s.Secure = w.authority.listener(t, time.Now().Add(time.Hour))
	}
	names := lookup{}
	for _, o := range s.origins {
		name, kind := o[0], o[1]
		unresolved := func(host string) bool { return host == name }
		s.Hosts, s.ClearHosts = slices.DeleteFunc(s.Hosts, unresolved), slices.DeleteFunc(s.ClearHosts, unresolved)
		if s.Resolve == nil {
			s.Resolve = map[string]string{}
		}
		switch {
		case kind == "unknown", strings.HasPrefix(kind, "at "):
			names[name] = kind
		case kind == "found too late":
			names[name], s.DialTimeout = kind, time.Second
		case kind == theProxy:
			s.Resolve[name] = theProxy
		case slices.Contains([]string{"nobody", "silent", "no TLS"}, kind):
			s.Resolve[name] = odd(t, kind)
		default:
			s.Resolve[name] = oddTLS(t, w.authority, name, kind)
		}
	}
	s.Resolver = names
	if s.Parent != nil {
		s.Hosts, s.ClearHosts = nil, nil
	}
	s.Change = func(parts *proxy.Parts) {
		parts.MemoryUsed = w.memory.Load
		parts.Roots.AddCert(w.authority.cert)
		if s.budget > 0 {
			var err error
			parts.Ledger, err = ledger.New(ledger.Options{
				Store: &w.store, Secrets: [][32]byte{sha256.Sum256([]byte("proxytest"))}, OnError: ledger.OnErrorBudget, Budget: ledger.Budget{Prompts: s.budget},
			})
			must(t, err)
		}
	}
	w.plan = s
	w.Proxy = Start(t, s.Settings)
	t.Cleanup(func() {
		for _, end := range w.ends {
			end()
		}
	})
	return w
}

// now makes something happen, by what a transcript calls it.
func (w *world) now(t *testing.T, what string) {
	t.Helper()
	if wait, ok := strings.CutSuffix(what, " pass"); ok {
		d, err := time.ParseDuration(wait)
		must(t, err)
		time.Sleep(d)
		return
	}
	switch what {
	case "the session store is down":
		w.store.down.Store(true)
	case "other proxies are always faster":
		w.store.taken.Store(true)
	case "the identity provider is down":
		w.plan.Provider.Close()
	case "memory runs short":
		w.useMemory(t, 92, 2)
	case "memory runs out":
		w.useMemory(t, 97, 3)
	case "the record is gone":
		copied, err := os.ReadFile(w.AuditFile)
		must(t, err)
		must(t, os.Remove(w.AuditFile))
		w.AuditFile += ".copy"
		must(t, os.WriteFile(w.AuditFile, copied, 0o600))
	case "the tokens are withdrawn":
		w.reload(t, func(parts *proxy.Parts) { parts.Identity = Users(t, "nobody") })
	case "the certificate is withdrawn":
		w.reload(t, func(parts *proxy.Parts) {
			parts.ListenerTLS = w.authority.listener(t, time.Now().Add(time.Hour), w.shown)
		})
	case "the list of withdrawn certificates is out of date":
		w.reload(t, func(parts *proxy.Parts) { parts.ListenerTLS = w.authority.listener(t, time.Now().Add(-time.Hour)) })
	case "the checks fail", "the checks of replies fail", "a word is in its own placeholder":
		w.classify(t, what)
	case "the proxy has a fault":
		w.reload(t, func(parts *proxy.Parts) { parts.Classifiers = new(classifiers.Set) })
	default:
		t.Fatalf("unknown: now %q", what)
	}
}

// reload changes the parts of the proxy.
func (w *world) reload(t *testing.T, change func(*proxy.Parts)) {
	t.Helper()
	parts := w.Server.Parts()
	change(&parts)
	must(t, w.Server.Reload(parts))
}

// useMemory sets how much is in use and waits until the proxy has seen it.
func (w *world) useMemory(t *testing.T, used uint64, level float64) {
	t.Helper()
	w.memory.Store(used)
	for until := time.Now().Add(5 * time.Second); w.overload(t) != level; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("overload stays at %v", w.overload(t))
		}
	}
}

func (w *world) overload(t *testing.T) float64 {
	t.Helper()
	families, err := w.Metrics.Gather()
	must(t, err)
	for _, f := range families {
		if f.GetName() == "sluice_overload_level" {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return -1
}

// A shakyStore is a store that fails, or in which others are faster, when it is told to.
type shakyStore struct {
	session.Store
	down, taken atomic.Bool
}

func (s *shakyStore) Get(ctx context.Context, key string) (session.Value, error) {
	if s.down.Load() {
		return session.Value{}, fmt.Errorf("%w: down", session.ErrUnavailable)
	}
	return s.Store.Get(ctx, key)
}

func (s *shakyStore) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	if s.down.Load() {
		return session.Value{}, fmt.Errorf("%w: down", session.ErrUnavailable)
	}
	if s.taken.Load() {
		value, err := s.Store.Get(ctx, key)
		return value, errors.Join(session.ErrConflict, err)
	}
	return s.Store.Put(ctx, key, old, data, ttl)
}

// classify puts other checks in place of the standard ones.
func (w *world) classify(t *testing.T, what string) {
	t.Helper()
	set, err := classifiers.New(classifiers.Options{}, oddChecks(what))
	must(t, err)
	w.reload(t, func(parts *proxy.Parts) { parts.Classifiers = set })
}

// oddChecks finds the word "email", or fails where it should look for it.
type oddChecks string

func (oddChecks) Describe() classifiers.Description {
	return classifiers.Description{Family: "test", Entities: []string{"EMAIL_ADDRESS"}, Anchors: []string{"email"}, Version: "1"}
}

func (c oddChecks) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	if c == "the checks fail" || c == "the checks of replies fail" && v.Role == "reply" {
		return nil, errors.New("out of order")
	}
	for _, hit := range v.Hits {
		found = append(found, classifiers.Finding{Entity: "EMAIL_ADDRESS", Rule: "test.email", Confidence: 1, Start: hit.Start, End: hit.End})
	}
	return found, nil
}

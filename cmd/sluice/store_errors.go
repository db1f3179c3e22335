package main

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sluice-proxy/sluice/proxy/session"
)

// A watchedStore counts the calls that its store could not answer. That another has
// written is an answer, and a caller that left is no fault of the store.
type watchedStore struct {
	session.Store
	failed map[string]prometheus.Counter // by call
}

func watchStore(s session.Store, name string, failed *prometheus.CounterVec) *watchedStore {
	w := &watchedStore{Store: s, failed: map[string]prometheus.Counter{}}
	for _, call := range []string{"get", "put", "take"} {
		w.failed[call] = failed.WithLabelValues(name, call)
	}
	return w
}

func (w *watchedStore) Get(ctx context.Context, key string) (session.Value, error) {
	v, err := w.Store.Get(ctx, key)
	return v, w.count("get", err)
}

func (w *watchedStore) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (session.Value, error) {
	v, err := w.Store.Put(ctx, key, old, data, ttl)
	return v, w.count("put", err)
}

func (w *watchedStore) Take(ctx context.Context, key string) (session.Value, error) {
	v, err := w.Store.Take(ctx, key)
	return v, w.count("take", err)
}

func (w *watchedStore) count(call string, err error) error {
	if errors.Is(err, session.ErrUnavailable) && !errors.Is(err, context.Canceled) {
		w.failed[call].Inc()
	}
	return err
}

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
)

// sessions is the state that outlives exchanges, and reloads.
type sessions struct {
	store    session.Store
	ledger   *ledger.Ledger
	activity *activity.Log
	seen     []prometheus.Collector
	close    func() error
}

// toldShare is the part of sessions.memory that what people are told has besides.
const toldShare = 8

// openSessions opens the store. A Redis that does not answer is no reason not to start:
// sessions.on_error says what happens then.
func openSessions(c SessionsConfig, secrets [][32]byte) (*sessions, error) {
	s := &sessions{close: func() error { return nil }}
	var told session.Store // of what people are told, which may be lost
	if c.Store == "redis" {
		options, err := redisOptions(c.Redis)
		if err != nil {
			return nil, err
		}
		store, err := session.NewRedis(options)
		if err != nil {
			return nil, under("sessions.redis", err)
		}
		s.store, told, s.close = store, store.Spare(), store.Close
	} else {
		memory := session.NewMemory(session.MemoryOptions{MaxBytes: int64(c.Memory)})
		some := session.NewMemory(session.MemoryOptions{MaxBytes: int64(c.Memory) / toldShare, Forgets: true})
		s.store, told = memory, some
		s.see("sluice_sessions_memory_bytes", "What the session store in memory takes of sessions.memory.",
			func() float64 { return float64(memory.Bytes()) })
		s.see("sluice_activity_memory_bytes", "What My activity takes of its eighth of sessions.memory, besides. When it is full, the oldest is forgotten.",
			func() float64 { return float64(some.Bytes()) })
	}
	failed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sluice_session_store_errors_total",
		Help: "Calls that a session store could not answer, by store (sessions, or activity, on which no prompt depends) and call.",
	}, []string{"store", "call"})
	s.store, told = watchStore(s.store, "sessions", failed), watchStore(told, "activity", failed)
	s.seen = append(s.seen, failed)
	var err error
	if s.ledger, err = ledger.New(ledger.Options{
		Store: s.store, Secrets: secrets, OnError: ledger.OnError(c.OnError),
		Budget: ledger.Budget{Prompts: c.Budget.Prompts, Values: c.Budget.Values, Strangers: c.Budget.Strangers},
	}); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if s.activity, err = activity.New(activity.Options{Store: told, Secrets: secrets}); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.see("sluice_sessions_waiting", "Exchanges that are counted here and not yet in the store, because it could not be reached.",
		func() float64 { return float64(s.ledger.Waiting()) })
	return s, nil
}

// see has an operator see a number of the state.
func (s *sessions) see(name, help string, value func() float64) {
	s.seen = append(s.seen, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// secrets are the keys for one use: that of today, and the one before.
func (s *assembly) secrets(label string) [][32]byte {
	keys := [][32]byte{s.secret.derive(label)}
	if s.previous != nil {
		keys = append(keys, s.previous.derive(label))
	}
	return keys
}

// answer is what the portal calls; the proxy is there before anybody can.
func (s *assembly) answer(ctx context.Context, a activity.Answer, who identity.Identity) error {
	return s.proxy.Answer(ctx, a, who)
}

// redisOptions reads the files that the configuration names.
func redisOptions(c RedisConfig) (session.RedisOptions, error) {
	var errs []error
	password := func(key, file string) string {
		if file == "" {
			return ""
		}
		data, err := os.ReadFile(file)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		}
		return strings.TrimRight(string(data), "\r\n")
	}
	o := session.RedisOptions{
		URL: c.URL, Username: c.Username, Password: password("sessions.redis.password_file", c.PasswordFile),
		Sentinels: c.Sentinel.Addresses, SentinelUsername: c.Sentinel.Username,
		SentinelPassword: password("sessions.redis.sentinel.password_file", c.Sentinel.PasswordFile),
		WaitReplicas:     c.WaitReplicas, Prefix: c.Prefix, Timeout: time.Duration(c.Timeout),
	}
	if c.TLS != (RedisTLSConfig{}) {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if c.TLS.CAFile != "" {
		data, err := os.ReadFile(c.TLS.CAFile)
		o.TLS.RootCAs = x509.NewCertPool()
		if err != nil {
			errs = append(errs, fmt.Errorf("sessions.redis.tls.ca_file: %w", err))
		} else if !o.TLS.RootCAs.AppendCertsFromPEM(data) {
			errs = append(errs, errors.New("sessions.redis.tls.ca_file: holds no certificate"))
		}
	}
	if c.TLS.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(c.TLS.CertFile, c.TLS.KeyFile)
		if err != nil {
			errs = append(errs, fmt.Errorf("sessions.redis.tls: %w", err))
		} else {
			o.TLS.Certificates = []tls.Certificate{pair}
		}
	}
	return o, errors.Join(errs...)
}

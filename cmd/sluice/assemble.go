package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/classifiers/presidio"
	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/access"
	"github.com/sluice-proxy/sluice/proxy/admin"
	"github.com/sluice-proxy/sluice/proxy/audit"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/listener"
)

// assembly is the running program's parts that outlive the construction.
type assembly struct {
	flags        *globals // by which the configuration is read again
	config       atomic.Pointer[Config]
	report       atomic.Pointer[report]
	log          *zap.Logger
	level        zap.AtomicLevel
	secret       *secret
	previous     *secret // before it; nil without one
	sessions     *sessions
	providers    map[string]*identity.Provider // by issuer; written by parts alone
	presidio     *presidio.Metrics
	registry     *prometheus.Registry
	gauges       gauges
	record       *audit.Log
	proxy        *proxy.Proxy
	admin        http.Handler
	access       *access.Log   // nil without one
	secure       *listener.TLS // of the HTTPS proxy; nil without one
	secureFailed prometheus.Gauge
	endpoints    []endpoint // of the proxy listeners
	near         endpoint   // one that this machine can use
	adminAddress string
	caFile       string
}

// assemble builds everything from the configuration. It starts nothing.
func assemble(ctx context.Context, g *globals, c *Config, logger *zap.Logger, level zap.AtomicLevel, listeners []net.Listener, adminListener net.Listener) (*assembly, error) {
	s := &assembly{flags: g, log: logger, level: level, registry: prometheus.NewRegistry(), adminAddress: adminListener.Addr().String()}
	s.config.Store(c)
	s.report.Store(&report{loaded: time.Now()})
	for _, l := range listeners {
		s.endpoints = append(s.endpoints, endpointOf(l))
		if l, ok := l.(*listener.Secure); ok {
			s.secure = l.TLS
		}
	}
	s.near = nearest(s.endpoints)
	s.caFile, _, _ = c.caFiles()
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	var err error
	if s.secret, err = openSecret(c.SecretFile); err != nil {
		return nil, err
	}
	if c.PreviousFile != "" {
		if s.previous, err = readKey("previous_secret_file", c.PreviousFile); err != nil {
			return nil, err
		}
	}
	if s.sessions, err = openSessions(c.Sessions, s.secrets("sessions")); err != nil {
		return nil, err
	}
	s.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.registry.MustRegister(s.sessions.seen...)
	s.presidio = presidio.NewMetrics()
	s.registry.MustRegister(s.presidio)
	s.gauges = newGauges(s.registry)
	s.gauges.reloadedAt.SetToCurrentTime()
	s.secureMetrics(s.registry)
	if s.access, err = s.openAccess(c.Log); err != nil {
		return nil, err
	}
	parts, err := s.parts(ctx, c)
	if err != nil {
		return nil, err
	}
	parts.Options.Limits.Memory = limitMemory(c.Limits)
	if limit := parts.Options.Limits.Memory; limit > 0 && limit < int64(c.Limits.Inspecting)+memoryBeside {
		logger.Warn("the memory limit has no room for limits.inspecting: requests will be refused before it is reached",
			zap.Int64("memory", limit), zap.Int64("inspecting", int64(c.Limits.Inspecting)))
	}
	token, err := admin.LoadOrMakeToken(c.Listen.AdminTokenFile)
	if err != nil {
		return nil, err
	}
	if s.record, err = audit.Open(audit.Options{File: c.Audit.File, OnFailure: c.Audit.OnFailure, Sync: c.Audit.Sync, OnLost: s.lost}); err != nil {
		return nil, err
	}
	s.registry.MustRegister(recordMetrics(s.record)...)
	parts.Audit = s.record
	if s.proxy, err = proxy.New(parts); err != nil {
		return nil, errors.Join(err, s.record.Close())
	}
	if s.admin, err = s.adminHandler(token); err != nil {
		return nil, errors.Join(err, s.record.Close())
	}
	return s, nil
}

// ownAddresses are the listeners, which nobody reaches through the proxy.
func (s *assembly) ownAddresses() []netip.AddrPort {
	var own []netip.AddrPort
	for _, e := range append([]endpoint{{address: s.adminAddress}}, s.endpoints...) {
		if ap, err := netip.ParseAddrPort(e.address); err == nil {
			own = append(own, ap)
		}
	}
	return own
}

// listening is the proxy listeners as listen.proxy writes them.
func (s *assembly) listening() []string {
	var all []string
	for _, e := range s.endpoints {
		all = append(all, strings.TrimPrefix(e.url(), "http://"))
	}
	return all
}

// lost is told of each record that could not be written.
func (s *assembly) lost(kind string, err error) {
	s.log.Error("record lost", zap.String("kind", kind), zap.String("reason", audit.Reason(err)))
}

func recordMetrics(l *audit.Log) []prometheus.Collector {
	counter := func(name, help string, value func(audit.Stats) int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(l.Stats())) })
	}
	return []prometheus.Collector{
		counter("sluice_audit_records_total", "Lines written to the record.", func(s audit.Stats) int64 { return s.Records }),
		counter("sluice_audit_lost_total", "Lines that could not be written.", func(s audit.Stats) int64 { return s.LostDecisions + s.LostCompletions }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sluice_audit_bytes", Help: "Size of the record's file."}, func() float64 { return float64(l.Size()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sluice_audit_healthy", Help: "1 when the record can be written."}, func() float64 {
			if l.Healthy() != nil {
				return 0
			}
			return 1
		}),
	}
}

func (s *assembly) adminHandler(token string) (http.Handler, error) {
	return admin.New(admin.Parts{
		Log: s.log, Token: token, Hosts: s.config.Load().Listen.AdminHosts, Metrics: s.registry,
		Ready: s.ready, Status: s.status, Pinned: s.pinned,
	})
}

func (s *assembly) status() admin.Status {
	r := s.report.Load()
	return admin.Status{
		Version: version(), Policy: s.revision(), PolicyError: r.policyError, Mode: s.config.Load().Policy.Mode,
		AuditHealthy: s.record.Healthy() == nil, Loaded: r.loaded, ReloadError: r.reloadError, NeedsRestart: r.restart,
	}
}

func (s *assembly) pinned() []admin.Pinned {
	var hosts []admin.Pinned
	for _, p := range s.proxy.Pinned() {
		hosts = append(hosts, admin.Pinned{
			Host: p.Host, App: p.App, Agent: p.Agent, Rejected: p.Rejected, Silent: p.Silent, Accepted: p.Accepted, First: p.First, Last: p.Last,
		})
	}
	return hosts
}

// ready says why the proxy should get no new work.
func (s *assembly) ready() error {
	select {
	case <-s.proxy.Draining():
		return errors.New("draining")
	default:
	}
	if s.config.Load().Audit.OnFailure == audit.Refuse {
		return s.record.Healthy()
	}
	return nil
}

func (s *assembly) revision() string { return s.proxy.Parts().Policy.Snapshot().Revision() }

func (s *assembly) close() error {
	err := errors.Join(s.record.Close(), s.sessions.close())
	s.log.Info("stopped")
	_ = s.log.Sync() // standard error cannot always be synced
	return err
}

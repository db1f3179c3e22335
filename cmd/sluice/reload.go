package main

import (
	"context"
	"os"
	"reflect"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/sluice-proxy/sluice/policy"
)

// policyPoll is how often the policy directory is looked at.
const policyPoll = time.Second

// attention takes up what changes until ctx ends: the configuration and every
// file that it names at each hangup, the policy by itself. Nothing else replaces
// the parts in force.
func (s *assembly) attention(ctx context.Context, hangup <-chan os.Signal) error {
	for {
		watching, stop := context.WithCancel(ctx)
		watched := make(chan struct{})
		go func() {
			defer close(watched)
			s.watchPolicy(watching)
		}()
		ended := false
		select {
		case <-ctx.Done():
			ended = true
		case <-hangup:
		}
		stop()
		<-watched // what is in force has one writer at a time
		if ended {
			return nil
		}
		s.reload(ctx)
	}
}

// reload reads the configuration and all its files again and puts them in force,
// or keeps what is there, whole, and says why.
func (s *assembly) reload(ctx context.Context) {
	start := time.Now()
	restart, err := s.load(ctx)
	s.reloaded(restart, err)
	if err != nil {
		s.log.Error("not reloaded; what was in force stays", zap.Error(err))
		return
	}
	s.log.Info("reloaded", zap.String("policy", s.revision()), zap.Duration("took", time.Since(start)))
	if len(restart) > 0 {
		s.log.Warn("some keys differ from what is in force and wait for a restart", zap.Strings("keys", restart))
	}
}

// load is reload without its report. It returns the keys that differ and cannot
// change without a restart: the old values stay.
func (s *assembly) load(ctx context.Context) (restart []string, err error) {
	c, err := s.flags.read()
	if err != nil {
		_, _, more := judge(ctx, c)
		return nil, badConfig(once(err, more))
	}
	changed := keepFixed("", reflect.ValueOf(c).Elem(), reflect.ValueOf(s.config.Load()).Elem())
	if err := c.validate(); err != nil { // once more: old values stand beside new ones
		return nil, badConfig(err)
	}
	level, err := zapcore.ParseLevel(c.Log.Level)
	if err != nil {
		return nil, err
	}
	parts, err := s.parts(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := s.proxy.Reload(parts); err != nil {
		return nil, err
	}
	s.level.SetLevel(level)
	s.config.Store(c)
	s.policyLoaded(nil)
	return changed, nil
}

// keepFixed puts the values in force over those that differ under a key tagged
// reload:"no", and returns the paths of these keys.
func keepFixed(block string, next, inForce reflect.Value) (changed []string) {
	for i := range next.NumField() {
		field := next.Type().Field(i)
		path := join(block, field.Tag.Get("yaml"))
		switch {
		case field.Tag.Get("reload") == "no":
			if !reflect.DeepEqual(next.Field(i).Interface(), inForce.Field(i).Interface()) {
				next.Field(i).Set(inForce.Field(i))
				changed = append(changed, path)
			}
		case field.Type.Kind() == reflect.Struct:
			changed = append(changed, keepFixed(path, next.Field(i), inForce.Field(i))...)
		}
	}
	return changed
}

// watchPolicy loads a changed policy directory and puts it in force; one that
// does not load leaves the last good one and is told loudly.
func (s *assembly) watchPolicy(ctx context.Context) {
	c := s.config.Load().Policy
	if c.Dir == "" && len(c.DataFiles) == 0 {
		return
	}
	open := func() (policy.Source, error) { return policySource(c) }
	policy.Watch(ctx, policyPoll, s.revision(), open, func(change policy.Change) {
		if change.Err == nil {
			next := s.proxy.Parts()
			next.Policy = next.Policy.With(change.Snapshot)
			change.Err = s.proxy.Reload(next)
		}
		s.policyLoaded(change.Err)
		if change.Err != nil {
			s.log.Error("policy not loaded; the last good one stays in force",
				zap.String("dir", c.Dir), zap.String("in_force", s.revision()), zap.Error(change.Err))
			return
		}
		s.log.Info("policy loaded", zap.String("revision", s.revision()))
	})
}

// policyLoaded tells the metrics and the status what came of the last policy that
// was read.
func (s *assembly) policyLoaded(err error) {
	s.tell(func(r *report) { r.policyError = errorText(err) })
	s.gauges.policyFailed.Set(oneIf(err != nil))
}

// reloaded tells the same of the last reload.
func (s *assembly) reloaded(restart []string, err error) {
	result := "failed"
	s.tell(func(r *report) {
		r.reloadError = errorText(err)
		if err == nil {
			result = "ok"
			r.loaded, r.restart = time.Now(), restart
			s.gauges.reloadedAt.SetToCurrentTime()
		}
	})
	s.gauges.reloadFailed.Set(oneIf(err != nil))
	s.gauges.reloads.WithLabelValues(result).Inc()
}

// A report is what came of loading. It does not change: tell puts another in its
// place.
type report struct {
	loaded      time.Time // what is in force
	restart     []string  // keys that differ from it and wait for a restart
	reloadError string
	policyError string
}

// tell has one caller at a time: assemble, then attention.
func (s *assembly) tell(change func(*report)) {
	next := *s.report.Load()
	change(&next)
	s.report.Store(&next)
}

// gauges are what Prometheus sees of loading.
type gauges struct {
	policyFailed, reloadFailed, reloadedAt prometheus.Gauge
	reloads                                *prometheus.CounterVec // result
}

func newGauges(r *prometheus.Registry) gauges {
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
		r.MustRegister(g)
		return g
	}
	g := gauges{
		policyFailed: gauge("sluice_policy_load_failed", "1 while the policy directory holds something that does not load and the last good policy is in force."),
		reloadFailed: gauge("sluice_reload_failed", "1 when the last reload changed nothing because something did not load."),
		reloadedAt:   gauge("sluice_reload_timestamp_seconds", "When the configuration in force was loaded, Unix time."),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_reloads_total",
			Help: "Reloads of the configuration, by result: ok or failed."}, []string{"result"}),
	}
	r.MustRegister(g.reloads)
	return g
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

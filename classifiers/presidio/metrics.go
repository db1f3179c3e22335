package presidio

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
)

// Metrics count what Clients do. One is made for all that follow each other, and is
// registered as a prometheus.Collector.
type Metrics struct {
	calls   *prometheus.CounterVec // result
	scans   *prometheus.CounterVec // result
	seconds prometheus.Histogram
	breaker prometheus.Gauge
}

// callSeconds are the histogram's buckets: on loopback an answer takes milliseconds.
var callSeconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// NewMetrics makes them.
func NewMetrics() *Metrics {
	return &Metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_presidio_calls_total",
			Help: "Calls of the Presidio analyzer, by result: ok, timeout, failed (not reached, or broken off), status (not 200), malformed, open (the breaker was, so there was none), left (the client did not wait)."}, []string{"result"}),
		scans: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_presidio_scans_total",
			Help: "Prompts that were to be shown to the Presidio analyzer, by result: ok, failed (then classifiers.presidio.on_error holds) or left (the client did not wait)."}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "sluice_presidio_call_seconds",
			Help: "Time that calls of the Presidio analyzer took.", Buckets: callSeconds}),
		breaker: prometheus.NewGauge(prometheus.GaugeOpts{Name: "sluice_presidio_breaker_state",
			Help: "0: the Presidio analyzer is asked. 1: one call tries whether it is well again. 2: it failed and is not asked."}),
	}
}

func (m *Metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.calls, m.scans, m.seconds, m.breaker}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range m.all() {
		c.Describe(to)
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.all() {
		c.Collect(to)
	}
}

func (m *Metrics) state(s gobreaker.State) { m.breaker.Set(float64(s)) }

// called counts a call, and how long it took when there was one.
func (m *Metrics) called(err error, took time.Duration) {
	result := "failed"
	switch {
	case err == nil:
		result = "ok"
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		m.calls.WithLabelValues("open").Inc()
		return
	case errors.Is(err, errLeft):
		result = "left"
	case errors.Is(err, context.DeadlineExceeded):
		result = "timeout"
	case errors.Is(err, errStatus):
		result = "status"
	case errors.Is(err, errMalformed):
		result = "malformed"
	}
	m.calls.WithLabelValues(result).Inc()
	m.seconds.Observe(took.Seconds())
}

// scanned counts what came of the texts of one prompt. ctx is the caller's.
func (m *Metrics) scanned(ctx context.Context, err error) {
	result := "ok"
	if err != nil {
		if result = "failed"; ctx.Err() != nil {
			result = "left"
		}
	}
	m.scans.WithLabelValues(result).Inc()
}

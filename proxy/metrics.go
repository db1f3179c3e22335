package proxy

import (
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what Prometheus sees of the road. Labels take few values: app ids
// of the catalogue, actions, and the reasons of the refusals table.
type metrics struct {
	exchanges  *prometheus.CounterVec   // phase, app, action, reason
	duration   *prometheus.HistogramVec // phase, seconds from accept to the end
	stages     *prometheus.HistogramVec // stage, seconds
	findings   *prometheus.CounterVec   // entity
	redactions prometheus.Counter
	masked     prometheus.Counter
	bytes      *prometheus.CounterVec // direction
	open       prometheus.Gauge
	refused    *prometheus.CounterVec // reason: connections that never became an exchange
	pinned     *prometheus.CounterVec // app, kind: clients that did not accept our certificate
	conns      sync.Map               // the connections on which a request began that has not reached the handler
}

var (
	seconds      = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}
	stageSeconds = []float64{.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .05, .25, 1}
)

func newMetrics(r prometheus.Registerer, b *budget) (*metrics, error) {
	m := &metrics{
		exchanges: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_exchanges_total",
			Help: "Exchanges that ended, by phase, app, action of the decision and reason of the end."}, []string{"phase", "app", "action", "reason"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sluice_exchange_duration_seconds",
			Help: "Time from the request's header to the reply's last byte.", Buckets: seconds}, []string{"phase"}),
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sluice_stage_duration_seconds",
			Help: "Time that a stage of the road took.", Buckets: stageSeconds}, []string{"stage"}),
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_findings_total",
			Help: "Distinct values found in content, by entity."}, []string{"entity"}),
		redactions: prometheus.NewCounter(prometheus.CounterOpts{Name: "sluice_redactions_total",
			Help: "Places in prompts that were replaced."}),
		masked: prometheus.NewCounter(prometheus.CounterOpts{Name: "sluice_reply_redactions_total",
			Help: "Places in replies that were replaced."}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_bytes_total",
			Help: "Bytes carried, by direction as the client sees it."}, []string{"direction"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "sluice_exchanges_open",
			Help: "Exchanges and tunnels that are open now."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_connections_refused_total",
			Help: "Connections that ended without an exchange, by reason."}, []string{"reason"}),
		pinned: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_pinned_total",
			Help: "Connections whose client did not accept our certificate, by app and kind: rejected, or silent after the handshake."}, []string{"app", "kind"}),
	}
	inspecting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sluice_inspecting_bytes",
		Help: "Bytes of bodies that are held, of limits.inspecting."}, func() float64 { return float64(b.held.Load()) })
	for _, c := range []prometheus.Collector{inspecting, m.exchanges, m.duration, m.stages, m.findings, m.redactions, m.masked, m.bytes, m.open, m.refused, m.pinned} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// appOf is the id of the app in the catalogue, or nothing.
func appOf(x *Exchange) string {
	if x.Known {
		return x.Match.App.ID
	}
	return ""
}

// ended counts an exchange at its end.
func (m *metrics) ended(x *Exchange) {
	reason := ""
	if x.failure != nil {
		reason = x.failure.reason
	}
	phase := x.Phase
	if x.parent != nil {
		phase = "message"
	}
	m.exchanges.WithLabelValues(phase, appOf(x), x.Decision.Action.String(), reason).Inc()
	m.duration.WithLabelValues(phase).Observe(time.Since(x.Start).Seconds())
	for stage, took := range map[string]time.Duration{
		"extract": x.stages.extract, "classify": x.stages.classify, "decide": x.stages.decide, "forward": x.stages.forward, "inspect": x.stages.inspect,
	} {
		if took > 0 {
			m.stages.WithLabelValues(stage).Observe(took.Seconds())
		}
	}
	m.redactions.Add(float64(x.redactions))
	m.masked.Add(float64(x.masked))
	for name, e := range x.tally {
		m.findings.WithLabelValues(name).Add(float64(e.count()))
	}
	if x.parent != nil {
		return // its bytes are the stream's, and it was not counted as open
	}
	m.bytes.WithLabelValues("in").Add(float64(x.bytesIn))
	m.bytes.WithLabelValues("out").Add(float64(x.bytesOut))
	m.open.Dec()
}

// connRefused counts a connection that was closed at the door.
func (m *metrics) connRefused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// unanswered watches a server's connections and counts those that spoke but
// whose request never reached the handler: net/http answered by itself (400,
// 431), or the header never ended.
func (m *metrics) unanswered() func(net.Conn, http.ConnState) {
	return func(conn net.Conn, state http.ConnState) {
		switch state {
		case http.StateActive:
			m.conns.Store(conn, struct{}{})
		case http.StateIdle, http.StateHijacked:
			m.conns.Delete(conn)
		case http.StateClosed:
			if _, began := m.conns.LoadAndDelete(conn); began {
				m.refused.WithLabelValues("bad_request").Inc()
			}
		}
	}
}

// reached says that a request on conn is in the handler's hands.
func (m *metrics) reached(conn net.Conn) { m.conns.Delete(conn) }

package proxy

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// sessionMetrics are what Prometheus sees of the people's side: what they are asked and
// answer, and their accounts. No label says who.
type sessionMetrics struct {
	notices   *prometheus.CounterVec // outcome
	answers   *prometheus.CounterVec // choice
	permits   *prometheus.CounterVec // event
	conflicts prometheus.Counter
	turns     prometheus.Histogram
	untold    prometheus.Counter
}

// Values of labels.
const (
	noticePosted, noticeFailed              = "posted", "failed"
	choiceAsIs, choiceRedacted, choiceSend  = "as_is", "redacted", "send"
	permitGranted, permitSpent, permitGiven = "granted", "spent", "given_back"
)

func newSessionMetrics(r prometheus.Registerer) (*sessionMetrics, error) {
	m := &sessionMetrics{
		notices: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_notices_total",
			Help: "Prompts that wait for the person's answer, by outcome: posted, or failed, and then refused without one."}, []string{"outcome"}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_answers_total",
			Help: "Answers that were put in force, by choice: as_is, redacted, or send where there was nothing to choose."}, []string{"choice"}),
		permits: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sluice_permits_total",
			Help: "Permits that were granted, and those for one use that were spent, and given back because nothing was sent."}, []string{"event"}),
		conflicts: prometheus.NewCounter(prometheus.CounterOpts{Name: "sluice_ledger_conflicts_total",
			Help: "Decisions that were made anew because another proxy wrote to the person's account meanwhile."}),
		turns: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "sluice_turn_wait_seconds",
			Help: "Time that a prompt waited for earlier ones of the same person to be decided.", Buckets: stageSeconds}),
		untold: prometheus.NewCounter(prometheus.CounterOpts{Name: "sluice_activity_lost_total",
			Help: "Events that are missing in My activity, because they could not be stored."}),
	}
	for vec, values := range map[*prometheus.CounterVec][]string{
		m.notices: {noticePosted, noticeFailed}, m.answers: {choiceAsIs, choiceRedacted, choiceSend}, m.permits: {permitGranted, permitSpent, permitGiven},
	} {
		for _, value := range values {
			vec.WithLabelValues(value) // there from the start, so that a rate sees the first
		}
	}
	var errs []error
	for _, c := range []prometheus.Collector{m.notices, m.answers, m.permits, m.conflicts, m.turns, m.untold} {
		errs = append(errs, r.Register(c))
	}
	return m, errors.Join(errs...)
}

// posted counts a notice by what became of it.
func (m *sessionMetrics) posted(err error) {
	outcome := noticePosted
	if err != nil {
		outcome = noticeFailed
	}
	m.notices.WithLabelValues(outcome).Inc()
}

// permitted counts what happened to so many permits.
func (m *sessionMetrics) permitted(event string, n int) {
	m.permits.WithLabelValues(event).Add(float64(n))
}

func (m *sessionMetrics) waited(d time.Duration) { m.turns.Observe(d.Seconds()) }

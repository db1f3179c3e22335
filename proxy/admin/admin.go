package admin

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

// Parts is what the admin listener shows. The functions are called from many
// requests at once and must not block; what their errors say stays in the log.
type Parts struct {
	Log     *zap.Logger // nil: nothing is logged
	Token   string      // of Authorization: Bearer, at least 32 bytes
	Hosts   []string    // further host names accepted in Host, without port
	Metrics prometheus.Gatherer
	Healthy func() error // nil error: the process works; a nil function: it does when it answers
	Ready   func() error // nil error: it takes exchanges; while draining it does not
	Status  func() Status
	Pinned  func() []Pinned // nil: nothing is known
}

// Pinned is a host of which clients do not accept the proxy's certificate: a line
// of GET /api/v1/pinned, the most counted first. It changes only by addition.
type Pinned struct {
	Host     string    `json:"host"`
	App      string    `json:"app"`      // of the catalogue
	Agent    string    `json:"agent"`    // the product that the last client named
	Rejected int64     `json:"rejected"` // the client said that it does not accept
	Silent   int64     `json:"silent"`   // it closed, in the handshake or right after it
	Accepted int64     `json:"accepted"` // connections since then that were used
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
}

// Status is what GET /api/v1/status answers, with the uptime added. It changes
// only by addition.
type Status struct {
	Version      string           `json:"version"`
	Policy       string           `json:"policy"`       // the revision in force
	PolicyError  string           `json:"policy_error"` // why what the directory holds is not; empty when it is
	Mode         string           `json:"mode"`         // enforce or observe
	AuditHealthy bool             `json:"audit_healthy"`
	Loaded       time.Time        `json:"loaded"`           // when the configuration in force was
	ReloadError  string           `json:"reload_error"`     // why the last reload changed nothing; empty when it went well
	NeedsRestart []string         `json:"needs_restart"`    // keys that differ from what is in force until a restart
	Counts       map[string]int64 `json:"counts,omitempty"` // a few counts worth a look, by name
}

type handler struct {
	parts   Parts
	started time.Time
	token   [sha256.Size]byte
	hosts   map[string]bool
	metrics http.Handler
}

// New returns the handler of the admin listener. It reports everything that is
// missing at once.
func New(p Parts) (http.Handler, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	if p.Log == nil {
		p.Log = zap.NewNop()
	}
	h := &handler{
		parts:   p,
		started: time.Now(),
		token:   sha256.Sum256([]byte(p.Token)),
		hosts:   map[string]bool{"localhost": true},
	}
	for _, name := range p.Hosts {
		h.hosts[canonicalName(name)] = true
	}
	gatherLog, err := zap.NewStdLogAt(p.Log, zap.ErrorLevel)
	if err != nil {
		return nil, fmt.Errorf("admin: log: %w", err)
	}
	h.metrics = promhttp.HandlerFor(p.Metrics, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError, // one metric that fails does not hide the others
		ErrorLog:            gatherLog,
		MaxRequestsInFlight: 4,
		Timeout:             10 * time.Second,
	})
	return h, nil
}

func (p *Parts) validate() error {
	var errs []error
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, errors.New("admin: "+what))
		}
	}
	need(checkToken(p.Token) == nil, "no token of at least 32 visible characters")
	need(p.Metrics != nil, "no metrics")
	need(p.Ready != nil, "no readiness")
	need(p.Status != nil, "no status")
	for _, name := range p.Hosts {
		need(name != "" && !strings.ContainsAny(name, ":/@[]*? \t"), "a host that is not a plain name: "+name)
	}
	return errors.Join(errs...)
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header())
	route, serve := h.route(r)
	if refused := h.check(r, route); refused != nil {
		h.parts.Log.Warn("admin request refused",
			zap.String("route", route), zap.Int("status", refused.status), zap.String("reason", refused.reason),
			zap.String("client", r.RemoteAddr))
		for name, value := range refused.header {
			w.Header().Set(name, value)
		}
		say(w, refused.status, refused.text)
		return
	}
	serve(w, r)
}

// route finds what a request is for: its name, which the log may hold, and its
// handler.
func (h *handler) route(r *http.Request) (name string, serve http.HandlerFunc) {
	switch path := r.URL.EscapedPath(); path {
	case "/healthz":
		return path, h.healthz
	case "/readyz":
		return path, h.readyz
	case "/metrics":
		return path, h.metrics.ServeHTTP
	case "/api/v1/status":
		return path, h.status
	case "/api/v1/pinned":
		return path, h.pinned
	}
	return "other", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusNotFound, "not found") }
}

func (h *handler) healthz(w http.ResponseWriter, _ *http.Request) {
	if h.parts.Healthy != nil {
		if err := h.parts.Healthy(); err != nil {
			h.parts.Log.Warn("not healthy", zap.Error(err))
			say(w, http.StatusServiceUnavailable, "not healthy")
			return
		}
	}
	say(w, http.StatusOK, "ok")
}

func (h *handler) readyz(w http.ResponseWriter, _ *http.Request) {
	if err := h.parts.Ready(); err != nil {
		h.parts.Log.Warn("not ready", zap.Error(err))
		say(w, http.StatusServiceUnavailable, "not ready")
		return
	}
	say(w, http.StatusOK, "ok")
}

func (h *handler) status(w http.ResponseWriter, _ *http.Request) {
	h.answer(w, struct {
		Status
		Started       time.Time `json:"started"`
		UptimeSeconds int64     `json:"uptime_seconds"`
	}{h.parts.Status(), h.started.UTC(), int64(time.Since(h.started) / time.Second)})
}

func (h *handler) pinned(w http.ResponseWriter, _ *http.Request) {
	hosts := []Pinned{} // [] and not null
	if h.parts.Pinned != nil {
		hosts = append(hosts, h.parts.Pinned()...)
	}
	h.answer(w, struct {
		Hosts []Pinned `json:"hosts"`
	}{hosts})
}

func (h *handler) answer(w http.ResponseWriter, value any) {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		h.parts.Log.Error("admin: encode answer", zap.Error(err))
		say(w, http.StatusInternalServerError, "failed")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n')) // the client may have left
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the client may have left
}

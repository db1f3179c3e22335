package admin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

type testParts struct {
	Parts
	logs            *observer.ObservedLogs
	healthy, ready  error
	registry        *prometheus.Registry
	requestsCounter prometheus.Counter
}

func newTestParts() *testParts {
	core, logs := observer.New(zap.DebugLevel)
	p := &testParts{logs: logs, registry: prometheus.NewRegistry()}
	p.requestsCounter = prometheus.NewCounter(prometheus.CounterOpts{Name: "sluice_test_total", Help: "Of a test."})
	p.registry.MustRegister(p.requestsCounter)
	p.requestsCounter.Add(3)
	p.Parts = Parts{
		Log: zap.New(core), Token: token, Hosts: []string{"Admin.Corp.Example."}, Metrics: p.registry,
		Healthy: func() error { return p.healthy },
		Ready:   func() error { return p.ready },
		Status: func() Status {
			return Status{Version: "v1", Policy: "r7", Mode: "observe", AuditHealthy: true, Counts: map[string]int64{"open": 2}}
		},
	}
	return p
}

func (p *testParts) handler(t *testing.T) http.Handler {
	t.Helper()
	h, err := New(p.Parts)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// get asks with the token from loopback; change changes the request.
func get(h http.Handler, path string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "127.0.0.1:9090"
	r.Header.Set("Authorization", "Bearer "+token)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestMetrics(t *testing.T) {
	w := get(newTestParts().handler(t), "/metrics?debug=1", nil)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "sluice_test_total 3") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestMetricsThatFail: one that fails does not hide the others, and is logged.
func TestMetricsThatFail(t *testing.T) {
	p := newTestParts()
	p.registry.MustRegister(failing{})
	w := get(p.handler(t), "/metrics", nil)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "sluice_test_total 3") || strings.Contains(w.Body.String(), "no such thing") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if p.logs.FilterLevelExact(zap.ErrorLevel).Len() != 1 {
		t.Errorf("%v", p.logs.All())
	}
}

type failing struct{}

func (failing) Describe(c chan<- *prometheus.Desc) {}
func (failing) Collect(c chan<- prometheus.Metric) {
	c <- prometheus.NewInvalidMetric(prometheus.NewDesc("sluice_bad", "Bad.", nil, nil), errors.New("no such thing"))
}

func TestHealth(t *testing.T) {
	p := newTestParts()
	h := p.handler(t)
	anonymous := func(r *http.Request) { r.Header.Del("Authorization") }
	say := func(path, want string, status int) {
		t.Helper()
		for _, change := range []func(*http.Request){nil, anonymous} {
			if w := get(h, path, change); w.Code != status || w.Body.String() != want {
				t.Errorf("%s: %d %q", path, w.Code, w.Body)
			}
		}
	}
	say("/healthz", "ok\n", 200)
	say("/readyz", "ok\n", 200)
	p.ready = errors.New("draining: a detail")
	say("/healthz", "ok\n", 200)
	say("/readyz", "not ready\n", 503)
	p.healthy = errors.New("a detail")
	say("/healthz", "not healthy\n", 503)

	p.Healthy = nil
	if w := get(p.handler(t), "/healthz", anonymous); w.Body.String() != "ok\n" {
		t.Error(w.Body)
	}
}

func TestStatus(t *testing.T) {
	w := get(newTestParts().handler(t), "/api/v1/status", nil)
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Header().Get("Content-Type") != "application/json" {
		t.Fatal(err, w.Header())
	}
	started, err := time.Parse(time.RFC3339Nano, got["started"].(string))
	if err != nil || time.Since(started) > time.Minute {
		t.Error(got["started"])
	}
	if got["version"] != "v1" || got["policy"] != "r7" || got["mode"] != "observe" || got["audit_healthy"] != true ||
		got["counts"].(map[string]any)["open"] != 2.0 || got["uptime_seconds"] != 0.0 {
		t.Error(got)
	}
}

func TestToken(t *testing.T) {
	p := newTestParts()
	h := p.handler(t)
	for name, values := range map[string][]string{
		"none": nil, "empty": {""}, "wrong": {"Bearer " + strings.Repeat("0", 32)}, "prefix": {"Bearer " + token[:31]}, "longer": {"Bearer " + token + "0"},
		"no scheme": {token}, "basic": {"Basic " + token}, "two": {"Bearer " + token, "Bearer " + token}, "blank after": {"Bearer " + token + " "},
		"list": {"Bearer " + token + ", Bearer " + token}, "upper": {"Bearer " + strings.ToUpper(token)},
	} {
		for _, path := range []string{"/metrics", "/api/v1/status", "/", "/other", "/healthz/", "/healthz/../metrics", "//healthz", "/health%7A", "/healthz%2f", "/HEALTHZ", "/readyz;x"} {
			w := get(h, path, func(r *http.Request) { r.Header["Authorization"] = values })
			if w.Code != http.StatusUnauthorized || w.Body.String() != "unauthorized\n" || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: %d %s", name, path, w.Code, w.Body)
			}
		}
	}
	w := get(h, "/metrics", func(r *http.Request) { r.Header.Set("Authorization", "bearer  "+token) })
	if w.Code != http.StatusOK {
		t.Errorf("scheme in lower case: %d", w.Code)
	}
	for _, name := range []string{"X-Forwarded-Authorization", "Proxy-Authorization", "X_Authorization"} {
		if w := get(h, "/metrics", func(r *http.Request) { r.Header = http.Header{name: {"Bearer " + token}} }); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	for _, entry := range p.logs.All() {
		text := entry.Message
		for _, field := range entry.Context {
			text += field.String
		}
		if strings.Contains(text, token[:16]) || strings.Contains(text, "other%") {
			t.Errorf("the log shows %s", text)
		}
	}
}

func TestPathsAndMethods(t *testing.T) {
	h := newTestParts().handler(t)
	for _, path := range []string{"/", "/other", "/metrics/", "/metrics/x", "/api/v1/", "/api/v1/status/", "//metrics", "/debug/pprof/", "/proxy.pac", "/healthz/x", "/%6Detrics", "/a?b=/metrics"} {
		if w := get(h, path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get"} {
		for _, path := range []string{"/metrics", "/healthz", "/readyz", "/api/v1/status"} {
			with := get(h, path, func(r *http.Request) { r.Method = method })
			if with.Code != http.StatusMethodNotAllowed || with.Header().Get("Allow") != "GET" {
				t.Errorf("%s %s: %d", method, path, with.Code)
			}
			without := get(h, path, func(r *http.Request) { r.Method = method; r.Header.Del("Authorization") })
			if without.Code != http.StatusUnauthorized {
				t.Errorf("%s %s without the token: %d", method, path, without.Code)
			}
		}
	}
}

func TestHost(t *testing.T) {
	h := newTestParts().handler(t)
	for _, host := range []string{
		"127.0.0.1", "127.0.0.1:9090", "10.1.2.3:1", "[::1]", "[::1]:9090", "[2001:db8::1]:65535", "localhost", "localhost:9090", "LOCALHOST:9090", "localhost.",
		"admin.corp.example", "ADMIN.corp.example:9090", "admin.corp.example.:9090",
	} {
		if w := get(h, "/metrics", func(r *http.Request) { r.Host = host }); w.Code != http.StatusOK {
			t.Errorf("%q: %d", host, w.Code)
		}
	}
	for _, host := range []string{
		"", ":9090", "evil.example", "evil.example:9090", "localhost.evil.example", "127.0.0.1.evil.example", "evillocalhost", "localhost:x", "localhost:99999", "localhost:",
		"127.1", "0x7f.1", "2130706433", "127.0.0.1 ", "127.0.0.1:9090:9090", "::1", "::1:9090", "[::1", "[::1]x", "[::1]]:1", "[127.0.0.1]", "[::1%25lo]:9090", "[localhost]", "[]",
		"localhost@evil.example", "evil.example@localhost", "localhost,evil.example", "xn--localhost", "corp.example", "x.admin.corp.example", "localhost..", "*",
	} {
		for _, path := range []string{"/metrics", "/healthz", "/readyz", "/x"} {
			w := get(h, path, func(r *http.Request) { r.Host = host; r.Header.Set("X-Forwarded-Host", "localhost") })
			if w.Code != http.StatusMisdirectedRequest {
				t.Errorf("%q %s: %d", host, path, w.Code)
			}
		}
	}
}

func TestCrossSite(t *testing.T) {
	h := newTestParts().handler(t)
	for _, tc := range []struct {
		name, value string
		ok          bool
	}{
		{"Sec-Fetch-Site", "same-origin", true}, {"Sec-Fetch-Site", "none", true}, {"Sec-Fetch-Site", "same-site", false}, {"Sec-Fetch-Site", "cross-site", false},
		{"Sec-Fetch-Site", "", false}, {"Sec-Fetch-Site", "None", false},
		{"Origin", "http://127.0.0.1:9090", true}, {"Origin", "https://127.0.0.1:9090", true}, {"Origin", "http://127.0.0.1", false}, {"Origin", "http://127.0.0.1:9091", false},
		{"Origin", "null", false}, {"Origin", "https://evil.example", false}, {"Origin", "http://127.0.0.1:9090.evil.example", false}, {"Origin", "", false},
	} {
		for _, path := range []string{"/metrics", "/healthz"} {
			w := get(h, path, func(r *http.Request) { r.Header.Set(tc.name, tc.value) })
			if ok := w.Code == http.StatusOK; ok != tc.ok || !ok && w.Code != http.StatusForbidden {
				t.Errorf("%s %s: %q: %d", path, tc.name, tc.value, w.Code)
			}
		}
	}
	w := get(h, "/metrics", func(r *http.Request) { r.Header["Origin"] = []string{"http://127.0.0.1:9090", "https://evil.example"} })
	if w.Code != http.StatusForbidden {
		t.Errorf("two origins: %d", w.Code)
	}
}

// TestHeaders: every answer, a refusal too, has the security headers, and none
// lets another site read it.
func TestHeaders(t *testing.T) {
	h := newTestParts().handler(t)
	for name, change := range map[string]func(*http.Request){
		"good": nil, "host": func(r *http.Request) { r.Host = "evil.example" }, "token": func(r *http.Request) { r.Header.Del("Authorization") },
		"method": func(r *http.Request) { r.Method = "POST" }, "path": func(r *http.Request) { r.URL.Path = "/x" },
		"origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
	} {
		w := get(h, "/metrics", change)
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "",
		} {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%s: %s: %q", name, header, got)
			}
		}
		if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
}

// TestLog: a refusal is logged by its route, without path, query or header.
func TestLog(t *testing.T) {
	p := newTestParts()
	h := p.handler(t)
	get(h, "/secret-path?q=secret-query", func(r *http.Request) { r.Header.Set("Authorization", "Bearer secret-token") })
	get(h, "/metrics?q=secret-query", func(r *http.Request) { r.Host = "secret-host" })
	entries := p.logs.All()
	if len(entries) != 2 {
		t.Fatalf("%v", entries)
	}
	for i, want := range []map[string]any{
		{"route": "other", "status": int64(401), "reason": "token", "client": "192.0.2.1:1234"},
		{"route": "/metrics", "status": int64(421), "reason": "host", "client": "192.0.2.1:1234"},
	} {
		got := entries[i].ContextMap()
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %v, want %v", name, got[name], value)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%v", got)
		}
	}
}

// TestOverTheWire: what net/http makes of odd requests does not get past.
func TestOverTheWire(t *testing.T) {
	server := httptest.NewServer(newTestParts().handler(t))
	defer server.Close()
	client := server.Client()
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "sluice_test_total") {
		t.Errorf("%d %v %s", resp.StatusCode, err, body)
	}
}

func TestNewErrors(t *testing.T) {
	_, err := New(Parts{Token: "short", Hosts: []string{"https://x", ""}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"no token", "no metrics", "no readiness", "no status", "plain name: https://x"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %q", err, want)
		}
	}
	p := newTestParts()
	p.Log = nil
	if w := get(p.handler(t), "/metrics", func(r *http.Request) { r.Host = "x" }); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("without a log: %d", w.Code)
	}
}

func FuzzHost(f *testing.F) {
	for _, seed := range []string{"localhost", "[::1]:1", "127.0.0.1:9090", "a.b", "", "[", "]:", "[::1%lo]"} {
		f.Add(seed)
	}
	h := &handler{hosts: map[string]bool{"localhost": true}}
	f.Fuzz(func(t *testing.T, host string) {
		if h.ownHost(host) && strings.ContainsAny(host, " /@,*%") {
			t.Fatalf("%q is accepted", host)
		}
	})
}

// TestPinned: hosts are listed as they are given, and without any the list is one.
func TestPinned(t *testing.T) {
	p := newTestParts()
	if w := get(p.handler(t), "/api/v1/pinned", nil); w.Code != 200 || !strings.Contains(w.Body.String(), `"hosts": []`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	p.Pinned = func() []Pinned { return []Pinned{{Host: "claude.ai", App: "claude", Rejected: 2, Silent: 1}} }
	w := get(p.handler(t), "/api/v1/pinned", nil)
	var got struct{ Hosts []Pinned }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Hosts) != 1 || got.Hosts[0] != p.Pinned()[0] {
		t.Errorf("%v %s", err, w.Body)
	}
	if w := get(p.handler(t), "/api/v1/pinned", func(r *http.Request) { r.Header.Del("Authorization") }); w.Code != http.StatusUnauthorized {
		t.Errorf("without the token: %d", w.Code)
	}
}

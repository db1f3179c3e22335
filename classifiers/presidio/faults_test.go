package presidio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/presidio"
)

// metric reads a metric, with its result label where it has one.
func metric(t *testing.T, m *presidio.Metrics, name, result string) float64 {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(m)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, one := range f.GetMetric() {
			if f.GetName() == name && (result == "" || one.GetLabel()[0].GetValue() == result) {
				return one.GetCounter().GetValue() + one.GetGauge().GetValue()
			}
		}
	}
	return 0
}

// says answers with a text.
func says(text string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = io.WriteString(w, text) // whoever asked may have left
		return true
	}
}

// finding is an answer to one text with one finding.
func finding(fields string) string { return `[[{` + fields + `}]]` }

// TestFaults goes through what an analyzer can do wrong. Each is an error that quotes
// neither text nor answer, is counted, and is not remembered: asked again, it is asked
// again.
func TestFaults(t *testing.T) {
	const text = "Nadia Weber"
	for name, c := range map[string]struct {
		result string
		fault  func(w http.ResponseWriter, r *http.Request) bool
	}{
		"slow": {"timeout", func(_ http.ResponseWriter, r *http.Request) bool {
			<-r.Context().Done()
			return true
		}},
		"slow in the middle": {"timeout", func(w http.ResponseWriter, r *http.Request) bool {
			_, _ = io.WriteString(w, "[[")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return true
		}},
		"error": {"status", func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, `{"error":"Nadia Weber is too much"}`, http.StatusInternalServerError)
			return true
		}},
		"redirect": {"status", func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			return true
		}},
		"no content": {"status", func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusNoContent)
			return true
		}},
		"reset": {"failed", func(w http.ResponseWriter, _ *http.Request) bool {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return true
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[[]")
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
			return true
		}},
		"nothing":                     {"malformed", says("")},
		"page":                        {"malformed", says("<html>Nadia Weber</html>")},
		"nonsense":                    {"malformed", says(`[[{"entity_type":"PERSON","start":0`)},
		"object":                      {"malformed", says(`{"error":"Nadia Weber"}`)},
		"null":                        {"malformed", says(`null`)},
		"null list":                   {"malformed", says(`[null]`)},
		"flat":                        {"malformed", says(`[{"entity_type":"PERSON","start":0,"end":5,"score":1}]`)},
		"too few":                     {"malformed", says(`[]`)},
		"too many":                    {"malformed", says(`[[],[]]`)},
		"more behind":                 {"malformed", says(`[[]] [[]]`)},
		"no entity":                   {"malformed", says(finding(`"start":0,"end":5,"score":1`))},
		"no start":                    {"malformed", says(finding(`"entity_type":"PERSON","end":5,"score":1`))},
		"no end":                      {"malformed", says(finding(`"entity_type":"PERSON","start":0,"score":1`))},
		"no score":                    {"malformed", says(finding(`"entity_type":"PERSON","start":0,"end":5`))},
		"null finding":                {"malformed", says(`[[null]]`)},
		"text for a number":           {"malformed", says(finding(`"entity_type":"PERSON","start":"0","end":5,"score":1`))},
		"fraction":                    {"malformed", says(finding(`"entity_type":"PERSON","start":0.5,"end":5,"score":1`))},
		"before the text":             {"malformed", says(finding(`"entity_type":"PERSON","start":-1,"end":5,"score":1`))},
		"behind the text":             {"malformed", says(finding(`"entity_type":"PERSON","start":0,"end":12,"score":1`))},
		"far outside":                 {"malformed", says(finding(`"entity_type":"PERSON","start":9000000000000000000,"end":9100000000000000000,"score":1`))},
		"empty place":                 {"malformed", says(finding(`"entity_type":"PERSON","start":5,"end":5,"score":1`))},
		"backwards":                   {"malformed", says(finding(`"entity_type":"PERSON","start":5,"end":2,"score":1`))},
		"score NaN":                   {"malformed", says(finding(`"entity_type":"PERSON","start":0,"end":5,"score":NaN`))},
		"score over 1":                {"malformed", says(finding(`"entity_type":"PERSON","start":0,"end":5,"score":1.01`))},
		"score under 0":               {"malformed", says(finding(`"entity_type":"PERSON","start":0,"end":5,"score":-0.1`))},
		"of no interest, and outside": {"malformed", says(finding(`"entity_type":"OTHER","start":0,"end":50,"score":0.1`))},
		"huge": {"malformed", func(w http.ResponseWriter, _ *http.Request) bool {
			for range 1 << 10 {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<10)); err != nil {
					break
				}
			}
			return true
		}},
	} {
		t.Run(name, func(t *testing.T) {
			fake := names()
			var wrong atomic.Bool
			wrong.Store(true)
			fake.Fault = func(w http.ResponseWriter, r *http.Request) bool { return wrong.Load() && c.fault(w, r) }
			metrics := presidio.NewMetrics()
			client := newClient(t, serve(t, fake), func(o *presidio.Options) {
				o.Metrics, o.Failures = metrics, 100
				if c.result == "timeout" {
					o.Timeout = 50 * time.Millisecond
				}
			})
			must, err := classifiers.New(classifiers.Options{Remote: client, CacheBytes: 1 << 20}, quiet{})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				found, err := must.Classify(t.Context(), samples(text))
				if err == nil || found != nil || strings.Contains(err.Error(), "Weber") {
					t.Errorf("got %v, %v", found, err)
				}
			}
			if n := metric(t, metrics, "sluice_presidio_calls_total", c.result); n != 2 {
				t.Errorf("%v calls counted as %s", n, c.result)
			}
			if n := metric(t, metrics, "sluice_presidio_scans_total", "failed"); n != 2 {
				t.Errorf("%v scans counted as failed", n)
			}
			wrong.Store(false)
			if c.result == "timeout" {
				return // well, but perhaps not within so short a time
			}
			if found, err := must.Classify(t.Context(), samples(text)); err != nil || len(found) != 1 {
				t.Errorf("afterwards %v, %v", found, err)
			}
		})
	}
}

// TestDown shows that an analyzer that is not there is an error at once.
func TestDown(t *testing.T) {
	server := serve(t, names())
	server.Close()
	if found, err := newClient(t, server, nil).Analyze(t.Context(), samples("Nadia Weber")); err == nil || found != nil {
		t.Errorf("got %v, %v", found, err)
	}
}

// TestUnasked shows that what was not asked for is left out, an entity as well as a
// score that is too low, and that a score of 0 is no finding.
func TestUnasked(t *testing.T) {
	fake := names()
	fake.Fault = says(`[[{"entity_type":"PERSON","start":0,"end":2,"score":0.49},{"entity_type":"URL","start":0,"end":2,"score":1},{"entity_type":"PERSON","start":3,"end":5,"score":0}]]`)
	for _, threshold := range []float64{.5, 0} {
		found, err := newClient(t, serve(t, fake), func(o *presidio.Options) { o.Threshold = threshold }).Analyze(t.Context(), samples("Nadia Weber"))
		if want := map[float64]int{.5: 0, 0: 1}[threshold]; err != nil || len(found[0]) != want {
			t.Errorf("threshold %v: %v, %v", threshold, found, err)
		}
	}
}

// TestBreaker shows that the breaker opens after failures in a row, that nothing is
// asked then, that one call tries after the pause, and that it opens again or closes.
func TestBreaker(t *testing.T) {
	fake := names()
	var down atomic.Bool
	down.Store(true)
	fake.Fault = func(w http.ResponseWriter, _ *http.Request) bool {
		if !down.Load() {
			return false
		}
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	metrics := presidio.NewMetrics()
	const pause = 300 * time.Millisecond
	client := newClient(t, serve(t, fake), func(o *presidio.Options) { o.Metrics, o.Pause = metrics, pause })
	ask := func() error {
		_, err := client.Analyze(t.Context(), samples("Nadia Weber"))
		return err
	}
	state := func(want float64, asked int) {
		t.Helper()
		if got := metric(t, metrics, "sluice_presidio_breaker_state", ""); got != want {
			t.Errorf("the breaker's state is %v, want %v", got, want)
		}
		if got := len(fake.Asked()); got != asked {
			t.Errorf("%d calls, want %d", got, asked)
		}
	}
	for range 2 {
		_ = ask()
	}
	down.Store(false)
	if err := ask(); err != nil { // not in a row
		t.Error(err)
	}
	state(0, 3)
	down.Store(true)
	for range 10 {
		if ask() == nil {
			t.Error("no error")
		}
	}
	state(2, 3)
	time.Sleep(pause + 50*time.Millisecond)
	_ = ask() // tries, in vain
	_ = ask()
	state(2, 1)
	if n := metric(t, metrics, "sluice_presidio_calls_total", "open"); n != 8 {
		t.Errorf("%v calls counted as not made", n)
	}
	down.Store(false)
	time.Sleep(pause + 50*time.Millisecond)
	for range 3 {
		if err := ask(); err != nil {
			t.Error(err)
		}
	}
	state(0, 3)
}

// TestLeavingOpensNothing shows that clients who leave say nothing about the analyzer.
func TestLeavingOpensNothing(t *testing.T) {
	fake := names()
	var slow atomic.Bool
	slow.Store(true)
	asked := make(chan struct{}, 10)
	fake.Fault = func(_ http.ResponseWriter, r *http.Request) bool {
		if !slow.Load() {
			return false
		}
		asked <- struct{}{}
		<-r.Context().Done()
		return true
	}
	metrics := presidio.NewMetrics()
	client := newClient(t, serve(t, fake), func(o *presidio.Options) { o.Metrics = metrics })
	for range 5 {
		ctx, leave := context.WithCancel(t.Context())
		go func() {
			<-asked
			leave()
		}()
		if _, err := client.Analyze(ctx, samples("Nadia Weber")); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	slow.Store(false)
	if _, err := client.Analyze(t.Context(), samples("Nadia Weber")); err != nil {
		t.Error(err)
	}
	if left := metric(t, metrics, "sluice_presidio_scans_total", "left"); left != 5 {
		t.Errorf("%v counted as left", left)
	}
}

// TestBounds shows that no more calls are under way than are allowed, however many want
// to, and that one prompt does not wait longer than a few deadlines.
func TestBounds(t *testing.T) {
	fake := names()
	var now, most atomic.Int64
	fake.Fault = func(http.ResponseWriter, *http.Request) bool {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(20 * time.Millisecond)
		now.Add(-1)
		return false
	}
	server := serve(t, fake)
	client := newClient(t, server, func(o *presidio.Options) { o.MaxCalls, o.MaxBatch = 2, 1 })
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			all := samples(fmt.Sprint(i, " Köln"), "Nadia Weber", "nothing")
			if found, err := client.Analyze(t.Context(), all); err != nil || len(found[0]) != 1 || len(found[1]) != 2 || found[2] != nil {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
	group.Wait()
	if n := most.Load(); n != 2 {
		t.Errorf("%d calls at a time", n)
	}
	client = newClient(t, server, func(o *presidio.Options) { o.MaxCalls, o.MaxBatch, o.Timeout = 1, 1, 100*time.Millisecond })
	texts := make([]string, 200) // four seconds' worth
	for i := range texts {
		texts[i] = fmt.Sprint("Köln ", i)
	}
	start := time.Now()
	if _, err := client.Analyze(t.Context(), samples(texts...)); err == nil || time.Since(start) > 2*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
}

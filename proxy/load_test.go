package proxy_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// descriptors counts what the process has open.
func descriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestNothingIsLeftBehind sends 10,000 exchanges of every kind, many of which
// fail or are left by their clients, and looks for goroutines, descriptors and
// room that are still held.
func TestNothingIsLeftBehind(t *testing.T) {
	goroutines, files := runtime.NumGoroutine(), descriptors(t)
	t.Run("load", func(t *testing.T) {
		p := start(t, func(s *proxytest.Settings) { s.Log = zap.NewNop() })
		p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/break":
				io.WriteString(w, "half")
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			case "/stream":
				for range 3 {
					io.WriteString(w, "data: x\n\n")
					w.(http.Flusher).Flush()
				}
			default:
				io.Copy(w, r.Body)
			}
		}))
		const workers, each = 10, 1000
		var wait sync.WaitGroup
		for worker := range workers {
			wait.Add(1)
			go func() {
				defer wait.Done()
				client := p.Client("", worker%2 == 0)
				client.Transport.(*http.Transport).DisableKeepAlives = false
				defer client.CloseIdleConnections()
				for i := range each {
					mixed(t, p, client, i)
				}
			}()
		}
		wait.Wait()
		p.Stop(t)
		if open := metric(t, p, "sluice_exchanges_open"); open != 0 {
			t.Errorf("%v exchanges are still open", open)
		}
	})
	waitFor(t, "end of all goroutines", func() bool { return runtime.NumGoroutine() <= goroutines+2 })
	waitFor(t, "closing of all descriptors", func() bool { return descriptors(t) <= files+2 })
}

// mixed makes the i-th exchange.
func mixed(t *testing.T, p *proxytest.Proxy, client *http.Client, i int) {
	base := "https://" + host
	var r *http.Request
	switch i % 8 {
	case 0, 1:
		r, _ = http.NewRequest(http.MethodPost, base+"/v1/chat/completions", strings.NewReader(chat(fmt.Sprint("hello ", i))))
	case 2:
		r, _ = http.NewRequest(http.MethodPost, base+"/v1/chat/completions", strings.NewReader(chat("card 4111 1111 1111 1111")))
	case 3:
		r, _ = http.NewRequest(http.MethodPost, base+"/v1/chat/completions", strings.NewReader(`{"broken`))
	case 4:
		r, _ = http.NewRequest(http.MethodGet, base+"/stream", nil)
	case 5:
		r, _ = http.NewRequest(http.MethodGet, base+"/break", nil)
	case 6:
		r, _ = http.NewRequest(http.MethodGet, "https://chatgpt.com/backend-api/me", nil)
		if i%16 == 6 { // left before the reply is read
			if resp, err := client.Do(r); err == nil {
				resp.Body.Close()
			}
			return
		}
	case 7:
		if i%80 != 7 {
			r, _ = http.NewRequest(http.MethodGet, base+"/v1/models", nil)
			break
		}
		conn, err := net.Dial("tcp", p.Address) // a CONNECT that never speaks TLS
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, "CONNECT "+host+":443 HTTP/1.1\r\nHost: "+host+"\r\n\r\nnot TLS")
		conn.Close()
		return
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		return // some of these end so
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

// TestInspectingBoundsMemory sends 64 bodies of 16 MiB at once where there is
// room for a few. What is held never passes limits.inspecting; those that find
// no room in time are told so, the others go through.
func TestInspectingBoundsMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("a gigabyte through the race detector says nothing more: the budget has a race test of its own")
	}
	const inspecting = 128 << 20
	p := start(t, func(s *proxytest.Settings) {
		s.Log = zap.NewNop()
		s.Limits = func(l *proxy.Limits) { l.Inspecting = inspecting }
	})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { p.Origin.Received(); io.WriteString(w, "{}") }))
	payload := []byte(chat(strings.Repeat("lorem ipsum dolor sit amet ", 15<<20/27)))
	statuses := make(chan int, 64)
	var wait sync.WaitGroup
	stop := make(chan struct{})
	most := 0.0
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				most = max(most, metric(t, p, "sluice_inspecting_bytes"))
			}
		}
	}()
	for range 64 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			r, _ := http.NewRequest(http.MethodPost, "https://"+host+"/v1/chat/completions", bytes.NewReader(payload))
			r.Header.Set("Content-Type", "application/json")
			resp, err := p.Client("", false).Do(r)
			if err != nil {
				t.Error(err)
				statuses <- 0
				return
			}
			resp.Body.Close()
			statuses <- resp.StatusCode
		}()
	}
	wait.Wait()
	close(stop)
	<-watched
	count := map[int]int{}
	for range 64 {
		count[<-statuses]++
	}
	t.Logf("statuses %v, at most %.0f MiB held", count, most/(1<<20))
	if most > inspecting {
		t.Errorf("%.0f bytes were held, the limit is %d", most, inspecting)
	}
	if count[200] == 0 || count[200]+count[503] != 64 {
		t.Errorf("statuses are %v", count)
	}
	if held := metric(t, p, "sluice_inspecting_bytes"); held != 0 {
		t.Errorf("%.0f bytes are still held", held)
	}
}

// BenchmarkRoad is a small chat request to an approved service on a kept
// connection: straight to the origin, and down the whole road.
func BenchmarkRoad(b *testing.B) {
	body := chat(strings.Repeat("What is the capital of Freedonia? ", 60))
	p := start(b, func(s *proxytest.Settings) { s.Log = zap.NewNop() })
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { p.Origin.Received(); io.WriteString(w, `{"ok":true}`) }))
	run := func(b *testing.B, client *http.Client) {
		client.Transport.(*http.Transport).DisableKeepAlives = false
		defer client.CloseIdleConnections()
		for b.Loop() {
			r, _ := http.NewRequest(http.MethodPost, "https://"+host+"/v1/chat/completions", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			resp, err := client.Do(r)
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
	for _, h2 := range []bool{false, true} {
		name := map[bool]string{false: "h1", true: "h2"}[h2]
		b.Run("direct/"+name, func(b *testing.B) { run(b, p.Direct(h2)) })
		b.Run("road/"+name, func(b *testing.B) { run(b, p.Client("", h2)) })
	}
}

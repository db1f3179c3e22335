package proxy_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// BenchmarkProbe measures a small request alone, beside 1,000 idle tunnels, and
// while a client sends bombs of 1 GiB one after the other. It fails when the median
// beside tunnels is more than three times the one alone; and while bombs come, when
// it is longer than a bomb takes, which would mean that a probe waits for them.
func BenchmarkProbe(b *testing.B) {
	p := start(b, func(s *proxytest.Settings) { s.Log = zap.NewNop() })
	client := p.Client("", false)
	client.Transport.(*http.Transport).DisableKeepAlives = false
	ask := func(b *testing.B, body io.Reader, coding string, want int) time.Duration {
		b.Helper()
		r, _ := http.NewRequest(http.MethodPost, "https://"+host+"/v1/chat/completions", body)
		r.Header.Set("Content-Type", "application/json")
		if coding != "" {
			r.Header.Set("Content-Encoding", coding)
		}
		began := time.Now()
		resp, err := client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want {
			b.Fatalf("got %d, want %d", resp.StatusCode, want)
		}
		return time.Since(began)
	}
	probes := func(b *testing.B) time.Duration {
		b.Helper()
		var took []time.Duration
		for b.Loop() {
			took = append(took, ask(b, strings.NewReader(chat("hello")), "", http.StatusOK))
			p.Origin.Received()
		}
		slices.Sort(took)
		median := took[len(took)/2]
		b.ReportMetric(float64(median.Microseconds())/1000, "median-ms")
		return median
	}
	var alone time.Duration
	b.Run("alone", func(b *testing.B) { alone = probes(b) })
	b.Run("1,000 idle tunnels", func(b *testing.B) {
		for range 1000 {
			conn, resp := p.Connect(b, "intranet.example:443")
			if resp.StatusCode != http.StatusOK {
				b.Fatalf("CONNECT: %s", resp.Status)
			}
			conn.SetDeadline(time.Time{})
			if err := tls.Client(conn, &tls.Config{ServerName: "intranet.example", InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}).Handshake(); err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
		}
		if median := probes(b); alone > 0 && median > 3*alone {
			b.Errorf("a probe takes %s, alone %s", median, alone)
		}
	})
	b.Run("bombs", func(b *testing.B) {
		var bomb bytes.Buffer
		w, _ := gzip.NewWriterLevel(&bomb, gzip.BestCompression)
		for range 1 << 10 {
			w.Write(make([]byte, 1<<20))
		}
		w.Close()
		stop, done := make(chan struct{}), make(chan []time.Duration)
		thrower := p.Client("", false)
		go func() {
			var took []time.Duration
			defer func() { done <- took }()
			for {
				select {
				case <-stop:
					return
				default:
				}
				r, _ := http.NewRequest(http.MethodPost, "https://"+host+"/v1/chat/completions", bytes.NewReader(bomb.Bytes()))
				r.Header = http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}
				began := time.Now()
				resp, err := thrower.Do(r)
				if err != nil {
					continue // it may see the connection's end before the answer
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusRequestEntityTooLarge {
					b.Errorf("a bomb gets %d", resp.StatusCode)
					return
				}
				took = append(took, time.Since(began))
			}
		}()
		median := probes(b)
		close(stop)
		bombs := <-done
		if len(bombs) == 0 {
			return // too few probes for one
		}
		slices.Sort(bombs)
		b.ReportMetric(float64(bombs[len(bombs)/2].Microseconds())/1000, "bomb-median-ms")
		if longest := bombs[len(bombs)-1]; median > longest {
			b.Errorf("a probe takes %s, a bomb %s", median, longest)
		}
	})
}

package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"testing"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// BenchmarkReplyEvent measures what one event of a stream takes from the origin
// to the client, with reply inspection and without.
func BenchmarkReplyEvent(b *testing.B) {
	for _, inspect := range []bool{false, true} {
		b.Run(fmt.Sprintf("inspect=%v", inspect), func(b *testing.B) {
			next := make(chan struct{})
			p := proxytest.Start(b, proxytest.Settings{
				Hosts: []string{host}, Sanctioned: []string{"openai-api"}, Log: zap.NewNop(),
				Change: func(parts *proxy.Parts) { parts.Options.InspectReplies = inspect },
			})
			p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", "text/event-stream")
				_ = http.NewResponseController(w).Flush()
				for range next {
					_, _ = io.WriteString(w, token(" another"))
					_ = http.NewResponseController(w).Flush()
				}
			}))
			lines := bufio.NewReader(stream(b, p, true).Body)
			for b.Loop() {
				next <- struct{}{}
				for range 2 {
					if _, err := lines.ReadString('\n'); err != nil {
						b.Fatal(err)
					}
				}
			}
			close(next)
		})
	}
}

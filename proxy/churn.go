package proxy

import (
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// An HTTP/2 client may take requests back, but not do little else: a connection
// ends when at least churnLeast of its requests, and more than half of them, were
// taken back within churnSoon. net/http only bounds how many run at a time: a
// client that resets as fast as it asks (CVE-2023-44487) is served, one request
// after the other, for as long as it likes. The numbers are Envoy's (500 streams
// and a second: overload.premature_reset_total_stream_count).
const (
	churnLeast = 250
	churnSoon  = time.Second
)

// A churn counts the requests of one HTTP/2 connection, and those that were taken
// back. It is safe for concurrent use.
type churn struct {
	began, back atomic.Int64
	over        atomic.Bool
}

// watch counts a request. What it returns is to be called when the request is
// over: it closes the connection of a client that takes too many back.
func (c *churn) watch(r *http.Request, answered func() bool) func() {
	c.began.Add(1)
	start := time.Now()
	return func() {
		if r.Context().Err() == nil || time.Since(start) > churnSoon || answered() {
			return
		}
		if back := c.back.Add(1); back >= churnLeast && back > c.began.Load()/2 && c.over.CompareAndSwap(false, true) {
			_ = r.Context().Value(connKey{}).(net.Conn).Close() // which ends what else runs on it
		}
	}
}

// Package proxy is the road that every request takes: accept, identify the
// destination, identify the user, extract, classify, decide, enforce, forward,
// inspect the response, record.
//
// The order of the stages is a security property, so it stands as plain
// statements in [Pipeline.RoundTrip], and for CONNECT in [Pipeline.Connect].
// There is one road for every transport: absolute-form requests, intercepted
// HTTP/1.1 and HTTP/2 differ only in how bytes come in and go out.
//
// How it stands on goproxy (goproxy.go is the only file that knows it): the outer
// net/http server gives CONNECT and absolute-form requests to goproxy, which
// hijacks the former for us and calls our RoundTrip for the latter. An
// intercepted connection ends its TLS in intercept.go and goes to an inner
// net/http server, whose handler calls goproxy again. goproxy's own interception
// loop is never used: it has no limits, no deadlines, and takes the destination
// from the Host header.
//
// Decisions that stand here:
//
//   - A refusal is a response. A stage returns a *refusal, whose table in
//     refusal.go holds everything that can end an exchange.
//   - Nothing passes because something failed: an error that is no refusal is
//     "internal", and so is a panic.
//   - The scheme, host and port of a request behind a CONNECT are the CONNECT's.
//   - What was redacted is read again before it leaves.
//   - A reply that breaks off is broken for the client too: goproxy would end it
//     cleanly, so the handler aborts the connection.
//   - Upstream silence has no limit, since models think for minutes; a client
//     that leaves cancels, TCP keep-alive and HTTP/2 pings find dead peers.
package proxy

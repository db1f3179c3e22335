package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Proxy is the whole proxy: the outer server that clients speak to, the inner
// one that intercepted connections are handed to, and the road.
type Proxy struct {
	pipeline *Pipeline
	engine   http.Handler
	outer    *http.Server
	inner    *http.Server
	opening  connSet // CONNECTs on their way to the inner server or a tunnel
	hijacked connSet
	guests   guests
	draining chan struct{}
	once     sync.Once
}

// New builds a proxy from its parts. It starts nothing.
func New(parts Parts) (*Proxy, error) {
	if err := parts.validate(); err != nil {
		return nil, err
	}
	pipeline, err := newPipeline(parts)
	if err != nil {
		return nil, err
	}
	p := &Proxy{pipeline: pipeline, guests: guests{queue: newConnQueue()}, draining: make(chan struct{})}
	p.engine = newEngine(p.connect, pipeline, http.HandlerFunc(p.direct), parts.Log)

	limits := parts.Options.Limits
	quiet := log.New(serverLog{parts.Log}, "", 0)
	var h1, both http.Protocols
	h1.SetHTTP1(true)
	both.SetHTTP1(true)
	both.SetHTTP2(true)
	p.outer = &http.Server{
		Handler:           http.HandlerFunc(p.serveOuter),
		Protocols:         &h1, // CONNECT over HTTP/2 cannot be hijacked
		ReadHeaderTimeout: limits.HeaderTimeout,
		IdleTimeout:       limits.Idle,
		MaxHeaderBytes:    limits.Header,
		ErrorLog:          quiet,
		ConnState:         patientAgain(pipeline.watched()),
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, conn)
		},
	}
	p.inner = &http.Server{
		Handler:           http.HandlerFunc(p.serveInner),
		Protocols:         &both,
		TLSConfig:         &tls.Config{NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: limits.HeaderTimeout,
		IdleTimeout:       limits.Idle,
		MaxHeaderBytes:    limits.Header,
		ErrorLog:          quiet,
		ConnState:         patientAgain(pipeline.metrics.unanswered()),
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 100, SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(context.WithValue(ctx, connKey{}, conn), connectKey{}, innerOf(conn).connect)
		},
	}
	return p, nil
}

// Serve serves until ctx ends, then drains: it stops accepting, lets open
// exchanges and tunnels finish for at most Options.Drain, and closes the rest.
// It returns when nothing of it runs any more.
func (p *Proxy) Serve(ctx context.Context, listeners ...net.Listener) error {
	errs := make(chan error, len(listeners)+1)
	var wait sync.WaitGroup
	serve := func(s *http.Server, l net.Listener) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				errs <- err
			}
		}()
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx)) // the drain needs it too
	wait.Go(func() { p.pipeline.pressure.run(watching, p.keepAlives) })
	serve(p.inner, p.pipeline.inner)
	serve(p.outer, p.guests.queue)
	for _, l := range listeners {
		serve(p.outer, p.newDoor(l))
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-errs:
	}
	p.drain()
	stop()
	wait.Wait()
	p.guests.dismiss()
	return err
}

// Reload puts other parts in force, whole, or none of them. An exchange runs to
// its end on those that it began with, also a tunnel; the next request of a kept
// connection is a new exchange. Upstream connections are kept only when Dialer and
// Roots are the same as before.
//
// Metrics and the limits that the servers were made with stay as they were at New:
// Inspecting, Memory, Header, HeaderTimeout, and Idle between requests.
func (p *Proxy) Reload(parts Parts) error {
	if err := parts.validate(); err != nil {
		return err
	}
	old := p.pipeline.current.Load()
	next := newSnapshot(parts, old)
	p.pipeline.current.Store(next)
	if next.upstream != old.upstream {
		old.upstream.close()
	}
	return nil
}

// Parts returns those in force.
func (p *Proxy) Parts() Parts { return p.pipeline.current.Load().Parts }

func (p *Proxy) options() Options { return p.pipeline.current.Load().Options }

// Draining is closed when the proxy has begun to drain.
func (p *Proxy) Draining() <-chan struct{} { return p.draining }

// keepAlives says whether clients may keep connections that are idle.
func (p *Proxy) keepAlives(keep bool) {
	for _, server := range []*http.Server{p.outer, p.inner} {
		server.SetKeepAlivesEnabled(keep)
	}
}

// drain lets everything that has begun come to its end. The order keeps a CONNECT
// that was accepted a moment ago from finding the inner server closed: the outer
// server lets go of its connections, then those that are opening are handed over,
// then the inner server ends. Until then each reply is the last of its connection.
func (p *Proxy) drain() {
	p.once.Do(func() { close(p.draining) })
	ctx, cancel := context.WithTimeout(context.Background(), p.options().Drain)
	defer cancel()
	shutDown(ctx, p.outer)
	p.opening.wait(ctx)
	shutDown(ctx, p.inner) // GOAWAY on HTTP/2
	p.hijacked.wait(ctx)
	p.hijacked.closeAll()
	p.hijacked.wait(context.Background())
	p.pipeline.close()
}

// patientAgain takes the write deadline away that stands while net/http ends a reply.
func patientAgain(next func(net.Conn, http.ConnState)) func(net.Conn, http.ConnState) {
	return func(conn net.Conn, state http.ConnState) {
		if state == http.StateIdle {
			_ = conn.SetWriteDeadline(time.Time{})
		}
		next(conn, state)
	}
}

func shutDown(ctx context.Context, server *http.Server) {
	if server.Shutdown(ctx) != nil {
		_ = server.Close() // out of time: what is left is cut
	}
}

// isDraining reports whether drain has begun.
func (p *Proxy) isDraining() bool {
	select {
	case <-p.draining:
		return true
	default:
		return false
	}
}

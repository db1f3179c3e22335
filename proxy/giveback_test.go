package proxy_test

import (
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// A gate stands before an origin, and hangs up on everybody while it is shut.
type gate struct {
	net.Listener
	shut atomic.Bool
	to   atomic.Pointer[string]
}

func newGate(t *testing.T) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{Listener: l}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { g.carry(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return g
}

func (g *gate) carry(conn net.Conn) {
	defer conn.Close()
	if g.shut.Load() {
		return
	}
	origin, err := net.Dial("tcp", *g.to.Load())
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(origin, conn)
		origin.Close()
	}()
	_, _ = io.Copy(conn, origin)
}

// permitted is a proxy whose origin stands behind a gate, and a permit of ana's for
// a prompt.
func permitted(t *testing.T) (p *proxytest.Proxy, g *gate) {
	t.Helper()
	g = newGate(t)
	p = asked(t, func(s *proxytest.Settings) { s.Hosts, s.Resolve = nil, map[string]string{host: g.Addr().String()} })
	g.to.Store(&p.Origin.TLS)
	_, said, _ := sendAs(t, p, "ana", "m", permittedPrompt)
	if status, _ := visit(t, p, "ana", http.MethodPost, noticeIn(t, said), choose("as_is")); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	return p, g
}

const permittedPrompt = "Write to jo.doe@example.org"

// TestPermitOfWhatWasNotSent: where no connection to the service came about, nothing was
// sent, and the permit holds for one send more.
func TestPermitOfWhatWasNotSent(t *testing.T) {
	p, g := permitted(t)
	g.shut.Store(true)
	for range 3 {
		if status, said, received := sendAs(t, p, "ana", "m", permittedPrompt); status != http.StatusBadGateway || received != "" {
			t.Fatalf("%d %s", status, said)
		}
	}
	g.shut.Store(false)
	if status, said, received := sendAs(t, p, "ana", "m", permittedPrompt); status != http.StatusOK || received == "" {
		t.Errorf("%d %s", status, said)
	}
	if status, _, _ := sendAs(t, p, "ana", "m", permittedPrompt); status != http.StatusForbidden {
		t.Errorf("a second send: %d", status)
	}
	if spent, back := counter(t, p, "sluice_permits_total", "event", "spent"), counter(t, p, "sluice_permits_total", "event", "given_back"); spent != 4 || back != 3 {
		t.Errorf("%v spent, %v given back", spent, back)
	}
}

// TestPermitOfWhatMayHaveBeenSent: what broke off after the connection had come about may
// have been sent.
func TestPermitOfWhatMayHaveBeenSent(t *testing.T) {
	p, _ := permitted(t)
	p.Origin.Handle(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	if status, said, _ := sendAs(t, p, "ana", "m", permittedPrompt); status != http.StatusBadGateway {
		t.Fatalf("%d %s", status, said)
	}
	if status, _, _ := sendAs(t, p, "ana", "m", permittedPrompt); status != http.StatusForbidden {
		t.Errorf("%d", status)
	}
}

// TestPermitGivenBackOnce: however many fail and pass at the same time, what was
// permitted once goes through once.
func TestPermitGivenBackOnce(t *testing.T) {
	p, g := permitted(t)
	g.shut.Store(true)
	var passed, failed atomic.Int32
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			if i == 12 {
				g.shut.Store(false)
			}
			switch status, said, _ := sendAs(t, p, "ana", "m", permittedPrompt); status {
			case http.StatusOK:
				passed.Add(1)
			case http.StatusBadGateway:
				failed.Add(1)
			case http.StatusForbidden:
			default:
				t.Errorf("%d %s", status, said)
			}
		})
	}
	all.Wait()
	status, _, _ := sendAs(t, p, "ana", "m", permittedPrompt)
	if status == http.StatusOK {
		passed.Add(1)
	}
	if passed.Load() != 1 {
		t.Errorf("%d passed, %d failed", passed.Load(), failed.Load())
	}
}

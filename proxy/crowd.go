package proxy

import (
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sluice-proxy/sluice/policy"
)

// What one client may have several of at a time.
const (
	connections = iota // open connections to the proxy
	exchanges          // requests under way
	tunnels            // connections that are relayed unread
	handshakes         // TLS handshakes with the proxy's own certificate
	kinds
)

// A crowd counts what each client has open, so that one cannot take the proxy
// away from the others. An IPv6 client is its /64: the rest of the address is
// its own to choose (RFC 4291 section 2.5.1). It is safe for concurrent use.
type crowd struct {
	limits func() Limits

	mu    sync.Mutex
	conns int
	of    map[netip.Prefix]*[kinds]int
}

func newCrowd(limits func() Limits, r prometheus.Registerer) (*crowd, error) {
	c := &crowd{limits: limits, of: map[netip.Prefix]*[kinds]int{}}
	return c, r.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sluice_connections_open",
		Help: "Connections of clients that are open now, of limits.connections."}, c.open))
}

// clientKey is who counts as one client.
func clientKey(addr netip.Addr) netip.Prefix {
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	key, _ := addr.Prefix(bits) // the zero Prefix for no address at all
	return key
}

// enter counts one more of a kind and reports whether there was room for it.
// leave must be called either way.
func (c *crowd) enter(client netip.Addr, kind int) bool {
	key, l := clientKey(client), c.limits()
	most := [kinds]int{l.ClientConnections, l.ClientExchanges, l.ClientTunnels, l.ClientHandshakes}[kind]
	c.mu.Lock()
	defer c.mu.Unlock()
	has := c.of[key]
	if has == nil {
		has = new([kinds]int)
		c.of[key] = has
	}
	has[kind]++
	if kind == connections {
		c.conns++
		return has[kind] <= most && c.conns <= l.Connections
	}
	return has[kind] <= most
}

// leave takes back what enter counted.
func (c *crowd) leave(client netip.Addr, kind int) {
	key := clientKey(client)
	c.mu.Lock()
	defer c.mu.Unlock()
	has := c.of[key]
	has[kind]--
	if kind == connections {
		c.conns--
	}
	if *has == [kinds]int{} {
		delete(c.of, key)
	}
}

// open is how many connections there are.
func (c *crowd) open() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return float64(c.conns)
}

// watched tells the metrics and the crowd of the state of each connection. One
// too many is closed without a word. A hijacked one is counted on until whoever
// took it over leaves.
func (p *Pipeline) watched() func(net.Conn, http.ConnState) {
	unanswered := p.metrics.unanswered()
	return func(conn net.Conn, state http.ConnState) {
		unanswered(conn, state)
		switch state {
		case http.StateNew:
			if !p.crowd.enter(clientAddr(conn.RemoteAddr().String()), connections) {
				p.metrics.refused.WithLabelValues("too_many_connections").Inc()
				_ = conn.Close() // its server sees that, and says StateClosed
			}
		case http.StateClosed:
			p.crowd.leave(clientAddr(conn.RemoteAddr().String()), connections)
		}
	}
}

// seat is the end of stage 1: there is room for one more exchange, of this
// client and at all. complete gives the seat back.
func (p *Pipeline) seat(x *Exchange) error {
	if x.Phase == policy.PhaseRequest {
		x.seated = true
		p.pressure.join(x)
		if !p.crowd.enter(x.Client, exchanges) {
			return refuseFor("client_busy", nil)
		}
	}
	if level := p.pressure.now(); level >= levelRefuse || level >= levelSpare && x.upgrade {
		return refuseFor("overloaded", nil)
	}
	return nil
}

// unseat gives back what seat took.
func (p *Pipeline) unseat(x *Exchange) {
	if x.seated {
		x.seated = false
		p.pressure.part(x)
		p.crowd.leave(x.Client, exchanges)
	}
}

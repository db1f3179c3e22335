package proxy

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestPressureSteps(t *testing.T) {
	p, err := newPressure(1000, func() uint64 { return 0 }, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		used uint64
		want int
	}{
		{0, levelCalm}, {799, levelCalm}, {800, levelSpare}, {899, levelSpare}, {760, levelSpare}, {749, levelCalm},
		{900, levelRefuse}, {860, levelRefuse}, {840, levelSpare}, {990, levelShed}, {910, levelShed}, {899, levelRefuse},
		{100, levelCalm}, {2000, levelShed}, {0, levelCalm},
	} {
		if got := p.step(c.used); got != c.want {
			t.Fatalf("%d: at %d the level is %d, want %d", i, c.used, got, c.want)
		}
	}
}

// TestMemoryInUse shows that what is held counts and garbage does not.
func TestMemoryInUse(t *testing.T) {
	before := memoryInUse()
	if before == 0 || before > 4<<30 {
		t.Fatalf("%d bytes are in use", before)
	}
}

// TestCrowd counts clients of both families.
func TestCrowd(t *testing.T) {
	c, err := newCrowd(func() Limits {
		return Limits{Connections: 5, ClientConnections: 3, ClientExchanges: 1, ClientTunnels: 2, ClientHandshakes: 1}
	}, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	enter := func(addr netip.Addr, kind int, want bool) {
		t.Helper()
		if c.enter(addr, kind) != want {
			t.Errorf("%s, kind %d: entered %v", addr, kind, !want)
		}
	}
	for range 3 {
		enter(a, connections, true)
	}
	enter(a, connections, false)
	c.leave(a, connections)
	enter(b, connections, true)
	enter(b, connections, true)
	enter(b, connections, false) // it has two, but all together have five
	enter(a, exchanges, true)
	enter(a, exchanges, false)
	enter(b, exchanges, true)

	// One IPv6 client is its network.
	enter(netip.MustParseAddr("2001:db8::1"), handshakes, true)
	enter(netip.MustParseAddr("2001:db8::2"), handshakes, false)
	enter(netip.MustParseAddr("2001:db8:0:1::1"), handshakes, true)
	enter(netip.Addr{}, handshakes, true) // an address that is none counts too

	for range 3 {
		c.leave(a, connections)
		c.leave(b, connections)
	}
	for _, addr := range []netip.Addr{a, a, b} {
		c.leave(addr, exchanges)
	}
	for _, addr := range []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"} {
		c.leave(netip.MustParseAddr(addr), handshakes)
	}
	c.leave(netip.Addr{}, handshakes)
	if len(c.of) != 0 || c.conns != 0 {
		t.Errorf("%d clients and %d connections are left", len(c.of), c.conns)
	}
}

// TestPace shows what a client may take its time for.
func TestPace(t *testing.T) {
	p := newPace(http.NewResponseController(nil), Limits{BodyRate: 100, BodyGrace: 10 * time.Second})
	for _, c := range []struct {
		waited time.Duration
		got    int64
		left   time.Duration
	}{
		{0, 0, 10 * time.Second},
		{9 * time.Second, 0, time.Second},
		{11 * time.Second, 0, -time.Second},
		{11 * time.Second, 200, time.Second},
		{0, 1 << 20, bodyStall}, // what was sent fast does not buy a longer silence
	} {
		p.waited, p.got = c.waited, c.got
		if left := p.left(); left != c.left {
			t.Errorf("after %s and %d bytes: %s are left, want %s", c.waited, c.got, left, c.left)
		}
	}
	p.rate = 0
	if p.left() != bodyStall {
		t.Error("without a rate only silence ends a body")
	}
}

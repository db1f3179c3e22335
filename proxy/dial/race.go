package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// stagger is how long an attempt is alone before the next begins (RFC 8305
// section 5, Connection Attempt Delay).
const stagger = 250 * time.Millisecond

// race connects to the first of the checked addresses that answers: one after
// the other with a head start, the families in turn (RFC 8305). It returns when
// all attempts have ended. The error is that of the first attempt.
func (d *Dialer) race(ctx context.Context, addrs []netip.AddrPort, trusted bool) (net.Conn, error) {
	if len(addrs) == 1 {
		return d.connect(ctx, addrs[0], trusted)
	}
	addrs = interleave(addrs)
	ctx, cancel := context.WithCancel(ctx)
	type result struct {
		n    int
		conn net.Conn
		err  error
	}
	results := make(chan result, len(addrs))
	var attempts sync.WaitGroup
	attempt := func(n int) {
		attempts.Go(func() {
			conn, err := d.connect(ctx, addrs[n], trusted)
			results <- result{n, conn, err}
		})
	}
	timer := time.NewTimer(stagger)
	defer timer.Stop()
	attempt(0)
	var (
		winner net.Conn
		first  error
		began  = 1
		ended  = 0
	)
	next := func() {
		if began < len(addrs) {
			attempt(began)
			began++
			timer.Reset(stagger)
		}
	}
	for winner == nil && ended < len(addrs) && (ended < began || ctx.Err() == nil) {
		select {
		case r := <-results:
			ended++
			winner = r.conn
			if r.err != nil {
				if first == nil || r.n == 0 {
					first = r.err
				}
				if ctx.Err() == nil {
					next()
				}
			}
		case <-timer.C:
			next()
		}
	}
	cancel()
	attempts.Wait()
	close(results)
	for r := range results { // those that came second
		if r.conn != nil {
			_ = r.conn.Close()
		}
	}
	if winner == nil {
		return nil, first
	}
	return winner, nil
}

// interleave puts the families in turn, beginning with that of the first
// address; the resolver's order holds within each.
func interleave(addrs []netip.AddrPort) []netip.AddrPort {
	var one, two []netip.AddrPort
	for _, a := range addrs {
		if a.Addr().Is4() == addrs[0].Addr().Is4() {
			one = append(one, a)
		} else {
			two = append(two, a)
		}
	}
	out := make([]netip.AddrPort, 0, len(addrs))
	for len(one)+len(two) > 0 {
		if len(one) > 0 {
			out, one = append(out, one[0]), one[1:]
		}
		if len(two) > 0 {
			out, two = append(out, two[0]), two[1:]
		}
	}
	return out
}

// errSwapped cannot happen: a literal address is dialled as it is.
var errSwapped = errors.New("another address than the checked one")

// connect dials one literal address. The socket is checked once more before
// connect(2), where nothing can come in between.
func (d *Dialer) connect(ctx context.Context, addr netip.AddrPort, trusted bool) (net.Conn, error) {
	dialer := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: d.keepAlive, Interval: d.keepAlive},
		Control: func(_, address string, _ syscall.RawConn) error {
			got, err := netip.ParseAddrPort(address)
			if err != nil || netip.AddrPortFrom(got.Addr().Unmap(), got.Port()) != addr {
				return fmt.Errorf("%w: %w", errSwapped, ErrPrivate)
			}
			return d.guard.check(addr, trusted)
		},
	}
	return dialer.DialContext(ctx, "tcp", addr.String())
}

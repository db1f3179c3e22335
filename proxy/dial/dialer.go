package dial

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

// A Resolver looks up addresses; *net.Resolver is one. It is asked for network
// "ip" and is called concurrently.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Config says what may be reached, and how.
type Config struct {
	Resolve      map[string]string       // host, or .host with its sub-domains, to the IP:port that is dialled for it; exact before the longest suffix
	AllowPrivate []netip.Prefix          // addresses that may be dialled although they are not public
	Ports        []PortRange             // nil: 443 and 80
	Self         func() []netip.AddrPort // the proxy's own listeners; called for every dial; may be nil
	Parent       *url.URL                // http or https proxy for everything but Resolve; it resolves names
	RootCAs      *x509.CertPool          // for an https parent; nil: the system's
	Resolver     Resolver                // nil: the system's
	Timeout      time.Duration           // of a whole dial, lookup included; 0: 10 s
	KeepAlive    time.Duration           // between TCP probes; 0: 15 s
}

// A PortRange is First to Last, both included.
type PortRange struct{ First, Last uint16 }

// ParsePortRange reads "443" or "18440-18449".
func ParsePortRange(s string) (PortRange, error) {
	first, last, ranged := strings.Cut(s, "-")
	if !ranged {
		last = first
	}
	a, err := destination.ParsePort(first)
	if err != nil {
		return PortRange{}, fmt.Errorf("dial: parse port range: %w", err)
	}
	b, err := destination.ParsePort(last)
	if err != nil {
		return PortRange{}, fmt.Errorf("dial: parse port range: %w", err)
	}
	if a > b {
		return PortRange{}, fmt.Errorf("dial: parse port range: ends before it begins: %w", destination.ErrBadPort)
	}
	return PortRange{a, b}, nil
}

// A Dialer makes connections to addresses that it has checked. It is safe for
// concurrent use and holds nothing that needs closing.
type Dialer struct {
	ports     []PortRange
	entries   []resolveEntry // exact first, then the longest suffix
	guard     guard
	resolver  Resolver
	parent    *parent
	timeout   time.Duration
	keepAlive time.Duration
}

type resolveEntry struct {
	pattern destination.HostPattern
	addr    netip.AddrPort
}

// New reports everything that is wrong with a configuration, joined.
func New(cfg Config) (*Dialer, error) {
	d := &Dialer{
		ports:     cfg.Ports,
		guard:     guard{listeners: cfg.Self, own: ownAddresses{read: net.InterfaceAddrs}},
		resolver:  cfg.Resolver,
		timeout:   cfg.Timeout,
		keepAlive: cfg.KeepAlive,
	}
	var errs []error
	if d.ports == nil {
		d.ports = []PortRange{{443, 443}, {80, 80}}
	}
	if d.resolver == nil {
		d.resolver = net.DefaultResolver
	}
	if d.timeout == 0 {
		d.timeout = 10 * time.Second
	}
	if d.keepAlive == 0 {
		d.keepAlive = 15 * time.Second
	}
	if d.timeout < 0 || d.keepAlive < 0 {
		errs = append(errs, errors.New("dial: timeout and keep-alive want to be positive"))
	}
	for _, p := range d.ports {
		if p.First == 0 || p.First > p.Last {
			errs = append(errs, fmt.Errorf("upstream.ports: %d-%d is not a range", p.First, p.Last))
		}
	}
	for i, p := range cfg.AllowPrivate {
		if !p.IsValid() {
			errs = append(errs, fmt.Errorf("upstream.allow_private[%d]: not a CIDR", i))
			continue
		}
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		d.guard.allow = append(d.guard.allow, p.Masked())
	}
	var problems []error
	d.entries, problems = parseResolve(cfg.Resolve)
	errs = append(errs, problems...)
	if cfg.Parent != nil {
		var err error
		if d.parent, err = newParent(cfg.Parent, cfg.RootCAs); err != nil {
			errs = append(errs, fmt.Errorf("upstream.parent: %w", err))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return d, nil
}

func parseResolve(resolve map[string]string) ([]resolveEntry, []error) {
	var (
		entries []resolveEntry
		errs    []error
	)
	for _, name := range slices.Sorted(maps.Keys(resolve)) {
		value := resolve[name]
		pattern, err := destination.ParseHostPattern(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("upstream.resolve[%q]: %w", name, err))
		}
		addr, addrErr := netip.ParseAddrPort(value)
		if addrErr != nil || addr.Port() == 0 || addr.Addr().Zone() != "" {
			errs = append(errs, fmt.Errorf("upstream.resolve[%q]: wants an address and a port, such as 127.0.0.1:9443", name))
			continue
		}
		if slices.ContainsFunc(entries, func(e resolveEntry) bool { return e.pattern == pattern }) {
			errs = append(errs, fmt.Errorf("upstream.resolve[%q]: given twice in different spellings", name))
		}
		entries = append(entries, resolveEntry{pattern, netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())})
	}
	slices.SortFunc(entries, func(a, b resolveEntry) int {
		if a.pattern.Subdomains != b.pattern.Subdomains {
			if b.pattern.Subdomains {
				return -1
			}
			return 1
		}
		return len(b.pattern.Host) - len(a.pattern.Host)
	})
	return entries, errs
}

// entry finds the upstream.resolve entry of a host.
func (d *Dialer) entry(host string) (resolveEntry, bool) {
	for _, e := range d.entries {
		if e.pattern.Match(host) {
			return e, true
		}
	}
	return resolveEntry{}, false
}

// localhost is this machine, by any of its names (RFC 6761 section 6.3).
var localhost = destination.HostPattern{Host: "localhost", Subdomains: true}

// CheckTarget says before any dial whether a target is refused by its port, its
// name, or its address where it is one. The error is an [*Error].
func (d *Dialer) CheckTarget(t destination.Target) error {
	refuse := func(kind, cause error) error { return &Error{Target: t, Kind: kind, Cause: cause} }
	if !slices.ContainsFunc(d.ports, func(p PortRange) bool { return p.First <= t.Port && t.Port <= p.Last }) {
		return refuse(ErrPort, nil)
	}
	e, given := d.entry(t.Host)
	if slices.Contains(metadataNames, t.Host) && (!given || e.pattern.Subdomains) {
		return refuse(ErrMetadata, nil)
	}
	switch {
	case given:
		if err := d.guard.check(e.addr, true); err != nil {
			return refuse(kindOf(err), err)
		}
	case t.IP.IsValid():
		if err := d.guard.check(netip.AddrPortFrom(t.IP, t.Port), false); err != nil {
			return refuse(kindOf(err), err)
		}
	case d.parent != nil && localhost.Match(t.Host):
		return refuse(ErrPrivate, nil) // the parent would reach itself
	}
	return nil
}

// Dial connects to a target: to the address of its upstream.resolve entry, else
// through the parent proxy, else to one of the addresses that its name has and
// that are allowed. Without an https parent the connection is a *net.TCPConn.
// Errors are of type [*Error].
func (d *Dialer) Dial(ctx context.Context, t destination.Target) (net.Conn, error) {
	if err := d.CheckTarget(t); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	var (
		conn net.Conn
		err  error
	)
	if e, given := d.entry(t.Host); given {
		conn, err = d.race(ctx, []netip.AddrPort{e.addr}, true)
	} else if d.parent != nil {
		conn, err = d.dialParent(ctx, t)
	} else {
		conn, err = d.dialDirect(ctx, t)
	}
	if err != nil {
		return nil, &Error{Target: t, Kind: kindOf(err), Cause: err}
	}
	return conn, nil
}

// dialDirect resolves a target once and races its allowed addresses.
func (d *Dialer) dialDirect(ctx context.Context, t destination.Target) (net.Conn, error) {
	if t.IP.IsValid() {
		return d.race(ctx, []netip.AddrPort{netip.AddrPortFrom(t.IP, t.Port)}, false)
	}
	found, err := d.lookup(ctx, t.Host)
	if err != nil {
		return nil, err
	}
	var (
		allowed []netip.AddrPort
		refused error
	)
	for _, ip := range found {
		addr := netip.AddrPortFrom(ip, t.Port)
		if err := d.guard.check(addr, false); err != nil {
			if refused == nil || errors.Is(err, ErrSelf) {
				refused = err
			}
			continue
		}
		allowed = append(allowed, addr)
	}
	if len(allowed) == 0 {
		return nil, refused
	}
	return d.race(ctx, allowed, false)
}

// maxAddresses bounds what a resolver's answer can make us try.
const maxAddresses = 16

// lookup resolves a name into unmapped addresses without repetitions, at least
// one.
func (d *Dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	found, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	for _, ip := range found {
		if ip = ip.Unmap(); ip.IsValid() && !slices.Contains(addrs, ip) && len(addrs) < maxAddresses {
			addrs = append(addrs, ip)
		}
	}
	if len(addrs) == 0 {
		return nil, ErrNoHost
	}
	return addrs, nil
}

// ResolvesTo reports whether a normalised name has an address, now. It is for a
// CONNECT to an address whose ClientHello carries the name.
func (d *Dialer) ResolvesTo(ctx context.Context, name string, ip netip.Addr) (bool, error) {
	ip = ip.Unmap()
	if e, given := d.entry(name); given {
		return e.addr.Addr() == ip, nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	found, err := d.lookup(ctx, name)
	if err != nil {
		return false, fmt.Errorf("dial: resolve %s: %w", name, err)
	}
	return slices.Contains(found, ip), nil
}

// basic is the value of a Proxy-Authorization header (RFC 7617).
func basic(user *url.Userinfo) string {
	password, _ := user.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password))
}

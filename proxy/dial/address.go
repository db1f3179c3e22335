package dial

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// notPublic4 is the IPv4 special-purpose registry of IANA (RFC 6890) where it
// says "not globally reachable", with multicast and class E.
var notPublic4 = prefixes(
	"0.0.0.0/8",       // this network, RFC 791
	"10.0.0.0/8",      // private, RFC 1918
	"100.64.0.0/10",   // carrier NAT, RFC 6598; metadata of Alibaba Cloud
	"127.0.0.0/8",     // loopback, RFC 1122
	"169.254.0.0/16",  // link-local, RFC 3927; metadata of most clouds
	"172.16.0.0/12",   // private, RFC 1918
	"192.0.0.0/24",    // IETF protocol assignments, RFC 6890; metadata of Oracle Cloud
	"192.0.2.0/24",    // documentation, RFC 5737
	"192.88.99.0/24",  // 6to4 relays, RFC 7526
	"192.168.0.0/16",  // private, RFC 1918
	"198.18.0.0/15",   // benchmarks, RFC 2544
	"198.51.100.0/24", // documentation, RFC 5737
	"203.0.113.0/24",  // documentation, RFC 5737
	"224.0.0.0/4",     // multicast, RFC 1112
	"240.0.0.0/4",     // reserved, RFC 1112, and broadcast
)

// public6 is the one block of IPv6 that is handed out to networks (RFC 4291
// section 2.4); notPublic6 is what is special inside of it.
var (
	public6    = netip.MustParsePrefix("2000::/3")
	notPublic6 = prefixes(
		"2001::/23",     // IETF protocol assignments, RFC 2928: Teredo, benchmarks, ORCHID
		"2001:db8::/32", // documentation, RFC 3849
		"2002::/16",     // 6to4, RFC 7526: any IPv4 address can be inside
		"3fff::/20",     // documentation, RFC 9637
	)
)

// nat64 is the well-known prefix under which DNS64 resolvers present all of
// IPv4 (RFC 6052): what counts is the address inside. The prefix for local use,
// 64:ff9b:1::/48 (RFC 8215), is outside of 2000::/3 and so never public.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// metadata are the services that give a cloud machine its credentials. Only an
// allow_private entry of exactly one address opens them.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // AWS, Azure, Google Cloud and others
	netip.MustParseAddr("169.254.170.2"),   // AWS ECS
	netip.MustParseAddr("169.254.170.23"),  // AWS EKS pod identity
	netip.MustParseAddr("100.100.100.200"), // Alibaba Cloud
	netip.MustParseAddr("168.63.129.16"),   // Azure's wire server, in public space
	netip.MustParseAddr("192.0.0.192"),     // Oracle Cloud
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd00:ec2::23"),    // AWS EKS pod identity
	netip.MustParseAddr("fd20:ce::254"),    // Google Cloud
}

// metadataNames are refused by name, since behind a parent proxy we never see
// the address.
var metadataNames = []string{
	"metadata", "metadata.google.internal", "metadata.goog", "metadata.azure.internal", "metadata.tencentyun.com",
	"instance-data", "instance-data.ec2.internal",
}

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// IsPublic reports whether an address is on the public internet: none of the
// special ranges, and no form of IPv6 that carries an IPv4 address which is not.
func IsPublic(ip netip.Addr) bool {
	ip = ip.Unmap()
	switch {
	case !ip.IsValid() || ip.Zone() != "":
		return false
	case slices.Contains(metadata, ip):
		return false
	case ip.Is4():
		return !within(notPublic4, ip)
	case nat64.Contains(ip):
		return IsPublic(embedded4(ip))
	}
	return public6.Contains(ip) && !within(notPublic6, ip)
}

// embedded4 returns the IPv4 address in the last four bytes.
func embedded4(ip netip.Addr) netip.Addr {
	b := ip.As16()
	return netip.AddrFrom4([4]byte(b[12:]))
}

func within(list []netip.Prefix, ip netip.Addr) bool {
	for _, p := range list {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// guard decides which addresses may be dialled.
type guard struct {
	allow     []netip.Prefix
	listeners func() []netip.AddrPort // the proxy's own; may be nil
	own       ownAddresses
}

// check returns nil, or an error that matches ErrPrivate or ErrSelf. Trusted
// addresses come from the configuration by themselves (upstream.resolve, the
// parent proxy): they may be private, but not a listener of the proxy.
func (g *guard) check(addr netip.AddrPort, trusted bool) error {
	ip := addr.Addr().Unmap()
	if !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() || ip.Zone() != "" {
		return fmt.Errorf("%s: %w", ip, ErrPrivate)
	}
	own, err := g.own.contains(ip)
	if err != nil {
		return fmt.Errorf("%s: interfaces not readable: %w", ip, ErrPrivate)
	}
	if g.listens(netip.AddrPortFrom(ip, addr.Port()), own) {
		return fmt.Errorf("%s: %w", addr, ErrSelf)
	}
	if trusted || g.allowed(ip) {
		return nil
	}
	if !IsPublic(ip) {
		return fmt.Errorf("%s: %w", ip, ErrPrivate)
	}
	if own {
		return fmt.Errorf("%s: %w", ip, ErrSelf)
	}
	return nil
}

// allowed reports whether allow_private opens an address.
func (g *guard) allowed(ip netip.Addr) bool {
	single := slices.Contains(metadata, ip)
	for _, p := range g.allow {
		if p.Contains(ip) && (!single || p.IsSingleIP()) {
			return true
		}
	}
	return false
}

// listens reports whether an address leads to one of the proxy's listeners. One
// that listens on all addresses is reached over every address of the machine.
func (g *guard) listens(addr netip.AddrPort, own bool) bool {
	if g.listeners == nil {
		return false
	}
	ip := addr.Addr()
	if nat64.Contains(ip) {
		ip = embedded4(ip)
	}
	for _, l := range g.listeners() {
		at := l.Addr().Unmap().WithZone("")
		if l.Port() == addr.Port() && (at == ip || at.IsUnspecified() && (own || ip.IsLoopback())) {
			return true
		}
	}
	return false
}

// ownAddresses remembers the machine's addresses for a few seconds: interfaces
// come and go, and reading them takes some 50 µs.
type ownAddresses struct {
	read func() ([]net.Addr, error) // net.InterfaceAddrs

	mu    sync.Mutex
	at    time.Time
	addrs []netip.Addr
}

const ownAddressesFor = 5 * time.Second

func (o *ownAddresses) contains(ip netip.Addr) (bool, error) {
	if nat64.Contains(ip) {
		ip = embedded4(ip)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at.IsZero() || time.Since(o.at) > ownAddressesFor {
		list, err := o.read()
		if err != nil {
			return false, err
		}
		o.addrs = o.addrs[:0]
		for _, a := range list {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				o.addrs = append(o.addrs, p.Addr().Unmap().WithZone(""))
			}
		}
		o.at = time.Now()
	}
	return slices.Contains(o.addrs, ip), nil
}

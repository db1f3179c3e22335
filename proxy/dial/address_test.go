package dial

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

func TestIsPublic(t *testing.T) {
	for s, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "104.18.32.47": true, "172.15.255.255": true, "172.32.0.0": true, "100.63.255.255": true, "100.128.0.0": true,
		"11.0.0.0": true, "192.0.1.0": true, "192.167.255.255": true, "198.17.255.255": true, "198.20.0.0": true, "223.255.255.255": true,

		"0.0.0.0": false, "0.1.2.3": false, "10.0.0.0": false, "10.255.255.255": false, "100.64.0.0": false, "100.127.255.255": false, "100.100.100.200": false,
		"127.0.0.1": false, "127.255.255.255": false, "169.254.0.1": false, "169.254.169.254": false, "169.254.170.2": false, "172.16.0.0": false, "172.31.255.255": false,
		"192.0.0.1": false, "192.0.0.192": false, "192.0.2.1": false, "192.88.99.1": false, "192.168.0.1": false, "198.18.0.0": false, "198.19.255.255": false,
		"198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "239.255.255.255": false, "240.0.0.1": false, "255.255.255.255": false, "168.63.129.16": false,

		"2606:4700::1": true, "2001:4860:4860::8888": true, "2a00:1450::1": true, "2001:200::1": true, "3ffe::1": true,

		"::": false, "::1": false, "::2": false, "::7f00:1": false, "::808:808": false, // IPv4-compatible
		"::ffff:8.8.8.8": true, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false,
		"::ffff:0:127.0.0.1": false, "::ffff:0:8.8.8.8": false, // IPv4-translated, RFC 2765
		"64:ff9b::8.8.8.8": true, "64:ff9b::10.0.0.1": false, "64:ff9b::127.0.0.1": false, "64:ff9b::169.254.169.254": false, "64:ff9b::168.63.129.16": false, "64:ff9b::": false,
		"64:ff9b:1::8.8.8.8": false, "64:ff9b:1:ffff::1": false, "64:ff9b:0:1::1": false,
		"2002:7f00:1::1": false, "2002:808:808::1": false, "2002:a00:1::": false, // 6to4
		"2001::1": false, "2001:0:7f00:1::1": false, // Teredo
		"2001:2::1": false, "2001:10::1": false, "2001:20::1": false, "2001:1ff:ffff::1": false, "2001:db8::1": false, "3fff::1": false, "3fff:fff::1": false,
		"100::1": false, "100:0:0:1::1": false, "5f00::1": false, "fc00::1": false, "fd00:ec2::254": false, "fe80::1": false, "febf::1": false, "fec0::1": false, "ff02::1": false, "4000::1": false, "1fff::1": false,
	} {
		if got := IsPublic(netip.MustParseAddr(s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
	if IsPublic(netip.Addr{}) || IsPublic(netip.MustParseAddr("fe80::1%eth0")) || IsPublic(netip.MustParseAddr("2606:4700::1%eth0")) {
		t.Error("no address, or one with a zone, is public")
	}
}

// machine is a guard on a machine with the given addresses.
func machine(addrs ...string) guard {
	return guard{own: ownAddresses{read: func() ([]net.Addr, error) {
		var out []net.Addr
		for _, a := range addrs {
			ip, network, err := net.ParseCIDR(a)
			if err != nil {
				return nil, err
			}
			out = append(out, &net.IPNet{IP: ip, Mask: network.Mask})
		}
		return out, nil
	}}}
}

func TestGuard(t *testing.T) {
	g := machine("127.0.0.1/8", "::1/128", "10.1.0.5/16", "198.41.0.4/24", "2606:4700::5/64", "fe80::1/64")
	g.allow = prefixes("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "fd00::/8", "100.100.100.200/32", "::1/128", "0.0.0.0/32")
	listeners := []netip.AddrPort{
		netip.MustParseAddrPort("127.0.0.1:9090"), netip.MustParseAddrPort("[::]:8080"), netip.MustParseAddrPort("10.1.0.5:8443"),
	}
	g.listeners = func() []netip.AddrPort { return listeners }
	for addr, want := range map[string]error{
		"8.8.8.8:443": nil, "10.2.3.4:443": nil, "127.0.0.1:443": nil, "[::1]:443": nil, "[fd12::1]:443": nil, "100.100.100.200:80": nil, "169.254.1.1:80": nil,
		"192.168.0.1:443": ErrPrivate, "[fe80::2]:443": ErrPrivate,
		"169.254.169.254:80": ErrPrivate, "[fd00:ec2::254]:80": ErrPrivate, "[::ffff:169.254.169.254]:80": ErrPrivate, // not opened by a wide CIDR
		"0.0.0.0:443": ErrPrivate, "[::]:443": ErrPrivate, "224.0.0.1:443": ErrPrivate, "[ff02::1]:443": ErrPrivate, "[fe80::2%eth0]:443": ErrPrivate,
		"198.41.0.4:443": ErrSelf, "[2606:4700::5]:443": ErrSelf, "[64:ff9b::198.41.0.4]:443": ErrSelf, // public, and our own
		"10.1.0.5:443":   nil, // own, but allowed
		"127.0.0.1:9090": ErrSelf, "[::ffff:127.0.0.1]:9090": ErrSelf, "10.1.0.5:9090": nil, "127.0.0.2:9090": nil,
		"127.0.0.1:8080": ErrSelf, "127.0.0.2:8080": ErrSelf, "[::1]:8080": ErrSelf, "10.1.0.5:8080": ErrSelf, "10.1.0.6:8080": nil, "198.41.0.4:8080": ErrSelf, "[64:ff9b::198.41.0.4]:8080": ErrSelf,
		"10.1.0.5:8443": ErrSelf, "10.1.0.6:8443": nil,
	} {
		if got := g.check(netip.MustParseAddrPort(addr), false); !errors.Is(got, want) {
			t.Errorf("%s: %v; want %v", addr, got, want)
		}
	}
	for addr, want := range map[string]error{
		"192.168.0.1:443": nil, "169.254.169.254:80": nil, "127.0.0.1:443": nil, "198.41.0.4:443": nil,
		"127.0.0.1:9090": ErrSelf, "10.1.0.5:8080": ErrSelf, "0.0.0.0:443": ErrPrivate,
	} {
		if got := g.check(netip.MustParseAddrPort(addr), true); !errors.Is(got, want) {
			t.Errorf("trusted %s: %v; want %v", addr, got, want)
		}
	}
}

func TestOwnAddressesAreReadAgain(t *testing.T) {
	reads := 0
	fail := false
	o := ownAddresses{read: func() ([]net.Addr, error) {
		reads++
		if fail {
			return nil, errors.New("no")
		}
		return []net.Addr{&net.IPNet{IP: net.IPv4(8, 8, 8, 8), Mask: net.CIDRMask(24, 32)}}, nil
	}}
	ip := netip.MustParseAddr("8.8.8.8")
	for range 3 {
		if own, err := o.contains(ip); !own || err != nil {
			t.Fatal(own, err)
		}
	}
	if reads != 1 {
		t.Errorf("%d reads", reads)
	}
	o.at = time.Now().Add(-2 * ownAddressesFor)
	fail = true
	if _, err := o.contains(ip); err == nil || reads != 2 {
		t.Error("an old answer is used although the interfaces cannot be read")
	}
	g := guard{own: ownAddresses{read: o.read}}
	if err := g.check(netip.MustParseAddrPort("8.8.8.8:443"), false); !errors.Is(err, ErrPrivate) {
		t.Errorf("interfaces not readable: %v; want a refusal", err)
	}
}

func FuzzIsPublic(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add(netip.MustParseAddr("64:ff9b::10.0.0.1").AsSlice())
	f.Fuzz(func(t *testing.T, b []byte) {
		ip, ok := netip.AddrFromSlice(b)
		if !ok || !IsPublic(ip) {
			return
		}
		ip = ip.Unmap()
		if ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || !ip.IsGlobalUnicast() {
			t.Errorf("%s is public", ip)
		}
	})
}

func BenchmarkGuard(b *testing.B) {
	g := machine("127.0.0.1/8", "10.1.0.5/16")
	g.listeners = func() []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:9090")} }
	addr := netip.MustParseAddrPort("[2606:4700::1]:443")
	b.ReportAllocs()
	for b.Loop() {
		if err := g.check(addr, false); err != nil {
			b.Fatal(err)
		}
	}
}

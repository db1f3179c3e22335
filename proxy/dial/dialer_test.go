package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

// fakeResolver answers by host; a host with several answers gives them in turn,
// the last one for ever.
type fakeResolver struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	asked   []string
}

func (r *fakeResolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, network+" "+host)
	if host == "slow.test" {
		r.mu.Unlock()
		<-ctx.Done()
		r.mu.Lock()
		return nil, &net.DNSError{Err: ctx.Err().Error(), IsTimeout: true}
	}
	list := r.answers[host]
	if len(list) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(list) > 1 {
		r.answers[host] = list[1:]
	}
	return list[0], nil
}

func (r *fakeResolver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.asked)
}

func addrs(list ...string) []netip.Addr {
	out := []netip.Addr{}
	for _, s := range list {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

// listen starts a server on an address that sends its name to every caller.
func listen(t testing.TB, addr, name string) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("cannot listen on %s: %v", addr, err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, name)
			_ = c.Close()
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		done.Wait()
	})
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// checkLeaks fails the test if goroutines are left when everything else is
// cleaned up.
func checkLeaks(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

func target(t testing.TB, authority string) destination.Target {
	t.Helper()
	to, err := destination.ParseAuthority(authority, 443)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func newDialer(t testing.TB, cfg Config) *Dialer {
	t.Helper()
	if cfg.Resolver == nil {
		cfg.Resolver = &fakeResolver{}
	}
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// says dials and returns what the other side says.
func says(t testing.TB, d *Dialer, authority string) (string, error) {
	t.Helper()
	conn, err := d.Dial(t.Context(), target(t, authority))
	if err != nil {
		if conn != nil {
			t.Errorf("%s: a connection and an error", authority)
		}
		return "", err
	}
	defer conn.Close()
	if _, ok := conn.(*net.TCPConn); !ok {
		t.Errorf("%s: %T is not a *net.TCPConn", authority, conn)
	}
	b, err := io.ReadAll(conn)
	return string(b), err
}

// wantReason checks an error of the dialer in all its forms.
func wantReason(t testing.TB, err error, kind error, reason string) {
	t.Helper()
	var dial *Error
	var reasoned interface{ Reason() string }
	if !errors.As(err, &dial) || !errors.Is(err, kind) || !errors.As(err, &reasoned) || reasoned.Reason() != reason {
		t.Errorf("%v; want %s", err, reason)
		return
	}
	if !strings.HasPrefix(err.Error(), "dial: ") {
		t.Errorf("text %q", err)
	}
}

func ports(at netip.AddrPort) []PortRange { return []PortRange{{443, 443}, {at.Port(), at.Port()}} }

var loopback = prefixes("127.0.0.0/8", "::1/128")

func TestDialRefusesByDefault(t *testing.T) {
	at := listen(t, "127.0.0.1:0", "inside")
	resolver := &fakeResolver{answers: map[string][][]netip.Addr{
		"inside.test":  {addrs("127.0.0.1")},
		"mapped.test":  {addrs("::ffff:127.0.0.1")},
		"nat64.test":   {addrs("64:ff9b::127.0.0.1")},
		"teredo.test":  {addrs("2001:0:7f00:1::1", "2002:7f00:1::1")},
		"several.test": {addrs("10.0.0.1", "169.254.169.254", "fd00::1")},
		"zero.test":    {addrs("0.0.0.0", "::")},
		"empty.test":   {{}},
	}}
	d := newDialer(t, Config{Ports: ports(at), Resolver: resolver})
	for _, authority := range []string{"127.0.0.1", "[::1]", "10.0.0.1", "[::ffff:10.0.0.1]", "169.254.169.254", "[fd00:ec2::254]", "0.0.0.0", "[::]"} {
		to := target(t, fmt.Sprintf("%s:%d", authority, at.Port()))
		for _, err := range []error{d.CheckTarget(to), dialError(d, to)} {
			wantReason(t, err, ErrPrivate, "private_address")
		}
	}
	for _, name := range []string{"inside.test", "mapped.test", "nat64.test", "several.test", "zero.test", "teredo.test"} {
		_, err := says(t, d, fmt.Sprintf("%s:%d", name, at.Port()))
		wantReason(t, err, ErrPrivate, "private_address")
	}
	_, err := says(t, d, "empty.test")
	wantReason(t, err, ErrNoHost, "no_such_host")
	_, err = says(t, d, "unknown.test")
	wantReason(t, err, ErrNoHost, "no_such_host")
	for _, name := range []string{"metadata.google.internal", "METADATA.google.internal.", "instance-data"} {
		_, err = says(t, d, name)
		wantReason(t, err, ErrMetadata, "metadata_name")
	}
}

func dialError(d *Dialer, to destination.Target) error {
	conn, err := d.Dial(context.Background(), to)
	if err == nil {
		_ = conn.Close()
	}
	return err
}

func TestDialPorts(t *testing.T) {
	d := newDialer(t, Config{AllowPrivate: loopback})
	for _, authority := range []string{"127.0.0.1:22", "example.com:8443", "example.com:444"} {
		wantReason(t, d.CheckTarget(target(t, authority)), ErrPort, "port_not_allowed")
	}
	for _, authority := range []string{"127.0.0.1:80", "example.com:443"} {
		if err := d.CheckTarget(target(t, authority)); err != nil {
			t.Error(err)
		}
	}
	d = newDialer(t, Config{Ports: []PortRange{{18440, 18449}}})
	for port, ok := range map[int]bool{18439: false, 18440: true, 18449: true, 18450: false, 443: false} {
		if err := d.CheckTarget(target(t, fmt.Sprintf("example.com:%d", port))); (err == nil) != ok {
			t.Errorf("%d: %v", port, err)
		}
	}
	for s, want := range map[string]PortRange{"443": {443, 443}, "18440-18449": {18440, 18449}, "1-65535": {1, 65535}} {
		if got, err := ParsePortRange(s); err != nil || got != want {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "0", "-", "1-", "-1", "2-1", "1-65536", "1 - 2", "a", "1-2-3", "443,80"} {
		if got, err := ParsePortRange(s); !errors.Is(err, destination.ErrBadPort) {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
}

func TestDialAllowPrivate(t *testing.T) {
	at := listen(t, "127.0.0.1:0", "inside")
	resolver := &fakeResolver{answers: map[string][][]netip.Addr{
		"inside.test": {addrs("127.0.0.1")},
		"mapped.test": {addrs("::ffff:127.0.0.1")},
	}}
	d := newDialer(t, Config{Ports: ports(at), AllowPrivate: prefixes("::ffff:127.0.0.0/104"), Resolver: resolver})
	for _, host := range []string{"inside.test", "mapped.test", "127.0.0.1", "[::ffff:127.0.0.1]"} {
		if got, err := says(t, d, fmt.Sprintf("%s:%d", host, at.Port())); got != "inside" || err != nil {
			t.Errorf("%s: %q, %v", host, got, err)
		}
	}
	if resolver.asked[0] != "ip inside.test" || resolver.count() != 2 {
		t.Errorf("asked %q", resolver.asked)
	}
	// NAT64 is not the address inside of it
	_, err := says(t, d, fmt.Sprintf("[64:ff9b::127.0.0.1]:%d", at.Port()))
	wantReason(t, err, ErrPrivate, "private_address")
}

func TestDialMixedAnswers(t *testing.T) {
	at := listen(t, "127.0.0.3:0", "allowed")
	forbidden := listen(t, fmt.Sprintf("127.0.0.1:%d", at.Port()), "forbidden")
	_ = forbidden
	resolver := &fakeResolver{answers: map[string][][]netip.Addr{
		"mixed.test": {addrs("127.0.0.1", "10.0.0.1", "169.254.169.254", "127.0.0.3", "127.0.0.3", "fd00::1")},
	}}
	d := newDialer(t, Config{Ports: ports(at), AllowPrivate: prefixes("127.0.0.3/32"), Resolver: resolver})
	for range 5 {
		start := time.Now()
		if got, err := says(t, d, fmt.Sprintf("mixed.test:%d", at.Port())); got != "allowed" || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
		if time.Since(start) > stagger {
			t.Error("forbidden addresses cost time")
		}
	}
}

func TestDialRebinding(t *testing.T) {
	at := listen(t, "127.0.0.3:0", "first")
	listen(t, fmt.Sprintf("127.0.0.1:%d", at.Port()), "second")
	resolver := &fakeResolver{answers: map[string][][]netip.Addr{
		"rebind.test": {addrs("127.0.0.3"), addrs("127.0.0.1")},
	}}
	d := newDialer(t, Config{Ports: ports(at), AllowPrivate: prefixes("127.0.0.3/32"), Resolver: resolver})
	authority := fmt.Sprintf("rebind.test:%d", at.Port())
	if got, err := says(t, d, authority); got != "first" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	if resolver.count() != 1 {
		t.Errorf("resolved %d times for one dial", resolver.count())
	}
	_, err := says(t, d, authority)
	wantReason(t, err, ErrPrivate, "private_address")
}

func TestConnectChecksTheSocket(t *testing.T) {
	at := listen(t, "127.0.0.1:0", "inside")
	d := newDialer(t, Config{Ports: ports(at)})
	// as if an address had slipped through the filter
	conn, err := d.race(t.Context(), []netip.AddrPort{at}, false)
	if conn != nil || !errors.Is(err, ErrPrivate) {
		t.Errorf("%v, %v", conn, err)
	}
}

func TestDialResolveEntries(t *testing.T) {
	exact, below, deep := listen(t, "127.0.0.1:0", "exact"), listen(t, "127.0.0.1:0", "below"), listen(t, "127.0.0.1:0", "deep")
	resolver := &fakeResolver{}
	d := newDialer(t, Config{
		Resolver: resolver,
		Resolve: map[string]string{
			"chat.test": exact.String(), ".Chat.test.": below.String(), ".a.chat.test": deep.String(),
			"metadata.google.internal": exact.String(), ".goog": below.String(), "10.0.0.7": exact.String(),
		},
	})
	for host, want := range map[string]string{
		"chat.test": "exact", "CHAT.test.": "exact", "x.chat.test": "below", "a.chat.test": "deep", "x.y.a.chat.test": "deep", "chat.test:80": "exact",
		"metadata.google.internal": "exact", "10.0.0.7": "exact",
	} {
		if got, err := says(t, d, host); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %s", host, got, err, want)
		}
	}
	if resolver.count() != 0 {
		t.Error("an entry was resolved")
	}
	_, err := says(t, d, "metadata.goog") // a suffix does not open a metadata name
	wantReason(t, err, ErrMetadata, "metadata_name")
	_, err = says(t, d, "chat.test:22")
	wantReason(t, err, ErrPort, "port_not_allowed")
	_, err = says(t, d, "xchat.test")
	wantReason(t, err, ErrNoHost, "no_such_host")
	_, err = says(t, d, "127.0.0.1") // the entry lets the name past, not the address
	wantReason(t, err, ErrPrivate, "private_address")
}

func TestDialRefusesOwnListeners(t *testing.T) {
	admin := listen(t, "127.0.0.1:0", "admin")
	everywhere := netip.AddrPortFrom(netip.IPv6Unspecified(), admin.Port()+1)
	d := newDialer(t, Config{
		Ports:        []PortRange{{443, 443}, {admin.Port(), admin.Port() + 1}},
		AllowPrivate: loopback,
		Self:         func() []netip.AddrPort { return []netip.AddrPort{admin, everywhere} },
		Resolve:      map[string]string{"admin.test": admin.String()},
		Resolver:     &fakeResolver{answers: map[string][][]netip.Addr{"self.test": {addrs("::ffff:127.0.0.1")}}},
	})
	for _, authority := range []string{
		fmt.Sprintf("127.0.0.1:%d", admin.Port()), fmt.Sprintf("[::ffff:127.0.0.1]:%d", admin.Port()), fmt.Sprintf("self.test:%d", admin.Port()), "admin.test",
		fmt.Sprintf("127.0.0.9:%d", everywhere.Port()), fmt.Sprintf("[::1]:%d", everywhere.Port()),
	} {
		_, err := says(t, d, authority)
		wantReason(t, err, ErrSelf, "own_address")
	}
}

func TestDialHappyEyeballs(t *testing.T) {
	checkLeaks(t)
	at := listen(t, "127.0.0.2:0", "four")
	port := at.Port()
	dead := blackHole(t, port)
	resolver := &fakeResolver{answers: map[string][][]netip.Addr{
		"refused.test": {addrs("127.0.0.8", "127.0.0.9", "127.0.0.2")}, // nothing listens on the first two
		"stalled.test": {append(addrs(dead.String()), addrs("127.0.0.2")...)},
		"dead.test":    {addrs(dead.String())},
		"none.test":    {addrs("127.0.0.8", "127.0.0.9")},
	}}
	d := newDialer(t, Config{Ports: ports(at), AllowPrivate: loopback, Resolver: resolver, Timeout: time.Second})
	start := time.Now()
	if got, err := says(t, d, fmt.Sprintf("refused.test:%d", port)); got != "four" || err != nil || time.Since(start) > stagger {
		t.Errorf("after refusals: %q, %v in %v", got, err, time.Since(start))
	}
	start = time.Now()
	if got, err := says(t, d, fmt.Sprintf("stalled.test:%d", port)); got != "four" || err != nil || time.Since(start) < stagger || time.Since(start) > stagger+500*time.Millisecond {
		t.Errorf("after a stall: %q, %v in %v", got, err, time.Since(start))
	}
	_, err := says(t, d, fmt.Sprintf("none.test:%d", port))
	wantReason(t, err, ErrRefused, "connection_refused")
	_, err = says(t, d, fmt.Sprintf("dead.test:%d", port))
	wantReason(t, err, ErrTimeout, "dial_timeout")
	_, err = says(t, d, "slow.test")
	wantReason(t, err, ErrTimeout, "dial_timeout")

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start = time.Now()
	conn, err := d.Dial(ctx, target(t, fmt.Sprintf("dead.test:%d", port)))
	if conn != nil || err == nil || time.Since(start) > 500*time.Millisecond {
		t.Errorf("a client that leaves: %v, %v in %v", conn, err, time.Since(start))
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := d.Dial(gone, target(t, fmt.Sprintf("stalled.test:%d", port))); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that is gone: %v", err)
	}
}

// blackHole is an address where connections are neither accepted nor refused:
// its backlog is full.
func blackHole(t testing.TB, port uint16) netip.Addr {
	t.Helper()
	ip := netip.MustParseAddr("127.0.0.66")
	fd, err := fullBacklog(ip, port)
	if err != nil {
		t.Skipf("no listener with a full backlog: %v", err)
	}
	t.Cleanup(fd)
	return ip
}

func TestInterleave(t *testing.T) {
	join := func(list []netip.AddrPort) string {
		var out []string
		for _, a := range list {
			out = append(out, a.Addr().String())
		}
		return strings.Join(out, " ")
	}
	for in, want := range map[string]string{
		"::1 ::2 ::3 1.0.0.1 1.0.0.2": "::1 1.0.0.1 ::2 1.0.0.2 ::3",
		"1.0.0.1 ::1 ::2":             "1.0.0.1 ::1 ::2",
		"1.0.0.1 1.0.0.2":             "1.0.0.1 1.0.0.2",
	} {
		var list []netip.AddrPort
		for _, a := range addrs(strings.Fields(in)...) {
			list = append(list, netip.AddrPortFrom(a, 1))
		}
		if got := join(interleave(list)); got != want {
			t.Errorf("%s: %s; want %s", in, got, want)
		}
	}
}

func TestLookupIsBounded(t *testing.T) {
	var many []netip.Addr
	for i := range 200 {
		many = append(many, netip.AddrFrom4([4]byte{8, 8, 8, byte(i)}), netip.AddrFrom4([4]byte{8, 8, 8, byte(i)}))
	}
	d := newDialer(t, Config{Resolver: &fakeResolver{answers: map[string][][]netip.Addr{"many.test": {many}}}})
	if got, err := d.lookup(t.Context(), "many.test"); len(got) != maxAddresses || err != nil {
		t.Errorf("%d addresses, %v", len(got), err)
	}
}

func TestResolvesTo(t *testing.T) {
	d := newDialer(t, Config{
		Resolve:  map[string]string{"here.test": "127.0.0.1:9443"},
		Resolver: &fakeResolver{answers: map[string][][]netip.Addr{"a.test": {addrs("8.8.8.8", "::ffff:9.9.9.9")}, "here.test": {addrs("1.1.1.1")}}},
	})
	for _, tt := range []struct {
		name, ip string
		want     bool
	}{
		{"a.test", "8.8.8.8", true}, {"a.test", "9.9.9.9", true}, {"a.test", "::ffff:8.8.8.8", true}, {"a.test", "8.8.4.4", false},
		{"here.test", "127.0.0.1", true}, {"here.test", "1.1.1.1", false},
	} {
		if got, err := d.ResolvesTo(t.Context(), tt.name, netip.MustParseAddr(tt.ip)); got != tt.want || err != nil {
			t.Errorf("%s %s: %v, %v", tt.name, tt.ip, got, err)
		}
	}
	if got, err := d.ResolvesTo(t.Context(), "none.test", netip.MustParseAddr("8.8.8.8")); got || err == nil {
		t.Errorf("none.test: %v, %v", got, err)
	}
}

func TestDialerProblemsAllAtOnce(t *testing.T) {
	_, err := New(Config{
		Resolve: map[string]string{
			"a b": "127.0.0.1:1", "a.test": "127.0.0.1", "b.test": "origin.test:443", "c.test": "127.0.0.1:0", "d.test": "1.2.3.4:5", "D.test.": "1.2.3.4:5", "e.test": "[fe80::1%eth0]:443",
		},
		AllowPrivate: []netip.Prefix{{}},
		Ports:        []PortRange{{0, 5}, {9, 8}},
		Parent:       parseURL(t, "socks5://user:secret@proxy.test:1080"),
		Timeout:      -1,
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`upstream.resolve["a b"]`, `upstream.resolve["a.test"]`, `upstream.resolve["b.test"]`, `upstream.resolve["c.test"]`, `upstream.resolve["d.test"]: given twice`, `upstream.resolve["e.test"]`,
		"upstream.allow_private[0]", "upstream.ports: 0-5", "upstream.ports: 9-8", "upstream.parent: wants an http", "timeout",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Error("the error shows the password")
	}
	if t.Failed() {
		t.Log(err)
	}
}

package destination

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// A Target is where an exchange goes. Two targets are the same exactly when
// they are equal with ==.
type Target struct {
	Host string     // lower case, A-labels, no trailing dot; the canonical text of an address, without brackets
	Port uint16     // never 0
	IP   netip.Addr // valid when Host is an address; IPv4-mapped IPv6 is IPv4
}

// Authority returns host:port, with brackets around IPv6.
func (t Target) Authority() string { return net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port))) }

// String is Authority.
func (t Target) String() string { return t.Authority() }

// What is wrong with an authority. The errors never quote it.
var (
	ErrHost    = errors.New("not a valid host")
	ErrBadPort = errors.New("not a valid port")
)

const (
	maxHost      = 253  // RFC 1035 section 2.3.4, without the trailing dot
	maxLabel     = 63   // the same
	maxAuthority = 1024 // bytes read at all; a name in Unicode may be longer than its A-labels
)

// lookup maps as browsers do (UTS 46, non-transitional), but leaves hyphens and
// underscores alone: names such as r3---sn-ab.googlevideo.com and _dmarc.x exist.
var lookup = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.BidiRule(),
	idna.CheckJoiners(true),
	idna.CheckHyphens(false),
	idna.StrictDomainName(false),
	idna.VerifyDNSLength(false),
)

// ParseAuthority reads host, host:port or [IPv6]:port (RFC 3986 section 3.2,
// without userinfo) strictly: no spaces, escapes, empty labels, zone ids,
// brackets around anything but IPv6, and no spelling of IPv4 besides four plain
// decimals. A defaultPort of 0 means that the port must be given. Its errors
// match ErrHost or ErrBadPort.
func ParseAuthority(s string, defaultPort uint16) (Target, error) {
	if len(s) > maxAuthority {
		return Target{}, fmt.Errorf("destination: parse authority: too long: %w", ErrHost)
	}
	host, port, err := splitPort(s, defaultPort)
	if err != nil {
		return Target{}, fmt.Errorf("destination: parse authority: %w", err)
	}
	t, err := parseHost(host)
	if err != nil {
		return Target{}, fmt.Errorf("destination: parse authority: %w", err)
	}
	t.Port = port
	return t, nil
}

// ParseHost reads a host without a port: a name, an IPv4 address, or an IPv6
// address with or without brackets. The Port of the result is 0.
func ParseHost(s string) (Target, error) {
	if ip, err := netip.ParseAddr(s); err == nil && ip.Is6() && ip.Zone() == "" {
		return addressTarget(ip), nil
	}
	if len(s) > maxAuthority {
		return Target{}, fmt.Errorf("destination: parse host: too long: %w", ErrHost)
	}
	t, err := parseHost(s)
	if err != nil {
		return Target{}, fmt.Errorf("destination: parse host: %w", err)
	}
	return t, nil
}

// splitPort cuts an authority at its port. The host keeps its brackets.
func splitPort(s string, defaultPort uint16) (host string, port uint16, err error) {
	var (
		digits string
		given  bool
	)
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", 0, fmt.Errorf("open bracket: %w", ErrHost)
		}
		host = s[:end+1]
		rest := s[end+1:]
		digits, given = strings.CutPrefix(rest, ":")
		if rest != "" && !given {
			return "", 0, fmt.Errorf("text after the bracket: %w", ErrHost)
		}
	} else {
		host, digits, given = strings.Cut(s, ":")
		if strings.Contains(digits, ":") {
			return "", 0, fmt.Errorf("several colons: %w", ErrHost)
		}
	}
	if !given {
		if defaultPort == 0 {
			return "", 0, fmt.Errorf("missing: %w", ErrBadPort)
		}
		return host, defaultPort, nil
	}
	port, err = ParsePort(digits)
	return host, port, err
}

// ParsePort reads a port: 1 to 65535 in plain decimals without leading zeros.
func ParsePort(s string) (uint16, error) {
	if s == "" || s[0] == '0' || len(s) > 5 {
		return 0, fmt.Errorf("not a number from 1 to 65535: %w", ErrBadPort)
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, fmt.Errorf("not a number from 1 to 65535: %w", ErrBadPort)
		}
		n = n*10 + int(s[i]-'0')
	}
	if n > 65535 {
		return 0, fmt.Errorf("not a number from 1 to 65535: %w", ErrBadPort)
	}
	return uint16(n), nil
}

// parseHost normalises a host; IPv6 must be in brackets.
func parseHost(s string) (Target, error) {
	if open, ok := strings.CutPrefix(s, "["); ok {
		inner, closed := strings.CutSuffix(open, "]")
		ip, err := netip.ParseAddr(inner)
		if err != nil || !closed || !ip.Is6() || ip.Zone() != "" {
			return Target{}, fmt.Errorf("brackets around something else than an IPv6 address: %w", ErrHost)
		}
		return addressTarget(ip), nil
	}
	name, err := toASCII(s)
	if err != nil {
		return Target{}, err
	}
	name = strings.TrimSuffix(name, ".")
	if err := checkName(name); err != nil {
		return Target{}, err
	}
	if endsInNumber(name) {
		ip, err := netip.ParseAddr(name)
		if err != nil {
			return Target{}, fmt.Errorf("an IPv4 address in another spelling than four decimals: %w", ErrHost)
		}
		return addressTarget(ip), nil
	}
	return Target{Host: name}, nil
}

func addressTarget(ip netip.Addr) Target {
	ip = ip.Unmap()
	return Target{Host: ip.String(), IP: ip}
}

// toASCII lowers the case and turns U-labels into A-labels. Names that are
// plain ASCII, nearly all, do not need the tables.
func toASCII(s string) (string, error) {
	plain := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	if plain {
		s = strings.ToLower(s)
		if !strings.HasPrefix(s, "xn--") && !strings.Contains(s, ".xn--") {
			return s, nil
		}
	}
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("not UTF-8: %w", ErrHost)
	}
	name, err := lookup.ToASCII(s)
	if err != nil {
		return "", fmt.Errorf("not a valid international name: %w", ErrHost) // idna's error quotes the label
	}
	// What the mapping made must map to itself: an A-label has one spelling.
	if again, err := lookup.ToASCII(name); err != nil || again != name {
		return "", fmt.Errorf("not a valid international name: %w", ErrHost)
	}
	return name, nil
}

// checkName demands letters, digits, hyphens and underscores in labels of 1 to
// 63 bytes, 253 bytes together.
func checkName(name string) error {
	if name == "" || len(name) > maxHost {
		return fmt.Errorf("empty or too long: %w", ErrHost)
	}
	label := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c == '.':
			if label == 0 {
				return fmt.Errorf("empty label: %w", ErrHost)
			}
			label = 0
			continue
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			label++
		default:
			return fmt.Errorf("a character that no host name has: %w", ErrHost)
		}
		if label > maxLabel {
			return fmt.Errorf("label too long: %w", ErrHost)
		}
	}
	if label == 0 {
		return fmt.Errorf("empty label: %w", ErrHost)
	}
	return nil
}

// endsInNumber reports whether URL parsers would read the name as IPv4: its last
// label is a decimal, octal or hexadecimal number (WHATWG URL, "ends in a
// number checker").
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

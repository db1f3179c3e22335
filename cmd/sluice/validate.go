package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/sluice-proxy/sluice/proxy/access"
	"github.com/sluice-proxy/sluice/proxy/dial"
)

// validate reports everything that is wrong with the values, path first. It
// looks at nothing but the configuration; what files hold is judged by those
// who read them.
func (c *Config) validate() error {
	v := &validator{}
	if len(c.Listen.Proxy) == 0 {
		v.fail("listen.proxy", "wants at least one address")
	}
	v.listeners(c.Listen)
	v.prefixes("listen.proxy_protocol", c.Listen.ProxyProtocol)
	if _, err := parseClients(c.Listen.Clients); err != nil {
		v.fail("listen.clients", "%v", err)
	}
	if (c.CA.CertFile == "") != (c.CA.KeyFile == "") {
		v.fail("ca", "cert_file and key_file go together")
	}
	v.hostName("portal.host", c.Portal.Host)
	v.oneOf("pac.mode", c.PAC.Mode, "genai", "all")
	v.prefixes("upstream.allow_private", c.Upstream.AllowPrivate)
	if c.Upstream.Parent != "" {
		u, err := url.Parse(c.Upstream.Parent)
		switch {
		case err != nil: // the error would print the password
			v.fail("upstream.parent", "is not a URL")
		case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.Path != "" && u.Path != "/":
			v.fail("upstream.parent", "wants http://host:port or https://host:port")
		}
	}
	if len(c.Upstream.Ports) == 0 {
		v.fail("upstream.ports", "wants at least one port")
	}
	for i, ports := range c.Upstream.Ports {
		if _, err := dial.ParsePortRange(ports); err != nil {
			v.fail(fmt.Sprintf("upstream.ports[%d]", i), "%q is neither a port nor a range such as 8440-8449", ports)
		}
	}
	v.identity(c)
	v.sessions(c.Sessions)
	if m := c.Classifiers.MinConfidence; !(m >= 0 && m <= 1) {
		v.fail("classifiers.min_confidence", "wants a number from 0 to 1")
	}
	v.oneOf("classifiers.presidio.on_error", c.Classifiers.Presidio.OnError, "fail", "ignore")
	v.oneOf("policy.mode", c.Policy.Mode, "enforce", "observe")
	v.oneOf("policy.on_error", c.Policy.OnError, "closed")
	v.atLeast("policy.timeout", c.Policy.Timeout, time.Millisecond)
	v.oneOf("response.on_uninspectable", c.Response.OnUninspectable, "cut", "pass")
	v.oneOf("audit.on_failure", c.Audit.OnFailure, "refuse", "allow")
	v.oneOf("audit.sync", c.Audit.Sync, "os", "group")
	v.limits(c.Limits)
	if _, err := zapcore.ParseLevel(c.Log.Level); err != nil {
		v.fail("log.level", "%q is none of debug, info, warn, error", c.Log.Level)
	}
	v.oneOf("log.format", c.Log.Format, "json", "console")
	if c.Log.Access != "" {
		v.oneOf("log.access", c.Log.Access, access.JSON, access.Squid, access.W3C)
	} else if c.Log.AccessFile != "" {
		v.fail("log.access_file", "nothing would be written: set log.access to json, squid or w3c")
	}
	return errors.Join(v.errs...)
}

type validator struct{ errs []error }

func (v *validator) fail(path, format string, args ...any) {
	v.errs = append(v.errs, &problem{key: path, text: fmt.Sprintf(format, args...)})
}

func (v *validator) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		v.fail(path, "%q is none of %s", value, strings.Join(allowed, ", "))
	}
}

func (v *validator) atLeast(path string, d Duration, least time.Duration) {
	if time.Duration(d) < least {
		v.fail(path, "%s is less than %s", time.Duration(d), least)
	}
}

func (v *validator) address(path, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		v.fail(path, "%q is not host:port", address)
		return
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && host != "localhost" {
		v.fail(path, "%q wants an IP address before the port", address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		v.fail(path, "%q has no valid port", address)
	}
}

func (v *validator) hostPort(path, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		v.fail(path, "%q is not host:port", address)
		return
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		v.fail(path, "%q has no valid port", address)
	}
}

// listeners judges the addresses, that each is there once, and that there is TLS
// where it is spoken, and only there.
func (v *validator) listeners(c ListenConfig) {
	var seen []string
	secure := false
	for i, entry := range c.Proxy {
		path, e := fmt.Sprintf("listen.proxy[%d]", i), parseEndpoint(entry)
		v.address(path, e.address)
		if slices.Contains(seen, e.address) && !strings.HasSuffix(e.address, ":0") {
			v.fail(path, "%s is listed twice", e.address)
		}
		seen = append(seen, e.address)
		secure = secure || e.secure
	}
	v.address("listen.admin", c.Admin)
	if slices.Contains(seen, c.Admin) && !strings.HasSuffix(c.Admin, ":0") {
		v.fail("listen.admin", "%s is also in listen.proxy", c.Admin)
	}
	if len(c.TLS.ClientCRL) > 0 && c.TLS.ClientCAFile == "" {
		v.fail("listen.tls.client_crl_file", "is of no use without client_ca_file")
	}
	named := c.TLS.CertFile != "" || c.TLS.KeyFile != "" || c.TLS.ClientCAFile != "" || len(c.TLS.ClientCRL) > 0
	switch given := c.TLS.CertFile != "" && c.TLS.KeyFile != ""; {
	case secure && !given, named && !given:
		v.fail("listen.tls", "an https:// entry of listen.proxy wants cert_file and key_file")
	case given && !secure:
		v.fail("listen.tls", "no entry of listen.proxy begins with https://, so nobody speaks TLS to the proxy")
	}
}

func (v *validator) hostName(path, name string) {
	if !strings.Contains(name, ".") || strings.ContainsAny(name, " :/_@[]%") || name != strings.ToLower(name) {
		v.fail(path, "%q is not a host name in lower case with a dot", name)
	}
}

func (v *validator) prefixes(path string, prefixes []string) {
	for i, s := range prefixes {
		if _, err := netip.ParsePrefix(s); err != nil {
			v.fail(fmt.Sprintf("%s[%d]", path, i), "%q is not a CIDR such as 10.0.0.0/8", s)
		}
	}
}

func (v *validator) limits(l LimitsConfig) {
	for _, size := range []struct {
		path  string
		value Size
		least Size
	}{
		{"limits.body", l.Body, 1 << 10}, {"limits.expanded", l.Expanded, 1 << 10},
		{"limits.inspecting", l.Inspecting, 1 << 20}, {"limits.header", l.Header, 4 << 10},
		{"limits.message", l.Message, 16 << 10},
		{"limits.url", l.URL, 1 << 10}, {"limits.body_rate", l.BodyRate, 1}, {"limits.memory", l.Memory, 0},
	} {
		if size.value < size.least {
			v.fail(size.path, "%d bytes is less than %d", size.value, size.least)
		}
	}
	if l.Inspecting < 2*l.Body+l.Expanded {
		v.fail("limits.inspecting", "has no room for one request: wants at least twice limits.body and limits.expanded")
	}
	if l.Inspecting < 8*l.Message {
		v.fail("limits.inspecting", "has no room for one message: wants at least eight times limits.message")
	}
	if l.Ratio < 2 {
		v.fail("limits.ratio", "%d is less than 2", l.Ratio)
	}
	if l.Headers < 20 {
		v.fail("limits.headers", "%d is less than 20", l.Headers)
	}
	for _, count := range []struct {
		path  string
		value int
	}{
		{"limits.connections", l.Connections}, {"limits.client_connections", l.ClientConnections},
		{"limits.client_exchanges", l.ClientExchanges}, {"limits.client_tunnels", l.ClientTunnels},
		{"limits.client_handshakes", l.ClientHandshakes},
	} {
		if count.value < 1 {
			v.fail(count.path, "%d is less than 1", count.value)
		}
	}
	if l.Memory > 0 && int64(l.Memory) < int64(l.Inspecting)+memoryBeside {
		v.fail("limits.memory", "has no room for limits.inspecting: wants at least 64MiB more than that")
	}
	v.atLeast("limits.body_grace", l.BodyGrace, 100*time.Millisecond)
	v.atLeast("limits.header_timeout", l.HeaderTimeout, 100*time.Millisecond)
	v.atLeast("limits.handshake", l.Handshake, 100*time.Millisecond)
	v.atLeast("limits.idle", l.Idle, time.Second)
	v.atLeast("limits.tunnel_idle", l.TunnelIdle, time.Second)
	v.atLeast("limits.drain", l.Drain, time.Second)
}

// parsePrefixes turns CIDRs into prefixes.
func parsePrefixes(key string, cidrs []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	var errs []error
	for i, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s[%d]: %w", key, i, err))
			continue
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, errors.Join(errs...)
}

// clientWords are the names that listen.clients knows for address ranges.
var clientWords = map[string][]string{
	"loopback": {"127.0.0.0/8", "::1/128"},
	"private":  {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"},
	"all":      {"0.0.0.0/0", "::/0"},
}

// parseClients turns listen.clients into prefixes.
func parseClients(words []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, word := range words {
		cidrs, ok := clientWords[word]
		if !ok {
			cidrs = []string{word}
		}
		for _, cidr := range cidrs {
			prefix, err := netip.ParsePrefix(cidr)
			if err != nil {
				return nil, fmt.Errorf("%q is neither a CIDR nor one of loopback, private, all", word)
			}
			prefixes = append(prefixes, prefix.Masked())
		}
	}
	if len(prefixes) == 0 {
		return nil, errors.New("wants at least one range: nobody could use the proxy")
	}
	return prefixes, nil
}

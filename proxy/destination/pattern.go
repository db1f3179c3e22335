package destination

import (
	"fmt"
	"strings"
)

// A HostPattern is a host, or a host with all of its sub-domains.
type HostPattern struct {
	Host       string
	Subdomains bool
}

// ParseHostPattern reads "host", or ".host" for a host and its sub-domains.
func ParseHostPattern(s string) (HostPattern, error) {
	name, sub := strings.CutPrefix(s, ".")
	t, err := ParseHost(name)
	if err != nil {
		return HostPattern{}, err
	}
	if sub && t.IP.IsValid() {
		return HostPattern{}, fmt.Errorf("destination: parse host pattern: an address has no sub-domains: %w", ErrHost)
	}
	return HostPattern{Host: t.Host, Subdomains: sub}, nil
}

// String returns the form that ParseHostPattern reads.
func (p HostPattern) String() string {
	if p.Subdomains {
		return "." + p.Host
	}
	return p.Host
}

// Match reports whether the pattern covers a normalised host.
func (p HostPattern) Match(host string) bool {
	return host == p.Host || p.Subdomains && isSubdomain(host, p.Host)
}

// isSubdomain reports whether host stands below parent.
func isSubdomain(host, parent string) bool {
	cut := len(host) - len(parent)
	return cut > 1 && host[cut-1] == '.' && host[cut:] == parent
}

// parseHostPatterns reads a list and reports everything wrong with it, naming
// entries by their place under path.
func parseHostPatterns(path string, list []string) ([]HostPattern, []error) {
	var (
		patterns []HostPattern
		errs     []error
	)
	for i, s := range list {
		p, err := ParseHostPattern(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s[%d]: %w", path, i, err))
			continue
		}
		patterns = append(patterns, p)
	}
	return patterns, errs
}

func anyPattern(patterns []HostPattern, host string) bool {
	for _, p := range patterns {
		if p.Match(host) {
			return true
		}
	}
	return false
}

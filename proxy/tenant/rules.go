package tenant

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

// A HeaderValue is a header to be set.
type HeaderValue struct{ Name, Value string }

// BlockHosts are the hosts that one block intercepts, and those that it never
// touches.
type BlockHosts struct {
	Block          string
	Hosts, Exclude []destination.HostPattern
}

// Rules say for each host which tenant headers it gets, and whose an account is.
type Rules struct {
	blocks Blocks
	secret [32]byte
	active []activeRestriction
	remove map[string][]restriction // by block: all headers that it may set
}

type activeRestriction struct {
	block   string
	header  HeaderValue
	hosts   []destination.HostPattern
	exclude []destination.HostPattern
}

// New validates the values, since some services fail open on bad ones and others
// refuse everybody. It reports every problem, joined, with its configuration
// path. The secret makes the fingerprints of API keys.
func New(blocks Blocks, secret [32]byte) (*Rules, error) {
	if errs := blocks.validate(); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	rules := &Rules{blocks: blocks, secret: secret, remove: map[string][]restriction{}}
	var errs []error
	for _, r := range restrictions {
		rules.remove[r.block] = append(rules.remove[r.block], r)
		value := r.value(blocks)
		if value == "" {
			continue
		}
		hosts, problems := parseHostPatterns(r.block, r.hosts)
		errs = append(errs, problems...)
		exclude, problems := parseHostPatterns(r.block, r.exclude)
		errs = append(errs, problems...)
		rules.active = append(rules.active, activeRestriction{r.block, HeaderValue{r.header, value}, hosts, exclude})
	}
	return rules, errors.Join(errs...)
}

// Headers returns the headers that a request to a normalised host gets: none
// where nothing is to be done, and none for hosts that must not be touched. The
// values disclose tenants: they are for https alone, which the caller sees to.
func (r *Rules) Headers(host string) []HeaderValue {
	var set []HeaderValue
	for i := range r.active {
		if r.active[i].covers(host) {
			set = append(set, r.active[i].header)
		}
	}
	return set
}

func (a *activeRestriction) covers(host string) bool {
	return anyPattern(a.hosts, host) && !anyPattern(a.exclude, host)
}

// Apply sets the headers of a host once, after every one that the client sent is
// taken out. Names are compared without regard to case, and with underscores as
// hyphens, which some servers take for the same.
func (r *Rules) Apply(host string, header http.Header) {
	set := r.Headers(host)
	if len(set) == 0 {
		return
	}
	for name := range header {
		if r.removes(host, strings.ReplaceAll(name, "_", "-")) {
			delete(header, name)
		}
	}
	for _, h := range set {
		header.Set(h.Name, h.Value)
	}
}

// removes reports whether a client must not send a header to a host: all that the
// blocks which cover the host may set, also on other hosts and in other versions.
func (r *Rules) removes(host, name string) bool {
	for i := range r.active {
		if !r.active[i].covers(host) {
			continue
		}
		for _, row := range r.remove[r.active[i].block] {
			if strings.EqualFold(name, row.header) || row.more && strings.EqualFold(strings.TrimRight(name, "0123456789"), row.header) {
				return true
			}
		}
	}
	return false
}

// Hosts returns the hosts of each configured block, in the order of the table.
func (r *Rules) Hosts() []BlockHosts {
	var out []BlockHosts
	for _, a := range r.active {
		at := slices.IndexFunc(out, func(b BlockHosts) bool { return b.Block == a.block })
		if at < 0 {
			at = len(out)
			out = append(out, BlockHosts{Block: a.block})
		}
		out[at].Hosts = union(out[at].Hosts, a.hosts)
		out[at].Exclude = union(out[at].Exclude, a.exclude)
	}
	return out
}

func union(all, more []destination.HostPattern) []destination.HostPattern {
	for _, p := range more {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// parseHostPatterns reads a list of the table.
func parseHostPatterns(block string, list []string) ([]destination.HostPattern, []error) {
	var (
		patterns []destination.HostPattern
		errs     []error
	)
	for _, s := range list {
		p, err := destination.ParseHostPattern(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("tenants.%s: %w", block, err))
		}
		patterns = append(patterns, p)
	}
	return patterns, errs
}

func anyPattern(patterns []destination.HostPattern, host string) bool {
	return slices.ContainsFunc(patterns, func(p destination.HostPattern) bool { return p.Match(host) })
}

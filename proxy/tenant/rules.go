package tenant

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

// Tenants are the company's own tenants. A product whose block is nil is not
// restricted: its hosts are not intercepted for its sake, and headers that a
// client sends itself, which can only restrict it further, are left alone.
type Tenants struct {
	Microsoft *Microsoft
	Google    *Google
	OpenAI    *OpenAI
	Anthropic *Anthropic
}

// Microsoft restricts Entra sign-in. With a PolicyID it is tenant
// restrictions v2, which keeps the permitted tenants in Entra; without, v1.
type Microsoft struct {
	TenantID       string   // directory id of the own tenant
	PolicyID       string   // id of the default cross-tenant access policy
	AllowedTenants []string // v1 alone: domains or directory ids
}

// Google restricts sign-in to Google.
type Google struct {
	AllowedDomains []string // domains, consumer_accounts, visitor_accounts
}

// OpenAI restricts ChatGPT by workspace and the API by organisation.
type OpenAI struct {
	WorkspaceIDs    []string // UUIDs
	OrganizationIDs []string // org-...
}

// Anthropic restricts Claude, in all its forms, by organisation.
type Anthropic struct {
	OrganizationIDs []string // UUIDs
}

// A HeaderValue is a header to be set.
type HeaderValue struct{ Name, Value string }

// ProductHosts are the hosts that one product's block intercepts.
type ProductHosts struct {
	Product string
	Hosts   []destination.HostPattern
}

// restriction is one header of one product: what it is made of, and the only
// hosts that may see it.
type restriction struct {
	product string
	header  string
	value   func(*Tenants) string // "" when not configured
	hosts   []string              // as destination.ParseHostPattern reads them
	exclude []string              // never, though a pattern covers them
	source  string
}

// restrictions is the table. The order is that in which headers are set; the
// first is the one that policy sees.
var restrictions = []restriction{
	{
		product: "microsoft", header: "Restrict-Access-To-Tenants", value: entraAllowed,
		hosts: entraHosts, exclude: entraExcluded,
		source: "https://learn.microsoft.com/entra/identity/enterprise-apps/tenant-restrictions",
	},
	{
		product: "microsoft", header: "Restrict-Access-Context", value: entraContext,
		hosts: entraHosts, exclude: entraExcluded,
		source: "https://learn.microsoft.com/entra/identity/enterprise-apps/tenant-restrictions",
	},
	{
		product: "microsoft", header: "sec-Restrict-Tenant-Access-Policy", value: entraConsumers,
		hosts:  []string{"login.live.com"},
		source: "https://learn.microsoft.com/entra/identity/enterprise-apps/tenant-restrictions",
	},
	{
		product: "microsoft", header: "sec-Restrict-Tenant-Access-Policy", value: entraPolicy,
		hosts: append([]string{"login.live.com"}, entraHosts...), exclude: entraExcluded,
		source: "https://learn.microsoft.com/entra/external-id/tenant-restrictions-v2",
	},
	{
		product: "google", header: "X-GoogApps-Allowed-Domains", value: googleDomains,
		hosts:  []string{".google.com", ".googleapis.com", ".googleusercontent.com"},
		source: "https://support.google.com/a/answer/1668854",
	},
	{
		product: "google", header: "X-GeminiCodeAssist-Allowed-Domains", value: codeAssistDomains,
		hosts:  []string{"cloudcode-pa.googleapis.com"},
		source: "https://docs.cloud.google.com/gemini/docs/codeassist/network-access",
	},
	{
		product: "openai", header: "ChatGPT-Allowed-Workspace-Id", value: openaiWorkspaces,
		hosts:  []string{".chatgpt.com"},
		source: "https://help.openai.com/en/articles/20001323-corporate-network-controls-in-chatgpt-enterprise",
	},
	{
		product: "openai", header: "OpenAI-Allowed-Organization-Ids", value: openaiOrganizations,
		hosts:  []string{"api.openai.com"},
		source: "https://developers.openai.com/api/docs/guides/organization-blocking",
	},
	{
		product: "anthropic", header: "anthropic-allowed-org-ids", value: anthropicOrganizations,
		hosts:  []string{".claude.ai", "api.anthropic.com", ".claude.com", ".anthropic.com"},
		source: "https://support.claude.com/en/articles/13198485",
	},
}

// The sign-in hosts of Entra, and those where TLS must not be broken since they
// ask for client certificates.
var (
	entraHosts    = []string{"login.microsoftonline.com", "login.microsoft.com", "login.windows.net"}
	entraExcluded = []string{"device.login.microsoftonline.com", "enterpriseregistration.windows.net"}
)

// anthropicMore are the names under which longer lists go on.
var anthropicMore = []string{
	"anthropic-allowed-org-ids1", "anthropic-allowed-org-ids2", "anthropic-allowed-org-ids3",
	"anthropic-allowed-org-ids4", "anthropic-allowed-org-ids5", "anthropic-allowed-org-ids6",
	"anthropic-allowed-org-ids7", "anthropic-allowed-org-ids8", "anthropic-allowed-org-ids9",
}

// Rules say for each host which tenant headers it gets. They are
// immutable.
type Rules struct {
	tenants Tenants
	active  []activeRestriction
	remove  map[string][]string // by product: all names of its headers
}

type activeRestriction struct {
	product string
	header  HeaderValue
	hosts   []destination.HostPattern
	exclude []destination.HostPattern
}

// New validates the values, since some services fail open on bad
// ones and others refuse everybody. It reports every problem, joined, with its
// configuration path.
func New(t Tenants) (*Rules, error) {
	if errs := t.validate(); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	rules := &Rules{tenants: t, remove: map[string][]string{"anthropic": anthropicMore}}
	var errs []error
	for _, r := range restrictions {
		if names := rules.remove[r.product]; !slices.Contains(names, r.header) {
			rules.remove[r.product] = append(slices.Clip(names), r.header)
		}
		value := r.value(&t)
		if value == "" {
			continue
		}
		hosts, problems := parseHostPatterns(r.product, r.hosts)
		errs = append(errs, problems...)
		exclude, problems := parseHostPatterns(r.product, r.exclude)
		errs = append(errs, problems...)
		rules.active = append(rules.active, activeRestriction{r.product, HeaderValue{r.header, value}, hosts, exclude})
	}
	return rules, errors.Join(errs...)
}

// Headers returns what a request to a normalised host gets: the headers to set
// once, after every header named in remove is taken out in any spelling. listed
// is false where nothing is to be done, and for hosts that must not be touched.
// The values disclose tenants: they are for https alone, which the caller sees to.
func (t *Rules) Headers(host string) (set []HeaderValue, remove []string, listed bool) {
	for _, a := range t.active {
		if !a.covers(host) {
			continue
		}
		set = append(set, a.header)
		for _, name := range t.remove[a.product] {
			if !slices.Contains(remove, name) {
				remove = append(remove, name)
			}
		}
	}
	return set, remove, len(set) > 0
}

func (a *activeRestriction) covers(host string) bool {
	return anyPattern(a.hosts, host) && !anyPattern(a.exclude, host)
}

// Apply does what Headers says to the header of a request, and reports whether
// the host is listed. Names are compared without regard to case, and with
// underscores as hyphens, which some servers take for the same.
func (t *Rules) Apply(host string, header http.Header) bool {
	set, remove, listed := t.Headers(host)
	if !listed {
		return false
	}
	for name := range header {
		folded := strings.ReplaceAll(name, "_", "-")
		if slices.ContainsFunc(remove, func(r string) bool { return strings.EqualFold(r, folded) }) {
			delete(header, name)
		}
	}
	for _, h := range set {
		header.Set(h.Name, h.Value)
	}
	return true
}

// InjectOnly reports whether a host is intercepted only for its header: it is
// forwarded unread.
func (t *Rules) InjectOnly(host string, inCatalogue bool) bool {
	if inCatalogue {
		return false
	}
	_, _, listed := t.Headers(host)
	return listed
}

// Hosts returns the hosts that each configured block intercepts, in the order
// of the table.
func (t *Rules) Hosts() []ProductHosts {
	var out []ProductHosts
	for _, a := range t.active {
		if len(out) == 0 || out[len(out)-1].Product != a.product {
			out = append(out, ProductHosts{Product: a.product})
		}
		last := &out[len(out)-1]
		for _, h := range a.hosts {
			if !slices.Contains(last.Hosts, h) {
				last.Hosts = append(last.Hosts, h)
			}
		}
	}
	return out
}

// The values of the headers. They are called with validated tenants.

func entraAllowed(t *Tenants) string {
	if t.Microsoft == nil || t.Microsoft.PolicyID != "" {
		return ""
	}
	return strings.Join(t.Microsoft.AllowedTenants, ",")
}

func entraContext(t *Tenants) string {
	if t.Microsoft == nil || t.Microsoft.PolicyID != "" {
		return ""
	}
	return t.Microsoft.TenantID
}

func entraConsumers(t *Tenants) string {
	if t.Microsoft == nil || t.Microsoft.PolicyID != "" {
		return ""
	}
	return "restrict-msa"
}

func entraPolicy(t *Tenants) string {
	if t.Microsoft == nil || t.Microsoft.PolicyID == "" {
		return ""
	}
	return t.Microsoft.TenantID + ":" + t.Microsoft.PolicyID
}

func googleDomains(t *Tenants) string {
	if t.Google == nil {
		return ""
	}
	return strings.Join(t.Google.AllowedDomains, ",")
}

// codeAssistDomains leaves out what Code Assist does not know: it fails open
// when no valid domain is left.
func codeAssistDomains(t *Tenants) string {
	if t.Google == nil {
		return ""
	}
	var domains []string
	for _, d := range t.Google.AllowedDomains {
		if !slices.Contains(googleTokens, d) {
			domains = append(domains, d)
		}
	}
	return strings.Join(domains, ",")
}

func openaiWorkspaces(t *Tenants) string {
	if t.OpenAI == nil {
		return ""
	}
	return strings.Join(t.OpenAI.WorkspaceIDs, ",")
}

func openaiOrganizations(t *Tenants) string {
	if t.OpenAI == nil {
		return ""
	}
	return strings.Join(t.OpenAI.OrganizationIDs, ",")
}

func anthropicOrganizations(t *Tenants) string {
	if t.Anthropic == nil {
		return ""
	}
	return strings.Join(t.Anthropic.OrganizationIDs, ",")
}

// parseHostPatterns reads a list of the table.
func parseHostPatterns(product string, list []string) ([]destination.HostPattern, []error) {
	var (
		patterns []destination.HostPattern
		errs     []error
	)
	for _, s := range list {
		p, err := destination.ParseHostPattern(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("tenants.%s: %w", product, err))
		}
		patterns = append(patterns, p)
	}
	return patterns, errs
}

func anyPattern(patterns []destination.HostPattern, host string) bool {
	return slices.ContainsFunc(patterns, func(p destination.HostPattern) bool { return p.Match(host) })
}

package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/ca"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/dial"
	"github.com/sluice-proxy/sluice/proxy/portal"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// parts builds what the road is made of, at the start and at each reload. What
// outlives a reload, the record among it, is taken from the assembly.
func (s *assembly) parts(ctx context.Context, c *Config) (proxy.Parts, error) {
	var old proxy.Parts
	options := authorityOptions(c, s.secret)
	if s.proxy != nil {
		old = s.proxy.Parts()
		options.Make = false // a root that is gone is not replaced behind everybody's back
	}
	authority, err := ca.Open(options)
	if err != nil {
		return proxy.Parts{}, err
	}
	engine, err := newEngine(ctx, c.Policy)
	if err != nil {
		return proxy.Parts{}, err
	}
	var errs []error
	check := func(err error) { errs = append(errs, err) }
	catalogue, err := newCatalogue(c.Destinations)
	check(err)
	tenants, err := newTenants(c.Tenants, s.secret)
	check(err)
	roots, err := newRoots(c.Upstream.CAFiles)
	check(err)
	dialer, err := newDialer(c, roots, s.ownAddresses)
	check(err)
	own, err := openOwn(c, s.secret, catalogue)
	check(err)
	remote, err := s.remote(c.Classifiers.Presidio)
	check(err)
	set, err := newClassifiers(s.secret, own, remote, c.Classifiers.Presidio.OnError == "ignore", old.Classifiers)
	check(err)
	users, err := newIdentity(c.Identity, roots, old.Identity)
	check(err)
	groups, err := newGroups(c.Identity.Groups, roots, old.Groups)
	check(err)
	certificates, err := newCertificates(c.Identity.ClientCertificates)
	check(err)
	passthrough, err := parsePassthrough(c.Destinations.Passthrough)
	check(err)
	clients, err := parseClients(c.Listen.Clients)
	check(err)
	balancers, err := parsePrefixes("listen.proxy_protocol", c.Listen.ProxyProtocol)
	check(err)
	var home *portal.Portal
	signIns, err := s.newSignIns(c, roots, func(w http.ResponseWriter, r *http.Request, page signin.Page) { home.Show(w, r, page) })
	check(err)
	pages := portal.Options{
		Host: c.Portal.Host, CA: authority.PEM(), Fingerprint: authority.Fingerprint(), Activity: s.sessions.activity, Answer: s.answer,
	}
	if signIns != nil {
		pages.SignIn, pages.SignedIn, pages.StepUp = signIns, signIns.SignedIn, signIns.StepUpLink
	}
	home, err = portal.New(pages)
	check(err)
	var pac []byte
	if catalogue != nil { // else that is told already
		pac, err = newPAC(c, catalogue, tenants, s.near)
	}
	if err := once(errors.Join(errs...), err); err != nil {
		return proxy.Parts{}, err
	}
	l := c.Limits
	return proxy.Parts{
		Log: s.log, Metrics: s.registry, Policy: engine, Classifiers: set, Allowance: own.Allowance, Audit: s.record, Access: s.access,
		SignIn: signIns, Ledger: s.sessions.ledger, Activity: s.sessions.activity, Catalogue: catalogue, Tenants: tenants,
		Dialer: dialer, Roots: roots, Identity: users, Groups: groups, ListenerTLS: s.secure, CA: authority, Portal: home, Page: home.Page, PAC: pac,
		Options: proxy.Options{
			PortalHost: c.Portal.Host, MinConfidence: c.Classifiers.MinConfidence, Clients: clients, Balancers: balancers, Passthrough: passthrough,
			IdentityRequired: c.Identity.Required, Certificates: certificates, Challenge: c.Identity.Challenge != "none",
			ChallengeBrowsers: c.Identity.Challenge == "basic" || len(c.Identity.OIDC) == 0,
			ACRSFresh:         time.Duration(c.Identity.ACRSFresh),
			Key:               s.secret.derive("placeholders"), Drain: time.Duration(c.Limits.Drain),
			InspectReplies: c.Response.Inspect, PassUnreadable: c.Response.OnUninspectable == "pass",
			Limits: proxy.Limits{
				Body: int64(l.Body), Expanded: int64(l.Expanded), Ratio: l.Ratio, Inspecting: int64(l.Inspecting), Message: int64(l.Message),
				Header: int(l.Header), Headers: l.Headers,
				HeaderTimeout: time.Duration(l.HeaderTimeout), Handshake: time.Duration(l.Handshake),
				Idle: time.Duration(l.Idle), TunnelIdle: time.Duration(l.TunnelIdle),
				URL: int(l.URL), BodyRate: int64(l.BodyRate), BodyGrace: time.Duration(l.BodyGrace),
				Connections: l.Connections, ClientConnections: l.ClientConnections, ClientExchanges: l.ClientExchanges,
				ClientTunnels: l.ClientTunnels, ClientHandshakes: l.ClientHandshakes,
			},
		},
	}, nil
}

func parsePassthrough(hosts []string) ([]destination.HostPattern, error) {
	var patterns []destination.HostPattern
	var errs []error
	for i, host := range hosts {
		pattern, err := destination.ParseHostPattern(host)
		if err != nil {
			errs = append(errs, fmt.Errorf("destinations.passthrough[%d]: %w", i, err))
		}
		patterns = append(patterns, pattern)
	}
	return patterns, errors.Join(errs...)
}

func newEngine(ctx context.Context, c PolicyConfig) (*policy.Engine, error) {
	source, err := policySource(c)
	if err != nil {
		return nil, err
	}
	snapshot, err := policy.Load(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("policy:\n%w", err)
	}
	return policy.NewEngine(snapshot, policy.Options{Timeout: time.Duration(c.Timeout), Observe: c.Mode == "observe"})
}

func newCatalogue(c DestinationConfig) (*destination.Catalogue, error) {
	options := destination.CatalogueOptions{
		Sanctioned: c.Sanctioned, Tolerated: c.Tolerated, Unsanctioned: c.Unsanctioned, InspectMixed: c.InspectMixed,
	}
	var errs []error
	for i, name := range c.CatalogueFiles {
		data, err := os.ReadFile(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("destinations.catalogue_files[%d]: %w", i, err))
			continue
		}
		options.Overlays = append(options.Overlays, destination.Overlay{Name: name, JSON: data})
	}
	catalogue, err := destination.NewCatalogue(options)
	return catalogue, errors.Join(append(errs, under("destinations.catalogue_files", err))...)
}

// newRoots is the system's roots and the configured ones.
func newRoots(files []string) (*x509.CertPool, error) {
	if len(files) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("upstream.ca_files: system roots: %w", err)
	}
	var errs []error
	for i, name := range files {
		data, err := os.ReadFile(name)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("upstream.ca_files[%d]: %w", i, err))
		case !pool.AppendCertsFromPEM(data):
			errs = append(errs, fmt.Errorf("upstream.ca_files[%d]: %s holds no certificate", i, name))
		}
	}
	return pool, errors.Join(errs...)
}

func newDialer(c *Config, roots *x509.CertPool, own func() []netip.AddrPort) (*dial.Dialer, error) {
	d := dial.Config{Resolve: c.Upstream.Resolve, Self: own, RootCAs: roots}
	var errs []error
	private, err := parsePrefixes("upstream.allow_private", c.Upstream.AllowPrivate)
	errs = append(errs, err)
	d.AllowPrivate = private
	for i, ports := range c.Upstream.Ports {
		r, err := dial.ParsePortRange(ports)
		if err != nil {
			errs = append(errs, fmt.Errorf("upstream.ports[%d]: %w", i, err))
			continue
		}
		d.Ports = append(d.Ports, r)
	}
	if c.Upstream.Parent != "" {
		parent, err := url.Parse(c.Upstream.Parent)
		if err != nil { // the error would print the password
			errs = append(errs, errors.New("upstream.parent: is not a URL"))
		}
		d.Parent = parent
	}
	dialer, err := dial.New(d)
	return dialer, errors.Join(append(errs, err)...)
}

func newPAC(c *Config, catalogue *destination.Catalogue, tenants *tenant.Rules, near endpoint) ([]byte, error) {
	proxies := c.PAC.Proxies
	if len(proxies) == 0 {
		proxies = []string{near.pac()}
	}
	var hosts []destination.HostPattern
	if tenants != nil { // they were wrong, and that is told already
		for _, block := range tenants.Hosts() {
			hosts = append(hosts, block.Hosts...)
		}
	}
	return destination.PAC(destination.PACConfig{
		Mode: c.PAC.Mode, Proxies: proxies, Direct: c.PAC.Direct, FailOpen: c.PAC.FailOpen,
		PortalHost: c.Portal.Host, Passthrough: c.Destinations.Passthrough, Catalogue: catalogue, Tenants: hosts,
	})
}

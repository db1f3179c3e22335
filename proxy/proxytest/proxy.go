// Package proxytest runs a whole proxy in a test: an origin that answers for
// every name, a certificate authority, clients, and transcripts that say what
// must come of a request.
package proxytest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/standard"
	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/audit"
	"github.com/sluice-proxy/sluice/proxy/ca"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/dial"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/identity/identitytest"
	"github.com/sluice-proxy/sluice/proxy/listener"
	"github.com/sluice-proxy/sluice/proxy/portal"
	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
	"github.com/sluice-proxy/sluice/proxy/tenant"
	"github.com/sluice-proxy/sluice/rego"
)

// PortalHost is the portal's name in tests.
const PortalHost = "sluice.internal"

// Proxy is a running proxy.
type Proxy struct {
	Server    *proxy.Proxy
	Origin    *Origin
	Address   string
	CA        *ca.Authority
	Metrics   *prometheus.Registry
	AuditFile string
	read      int // of the audit file
	stop      context.CancelFunc
	done      chan error
}

// Start runs a proxy, with an origin, for the length of the test.
func Start(t testing.TB, s Settings) *Proxy {
	t.Helper()
	p := &Proxy{Origin: NewOrigin(t), CA: newAuthority(t, "proxy"), Metrics: prometheus.NewRegistry(), done: make(chan error, 1)}
	var config net.ListenConfig
	if s.Listen == "" {
		s.Listen = "127.0.0.1:0"
	}
	l, err := config.Listen(t.Context(), "tcp", s.Listen)
	must(t, err)
	if s.Secure != nil {
		l = &listener.Secure{Listener: l, TLS: s.Secure}
	}
	p.Address = l.Addr().String()
	p.AuditFile = s.AuditFile
	if p.AuditFile == "" {
		p.AuditFile = filepath.Join(t.TempDir(), "audit.jsonl")
	}
	record, err := audit.Open(audit.Options{File: p.AuditFile, OnFailure: s.OnFailure})
	must(t, err)
	p.Server, err = proxy.New(p.parts(t, s, record, l))
	must(t, err)

	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	go func() { p.done <- p.Server.Serve(ctx, l) }()
	t.Cleanup(func() {
		p.Stop(t)
		if err := record.Close(); err != nil {
			t.Logf("close record: %v", err) // tests may have damaged it
		}
	})
	return p
}

// Stop drains the proxy; it may be called more than once.
func (p *Proxy) Stop(t testing.TB) {
	t.Helper()
	p.stop()
	if err := <-p.done; err != nil {
		t.Errorf("serve: %v", err)
	}
	p.done <- nil
}

// ordinary is the Set of most proxies. It never changes, so that they can share it.
var ordinary = sync.OnceValues(func() (*classifiers.Set, error) {
	return standard.New(standard.Options{Key: sha256.Sum256([]byte("proxytest")), CacheBytes: 16 << 20})
})

func (p *Proxy) parts(t testing.TB, s Settings, record *audit.Log, l net.Listener) proxy.Parts {
	t.Helper()
	key := sha256.Sum256([]byte("proxytest"))
	set := s.Classifiers
	if set == nil {
		var err error
		set, err = ordinary()
		must(t, err)
	}
	catalogue, err := destination.NewCatalogue(destination.CatalogueOptions{
		Sanctioned: s.Sanctioned, Tolerated: s.Tolerated, Unsanctioned: s.Unsanctioned, InspectMixed: s.InspectMixed,
	})
	must(t, err)
	tenants, err := tenant.New(s.Tenants, key)
	must(t, err)
	certificates, err := identity.NewCertificateMap(s.DeviceField, s.UserField)
	must(t, err)
	options := proxy.Options{
		Certificates: certificates,
		PortalHost:   PortalHost, Clients: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Passthrough: patterns(t, s.Passthrough),
		IdentityRequired: s.Required, Challenge: true, ACRSFresh: time.Hour, Key: key, Drain: s.Drain,
		InspectReplies: true, MinConfidence: 0.5,
		Limits: proxy.Limits{
			Body: 16 << 20, Expanded: 64 << 20, Ratio: 100, Inspecting: 512 << 20, Message: 4 << 20, Header: 64 << 10, Headers: 200,
			HeaderTimeout: 15 * time.Second, Handshake: 10 * time.Second, Idle: 5 * time.Minute, TunnelIdle: time.Hour,
			URL: 16 << 10, BodyRate: 500, BodyGrace: 10 * time.Second,
			Connections: 16384, ClientConnections: 4096, ClientExchanges: 2048, ClientTunnels: 2048, ClientHandshakes: 512,
		},
	}
	if options.Drain == 0 {
		options.Drain = 5 * time.Second
	}
	if s.Limits != nil {
		s.Limits(&options.Limits)
	}
	roots := s.Roots
	if roots == nil {
		roots = x509.NewCertPool()
		roots.AddCert(p.Origin.Authority.Root())
	}
	logger := s.Log
	if logger == nil {
		logger = zaptest.NewLogger(t, zaptest.Level(zap.DebugLevel))
	}
	store := s.Store
	if store == nil {
		store = session.NewMemory(session.MemoryOptions{MaxBytes: 64 << 20})
	}
	account, err := ledger.New(ledger.Options{Store: store, Secrets: [][32]byte{key}})
	must(t, err)
	told, err := activity.New(activity.Options{Store: store, Secrets: [][32]byte{key}})
	must(t, err)
	var home *portal.Portal
	signIns := p.signIns(t, s.Provider, store, key, func(w http.ResponseWriter, r *http.Request, page signin.Page) { home.Show(w, r, page) })
	pages := portal.Options{
		Host: PortalHost, CA: p.CA.PEM(), Fingerprint: p.CA.Fingerprint(), Activity: told,
		Answer: func(ctx context.Context, a activity.Answer, who identity.Identity) error {
			return p.Server.Answer(ctx, a, who)
		},
	}
	if signIns != nil {
		pages.SignIn, pages.SignedIn, pages.StepUp = signIns, signIns.SignedIn, signIns.StepUpLink
	}
	home, err = portal.New(pages)
	must(t, err)
	who := s.Identity
	if who == nil {
		who = Users(t, s.Users...)
	}
	parts := proxy.Parts{
		Log: logger, Metrics: p.Metrics, Policy: newEngine(t, s), Classifiers: set, Catalogue: catalogue, Tenants: tenants,
		Dialer: p.dialer(t, s, l), Roots: roots, Identity: who, ListenerTLS: s.Secure, CA: p.CA, Audit: record, SignIn: signIns, Ledger: account, Activity: told,
		Portal: home, Page: home.Page, PAC: []byte("function FindProxyForURL(url, host) { return \"DIRECT\"; }\n"), Options: options,
	}
	if s.Change != nil {
		s.Change(&parts)
	}
	return parts
}

// signIns are at the provider of the settings; nil without one.
func (p *Proxy) signIns(t testing.TB, provider *identitytest.Provider, store session.Store, key [32]byte, show func(http.ResponseWriter, *http.Request, signin.Page)) *signin.SignIns {
	t.Helper()
	if provider == nil {
		return nil
	}
	at, err := identity.NewProvider(identity.ProviderOptions{Issuer: provider.URL, ClientID: identitytest.ClientID, HTTPClient: provider.Client()})
	must(t, err)
	signIns, err := signin.New(signin.Options{
		Providers: []*identity.Provider{at}, Store: store, Secrets: [][32]byte{key}, PortalHost: PortalHost, Show: show,
	})
	must(t, err)
	return signIns
}

// dialer sends every named host to the origin.
func (p *Proxy) dialer(t testing.TB, s Settings, own net.Listener) *dial.Dialer {
	t.Helper()
	resolve := map[string]string{}
	for _, host := range s.Hosts {
		resolve[host] = p.Origin.TLS
	}
	maps.Copy(resolve, s.Resolve)
	for _, host := range s.ClearHosts {
		resolve[host] = p.Origin.Clear
	}
	for host, address := range resolve {
		if address == theProxy {
			resolve[host] = own.Addr().String()
		}
	}
	var private []netip.Prefix
	for _, cidr := range s.AllowPrivate {
		private = append(private, netip.MustParsePrefix(cidr))
	}
	ports := []dial.PortRange{{First: 443, Last: 443}, {First: 80, Last: 80}}
	if s.OriginPort {
		own := netip.MustParseAddrPort(p.Origin.TLS).Port()
		ports = append(ports, dial.PortRange{First: own, Last: own})
	}
	dialer, err := dial.New(dial.Config{
		Resolve: resolve, AllowPrivate: private, Ports: ports, Parent: s.Parent, Resolver: s.Resolver, Timeout: s.DialTimeout,
		Self: func() []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort(own.Addr().String())} },
	})
	must(t, err)
	return dialer
}

func newEngine(t testing.TB, s Settings) *policy.Engine {
	t.Helper()
	source := policy.Source{Embedded: rego.FS}
	if len(s.Policy) > 0 {
		dir := fstest.MapFS{}
		for name, text := range s.Policy {
			dir[name] = &fstest.MapFile{Data: []byte(text)}
		}
		tables, err := fs.Glob(rego.FS, "data/*.json")
		must(t, err)
		for _, name := range tables {
			data, err := fs.ReadFile(rego.FS, name)
			must(t, err)
			dir[name] = &fstest.MapFile{Data: data}
		}
		source.Dir = dir
	}
	for name, text := range s.Data {
		source.Data = append(source.Data, policy.DataFile{Name: name, JSON: []byte(text)})
	}
	snapshot, err := policy.Load(t.Context(), source)
	must(t, err)
	timeout := s.PolicyTimeout
	if timeout == 0 {
		timeout = 10 * time.Second // test machines are slow
	}
	engine, err := policy.NewEngine(snapshot, policy.Options{Observe: s.Observe, Timeout: timeout})
	must(t, err)
	return engine
}

func patterns(t testing.TB, hosts []string) []destination.HostPattern {
	t.Helper()
	var out []destination.HostPattern
	for _, host := range hosts {
		pattern, err := destination.ParseHostPattern(host)
		must(t, err)
		out = append(out, pattern)
	}
	return out
}

// Users returns a verifier that knows these names; each has the token "token-NAME".
func Users(t testing.TB, names ...string) *identity.Verifier {
	t.Helper()
	if len(names) == 0 {
		return nil
	}
	var lines strings.Builder
	for _, name := range names {
		sum := sha256.Sum256([]byte("token-" + name))
		lines.WriteString(name + ":" + hex.EncodeToString(sum[:]) + "\n")
	}
	file := filepath.Join(t.TempDir(), "tokens")
	must(t, os.WriteFile(file, []byte(lines.String()), 0o600))
	verifier, err := identity.New(identity.Options{TokenFile: file})
	must(t, err)
	return verifier
}

// connectError is a CONNECT that was refused, with the answer.
type connectError struct {
	resp *http.Response
	body []byte
}

func (e *connectError) Error() string { return "CONNECT: " + e.resp.Status }

// Client returns a client behind the proxy that trusts its authority. user, if
// not empty, is whose token it gives.
func (p *Proxy) Client(user string, h2 bool) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(p.CA.Root())
	through := &url.URL{Scheme: "http", Host: p.Address}
	if user != "" {
		through.User = url.UserPassword(user, "token-"+user)
	}
	transport := &http.Transport{
		Proxy:              http.ProxyURL(through),
		TLSClientConfig:    &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:  h2,
		DisableKeepAlives:  true,
		DisableCompression: true,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				body, err := io.ReadAll(resp.Body) // net/http closes the connection next
				return errors.Join(&connectError{resp, body}, err)
			}
			return nil
		},
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Direct returns a client that goes straight to the origin, whatever the name.
func (p *Proxy) Direct(h2 bool) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(p.Origin.Authority.Root())
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:    &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:  h2,
		DisableCompression: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, p.Origin.TLS)
		},
	}}
}

// do is client.Do with a refused CONNECT as an answer.
func do(client *http.Client, r *http.Request) (*http.Response, error) {
	resp, err := client.Do(r)
	var refused *connectError
	if errors.As(err, &refused) {
		refused.resp.Body = io.NopCloser(bytes.NewReader(refused.body))
		return refused.resp, nil
	}
	return resp, err
}

// Connect opens a tunnel by hand and returns it with the answer.
func (p *Proxy) Connect(t testing.TB, authority string, header ...string) (net.Conn, *http.Response) {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", p.Address)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = conn.Write([]byte("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + strings.Join(header, "") + "\r\n"))
	must(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
	must(t, err)
	return conn, resp
}

func newAuthority(t testing.TB, name string) *ca.Authority {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	must(t, os.Mkdir(dir, 0o700))
	authority, err := ca.Open(ca.Options{CertFile: filepath.Join(dir, "ca.pem"), KeyFile: filepath.Join(dir, "ca-key.pem"), Make: true})
	must(t, err)
	return authority
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package proxytest

import (
	"crypto/x509"
	"net/url"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/dial"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/identity/identitytest"
	"github.com/sluice-proxy/sluice/proxy/listener"
	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// Settings say how a test's proxy differs from the default one.
type Settings struct {
	Hosts         []string          // names that resolve to the origin
	ClearHosts    []string          // and those that resolve to it without TLS
	Resolve       map[string]string // names that resolve elsewhere
	Sanctioned    []string
	Tolerated     []string
	Unsanctioned  []string
	Passthrough   []string
	InspectMixed  []string
	Parent        *url.URL
	Required      bool
	Users         []string           // each has the token "token-NAME"
	Identity      *identity.Verifier // instead of the users
	Observe       bool
	Tenants       tenant.Blocks
	Policy        map[string]string // files that replace the embedded packs; none: the embedded ones
	Data          map[string]string // data files over the tables
	Limits        func(*proxy.Limits)
	AllowPrivate  []string
	AuditFile     string // default: in the test's directory
	OnFailure     string
	Roots         *x509.CertPool // trusted upstream; default: the origin's authority
	Drain         time.Duration
	OriginPort    bool // the origin's own port may be asked for
	PolicyTimeout time.Duration
	Resolver      dial.Resolver // of other names than Hosts, ClearHosts and Resolve; nil: the system's
	DialTimeout   time.Duration
	Classifiers   *classifiers.Set       // instead of the standard ones
	Provider      *identitytest.Provider // where browsers sign in
	Store         session.Store          // shared by proxies of a test; nil: one of its own, in memory
	Change        func(*proxy.Parts)     // the last word
	Log           *zap.Logger
	Listen        string        // default: a free port on 127.0.0.1
	Secure        *listener.TLS // makes it an HTTPS proxy
	DeviceField   string        // of clients' certificates, as identity.client_certificates has it
	UserField     string
}

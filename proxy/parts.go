package proxy

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/access"
	"github.com/sluice-proxy/sluice/proxy/audit"
	"github.com/sluice-proxy/sluice/proxy/ca"
	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/dial"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/identity/directory"
	"github.com/sluice-proxy/sluice/proxy/listener"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// Parts is everything a proxy is made of. All are needed, but for Identity, by which
// people are known by a token, SignIn, by which they are with a browser, Groups,
// ListenerTLS, Access, and Ledger and Activity, without which what was sent before is not known, and
// nobody can answer a verdict. They belong to the caller, who closes them
// after Serve has returned. A Parts is not changed once it is given: Reload takes
// another one.
type Parts struct {
	Log         *zap.Logger
	Metrics     prometheus.Registerer
	Policy      *policy.Engine
	Classifiers *classifiers.Set
	Allowance   *classifiers.Allowance // of what Classifiers find; nil: nothing may be there
	Catalogue   *destination.Catalogue
	Tenants     *tenant.Rules
	Dialer      *dial.Dialer
	Roots       *x509.CertPool // trusted for upstream; nil: the system's
	Identity    *identity.Verifier
	Groups      *directory.Directory // of people whose tokens do not list them; nil: nobody is asked
	ListenerTLS *listener.TLS        // of the HTTPS proxy, by which its clients' certificates are looked at again; nil without
	CA          *ca.Authority
	Audit       *audit.Log
	Access      *access.Log     // nil: no access log
	SignIn      *signin.SignIns // nil: nobody signs in with a browser
	Ledger      *ledger.Ledger
	Activity    *activity.Log
	Portal      http.Handler
	Page        func(content.Notice) *content.Answer // what a person sees when a navigation is refused
	PAC         []byte
	MemoryUsed  func() uint64 // what the overload ladder measures; nil: what the runtime has in use
	Options     Options
}

// Options are the values of the configuration that the road itself uses.
type Options struct {
	PortalHost        string
	Clients           []netip.Prefix            // whose connections are served
	Balancers         []netip.Prefix            // which must say in a PROXY header who their client is
	Passthrough       []destination.HostPattern // hosts never intercepted
	IdentityRequired  bool
	Certificates      *identity.CertificateMap // whom clients' certificates name; nil: nobody
	ACRSFresh         time.Duration            // how long an authentication context counts as satisfied
	ChallengeBrowsers bool                     // also those that could sign in otherwise
	Challenge         bool                     // answer a CONNECT without credentials with 407
	Key               [32]byte                 // of placeholders
	MinConfidence     float64                  // of findings that count; a guess below it is as if it were not found
	Drain             time.Duration            // how long Serve waits for open exchanges
	InspectReplies    bool                     // read the text of replies
	PassUnreadable    bool                     // pass replies on that cannot be read, which else are cut
	Limits            Limits
}

// Limits bound what an exchange may take. Sizes are in bytes.
type Limits struct {
	Body          int64
	Expanded      int64
	Ratio         int
	Inspecting    int64
	Message       int64 // a message, or an event of a reply, that is read as one
	Header        int
	Headers       int
	HeaderTimeout time.Duration
	Handshake     time.Duration
	Idle          time.Duration
	TunnelIdle    time.Duration

	URL       int           // length of a request's target
	BodyRate  int64         // bytes a second that a client sends of a body at least,
	BodyGrace time.Duration // once it was waited for this long

	Connections       int // of all clients
	ClientConnections int // of one client, like what follows
	ClientExchanges   int
	ClientTunnels     int
	ClientHandshakes  int

	Memory int64 // of which overload is a share; 0: there is no ladder
}

// A snapshot is the parts in force and what is built of them. It never changes:
// Reload puts another in its place.
type snapshot struct {
	Parts
	upstream *upstream
	harmless *lru.Cache[string, struct{}] // short texts in which Classifiers found nothing
}

// mostHarmless bounds snapshot.harmless, and longestHarmless each of them.
const (
	mostHarmless    = 1024
	longestHarmless = 128
)

// newSnapshot makes the snapshot that follows old, which is nil at first.
func newSnapshot(parts Parts, old *snapshot) *snapshot {
	next := &snapshot{Parts: parts}
	next.harmless, _ = lru.New[string, struct{}](mostHarmless) // fails for a size below 1 only
	if old != nil && parts.Dialer == old.Dialer && parts.Roots == old.Roots {
		next.upstream = old.upstream
	} else {
		next.upstream = newUpstream(parts.Dialer, parts.Roots)
	}
	return next
}

// validate reports everything that is missing at once.
func (p *Parts) validate() error {
	var errs []error
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, errors.New("proxy: no "+what))
		}
	}
	need(p.Log != nil, "log")
	need(p.Metrics != nil, "metrics")
	need(p.Policy != nil, "policy")
	need(p.Classifiers != nil, "classifiers")
	need(p.Catalogue != nil, "catalogue")
	need(p.Tenants != nil, "tenants")
	need(p.Dialer != nil, "dialer")
	need(p.CA != nil, "certificate authority")
	need(p.Audit != nil, "audit log")
	need(p.Portal != nil && p.Page != nil, "portal")
	need(!p.Options.IdentityRequired || p.Identity != nil || p.SignIn != nil || p.Options.Certificates.MapsUser(), "identity, though it is required")
	l := p.Options.Limits
	need(l.Body > 0 && l.Expanded > 0 && l.Ratio > 0 && l.Inspecting > 0 && l.Message > 0 && l.Header > 0 && l.Headers > 0, "limits of size")
	need(l.URL > 0 && l.BodyRate > 0 && l.BodyGrace > 0, "limits of URLs and bodies")
	need(l.Connections > 0 && l.ClientConnections > 0 && l.ClientExchanges > 0 && l.ClientTunnels > 0 && l.ClientHandshakes > 0, "limits of clients")
	need(l.HeaderTimeout > 0 && l.Handshake > 0 && l.Idle > 0 && l.TunnelIdle > 0, "limits of time")
	return errors.Join(errs...)
}

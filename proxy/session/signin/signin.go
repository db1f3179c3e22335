package signin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session"
)

const (
	defaultSession = 8 * time.Hour
	defaultCache   = 32 << 10         // sign-ins
	seenFor        = 15 * time.Second // the Store is not asked again
	pause          = time.Second      // after the Store failed
	clockSkew      = 30 * time.Second // between proxies
)

// Reasons for which cookies and codes are rejected, besides those of package
// identity.
const (
	ReasonTwice  identity.Reason = "twice"   // two were sent: one was planted
	ReasonSealed identity.Reason = "sealed"  // not made by this fleet, or changed
	ReasonDomain identity.Reason = "domain"  // made for another site
	ReasonClient identity.Reason = "client"  // made for another device, network or browser
	ReasonEnded  identity.Reason = "ended"   // signed out, or over
	ReasonBrowse identity.Reason = "browser" // not the browser that began
	ReasonShared identity.Reason = "shared"  // an address that several people were given
	ReasonPath   identity.Reason = "path"    // no such address here
)

// Options are what SignIns are made of.
type Options struct {
	Providers  []*identity.Provider
	Store      session.Store
	Secrets    [][32]byte // of the fleet: today's, and any before it
	PortalHost string     // where the handler is served, by https on port 443

	Session time.Duration    // how long a sign-in lasts; 0: 8 hours
	Grace   time.Duration    // how long one that was seen is good while the Store fails; 0: not
	Now     func() time.Time // nil: time.Now
	Cache   int              // sign-ins remembered by the process; 0: 32768

	// Show writes a page of the portal; nil: plain text. Headers that keep it from
	// being framed and kept are set already.
	Show func(http.ResponseWriter, *http.Request, Page)
}

// SignIns are the people who are signed in. They may be used by many at once, start
// nothing and need no closing.
type SignIns struct {
	providers []*identity.Provider
	store     session.Store
	box       *session.Box
	portal    string // host
	session   time.Duration
	grace     time.Duration
	now       func() time.Time
	show      func(http.ResponseWriter, *http.Request, Page)

	surrogates *lru.Cache[string, surrogate] // by the cookie's value: those that opened
	flight     singleflight.Group
	failed     atomic.Int64 // when the Store last failed, in nanoseconds since 1970

	mu    sync.Mutex // of writing to what is below
	epoch uint64     // counts what was written or ended: an older answer of the Store is not kept
	seen  *lru.Cache[string, *entry]

	urls   *lru.Cache[[sha256.Size]byte, handedOut]
	counts *lru.Cache[string, *count]
}

// New returns SignIns. It reports everything that is wrong at once.
func New(o Options) (*SignIns, error) {
	var errs []error
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, errors.New("signin: "+what))
		}
	}
	need(len(o.Providers) > 0, "no provider")
	need(o.Store != nil, "no store")
	need(len(o.Secrets) > 0, "no secret")
	u, err := url.Parse("https://" + o.PortalHost + "/")
	need(err == nil && o.PortalHost != "" && u.Host == o.PortalHost && u.Port() == "", "the portal's host is not a plain name")
	issuers := map[string]bool{}
	for _, p := range o.Providers {
		need(!issuers[p.Issuer()], p.Issuer()+" stands there twice")
		issuers[p.Issuer()] = true
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s := &SignIns{
		providers: o.Providers, store: o.Store, box: session.NewBox("signin", o.Secrets...), portal: o.PortalHost,
		session: o.Session, grace: o.Grace, now: o.Now, show: o.Show,
	}
	if s.session <= 0 {
		s.session = defaultSession
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.show == nil {
		s.show = showText
	}
	size := o.Cache
	if size <= 0 {
		size = defaultCache
	}
	var made [4]error
	s.surrogates, made[0] = lru.New[string, surrogate](2 * size)
	s.seen, made[1] = lru.New[string, *entry](size)
	s.urls, made[2] = lru.New[[sha256.Size]byte, handedOut](size)
	s.counts, made[3] = lru.New[string, *count](size)
	if err := errors.Join(made[:]...); err != nil {
		return nil, fmt.Errorf("signin: %w", err)
	}
	return s, nil
}

// A Client is what a sign-in is bound to. One without certificate and address
// is nobody's.
type Client struct {
	Certificate string     // SHA-256 of the certificate that it showed to the proxy, in hex; empty: none
	Address     netip.Addr // where it connects from
	UserAgent   string
}

// A binding is a hash of what identifies a client. It stands only in what is sealed.
type binding [16]byte

// maxUserAgent is how many bytes of a User-Agent count.
const maxUserAgent = 512

func (c Client) binding() binding {
	if c.Certificate == "" && !c.Address.IsValid() {
		return binding{}
	}
	var room [64 + maxUserAgent]byte
	text := room[:0]
	if c.Certificate != "" {
		text = append(append(text, "certificate "...), c.Certificate...)
	} else {
		address := c.Address.Unmap().WithZone("")
		bits := 64
		if address.Is4() {
			bits = 24
		}
		prefix, err := address.Prefix(bits)
		if err != nil {
			return binding{} // no address has fewer bits
		}
		text = prefix.AppendTo(append(text, "network "...))
		text = append(append(text, ' '), c.UserAgent[:min(len(c.UserAgent), maxUserAgent)]...)
	}
	sum := sha256.Sum256(text)
	return binding(sum[:16])
}

// is reports whether the client is the one that was bound.
func (c Client) is(b binding) bool { return b != binding{} && c.binding() == b }

// MarshalText writes a binding in hex.
func (b binding) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, b[:]), nil }

// UnmarshalText reads a binding.
func (b *binding) UnmarshalText(text []byte) error {
	if len(text) != 2*len(b) {
		return errors.New("signin: not a binding")
	}
	_, err := hex.Decode(b[:], text)
	return err
}

func rejected(reason identity.Reason) error { return &identity.RejectedError{Reason: reason} }

func unavailable(err error) error {
	return fmt.Errorf("signin: %w: %w", identity.ErrUnavailable, err)
}

package signin

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

// A surrogate is what a surrogate cookie says.
type surrogate struct {
	id     string
	site   site
	expiry time.Time
}

// A site is where a cookie is good.
type site struct {
	domain string
	alone  bool // this host only, and none below it
}

// siteOf returns the widest site that a host's cookie may have: its registrable
// domain, or the host alone where it is an address, a public suffix or without a dot.
func siteOf(host string) site {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return site{host, true}
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return site{host, true}
	}
	return site{domain: domain}
}

func (s site) has(host string) bool {
	if host == s.domain {
		return true
	}
	return !s.alone && len(host) > len(s.domain) && strings.HasSuffix(host, s.domain) && host[len(host)-len(s.domain)-1] == '.'
}

// nameOf takes the port off an authority.
func nameOf(authority string) string {
	if strings.IndexByte(authority, ':') < 0 {
		return authority
	}
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return host
	}
	return authority
}

const surrogateName = "surrogate" // of what is sealed

// maxCookie bounds a cookie of ours, in bytes; a registrable domain has 253 at most.
const maxCookie = 512

// sealSurrogate makes the cookie's value: the sign-in, when it ends, the site.
func (s *SignIns) sealSurrogate(v surrogate) string {
	plain := make([]byte, 0, idSize+8+1+len(v.site.domain))
	plain, err := hex.AppendDecode(plain, []byte(v.id))
	if err != nil || len(plain) != idSize {
		panic("signin: not an id of ours")
	}
	plain = binary.BigEndian.AppendUint64(plain, uint64(v.expiry.Unix()))
	if v.site.alone {
		plain = append(plain, 1)
	} else {
		plain = append(plain, 0)
	}
	return encoding.EncodeToString(s.box.Seal(surrogateName, append(plain, v.site.domain...)))
}

// openSurrogate reads a cookie's value. One that opened is remembered, so that it is
// opened once.
func (s *SignIns) openSurrogate(value string) (surrogate, bool) {
	if v, ok := s.surrogates.Get(value); ok {
		return v, true
	}
	if len(value) > maxCookie {
		return surrogate{}, false
	}
	sealed, err := encoding.DecodeString(value)
	if err != nil {
		return surrogate{}, false
	}
	plain, err := s.box.Open(surrogateName, sealed)
	if err != nil || len(plain) <= idSize+8+1 {
		return surrogate{}, false
	}
	v := surrogate{
		id:     hex.EncodeToString(plain[:idSize]),
		expiry: time.Unix(int64(binary.BigEndian.Uint64(plain[idSize:])), 0),
		site:   site{string(plain[idSize+8+1:]), plain[idSize+8] == 1},
	}
	s.surrogates.Add(strings.Clone(value), v) // not the request's memory
	return v, true
}

// Find tells who sent the cookies that Strip took out of a request to a host, which
// may have a port and is written as the proxy compares it (lower case, no trailing
// dot). The id is of the sign-in. The identity's Expiry is when it ends.
//
// Errors are those of package identity: ErrNoCredentials where no cookie was sent,
// ErrRejected (a *identity.RejectedError) where it is not good, ErrUnavailable where
// the Store could not be asked. What was seen in the Store is used for 15 seconds.
func (s *SignIns) Find(ctx context.Context, sent Cookies, host string, c Client) (identity.Identity, string, error) {
	switch len(sent.Surrogates) {
	case 0:
		return identity.Identity{}, "", identity.ErrNoCredentials
	case 1:
	default:
		return identity.Identity{}, "", rejected(ReasonTwice)
	}
	v, ok := s.openSurrogate(sent.Surrogates[0])
	switch {
	case !ok:
		return identity.Identity{}, "", rejected(ReasonSealed)
	case !v.site.has(nameOf(host)):
		return identity.Identity{}, "", rejected(ReasonDomain)
	case !s.now().Before(v.expiry):
		return identity.Identity{}, "", rejected(identity.ReasonExpired)
	}
	e, err := s.identify(ctx, v.id, c, seenFor)
	if err != nil {
		return identity.Identity{}, "", err
	}
	return e.Identity, e.id, nil
}

// Again tells who a sign-in is that was found before, by a request whose answer still
// goes on. Errors are those of Find.
func (s *SignIns) Again(ctx context.Context, id string, c Client) (identity.Identity, error) {
	e, err := s.identify(ctx, id, c, seenFor)
	if err != nil {
		return identity.Identity{}, err
	}
	return e.Identity, nil
}

// Refresh tells who a sign-in is, as the Store knows it now: what was noted by another
// proxy a moment ago, a step-up, is there. The Store is asked at most once a second
// for each sign-in. Errors are those of Find.
func (s *SignIns) Refresh(ctx context.Context, id string, c Client) (identity.Identity, error) {
	e, err := s.identify(ctx, id, c, time.Second)
	if err != nil {
		return identity.Identity{}, err
	}
	return e.Identity, nil
}

// surrogateCookie is the cookie of a sign-in on a host.
func (s *SignIns) surrogateCookie(e *entry, host string) *http.Cookie {
	on := siteOf(nameOf(host))
	cookie := &http.Cookie{
		Name: surrogateCookieName, Value: s.sealSurrogate(surrogate{e.id, on, e.Expiry}), Path: "/",
		MaxAge: max(1, int(e.Expiry.Sub(s.now())/time.Second)), HttpOnly: true, Secure: true,
		SameSite: http.SameSiteNoneMode, // an app's page asks its API on a sibling host
	}
	if !on.alone {
		cookie.Domain = on.domain
	}
	return cookie
}

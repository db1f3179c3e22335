package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

const (
	// Prefix is of paths that are the proxy's own on every intercepted host: no request
	// below it is forwarded.
	Prefix = "/.well-known/sluice/"
	// ReturnPath is where a browser comes back to from the portal.
	ReturnPath = Prefix + "return"

	beginFor = 10 * time.Minute // to sign in
	codeFor  = time.Minute      // to come back
	maxURI   = 2000             // bytes of what is asked for again after signing in
)

// A visit is what somebody wanted who was sent to the portal.
type visit struct {
	Host   string    `json:"h,omitempty"` // with its port, if it is not 443; empty: the portal
	URI    string    `json:"u"`
	Nonce  []byte    `json:"n,omitempty"` // hash of the cookie's
	Client binding   `json:"c"`
	Expiry time.Time `json:"e"`
}

const visitName = "visit" // of what is sealed

// Begin sends a browser that is not signed in to the portal: the answer to the
// navigation is 303 with this location and these cookies. Host is that of Find. The
// URI is asked for again afterwards; one that is longer than 2000 bytes, or is no path
// of the host, becomes "/". Several tabs of a browser share a nonce.
func (s *SignIns) Begin(host, requestURI string, sent Cookies, c Client) (location string, cookies []*http.Cookie) {
	nonce := newNonce()
	if len(sent.Nonces) == 1 && isNonce(sent.Nonces[0]) {
		nonce = sent.Nonces[0]
	}
	to := visit{Host: host, URI: localURI(requestURI), Nonce: hashNonce(nonce), Client: c.binding(), Expiry: s.now().Add(beginFor)}
	return s.portalURL("/sign-in?to=" + s.sealText(visitName, to)), []*http.Cookie{nonceCookie(nonce, int(beginFor/time.Second))}
}

func (s *SignIns) portalURL(path string) string { return "https://" + s.portal + path }

func nonceCookie(nonce string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: nonceCookieName, Value: nonce, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
}

func newNonce() string {
	var random [idSize]byte
	rand.Read(random[:])
	return encoding.EncodeToString(random[:])
}

func isNonce(s string) bool {
	raw, err := encoding.DecodeString(s)
	return err == nil && len(raw) == idSize
}

func hashNonce(nonce string) []byte {
	sum := sha256.Sum256([]byte(nonce))
	return sum[:16]
}

// localURI returns a request URI that is a path on the host it was sent to, else "/":
// what a browser might take for another host, a scheme or the end of a line is none,
// and neither is our own address, to which there is no way back.
func localURI(uri string) string {
	if len(uri) == 0 || len(uri) > maxURI || uri[0] != '/' || len(uri) > 1 && (uri[1] == '/' || uri[1] == '\\') {
		return "/"
	}
	for i := range len(uri) {
		if uri[i] <= ' ' || uri[i] >= 0x7f || uri[i] == '\\' || uri[i] == '#' {
			return "/"
		}
	}
	u, err := url.ParseRequestURI(uri)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(u.Path, Prefix) {
		return "/"
	}
	return uri
}

// A ticket is what a code says. Who shows it is judged by it alone, before the Store
// is asked, so that neither strangers nor another browser can use up a code.
type ticket struct {
	ID     string    `json:"i"`
	Host   string    `json:"h"`
	Nonce  []byte    `json:"n"`
	Client binding   `json:"c"`
	Expiry time.Time `json:"e"`
}

// A handOff is what the Store has under a code: it is taken once.
type handOff struct {
	SignIn string
	URI    string
}

const ticketName = "ticket" // of what is sealed

func codeKey(id string) string { return "code:" + id }

// handOff makes the location on a site that ends a visit to the portal.
func (s *SignIns) handOff(ctx context.Context, to visit, e *entry) (location string, err error) {
	t := ticket{ID: newID(), Host: to.Host, Nonce: to.Nonce, Client: to.Client, Expiry: s.now().Add(codeFor + clockSkew)}
	key := codeKey(t.ID)
	if _, err := s.store.Put(ctx, key, 0, s.sealJSON(key, handOff{e.id, to.URI}), codeFor); err != nil {
		return "", unavailable(err)
	}
	return "https://" + to.Host + ReturnPath + "?code=" + s.sealText(ticketName, t), nil
}

// Return signs a browser in on a site: it answers ReturnPath, and all other paths
// below Prefix with ReasonPath, with 303, this location on the same host and these
// cookies. A code is good for a minute, once, on the host it was made for, for the
// browser that began there and the client it began from. A browser that is signed in
// there already, by another tab, needs no code.
//
// Errors are those of Find. Without error but with an unusable code the location is
// "/" of the host.
func (s *SignIns) Return(ctx context.Context, requestURI string, sent Cookies, host string, c Client) (location string, cookies []*http.Cookie, err error) {
	u, err := url.ParseRequestURI(requestURI)
	if err != nil || u.EscapedPath() != ReturnPath {
		return "", nil, rejected(ReasonPath)
	}
	uri, e, err := s.takeCode(ctx, u.Query().Get("code"), sent, host, c)
	if errors.Is(err, identity.ErrRejected) {
		// Back from another tab, or by the button of the browser.
		switch _, _, findErr := s.Find(ctx, sent, host, c); {
		case findErr == nil:
			return "https://" + host + uri, nil, nil
		case errors.Is(findErr, identity.ErrUnavailable):
			return "", nil, findErr
		}
	}
	if err != nil {
		return "", nil, err
	}
	return "https://" + host + uri, []*http.Cookie{s.surrogateCookie(e, host), nonceCookie("", -1)}, nil
}

// takeCode uses up a code. With an error the URI is where one who is signed in
// already may go.
func (s *SignIns) takeCode(ctx context.Context, code string, sent Cookies, host string, c Client) (uri string, e *entry, err error) {
	var t ticket
	switch {
	case !s.openText(ticketName, code, &t):
		return "/", nil, rejected(ReasonSealed)
	case t.Host != host:
		return "/", nil, rejected(ReasonDomain)
	case !c.is(t.Client):
		return "/", nil, rejected(ReasonClient)
	case !s.now().Before(t.Expiry):
		return "/", nil, rejected(identity.ReasonExpired)
	case len(sent.Nonces) > 1:
		return "/", nil, rejected(ReasonTwice)
	}
	began := len(sent.Nonces) == 1 && subtle.ConstantTimeCompare(hashNonce(sent.Nonces[0]), t.Nonce) == 1
	if !began {
		if _, _, err := s.Find(ctx, sent, host, c); errors.Is(err, identity.ErrUnavailable) {
			return "/", nil, err
		} else if err != nil {
			return "/", nil, rejected(ReasonBrowse)
		}
	}
	key := codeKey(t.ID)
	v, err := s.store.Take(ctx, key)
	if err != nil {
		return "/", nil, unavailable(err)
	}
	var h handOff
	if v.Version == 0 || !s.openJSON(key, v.Data, &h) {
		return "/", nil, rejected(identity.ReasonCode)
	}
	uri = localURI(h.URI)
	if !began {
		return uri, nil, rejected(ReasonBrowse) // another tab has used the nonce up
	}
	e, err = s.identify(ctx, h.SignIn, c, seenFor)
	return uri, e, err
}

package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

// Paths of the portal that ServeHTTP answers.
const (
	SignInPath   = "/sign-in"          // GET: to a provider and back to where one came from; ?next= a path of the portal
	CallbackPath = "/sign-in/callback" // GET: from a provider
	SignOutPath  = "/sign-out"         // GET: a button; POST: out
	StepUpPath   = "/step-up"          // GET: to a provider for more
)

type clientKey struct{}

// WithClient says who asks the portal: the request of ServeHTTP has to have it.
func WithClient(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

// ClientOf is the client that WithClient said, nobody's where it said none.
func ClientOf(ctx context.Context) Client {
	c, _ := ctx.Value(clientKey{}).(Client)
	return c
}

// A Session is a person on the portal.
type Session struct {
	ID       string // of the sign-in
	Identity identity.Identity
	Started  time.Time
	Expiry   time.Time
}

// Person tells who asks the portal. Errors are those of Find.
func (s *SignIns) Person(r *http.Request, c Client) (Session, error) {
	e, err := s.person(r, c)
	if err != nil {
		return Session{}, err
	}
	return Session{e.id, e.Identity, e.Started, e.Expiry}, nil
}

func (s *SignIns) person(r *http.Request, c Client) (*entry, error) {
	id, err := s.portalID(r)
	if err != nil {
		return nil, err
	}
	return s.identify(r.Context(), id, c, seenFor)
}

// portalID is the sign-in that the portal's cookie points to, whoever sends it.
func (s *SignIns) portalID(r *http.Request) (string, error) {
	var sent portalCookie
	switch values := r.CookiesNamed(portalCookieName); {
	case len(values) == 0:
		return "", identity.ErrNoCredentials
	case len(values) > 1:
		return "", rejected(ReasonTwice)
	case len(values[0].Value) > maxCookie || !s.openText(portalName, values[0].Value, &sent):
		return "", rejected(ReasonSealed)
	case !s.now().Before(sent.Expiry):
		return "", rejected(identity.ReasonExpired)
	}
	return sent.ID, nil
}

// A portalCookie is what the portal's cookie says.
type portalCookie struct {
	ID     string    `json:"i"`
	Expiry time.Time `json:"e"`
}

const portalName = "portal" // of what is sealed

// ServeHTTP answers the paths of this package on the portal's host, by https only; the
// caller has put the client into the context. Every answer is kept from being framed
// and kept. What is asked for from within a page, and is no navigation, is refused.
func (s *SignIns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "same-origin") // addresses hold codes
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	c, known := r.Context().Value(clientKey{}).(Client)
	path := r.URL.EscapedPath()
	switch {
	case !known:
		s.show(w, r, pageBroken(errors.New("signin: no client in the context")))
	case path == SignOutPath && r.Method == http.MethodPost:
		s.signOut(w, r)
	case r.Method != http.MethodGet:
		h.Set("Allow", http.MethodGet)
		s.show(w, r, pageMethod)
	case !isNavigation(r.Header):
		s.show(w, r, pageNoNavigation)
	case path == SignInPath:
		s.signIn(w, r, c)
	case path == CallbackPath:
		s.callback(w, r, c)
	case path == StepUpPath:
		s.stepUp(w, r, c)
	case path == SignOutPath:
		s.show(w, r, pageSignOut)
	default:
		s.show(w, r, pageLost)
	}
}

// isNavigation reports whether a person goes to the address (W3C Fetch Metadata), as
// far as the browser says so.
func isNavigation(h http.Header) bool {
	mode, dest := h.Get("Sec-Fetch-Mode"), h.Get("Sec-Fetch-Dest")
	return (mode == "" || mode == "navigate") && (dest == "" || dest == "document")
}

// SameOrigin reports whether a request that changes something comes from a page of the
// portal. A browser that tells neither is refused.
func (s *SignIns) SameOrigin(r *http.Request) bool {
	if sites := r.Header.Values("Sec-Fetch-Site"); len(sites) > 0 {
		return len(sites) == 1 && sites[0] == "same-origin"
	}
	return r.Header.Get("Origin") == "https://"+s.portal
}

// signIn sends a person where they came from, by way of a provider if nobody knows
// them yet.
func (s *SignIns) signIn(w http.ResponseWriter, r *http.Request, c Client) {
	query := r.URL.Query()
	to := visit{URI: localURI(query.Get("next")), Client: c.binding(), Expiry: s.now().Add(beginFor)}
	if query.Has("to") {
		var sealed visit
		switch {
		case !s.openText(visitName, query.Get("to"), &sealed):
			s.show(w, r, pageLink)
			return
		case !c.is(sealed.Client):
			s.show(w, r, pageClient)
			return
		case !s.now().Before(sealed.Expiry):
			s.show(w, r, pageLate(sealed.Host))
			return
		}
		to = sealed
	}
	e, err := s.person(r, c)
	switch {
	case err == nil:
		s.leave(w, r, to, e)
		return
	case errors.Is(err, identity.ErrUnavailable):
		s.show(w, r, pageStore(err, s.again(to)))
		return
	}
	provider := s.chosen(query.Get("at"))
	if provider == nil {
		page := pageChoose
		for _, p := range s.providers {
			page.Links = append(page.Links, Link{p.Name(), s.again(to) + "&at=" + url.QueryEscape(p.Issuer())})
		}
		s.show(w, r, page)
		return
	}
	if err := s.send(w, r, provider, transaction{To: to, Client: c.binding()}); err != nil {
		s.show(w, r, pageProvider(err, s.again(to)))
	}
}

// again is the address at which the same can be tried again.
func (s *SignIns) again(to visit) string {
	if to.Host == "" {
		return s.portalURL(SignInPath + "?next=" + url.QueryEscape(to.URI))
	}
	return s.portalURL(SignInPath + "?to=" + s.sealText(visitName, to))
}

// chosen returns the provider of an issuer, or the only one; nil where one has to be
// chosen.
func (s *SignIns) chosen(issuer string) *identity.Provider {
	if len(s.providers) == 1 {
		return s.providers[0]
	}
	return s.provider(issuer)
}

func (s *SignIns) provider(issuer string) *identity.Provider {
	for _, p := range s.providers {
		if p.Issuer() == issuer {
			return p
		}
	}
	return nil
}

// A person who is sent back to the same page again and again has a browser that does
// not keep the surrogate, or that sends another beside it. Browsers follow 20 redirects
// and then say nothing that helps; each round is three.
const (
	backFor  = 30 * time.Second
	backMost = 4
)

// leave sends a person who is signed in to where they came from.
func (s *SignIns) leave(w http.ResponseWriter, r *http.Request, to visit, e *entry) {
	location := s.portalURL(to.URI)
	if to.Host != "" {
		if !s.now().Before(to.Expiry) {
			s.show(w, r, pageLate(to.Host))
			return
		}
		if sum := s.box.Sum(e.id + "\n" + to.Host + "\n" + to.URI); !s.spend(string(sum[:]), s.now(), backFor, backMost) {
			s.show(w, r, pageRound(to.Host))
			return
		}
		var err error
		if location, err = s.handOff(r.Context(), to, e); err != nil {
			s.show(w, r, pageStore(err, s.again(to)))
			return
		}
	}
	seeOther(w, location)
}

func seeOther(w http.ResponseWriter, location string) {
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusSeeOther)
}

// callback makes a sign-in of a provider's answer.
func (s *SignIns) callback(w http.ResponseWriter, r *http.Request, c Client) {
	query := r.URL.Query()
	tx, ok := s.takeTransaction(w, r, query.Get("state"))
	if !ok {
		s.show(w, r, pageState)
		return
	}
	provider := s.provider(tx.Issuer)
	switch {
	case !c.is(tx.Client):
		s.show(w, r, pageClient)
		return
	case provider == nil || !provider.Answers(query.Get("iss")):
		s.show(w, r, pageState)
		return
	case query.Has("error"):
		s.show(w, r, pageRefused(query.Get("error"), s.retry(tx)))
		return
	}
	who, err := provider.Exchange(r.Context(), query.Get("code"), tx.Verifier, tx.Nonce, s.portalURL(CallbackPath))
	switch {
	case errors.Is(err, identity.ErrUnavailable):
		s.show(w, r, pageProvider(err, s.retry(tx)))
		return
	case err != nil:
		s.show(w, r, pageToken(err, s.retry(tx)))
		return
	}
	if tx.StepUp != nil {
		s.stepped(w, r, c, *tx.StepUp, who)
		return
	}
	e, err := s.create(r.Context(), who, c)
	if err == nil {
		err = s.join(w, r, e)
	}
	if err != nil {
		s.show(w, r, pageStore(err, s.retry(tx)))
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: portalCookieName, Value: s.sealText(portalName, portalCookie{e.id, e.Expiry}), Path: "/",
		MaxAge: int(e.Expiry.Sub(s.now()) / time.Second), HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	})
	s.leave(w, r, tx.To, e)
}

// retry is where what a transaction was for can be tried again.
func (s *SignIns) retry(tx transaction) string {
	if tx.StepUp != nil {
		return "" // its guard would refuse it
	}
	return s.again(tx.To)
}

// signOut ends all sign-ins of the browser.
func (s *SignIns) signOut(w http.ResponseWriter, r *http.Request) {
	if !s.SameOrigin(r) {
		s.show(w, r, pageForged)
		return
	}
	ids, key, err := s.ofBrowser(r)
	if id, idErr := s.portalID(r); idErr == nil {
		ids = append(ids, id)
	}
	for _, id := range ids {
		err = errors.Join(err, s.end(r.Context(), id))
	}
	if err == nil && key != "" { // last: until then it can be tried again
		_, err = s.store.Take(r.Context(), key)
	}
	if err != nil {
		s.show(w, r, pageNotOut(err))
		return
	}
	http.SetCookie(w, &http.Cookie{Name: portalCookieName, Path: "/", MaxAge: -1, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
	s.show(w, r, pageOut)
}

// isTransaction reports whether a cookie is of a sign-in under way.
func isTransaction(c *http.Cookie) bool { return strings.HasPrefix(c.Name, txCookiePrefix) }

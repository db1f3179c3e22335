package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

// A browser cannot be asked who sits at it by a CONNECT: it shows nothing of the
// answer. So its CONNECT is let in, and the first page in it is answered by the way to
// the portal. What comes afterwards carries the surrogate cookie that is set on the way
// back.

// identifyBrowser finds who sits at a browser. Who cannot be found is sent to sign in,
// or told to, where the service needs to know.
func (p *Pipeline) identifyBrowser(x *Exchange, sent signin.Cookies, required bool) error {
	r, host, client := x.request, hostHeader(x), x.signInClient()
	signIns := x.parts.SignIn
	if isPreflight(r) {
		return nil // it carries no cookie (Fetch section 4.8), and nothing else
	}
	who, id, err := signIns.Find(x.context(), sent, host, client)
	if errors.Is(err, identity.ErrNoCredentials) || errors.Is(err, identity.ErrRejected) {
		if given, givenID, givenErr := signIns.FindByURL(x.context(), "https://"+host+r.URL.RequestURI(), client); !errors.Is(givenErr, identity.ErrNoCredentials) {
			who, id, err = given, givenID, givenErr
		}
	}
	switch {
	case err == nil:
		who.Device = x.Identity.Device // that of the certificate stays
		x.Identity, x.signIn = who, id
		return nil
	case errors.Is(err, identity.ErrUnavailable) && (required || len(sent.Surrogates) > 0):
		return refuseFor("auth_unavailable", err)
	case !required:
		return nil
	case !isTopLevel(r):
		refused := refuseFor("auth_browser", err)
		refused.text = signInAt(host)
		if x.Match.Role == "upload" {
			refused.text = "Nobody who is signed in was given this address here. Open " + x.Match.App.Name + " again in this browser, then upload anew."
		}
		refused.setCookies(sweep(err, host, r)) // no page that is opened may get those of this path
		return refused
	}
	location, cookies := signIns.Begin(host, r.URL.RequestURI(), sent, client)
	return redirect("sign_in", location, append(cookies, sweep(err, host, r)...), err)
}

// signedInStill asks who signed in and opened a stream, which they may have done some
// time ago.
func (x *Exchange) signedInStill() error {
	x.Identity = identity.Identity{}
	err := errNoSignIn
	if x.parts.SignIn != nil {
		x.Identity, err = x.parts.SignIn.Again(x.context(), x.signIn, x.signInClient())
	}
	switch {
	case errors.Is(err, identity.ErrUnavailable):
		return refuseFor("auth_unavailable", err)
	case err != nil:
		refused := refuseFor("auth_browser", err)
		refused.text = signInAt(hostHeader(x))
		return refused
	}
	return nil
}

var errNoSignIn = errors.New("proxy: nobody signs in with a browser any more")

// sweep are the cookies that end what was planted, if that is why nobody was found.
func sweep(err error, host string, r *http.Request) []*http.Cookie {
	var rejected *identity.RejectedError
	if errors.As(err, &rejected) && rejected.Reason == signin.ReasonTwice {
		return signin.Sweep(host, r.URL.RequestURI())
	}
	return nil
}

// signInAt tells a person what to do whose browser cannot be sent to sign in.
func signInAt(host string) string {
	return "This service needs to know who you are. Open https://" + host + "/ in this browser and sign in, then try again."
}

// identifyInClear is for a browser that asks a service without TLS, where it has no
// cookie of ours: it is not asked for a password that nobody has.
func identifyInClear(x *Exchange, cause error) error {
	host := hostHeader(x)
	if x.Target.Port == 80 && x.request.URL.Scheme == "http" && isTopLevel(x.request) {
		return redirect("sign_in", "https://"+host+x.request.URL.RequestURI(), nil, cause)
	}
	refused := refuseFor("auth_browser", cause)
	refused.text = signInAt(x.Target.Host)
	return refused
}

// isOwn reports whether an address is one that the proxy has on every host that it
// intercepts, also where it knows some paths alone.
func isOwn(x *Exchange) bool {
	return x.parts.SignIn != nil && x.request.TLS != nil && strings.HasPrefix(x.request.URL.EscapedPath(), signin.Prefix)
}

// comeBack answers the addresses that the proxy has on every host.
func (p *Pipeline) comeBack(x *Exchange, sent signin.Cookies) error {
	location, cookies, err := x.parts.SignIn.Return(x.context(), x.request.URL.RequestURI(), sent, hostHeader(x), x.signInClient())
	switch {
	case err == nil:
		return redirect("signed_in", location, cookies, nil)
	case errors.Is(err, identity.ErrUnavailable):
		return refuseFor("auth_unavailable", err)
	}
	return refuseFor("sign_in_failed", err)
}

// redirect sends a browser on.
func redirect(reason, location string, cookies []*http.Cookie, cause error) *refusal {
	refused := refuseFor(reason, cause)
	refused.header = http.Header{"Location": {location}}
	refused.setCookies(cookies)
	return refused
}

func (r *refusal) setCookies(cookies []*http.Cookie) {
	for _, c := range cookies {
		if r.header == nil {
			r.header = http.Header{}
		}
		r.header.Add("Set-Cookie", c.String())
	}
}

// signInClient is what a sign-in is bound to.
func (x *Exchange) signInClient() signin.Client {
	c := signin.Client{Address: x.Client, UserAgent: x.request.UserAgent()}
	if x.Certificate != nil {
		sum := sha256.Sum256(x.Certificate.Raw)
		c.Certificate = hex.EncodeToString(sum[:])
	}
	return c
}

// isBrowser reports whether a CONNECT is a browser's: all of them say so, and no tool
// that could give credentials says so by default.
func isBrowser(r *http.Request) bool { return strings.HasPrefix(r.UserAgent(), "Mozilla/") }

// isTopLevel reports whether a navigation shows its answer in a tab of its own (Fetch
// Metadata): a redirect in a frame would lead nowhere.
func isTopLevel(r *http.Request) bool {
	if r.Method != http.MethodGet || !isNavigation(r) {
		return false
	}
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document"
}

// isPreflight reports whether a browser asks whether it may ask (Fetch section 4.8):
// with no body.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.ContentLength == 0 && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

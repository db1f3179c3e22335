package proxy

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

// identifyDestination is stage 2: which service the exchange goes to, on a name
// that is normalised once.
func (p *Pipeline) identifyDestination(x *Exchange) error {
	r := x.request
	if err := p.checkHead(x); err != nil {
		return err
	}
	if err := x.findTarget(); err != nil {
		return err
	}
	if x.connect == nil && x.Target.Host == x.parts.Options.PortalHost {
		switch {
		case x.Phase == policy.PhaseRequest && r.URL.Scheme == "https":
			return refuseFor("scheme_not_allowed", nil)
		case x.Phase == policy.PhaseRequest:
			return redirectToPortal(r)
		}
		return nil // intercepted, and answered by the portal
	}
	if err := x.parts.Dialer.CheckTarget(x.Target); err != nil {
		return upstreamError(x.context(), err)
	}
	p.lookUp(x)
	return nil
}

// checkHead refuses a request that must not go anywhere.
func (p *Pipeline) checkHead(x *Exchange) error {
	r := x.request
	count := 0
	for _, values := range r.Header {
		count += len(values)
	}
	if count > x.parts.Options.Limits.Headers {
		return refuseFor("headers_too_many", nil)
	}
	switch {
	case r.Method == http.MethodConnect && x.connect != nil:
		return refuseFor("nested_connect", nil)
	case len(r.RequestURI) > x.parts.Options.Limits.URL:
		return refuseFor("url_too_long", nil)
	case r.URL.Opaque != "", r.URL.User != nil, r.URL.Fragment != "":
		return refuseFor("authority_malformed", nil) // "x:https://host/" would be sent on as it stands
	case r.Method != http.MethodConnect && !plainPath(r):
		return refuseFor("authority_malformed", nil)
	case r.Method == http.MethodTrace:
		return refuseFor("method_not_allowed", nil)
	case headerHas(r.Header, "Via", p.via):
		return refuseFor("loop", nil)
	}
	return nil
}

// plainPath reports whether the target has a path, or is the * of OPTIONS
// (RFC 9112 section 3.2.4).
func plainPath(r *http.Request) bool {
	path := r.URL.EscapedPath()
	return strings.HasPrefix(path, "/") || r.Method == http.MethodOptions && path == "*" || path == "" && r.URL.Host != ""
}

// findTarget reads the authority. Behind a CONNECT it is the CONNECT's, and the
// request's own must agree.
func (x *Exchange) findTarget() error {
	r := x.request
	if x.connect != nil {
		x.Target = x.connect.Target
		own, err := destination.ParseAuthority(r.Host, x.Target.Port)
		if err != nil {
			return refuseFor("authority_malformed", err)
		}
		if own != x.Target {
			return refuseFor("authority_mismatch", nil)
		}
		if scheme, _, absolute := strings.Cut(r.RequestURI, "://"); absolute && !strings.Contains(scheme, "/") && scheme != "https" && scheme != "http" {
			return refuseFor("scheme_not_allowed", nil)
		}
		return nil
	}
	authority, port := r.RequestURI, uint16(443) // of a CONNECT: net/url would take userinfo out
	if x.Phase == policy.PhaseRequest {
		authority = r.URL.Host
		switch r.URL.Scheme {
		case "http":
			port = 80
		case "https": // in clear to us, over TLS upstream: some tools ask so
		default:
			return refuseFor("scheme_not_allowed", nil)
		}
	} else if !strings.Contains(authority, ":") {
		return refuseFor("authority_malformed", nil) // RFC 9110 section 9.3.6: the port is required
	}
	target, err := destination.ParseAuthority(authority, port)
	if err != nil {
		return refuseFor("authority_malformed", err)
	}
	x.Target = target
	return nil
}

// lookUp asks the catalogue and the tenants about the target. For a CONNECT the
// path is not known yet: the first candidate stands for all.
func (p *Pipeline) lookUp(x *Exchange) {
	candidates := x.parts.Catalogue.Candidates(x.Target.Host)
	x.Tags = nil
	tenant := len(x.parts.Tenants.Headers(x.Target.Host)) > 0
	if tenant {
		x.Tags = append(x.Tags, "tenant")
	}
	if destination.IsECHFront(x.Target.Host) {
		x.Tags = append(x.Tags, "ech")
	}
	if x.parts.passthrough(x.Target.Host) {
		x.Tags = append(x.Tags, "passthrough")
	}
	if x.Target.IP.IsValid() && x.Phase == policy.PhaseRequest && x.connect == nil {
		x.Tags = append(x.Tags, "no_name")
	}
	if x.Phase == policy.PhaseConnect {
		if len(candidates) > 0 {
			x.Known, x.Match = true, candidates[0]
			for _, c := range candidates {
				if !c.Mixed { // one that is not shared is reason enough to look
					x.Match = c
					break
				}
			}
		}
	} else {
		x.Match, x.Known = destination.Choose(candidates, x.request.URL.EscapedPath(), func(wire string) bool {
			return content.Matches(wire, p.headOf(x, wire))
		})
	}
	if x.Known {
		x.Tags = append(x.Tags, x.Match.App.Tags...)
		if x.Match.Mixed {
			x.Tags = append(x.Tags, "mixed")
		}
		if x.parts.Tenants.Configured(x.Match.App.ID) {
			x.Tags = append(x.Tags, "tenant_configured")
		}
	}
	switch {
	case x.Known && !x.Match.Mixed:
		x.mode = read
	case tenant:
		x.mode = inject // also a shared host, which is decrypted for its header alone
	case x.Known:
		x.mode = read
	case x.connect != nil && len(candidates) == 0:
		x.mode = read // not GenAI, but a connect rule asked to intercept it
	default:
		x.mode = pass
	}
}

// passthrough reports whether the host is configured never to be intercepted.
func (s *snapshot) passthrough(host string) bool {
	return slices.ContainsFunc(s.Options.Passthrough, func(pattern destination.HostPattern) bool { return pattern.Match(host) })
}

// identifyUser is stage 3: who asks, on which device, and in which groups.
func (p *Pipeline) identifyUser(x *Exchange) error {
	if err := p.findUser(x); err != nil {
		return err
	}
	x.Identity.Device = x.parts.Options.Certificates.Identify(x.Certificate).Device // whoever it is, and however known
	return x.findGroups()
}

// findUser tells who asks. Behind a CONNECT the user is the CONNECT's, whose
// credentials are judged again after a reload, else who signed in with the browser; an
// inner Proxy-Authorization proves nothing.
func (p *Pipeline) findUser(x *Exchange) error {
	required := x.needsUser()
	sent := signin.Strip(x.request.Header) // they are for us alone
	if x.connect != nil {
		x.Identity = x.connect.Identity
		if err := x.checkCertificate(); err != nil {
			return err
		}
		if isOwn(x) {
			return p.comeBack(x, sent)
		}
		if !x.sameUsers(x.connect) {
			if err := x.identifyAgain(x.connect.credentials); err != nil {
				return err
			}
		}
		if !x.Identity.Authenticated && x.parts.SignIn != nil && x.mode == read && x.Known && x.request.TLS != nil {
			return p.identifyBrowser(x, sent, required)
		}
		return x.checkUser()
	}
	who, err := x.authenticate(x.credentials)
	x.Identity = who
	var refused *refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, identity.ErrNoCredentials):
		if !required || x.Phase == policy.PhaseConnect && x.parts.SignIn != nil && !x.parts.Options.ChallengeBrowsers && isBrowser(x.request) {
			return nil
		}
		if x.Phase == policy.PhaseRequest && x.parts.SignIn != nil && !x.parts.Options.ChallengeBrowsers && isBrowser(x.request) {
			return identifyInClear(x, err)
		}
		return x.challenge(refuseFor("auth_required", nil))
	case errors.Is(err, identity.ErrUnavailable):
		if x.mode == read {
			return refuseFor("auth_unavailable", err) // rules may depend on who it is
		}
		return nil
	}
	return x.challenge(refuseFor("auth_rejected", err))
}

// needsUser reports whether somebody has to be known.
func (x *Exchange) needsUser() bool {
	if !x.parts.Options.IdentityRequired || x.mode != read || !x.Known {
		return false
	}
	switch x.Match.Role {
	case "web", "api":
		return x.connect != nil || !x.Match.Mixed // a shared host is tunnelled, if no rule says otherwise
	case "upload": // all apps of a shared one have the same address; and a picture is asked for without a name
		return !x.Match.Mixed && !x.asksOnly()
	}
	return false
}

// asksOnly reports whether a request brings nothing but its address.
func (x *Exchange) asksOnly() bool {
	return (x.request.Method == http.MethodGet || x.request.Method == http.MethodHead) && x.request.ContentLength == 0
}

// checkUser refuses whoever came with a connection and is nobody, or is not any more.
func (x *Exchange) checkUser() error {
	switch {
	case !x.Identity.Authenticated && x.needsUser():
		return refuseFor("auth_missing", nil) // what the CONNECT named did not need it
	case x.Identity.Authenticated && !x.Identity.Expiry.IsZero() && time.Now().After(x.Identity.Expiry):
		return refuseFor("auth_expired", nil)
	}
	return nil
}

// identifyMessage is stage 3 for a message. Who sends it is who asked for its stream,
// which can last longer than their sign-in, their token and their certificate.
func (x *Exchange) identifyMessage() error {
	if err := x.checkCertificate(); err != nil {
		return err
	}
	switch {
	case x.signIn != "":
		if err := x.signedInStill(); err != nil {
			return err
		}
	case !x.sameUsers(x.parent):
		if err := x.identifyAgain(x.credentials); err != nil {
			return err
		}
	}
	x.Identity.Device = x.parts.Options.Certificates.Identify(x.Certificate).Device
	if err := x.checkUser(); err != nil {
		return err
	}
	return x.findGroups()
}

// identifyAgain judges the credentials of a connection by the parts of today: a
// token that was withdrawn is not good for as long as its connection is kept.
func (x *Exchange) identifyAgain(credentials string) error {
	who, err := x.authenticate(credentials)
	x.Identity = who
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, identity.ErrNoCredentials):
		return nil
	case errors.Is(err, identity.ErrUnavailable) && x.mode != read:
		return nil
	case errors.Is(err, identity.ErrUnavailable):
		return refuseFor("auth_unavailable", err)
	case err != nil:
		return refuseFor("auth_expired", err)
	}
	return nil
}

// challenge asks for credentials, unless configuration says that nobody here
// could give any; then the refusal is a plain 403.
func (x *Exchange) challenge(refused *refusal) *refusal {
	if !x.parts.Options.Challenge || x.parts.Identity == nil {
		refused.status = http.StatusForbidden
		return refused
	}
	refused.header = http.Header{"Proxy-Authenticate": identity.Challenges()}
	return refused
}

// redirectToPortal sends plain http for the portal to https, where it lives.
func redirectToPortal(r *http.Request) *refusal {
	refused := refuseFor("portal_redirect", nil)
	refused.header = http.Header{"Location": {"https://" + r.URL.Host + r.URL.EscapedPath()}}
	return refused
}

// context is the client's: it ends when the client leaves.
func (x *Exchange) context() context.Context { return x.request.Context() }

package proxy

import (
	"errors"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/listener"
)

// authenticate tells who asks, by the credentials that the client gave the proxy and
// by its certificate. A token is who asks, and the certificate the device; without a
// token the certificate's person asks, where it names one. Its errors are those of
// identity.Verifier.Authenticate, and refusals. With an error the device may be known.
func (x *Exchange) authenticate(credentials string) (identity.Identity, error) {
	if err := x.checkCertificate(); err != nil {
		return identity.Identity{}, err
	}
	certified := x.parts.Options.Certificates.Identify(x.Certificate)
	nobody := identity.Identity{Device: certified.Device}
	var who identity.Identity
	err := identity.ErrNoCredentials
	if x.parts.Identity != nil {
		who, err = x.parts.Identity.Authenticate(x.context(), credentials)
	}
	switch {
	case errors.Is(err, identity.ErrNoCredentials) && certified.Authenticated:
		return certified, nil
	case err != nil:
		return nobody, err
	}
	if who, err = who.On(certified); err != nil {
		return nobody, refuseFor("auth_conflict", err)
	}
	return who, nil
}

// sameUsers reports whether who may ask is known by the same means as when an exchange
// before this one began: that of the connection, or of a message's stream.
func (x *Exchange) sameUsers(before *Exchange) bool {
	return x.parts.Identity == before.parts.Identity && x.parts.Options.Certificates == before.parts.Options.Certificates
}

// checkCertificate looks at the client's certificate again: a connection can last
// longer than what it began with.
func (x *Exchange) checkCertificate() error {
	if x.Certificate == nil {
		return nil
	}
	now := time.Now()
	if now.After(x.Certificate.NotAfter) {
		return refuseFor("certificate_expired", nil)
	}
	if x.parts.ListenerTLS == nil {
		return nil
	}
	switch err := x.parts.ListenerTLS.Check(x.Certificate, now); {
	case errors.Is(err, listener.ErrRevoked):
		return refuseFor("certificate_revoked", err)
	case err != nil:
		return refuseFor("certificate_unchecked", err)
	}
	return nil
}

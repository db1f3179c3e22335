package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

// newProviders are those at which people sign in. They are reached directly, like
// issuers; previous are those in force, by issuer.
func newProviders(c IdentityConfig, roots *x509.CertPool, previous map[string]*identity.Provider) ([]*identity.Provider, error) {
	var errs []error
	var providers []*identity.Provider
	for i, p := range c.OIDC {
		path := fmt.Sprintf("identity.oidc[%d]", i)
		secret := ""
		if p.ClientSecretFile != "" {
			data, err := os.ReadFile(p.ClientSecretFile)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s.client_secret_file: %w", path, err))
			}
			secret = strings.TrimSpace(string(data))
		}
		provider, err := identity.NewProvider(identity.ProviderOptions{
			Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: secret, Scopes: p.Scopes, Name: p.Name,
			Claims: claimNames(c.Claims), HTTPClient: directClient(roots), Previous: previous[p.Issuer],
		})
		if err != nil {
			errs = append(errs, under(path, err))
			continue
		}
		providers = append(providers, provider)
	}
	return providers, errors.Join(errs...)
}

// newSignIns is nil where people do not sign in with a browser. Show writes a page of
// the portal.
func (s *assembly) newSignIns(c *Config, roots *x509.CertPool, show func(http.ResponseWriter, *http.Request, signin.Page)) (*signin.SignIns, error) {
	if len(c.Identity.OIDC) == 0 {
		return nil, nil
	}
	providers, err := newProviders(c.Identity, roots, s.providers)
	if err != nil {
		return nil, err
	}
	signIns, err := signin.New(signin.Options{
		Providers: providers, Store: s.sessions.store, Secrets: s.secrets("sign-ins"), PortalHost: c.Portal.Host,
		Session: time.Duration(c.Identity.Session), Grace: grace(c.Sessions), Show: show,
	})
	if err != nil {
		return nil, under("identity.oidc", err)
	}
	s.providers = map[string]*identity.Provider{}
	for _, p := range providers {
		s.providers[p.Issuer()] = p
	}
	return signIns, nil
}

// grace is how long a sign-in that was seen is good while the store cannot be asked:
// with a budget work goes on, and what is sent is bounded by that.
func grace(c SessionsConfig) time.Duration {
	if c.OnError == "budget" {
		return 15 * time.Minute
	}
	return 0
}

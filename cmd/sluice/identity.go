package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/identity/directory"
)

// newIdentity is nil when nothing is configured by which anybody could be known.
// Issuers are reached directly; the roots are nil for the system's; previous is
// the one that is replaced, if any.
func newIdentity(c IdentityConfig, roots *x509.CertPool, previous *identity.Verifier) (*identity.Verifier, error) {
	if len(c.Bearer.Issuers) == 0 && c.Bearer.TokenFile == "" {
		return nil, nil
	}
	options := identity.Options{
		TokenFile: c.Bearer.TokenFile, Previous: previous,
		Claims: claimNames(c.Claims), HTTPClient: directClient(roots),
	}
	for _, issuer := range c.Bearer.Issuers {
		options.Issuers = append(options.Issuers, identity.Issuer{URL: issuer.Issuer, Audiences: issuer.Audiences})
	}
	users, err := identity.New(options)
	var errs []error
	for _, err := range each(err) {
		if rest, ok := strings.CutPrefix(err.Error(), "identity: issuers"); ok {
			err = errors.New("identity.bearer.issuers" + rest)
		}
		errs = append(errs, under("identity.bearer.token_file", err))
	}
	return users, errors.Join(errs...)
}

// newGroups is nil when no directory is configured.
func newGroups(c GroupsConfig, roots *x509.CertPool, previous *directory.Directory) (*directory.Directory, error) {
	if c.Endpoint == "" {
		return nil, nil
	}
	d, err := directory.New(directory.Options{
		Endpoint: c.Endpoint, TokenURL: c.TokenURL, ClientID: c.ClientID, SecretFile: c.ClientSecretFile, Scope: c.Scope, TokenFile: c.TokenFile,
		Keep: time.Duration(c.Cache), Timeout: time.Duration(c.Timeout), HTTPClient: directClient(roots), Previous: previous,
	})
	var errs []error
	for _, one := range each(err) {
		errs = append(errs, fmt.Errorf("identity.groups.%w", one))
	}
	return d, errors.Join(errs...)
}

// newCertificates says whom the certificates of clients name.
func newCertificates(c CertificatesConfig) (*identity.CertificateMap, error) {
	m, err := identity.NewCertificateMap(c.DeviceID, c.User)
	var errs []error
	for _, one := range each(err) {
		errs = append(errs, fmt.Errorf("identity.client_certificates.%w", one))
	}
	return m, errors.Join(errs...)
}

func claimNames(c ClaimsConfig) identity.ClaimNames {
	return identity.ClaimNames{Groups: c.Groups, Department: c.Department, Extra: c.Extra}
}

// directClient reaches issuers and providers; nil, for the default one, without roots
// of our own.
func directClient(roots *x509.CertPool) *http.Client {
	if roots == nil {
		return nil
	}
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           8,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  5 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}}
}

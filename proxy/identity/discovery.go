package identity

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// A document is what of a provider's metadata is used (OpenID Connect Discovery 1.0
// section 3, RFC 9207 section 3). It is never changed.
type document struct {
	fetched       time.Time
	Keys          string   `json:"jwks_uri"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"` // none: client_secret_basic
	NamesItself   bool     `json:"authorization_response_iss_parameter_supported"`
}

// known returns the provider's document, nil where there is none that is new enough.
func (p *provider) known() *document {
	if d := p.found.Load(); d != nil && p.now().Sub(d.fetched) <= rediscover {
		return d
	}
	return nil
}

func (p *provider) discover(ctx context.Context) (*document, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.issuer) // checks that it names the same issuer
	if err != nil {
		return nil, err
	}
	d := &document{fetched: p.now()}
	if err := found.Claims(d); err != nil {
		return nil, errors.New("the document is not valid")
	}
	if !isHTTPS(d.Keys) {
		return nil, errors.New("jwks_uri is not an https URL")
	}
	return d, nil
}

// endpoints returns a document by which people can be signed in. The provider is
// asked by one caller at a time and not right after a failure. Its error is
// ErrUnavailable.
func (p *provider) endpoints(ctx context.Context) (*document, error) {
	d := p.known()
	if d == nil {
		if err := p.waitTurn(ctx); err != nil {
			return nil, err
		}
		defer func() { <-p.turn }()
		var err error
		if d, err = p.discoverUnless(ctx); err != nil {
			return nil, err
		}
	}
	if !isHTTPS(d.Authorization) || !isHTTPS(d.Token) {
		return nil, p.unavailable(errors.New("discover: no https URLs to sign in at"))
	}
	return d, nil
}

// discoverUnless asks the provider for its document, unless somebody else just did, or
// it failed a moment ago. The caller holds the turn. A caller who leaves does not end
// the question.
func (p *provider) discoverUnless(ctx context.Context) (*document, error) {
	if d := p.known(); d != nil {
		return d, nil
	}
	now := p.now()
	if now.Before(p.next) {
		return nil, p.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
	defer cancel()
	d, err := p.discover(ctx)
	if err != nil {
		return nil, p.failed(now, err)
	}
	p.found.Store(d)
	return d, nil
}

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.Fragment == ""
}

// takesBasic reports whether a client's secret goes into Authorization, which is what
// a provider understands that says nothing (OpenID Connect Discovery 1.0 section 3).
func (d *document) takesBasic() bool {
	return len(d.Methods) == 0 || slices.Contains(d.Methods, "client_secret_basic") || !slices.Contains(d.Methods, "client_secret_post")
}

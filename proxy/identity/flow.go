package identity

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// ProviderOptions are what a Provider is made of.
type ProviderOptions struct {
	Issuer       string   // an https URL, compared exactly
	ClientID     string   // what the proxy is registered as
	ClientSecret string   // empty: a public client
	Scopes       []string // besides openid; nil: profile and email
	Name         string   // what people know it by; empty: the issuer's host
	Claims       ClaimNames
	HTTPClient   *http.Client     // its transport reaches the provider; nil: one that uses no proxy
	Now          func() time.Time // nil: time.Now
	Previous     *Provider        // the one that this replaces: what is known of the same issuer is kept
}

// A Provider signs people in at one OpenID provider: the code flow of OpenID Connect
// Core 1.0 section 3.1 with PKCE (RFC 7636, S256). It may be used by many at once,
// starts nothing and needs no closing.
type Provider struct {
	provider *provider
	name     string
	claims   ClaimNames
	client   *http.Client // for the token endpoint
	config   oauth2.Config
}

// NewProvider returns a Provider. It does not reach for it. It reports everything
// that is wrong at once.
func NewProvider(o ProviderOptions) (*Provider, error) {
	var errs []error
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		errs = append(errs, errors.New("identity: the issuer is not an https URL without user, query and fragment"))
	}
	if strings.TrimSpace(o.ClientID) == "" {
		errs = append(errs, errors.New("identity: no client id"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Scopes == nil {
		o.Scopes = []string{"profile", "email"}
	}
	if o.Name == "" {
		o.Name = u.Hostname()
	}
	client := newClient(o.HTTPClient)
	p := &Provider{
		provider: newProvider(o.Issuer, client, o.Now),
		name:     o.Name,
		claims:   o.Claims.orDefault(),
		client:   newTokenClient(client),
		config:   oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret},
	}
	p.config.Scopes = append(p.config.Scopes, "openid")
	for _, scope := range o.Scopes {
		if !slices.Contains(p.config.Scopes, scope) {
			p.config.Scopes = append(p.config.Scopes, scope)
		}
	}
	if o.Previous != nil && o.Previous.provider.issuer == o.Issuer {
		p.provider.keys.Store(o.Previous.provider.keys.Load())
		p.provider.found.Store(o.Previous.provider.found.Load())
	}
	return p, nil
}

// Issuer is the provider's issuer URL.
func (p *Provider) Issuer() string { return p.provider.issuer }

// Name is what people know it by.
func (p *Provider) Name() string { return p.name }

// AuthURL is where a browser is sent to. State, nonce and verifier (RFC 7636 section
// 4.1) are for this one request; redirect is where the provider sends the browser
// back to. With acrs it asks, by the claims parameter (Core section 5.5), for an ID
// token that says that one of these authentication contexts was satisfied; with a
// maxAge of a second or more, for a sign-in that is not older. What came of either
// shows in the ID token alone. Its error is ErrUnavailable.
func (p *Provider) AuthURL(ctx context.Context, state, nonce, verifier, redirect string, acrs []string, maxAge time.Duration) (string, error) {
	found, err := p.provider.endpoints(ctx)
	if err != nil {
		return "", err
	}
	config := p.at(found, redirect)
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", nonce)}
	if len(acrs) > 0 {
		options = append(options, oauth2.SetAuthURLParam("claims", claimsRequest(acrs)))
	}
	if seconds := int64(maxAge / time.Second); seconds > 0 {
		options = append(options, oauth2.SetAuthURLParam("max_age", strconv.FormatInt(seconds, 10)))
	}
	return config.AuthCodeURL(state, options...), nil
}

// claimsRequest asks for authentication contexts in the ID token. Of several values
// one is enough for the provider (Core section 5.5.1).
func claimsRequest(acrs []string) string {
	type claim struct {
		Essential bool     `json:"essential"`
		Value     string   `json:"value,omitempty"`
		Values    []string `json:"values,omitempty"`
	}
	want := claim{Essential: true, Values: acrs}
	if len(acrs) == 1 {
		want = claim{Essential: true, Value: acrs[0]}
	}
	raw, err := json.Marshal(map[string]any{"id_token": map[string]claim{"acrs": want}})
	if err != nil {
		panic(err) // strings always can be written
	}
	return string(raw)
}

// Answers reports whether an authorization response may be the provider's: iss is
// what the response says of its issuer, which one that names itself always does
// (RFC 9207 section 2.4). It is no proof, but keeps a code from being shown to
// another provider's token endpoint.
func (p *Provider) Answers(iss string) bool {
	found := p.provider.found.Load()
	return iss == p.provider.issuer || iss == "" && (found == nil || !found.NamesItself)
}

// Exchange makes an identity of an authorization code: it fetches the ID token and
// verifies it with the provider's keys, as made for this client and in answer to
// nonce (Core section 3.1.3.7). The Identity's Expiry is the ID token's. Errors are
// ErrRejected (a *RejectedError) and ErrUnavailable; none holds any part of a code, a
// token or a body. It waits for the token endpoint for at most 10 seconds and for
// keys for at most 5.
func (p *Provider) Exchange(ctx context.Context, code, verifier, nonce, redirect string) (Identity, error) {
	found, err := p.provider.endpoints(ctx)
	if err != nil {
		return Identity{}, err
	}
	config := p.at(found, redirect)
	token, err := config.Exchange(context.WithValue(ctx, oauth2.HTTPClient, p.client), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Identity{}, p.refused(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" || len(raw) > maxIDToken {
		return Identity{}, p.provider.unavailable(errors.New("the answer for a code has no ID token"))
	}
	return p.identify(ctx, raw, nonce)
}

// maxIDToken bounds an ID token, in bytes: 200 groups of Entra ID are about 8 KiB.
const maxIDToken = 64 << 10

// identify verifies an ID token.
func (p *Provider) identify(ctx context.Context, raw, nonce string) (Identity, error) {
	head, err := peek(raw)
	if err != nil {
		var r *RejectedError
		if errors.As(err, &r) {
			r.Issuer = p.provider.issuer
		}
		return Identity{}, err
	}
	if head.iss != p.provider.issuer {
		return Identity{}, p.provider.rejected(ReasonUnknownIssuer)
	}
	c, expiry, _, err := p.provider.verify(ctx, raw, head, []string{p.config.ClientID})
	if err != nil {
		return Identity{}, err
	}
	if azp := c.text("azp"); c["azp"] != nil && azp != p.config.ClientID || c["azp"] == nil && len(c.texts("aud")) > 1 {
		return Identity{}, p.provider.rejected(ReasonWrongAudience)
	}
	if got := c.text("nonce"); nonce == "" || subtle.ConstantTimeCompare([]byte(got), []byte(nonce)) != 1 {
		return Identity{}, p.provider.rejected(ReasonNonce)
	}
	id, ok := c.identity(p.claims)
	if !ok {
		return Identity{}, p.provider.rejected(ReasonMalformed)
	}
	id.Method, id.Issuer, id.Expiry = MethodOIDC, p.provider.issuer, expiry
	return id, nil
}

// Probe asks the provider for its addresses and keys.
func (p *Provider) Probe(ctx context.Context) error {
	if _, err := p.provider.endpoints(ctx); err != nil {
		return err
	}
	_, err := p.provider.usable(ctx)
	return err
}

func (p *Provider) at(found *document, redirect string) oauth2.Config {
	config := p.config
	config.RedirectURL = redirect
	config.Endpoint = oauth2.Endpoint{AuthURL: found.Authorization, TokenURL: found.Token, AuthStyle: oauth2.AuthStyleInParams}
	if config.ClientSecret != "" && found.takesBasic() {
		config.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return config
}

// refused tells what the token endpoint's answer was. Only names of RFC 6749 section
// 5.2 are taken over from it.
func (p *Provider) refused(err error) error {
	var answer *oauth2.RetrieveError
	var sent *url.Error
	switch {
	case errors.As(err, &answer) && answer.ErrorCode == "invalid_grant":
		return p.provider.rejected(ReasonCode)
	case errors.As(err, &answer) && slices.Contains([]string{"invalid_client", "unauthorized_client", "invalid_request", "unsupported_grant_type", "invalid_scope"}, answer.ErrorCode):
		return p.provider.unavailable(fmt.Errorf("exchange code: the provider says %s", answer.ErrorCode))
	case errors.As(err, &sent):
		return p.provider.unavailable(fmt.Errorf("exchange code: %w", sent.Err))
	}
	return p.provider.unavailable(errors.New("exchange code: the answer makes no sense"))
}

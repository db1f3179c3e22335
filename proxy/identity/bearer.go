package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// leeway is how far the clocks of provider and proxy may be apart.
const leeway = 30 * time.Second

// An issuer is one whose tokens are accepted.
type issuer struct {
	*provider
	audiences []string
}

// verifyBearer verifies a JWT that was made for the proxy as its audience. keys are
// those that it was verified with.
func (v *Verifier) verifyBearer(ctx context.Context, token string) (id Identity, from *issuer, keys *keySet, err error) {
	head, err := peek(token)
	if err != nil {
		return Identity{}, nil, nil, err
	}
	from = v.issuers[head.iss]
	if from == nil {
		return Identity{}, nil, nil, rejected(ReasonUnknownIssuer)
	}
	c, expiry, keys, err := from.verify(ctx, token, head, from.audiences)
	if err != nil {
		return Identity{}, nil, nil, err
	}
	id, ok := c.identity(v.claims)
	if !ok {
		return Identity{}, nil, nil, from.rejected(ReasonMalformed)
	}
	id.Issuer, id.Expiry = from.issuer, expiry
	return id, from, keys, nil
}

// verify verifies a JWT of the provider that was made for one of the audiences
// (RFC 7519, RFC 8725, OpenID Connect Core 1.0 section 3.1.3.7). keys are those that
// it was verified with, expiry has the leeway in it.
func (p *provider) verify(ctx context.Context, token string, head header, audiences []string) (c claims, expiry time.Time, keys *keySet, err error) {
	signed := &signature{provider: p, alg: head.alg, kid: head.kid}
	verified, err := oidc.NewVerifier(p.issuer, signed, &oidc.Config{
		SupportedSigningAlgs: algorithms,
		SkipClientIDCheck:    true, // several audiences, and
		SkipExpiryCheck:      true, // another leeway: both are checked below
	}).Verify(ctx, token)
	switch {
	case errors.Is(signed.err, ErrUnavailable):
		return nil, time.Time{}, nil, signed.err
	case signed.err != nil:
		return nil, time.Time{}, nil, p.rejected(ReasonSignature)
	case err != nil:
		return nil, time.Time{}, nil, p.rejected(ReasonMalformed)
	}
	if err := verified.Claims(&c); err != nil || verified.Issuer != p.issuer {
		return nil, time.Time{}, nil, p.rejected(ReasonMalformed)
	}
	if !slices.ContainsFunc(verified.Audience, func(a string) bool { return slices.Contains(audiences, a) }) {
		return nil, time.Time{}, nil, p.rejected(ReasonWrongAudience)
	}
	expiry, reason := c.checkTimes(p.now())
	if reason != "" {
		return nil, time.Time{}, nil, p.rejected(reason)
	}
	return c, expiry, signed.keys, nil
}

func (p *provider) rejected(reason Reason) error {
	return &RejectedError{Reason: reason, Issuer: p.issuer}
}

// A header is what of a token has to be known before it is verified.
type header struct{ alg, kid, iss string }

// peek reads the unverified header and issuer of a JWT in compact form.
func peek(token string) (h header, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return h, rejected(ReasonMalformed)
	}
	var head, body claims
	if !decodePart(parts[0], &head) || !decodePart(parts[1], &body) {
		return h, rejected(ReasonMalformed)
	}
	if head["crit"] != nil { // RFC 7515 section 4.1.11: none is understood
		return h, rejected(ReasonMalformed)
	}
	if h.alg = head.text("alg"); !slices.Contains(algorithms, h.alg) {
		return h, rejected(ReasonAlg)
	}
	if raw := head["kid"]; raw != nil && json.Unmarshal(raw, &h.kid) != nil {
		return h, rejected(ReasonMalformed)
	}
	// RFC 8725 section 3.11: a token made for something else is not a credential.
	switch strings.TrimPrefix(strings.ToLower(head.text("typ")), "application/") {
	case "logout+jwt", "secevent+jwt", "dpop+jwt":
		return h, rejected(ReasonMalformed)
	}
	h.iss = body.text("iss")
	return h, nil
}

func decodePart(part string, into *claims) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, into) == nil && *into != nil
}

// looksLikeJWT reports whether a token has the form of a JWT, so that a bad one is
// told apart from a static token that is not known. "e" is how an object begins in
// base64, whatever follows its brace.
func looksLikeJWT(token string) bool {
	return strings.Count(token, ".") == 2 && strings.HasPrefix(token, "e")
}

var errSignature = errors.New("identity: no key of the issuer verifies the signature")

// A signature is the oidc.KeySet for one token. It keeps what came out, which the
// verifier of go-oidc flattens into text.
type signature struct {
	provider *provider
	alg, kid string

	keys *keySet // that verified
	err  error   // errSignature or ErrUnavailable
}

// VerifySignature implements oidc.KeySet.
func (s *signature) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := s.verify(ctx, token)
	s.err = err
	return payload, err
}

func (s *signature) verify(ctx context.Context, token string) ([]byte, error) {
	keys, err := s.provider.usable(ctx)
	if err != nil {
		return nil, err
	}
	if payload, ok := s.with(ctx, keys, token); ok {
		return payload, nil
	}
	if keys, err = s.provider.newer(ctx, keys); err != nil {
		return nil, err
	}
	if keys != nil {
		if payload, ok := s.with(ctx, keys, token); ok {
			return payload, nil
		}
	}
	return nil, errSignature
}

func (s *signature) with(ctx context.Context, keys *keySet, token string) ([]byte, bool) {
	fitting := keys.find(s.alg, s.kid)
	if len(fitting) == 0 {
		return nil, false
	}
	payload, err := (&oidc.StaticKeySet{PublicKeys: fitting}).VerifySignature(ctx, token)
	if err != nil {
		return nil, false
	}
	s.keys = keys
	return payload, true
}

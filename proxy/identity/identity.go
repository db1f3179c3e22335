package identity

import (
	"errors"
	"net/url"
	"time"
)

// An Identity is what the proxy knows about the person or program that asks. The
// zero value is somebody unknown. Its slices and its map may be shared between
// exchanges: they are for reading only.
type Identity struct {
	Authenticated bool
	Method        string // a Method
	Issuer        string // of a bearer token or an ID token
	Sub           string // the token's subject, or the static token's name
	Email         string // empty when the issuer says that it is not verified
	Name          string
	Groups        []string
	GroupsOverage bool // the token has more groups than it lists: Groups is empty
	Department    string
	ACR           string
	AMR           []string
	ACRS          []string             // authentication contexts that were satisfied
	ACRSAt        map[string]time.Time // when each of them was: when the token that says so was issued
	AuthTime      time.Time            // of the sign-in; zero when not told
	Claims        map[string]any       // of claimNames and ClaimNames.Extra, as JSON decodes them
	Aliases       []string             // other names of the person with the issuer: preferred_username, upn
	Agent         Agent                // the program that asks, on its own or for the person
	Device        Device               // the machine that asks
	Expiry        time.Time            // until when the identity may be used, leeway included; zero: no end
}

// Person is the key of who it is, for all that is kept about them: the issuer with
// tenant and object id, which no other application's tokens name otherwise (Entra ID,
// access-token claims reference: tid, oid), or with the subject. It holds no address,
// since those are given to others in time. It is empty for nobody. A token that
// stands in the token file is a person of no issuer, and so is whom a certificate
// names.
func (id *Identity) Person() string {
	if !id.Authenticated {
		return ""
	}
	tenant, _ := id.Claims["tid"].(string)
	object, _ := id.Claims["oid"].(string)
	if id.Issuer != "" && tenant != "" && object != "" {
		return id.Issuer + " " + url.PathEscape(tenant) + "|" + url.PathEscape(object) // no part holds the separators
	}
	return id.Issuer + " " + url.PathEscape(id.Sub)
}

// Methods of authentication, as policy and the record name them.
const (
	MethodBearer      = "bearer"
	MethodToken       = "token"
	MethodOIDC        = "oidc"
	MethodCertificate = "certificate"
)

// Errors of Authenticate and Exchange, to be told apart by errors.Is.
var (
	// ErrNoCredentials: the client showed none. Asking for some may help.
	ErrNoCredentials = errors.New("identity: no credentials")
	// ErrRejected: the client showed some that are not good; the error is a
	// *RejectedError.
	ErrRejected = errors.New("identity: credentials rejected")
	// ErrUnavailable: the provider could not be asked, or made no sense, so that
	// nothing can be said about the credentials. Trying again may help.
	ErrUnavailable = errors.New("identity: provider not available")
)

// A Reason is why credentials were rejected. It is safe to log, to count and to
// show.
type Reason string

// The reasons.
const (
	ReasonMalformed     Reason = "malformed"
	ReasonAlg           Reason = "alg"
	ReasonUnknownIssuer Reason = "unknown_issuer"
	ReasonSignature     Reason = "signature"
	ReasonWrongAudience Reason = "wrong_audience"
	ReasonNotYetValid   Reason = "not_yet_valid"
	ReasonExpired       Reason = "expired"
	ReasonUnknownToken  Reason = "unknown_token"
	ReasonCode          Reason = "code"  // the provider does not take the code
	ReasonNonce         Reason = "nonce" // the ID token answers another request
)

// A RejectedError says why credentials were rejected. It never holds any part of
// them.
type RejectedError struct {
	Reason Reason
	Issuer string // the configured issuer, where one was found
}

func (e *RejectedError) Error() string {
	s := ErrRejected.Error() + ": " + string(e.Reason)
	if e.Issuer != "" {
		s += " (issuer " + e.Issuer + ")"
	}
	return s
}

// Is makes errors.Is(err, ErrRejected) hold.
func (e *RejectedError) Is(target error) bool { return target == ErrRejected }

func rejected(reason Reason) error { return &RejectedError{Reason: reason} }

// Challenges returns the values of Proxy-Authenticate for a 407, one line each
// (RFC 9110 section 11.7.1). Basic is for every client that can only give a
// password; Bearer says that a token is understood (RFC 6750 section 3 asks for a
// parameter).
func Challenges() []string {
	return []string{`Basic realm="sluice"`, `Bearer realm="sluice"`}
}

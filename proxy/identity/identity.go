package identity

import (
	"errors"
	"time"
)

// An Identity is what the proxy knows about the person or program that asks. The
// zero value is somebody unknown. Its slices and its map may be shared between
// exchanges: they are for reading only.
type Identity struct {
	Authenticated bool
	Method        string // MethodBearer or MethodToken
	Issuer        string // of a bearer token
	Sub           string // the token's subject, or the static token's name
	Email         string // empty when the issuer says that it is not verified
	Name          string
	Groups        []string
	GroupsOverage bool // the token has more groups than it lists: Groups is empty
	Department    string
	ACR           string
	AMR           []string
	ACRS          []string       // authentication contexts that were satisfied
	AuthTime      time.Time      // of the sign-in; zero when not told
	Claims        map[string]any // of claimNames: strings, bools and float64s
	Expiry        time.Time      // until when the identity may be used, leeway included; zero: no end
}

// Methods of authentication, as policy and the record name them.
const (
	MethodBearer = "bearer"
	MethodToken  = "token"
)

// Errors of Authenticate, to be told apart by errors.Is.
var (
	// ErrNoCredentials: the client showed none. Asking for some may help.
	ErrNoCredentials = errors.New("identity: no credentials")
	// ErrRejected: the client showed some that are not good; the error is a
	// *RejectedError.
	ErrRejected = errors.New("identity: credentials rejected")
	// ErrUnavailable: the provider's keys could not be had, so that nothing can be
	// said about the credentials. Trying again may help.
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

package signin

import (
	"errors"
	"net/http"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

// SignedIn tells who asks the portal: the zero Identity for nobody. The request's
// context has the client. Its error is identity.ErrUnavailable.
func (s *SignIns) SignedIn(r *http.Request) (identity.Identity, error) {
	person, err := s.Person(r, ClientOf(r.Context()))
	if errors.Is(err, identity.ErrNoCredentials) || errors.Is(err, identity.ErrRejected) {
		return identity.Identity{}, nil
	}
	return person.Identity, err
}

// StepUpLink is where the person who asks the portal can sign in more strongly for
// what was refused in an exchange with a host. Errors are those of Find.
func (s *SignIns) StepUpLink(r *http.Request, acrs []string, exchange, host string) (string, error) {
	client := ClientOf(r.Context())
	person, err := s.Person(r, client)
	if err != nil {
		return "", err
	}
	return s.StepUpURL(StepUp{SignIn: person.ID, ACRS: acrs, Exchange: exchange, Host: host}, client), nil
}

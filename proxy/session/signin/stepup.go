package signin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session"
)

const (
	stepUpFor  = 10 * time.Minute // that a link is good
	stepUpOnce = 2 * time.Minute  // for one attempt
)

// A StepUp is what a person has to show before something is let through.
type StepUp struct {
	SignIn   string        // id of the sign-in, from Find: it gets what is shown
	ACRS     []string      // authentication contexts, all of them
	MaxAge   time.Duration // how old the sign-in at the provider may be; under a second: any
	Exchange string        // id of what was refused, for the page
	Host     string        // where the person can go back to, with its port, if it is not 443; empty: no link
}

// An ask is a StepUp in a link.
type ask struct {
	StepUp
	Client binding
	Expiry time.Time
}

const stepUpName = "step-up" // of what is sealed

// StepUpURL is the portal's address where the client's person can do so, for 10
// minutes.
func (s *SignIns) StepUpURL(u StepUp, c Client) string {
	return s.portalURL(StepUpPath + "?for=" + s.sealText(stepUpName, ask{u, c.binding(), s.now().Add(stepUpFor)}))
}

// stepUp sends a person to the provider that they were signed in by. Whoever was sent
// there for the same a moment ago is told so, instead of going round in circles.
func (s *SignIns) stepUp(w http.ResponseWriter, r *http.Request, c Client) {
	var u ask
	switch {
	case !s.openText(stepUpName, r.URL.Query().Get("for"), &u) || len(u.ACRS) == 0:
		s.show(w, r, pageLink)
		return
	case !c.is(u.Client):
		s.show(w, r, pageClient)
		return
	case !s.now().Before(u.Expiry):
		s.show(w, r, pageLate(u.Host))
		return
	}
	e, err := s.identify(r.Context(), u.SignIn, c, time.Second)
	if err != nil {
		s.show(w, r, pageStepUpFailed(err))
		return
	}
	if len(s.missing(u, e.Identity)) == 0 {
		s.show(w, r, pageStepUpDone(u.Host))
		return
	}
	s.sendUp(w, r, c, u, e)
}

// missing are the contexts of a step-up that a person has not just shown.
func (s *SignIns) missing(u ask, who identity.Identity) []string {
	now := s.now()
	if u.MaxAge >= time.Second && now.Sub(who.AuthTime) > u.MaxAge+clockSkew {
		return u.ACRS
	}
	var missing []string
	for _, context := range u.ACRS {
		if at, ok := who.ACRSAt[context]; !ok || now.Sub(at) > stepUpOnce {
			missing = append(missing, context)
		}
	}
	return missing
}

// sendUp sends a person to the provider, unless that was done a moment ago.
func (s *SignIns) sendUp(w http.ResponseWriter, r *http.Request, c Client, u ask, e *entry) {
	p := s.provider(e.Identity.Issuer)
	if p == nil {
		s.show(w, r, pageStepUpFailed(errors.New("signin: the person's provider is not configured any more")))
		return
	}
	if err := p.Probe(r.Context()); err != nil { // an attempt that cannot be made is none
		s.show(w, r, pageProvider(err, s.portalURL(StepUpPath+"?for="+s.sealText(stepUpName, u))))
		return
	}
	err := s.guard(r.Context(), u, e)
	switch {
	case errors.Is(err, session.ErrConflict):
		s.show(w, r, pageStepUpAgain(u))
		return
	case err != nil:
		s.show(w, r, pageStore(err, ""))
		return
	}
	if err := s.send(w, r, p, transaction{StepUp: &u, Client: c.binding()}); err != nil {
		s.show(w, r, pageProvider(err, ""))
	}
}

// guard notes an attempt. Its error is session.ErrConflict when there was one for the
// same contexts within two minutes.
func (s *SignIns) guard(ctx context.Context, u ask, e *entry) error {
	_, err := s.store.Put(ctx, s.guardKey(u, e), 0, []byte{1}, stepUpOnce)
	if err != nil && !errors.Is(err, session.ErrConflict) {
		return unavailable(err)
	}
	return err
}

func (s *SignIns) guardKey(u ask, e *entry) string {
	contexts := slices.Sorted(slices.Values(u.ACRS))
	return s.box.Key("step-up", e.Identity.Person()+"\n"+strings.Join(contexts, "\n"))
}

// stepped judges the token that came of a step-up: it has to be of the same person and
// to say itself what was asked for. A provider may satisfy one context at a time;
// then the person is sent for the rest.
func (s *SignIns) stepped(w http.ResponseWriter, r *http.Request, c Client, u ask, who identity.Identity) {
	e, err := s.identify(r.Context(), u.SignIn, c, 0)
	if err != nil {
		s.show(w, r, pageStepUpFailed(err))
		return
	}
	if who.Person() != e.Identity.Person() {
		s.show(w, r, pageOtherPerson)
		return
	}
	missing := s.missing(u, who)
	if len(missing) == len(u.ACRS) {
		s.show(w, r, pageStepUpRefused(u))
		return
	}
	if err := s.noteAll(r, e.id, who); err != nil {
		s.show(w, r, pageStepUpFailed(err))
		return
	}
	_, _ = s.store.Take(r.Context(), s.guardKey(u, e)) // else the attempt counts for two minutes: no harm
	if len(missing) > 0 {
		u.ACRS = missing
		s.sendUp(w, r, c, u, e)
		return
	}
	s.show(w, r, pageStepUpDone(u.Host))
}

// noteAll notes it in the sign-in and in the same person's others in this browser: tabs
// that were restored together have made several, and any site may have any of them.
func (s *SignIns) noteAll(r *http.Request, id string, who identity.Identity) error {
	if err := s.note(r.Context(), id, who); err != nil {
		return err
	}
	others, _, err := s.ofBrowser(r)
	if err != nil {
		return err
	}
	for _, other := range others {
		e, err := s.load(r.Context(), other, 0)
		if other == id || errors.Is(err, identity.ErrRejected) || err == nil && e.Identity.Person() != who.Person() {
			continue
		}
		if err == nil {
			err = s.note(r.Context(), other, who)
		}
		if err != nil && !errors.Is(err, identity.ErrRejected) {
			return err
		}
	}
	return nil
}

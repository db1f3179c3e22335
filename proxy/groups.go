package proxy

import (
	"errors"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/policy"
)

var errNoDirectory = errors.New("the token has more groups than it lists, and identity.groups names no directory")

// findGroups completes the groups of who has more of them than the token lists. When
// they cannot be had, the exchange goes on without any, but only where no rule that
// could be asked about it reads them: without groups, a rule that stops a group stops
// nobody.
func (x *Exchange) findGroups() error {
	if !x.Identity.GroupsOverage || x.Target.Host == x.parts.Options.PortalHost { // the portal is ours and asks no rule
		return nil
	}
	err := errNoDirectory
	if x.parts.Groups != nil {
		var groups []string
		if groups, err = x.parts.Groups.Groups(x.context(), &x.Identity); err == nil {
			x.Identity.Groups, x.Identity.GroupsOverage = groups, false
			return nil
		}
	}
	snapshot, phases := x.parts.Policy.Snapshot(), []string{policy.PhaseRequest, policy.PhaseResponse}
	switch {
	case x.Phase == policy.PhaseConnect:
		phases = []string{policy.PhaseConnect} // what comes through it looks again
	case x.connect == nil:
		phases = append(phases, policy.PhaseConnect)
	}
	for _, phase := range phases {
		if snapshot.Reads(phase, "identity.groups") {
			refused := refuseFor("auth_unavailable", err)
			refused.text = "Which groups you are in could not be looked up, and a rule of your organisation asks for them." + tryAgain
			return refused
		}
	}
	x.parts.Log.Debug("groups not known, and no rule asks for them", zap.String("id", x.ID), zap.Error(err))
	return nil
}

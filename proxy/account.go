package proxy

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// judgeAccount says whose account a request uses: by what it shows, by what
// replies to its key have shown, and by the key itself.
func (p *Pipeline) judgeAccount(x *Exchange, in *policy.Input) {
	app := x.Match.App.ID
	x.keys = x.parts.Tenants.Credentials(app, x.request.Header)
	x.account = tenant.Observed{Anonymous: x.message.Anonymous}
	for _, id := range x.message.TenantIDs {
		x.account.IDs = append(x.account.IDs, strings.Clone(id)) // of a piece of the body, which is let go of before
	}
	x.account.IDs = append(x.account.IDs, p.memory.Recall(x.keys)...)
	for _, key := range x.keys {
		if key.APIKey {
			x.account.IDs = append(x.account.IDs, key.Fingerprint)
		}
	}
	in.Tenant.Observed, in.Tenant.Match = x.parts.Tenants.Judge(app, x.account)
}

// learnAccount reads a reply's header for what the request did not show. It tells
// the policy of the reply now, and that of the key's requests for a day.
func (p *Pipeline) learnAccount(x *Exchange, reply http.Header) {
	if x.mode != read || !x.Known || x.input == nil {
		return
	}
	app := x.Match.App.ID
	if id := p.memory.Learn(app, x.keys, reply); id != "" {
		x.account.IDs = slices.Insert(x.account.IDs, 0, id)
		x.input.Tenant.Observed, x.input.Tenant.Match = x.parts.Tenants.Judge(app, x.account)
	}
}

package tenant

import (
	"slices"
	"strings"
)

// The values of Judge's match, the worst first.
const (
	MatchForeign   = "foreign"   // another tenant was shown
	MatchAnonymous = "anonymous" // the logged-out form of the service
	MatchCorporate = "corporate" // ours was shown
	MatchUnknown   = "unknown"
)

// Observed is what a request shows of the account that it uses.
type Observed struct {
	IDs       []string // workspace, organisation, directory ids or domains
	Anonymous bool     // sent to a logged-out endpoint
}

// products says whose tenants the apps of the catalogue belong to.
var products = []struct {
	name string
	apps []string
}{
	{"openai", []string{"chatgpt", "openai-api", "openai-codex", "sora"}},
	{"anthropic", []string{"claude", "anthropic-api", "claude-code"}},
	{"google", []string{
		"gemini", "gemini-api", "gemini-code-assist", "google-ai-studio", "google-antigravity", "google-jules",
		"google-labs-flow", "google-stitch", "notebooklm", "vertex-ai",
	}},
	{"microsoft", []string{"azure-openai", "m365-copilot", "microsoft-copilot", "microsoft-designer"}},
}

func productOf(appID string) string {
	for _, p := range products {
		if slices.Contains(p.apps, appID) {
			return p.name
		}
	}
	return ""
}

// Configured reports whether the block of an app's product is set.
func (t *Rules) Configured(appID string) bool {
	switch productOf(appID) {
	case "openai":
		return t.tenants.OpenAI != nil
	case "anthropic":
		return t.tenants.Anthropic != nil
	case "google":
		return t.tenants.Google != nil
	case "microsoft":
		return t.tenants.Microsoft != nil
	}
	return false
}

// Judge says whose account a request to an app uses: the id that decided, if
// any, and foreign, anonymous, corporate or unknown; of several signals the
// worst. Without the product's block, or for an id of a kind that the block does
// not list, nothing is foreign or corporate.
func (t *Rules) Judge(appID string, o Observed) (observed, match string) {
	match = MatchUnknown
	if len(o.IDs) > 0 {
		observed = o.IDs[0]
	}
	product := productOf(appID)
	for _, id := range o.IDs {
		switch t.judgeID(product, id) {
		case MatchForeign:
			return id, MatchForeign
		case MatchCorporate:
			if match == MatchUnknown {
				observed, match = id, MatchCorporate
			}
		}
	}
	if o.Anonymous {
		return observed, MatchAnonymous
	}
	return observed, match
}

// judgeID compares one id with the list of its kind.
func (t *Rules) judgeID(product, id string) string {
	var own []string
	switch product {
	case "openai":
		if t.tenants.OpenAI == nil {
			return MatchUnknown
		}
		switch {
		case uuidForm.MatchString(id):
			own = t.tenants.OpenAI.WorkspaceIDs
		case strings.HasPrefix(id, "org-"):
			own = t.tenants.OpenAI.OrganizationIDs
		}
	case "anthropic":
		if t.tenants.Anthropic == nil || !uuidForm.MatchString(id) {
			return MatchUnknown
		}
		own = t.tenants.Anthropic.OrganizationIDs
	case "google":
		return t.judgeGoogle(id)
	case "microsoft":
		return t.judgeMicrosoft(id)
	}
	switch {
	case len(own) == 0:
		return MatchUnknown
	case slices.Contains(own, id), uuidForm.MatchString(id) && containsFold(own, id):
		return MatchCorporate
	}
	return MatchForeign
}

func (t *Rules) judgeGoogle(id string) string {
	g := t.tenants.Google
	switch domain := strings.ToLower(id); {
	case g == nil || !isDomain(id):
		return MatchUnknown
	case containsFold(g.AllowedDomains, id):
		return MatchCorporate
	case (domain == "gmail.com" || domain == "googlemail.com") && slices.Contains(g.AllowedDomains, "consumer_accounts"):
		return MatchUnknown // allowed, but not ours
	}
	return MatchForeign
}

// judgeMicrosoft cannot tell whether a directory id belongs to one of the
// domains that v1 allows, or the other way round: such are unknown.
func (t *Rules) judgeMicrosoft(id string) string {
	m := t.tenants.Microsoft
	if m == nil {
		return MatchUnknown
	}
	own := append([]string{m.TenantID}, m.AllowedTenants...)
	byID := uuidForm.MatchString(id)
	switch {
	case containsFold(own, id):
		return MatchCorporate
	case !byID:
		return MatchUnknown
	case slices.ContainsFunc(m.AllowedTenants, func(s string) bool { return !uuidForm.MatchString(s) }):
		return MatchUnknown
	}
	return MatchForeign
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(t string) bool { return strings.EqualFold(t, s) })
}

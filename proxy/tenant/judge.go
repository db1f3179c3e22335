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

// Observed is what is known of the account that a request uses.
type Observed struct {
	// IDs are workspaces, organisations, directories, resources, plans, domains and
	// fingerprints, in the order in which they are told.
	IDs       []string
	Anonymous bool // sent to a logged-out endpoint
}

// products says by which blocks the apps of the catalogue are judged.
var products = []struct {
	blocks []string
	apps   []string
}{
	{[]string{"openai"}, []string{"chatgpt", "openai-api", "openai-codex", "sora"}},
	{[]string{"anthropic"}, []string{"claude", "anthropic-api", "claude-code"}},
	{[]string{"google"}, []string{
		"gemini", "gemini-api", "gemini-code-assist", "google-ai-studio", "google-antigravity", "google-jules",
		"google-labs-flow", "google-stitch", "notebooklm", "vertex-ai",
	}},
	{[]string{"microsoft"}, []string{"m365-copilot", "microsoft-copilot", "microsoft-designer"}},
	{[]string{"azure", "microsoft"}, []string{"azure-openai"}},
	{[]string{"github"}, []string{"github-copilot", "github-models"}},
	{[]string{"notion"}, []string{"notion-ai"}},
}

// kind is one kind of id that requests show.
type kind struct {
	block  string
	is     func(id string) bool
	keys   []string                           // that list our own
	never  []string                           // not ours, whatever is listed
	unsure func(own []string, id string) bool // an id that is not listed may be ours all the same; nil: it is not
}

// kinds is the table. The first that fits an id judges it.
var kinds = []kind{
	{block: "openai", is: uuidForm.MatchString, keys: []string{"workspace_ids"}},
	{block: "openai", is: fingerprintForm.MatchString, keys: []string{"api_key_fingerprints"}},
	{block: "openai", is: func(id string) bool { return strings.HasPrefix(id, "org-") }, keys: []string{"organization_ids"}},
	{block: "openai", is: isOrganizationName, keys: []string{"organization_names"}},
	{block: "anthropic", is: uuidForm.MatchString, keys: []string{"organization_ids"}},
	{block: "anthropic", is: fingerprintForm.MatchString, keys: []string{"api_key_fingerprints"}},
	// personal accounts may be allowed, but are not ours
	{block: "google", is: isDomain, keys: []string{"allowed_domains"}, unsure: func(own []string, id string) bool {
		return isGmail(id) && slices.Contains(own, "consumer_accounts")
	}},
	// A directory id may belong to one of the domains that v1 allows, or the other
	// way round; what it is not, is that of personal accounts.
	{block: "microsoft", is: either(uuidForm.MatchString, isDomain), keys: []string{"tenant_id", "allowed_tenants"}, never: []string{consumerTenant},
		unsure: func(own []string, id string) bool { return isDomain(id) || slices.ContainsFunc(own, isDomain) }},
	{block: "azure", is: func(id string) bool { return !uuidForm.MatchString(id) && !isDomain(id) }, keys: []string{"resources"}},
	// Which enterprise pays is not shown; that none does, is.
	{block: "github", is: func(id string) bool { return id == "individual" }, keys: nil, never: []string{"individual"}},
	{block: "notion", is: uuidForm.MatchString, keys: []string{"workspace_ids"}},
}

// blocksOf are the blocks that judge an app, those that are not set too.
func blocksOf(appID string) []string {
	for _, p := range products {
		if slices.Contains(p.apps, appID) {
			return p.blocks
		}
	}
	return nil
}

// Configured reports whether a block that judges an app is set.
func (r *Rules) Configured(appID string) bool {
	return slices.ContainsFunc(blocksOf(appID), func(block string) bool { return r.blocks[block] != nil })
}

// Judge says whose account a request to an app uses: the id that decided, or the
// first one, and foreign, anonymous, corporate or unknown; of several signals the
// worst. Without the block, or for an id of a kind that the block does not list,
// nothing is foreign or corporate.
func (r *Rules) Judge(appID string, o Observed) (observed, match string) {
	match = MatchUnknown
	if len(o.IDs) > 0 {
		observed = o.IDs[0]
	}
	blocks := blocksOf(appID)
	for _, id := range o.IDs {
		switch r.judgeID(blocks, id) {
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

func (r *Rules) judgeID(blocks []string, id string) string {
	for i := range kinds {
		if k := &kinds[i]; slices.Contains(blocks, k.block) && k.is(id) {
			return k.judge(r.blocks[k.block], id)
		}
	}
	return MatchUnknown
}

// judge compares an id with the lists of its kind. Where an id is a UUID, a name
// or a domain, case does not count.
func (k *kind) judge(block map[string][]string, id string) string {
	if block == nil {
		return MatchUnknown
	}
	var own []string
	for _, key := range k.keys {
		own = append(own, block[key]...)
	}
	switch {
	case slices.ContainsFunc(own, func(ours string) bool { return sameID(ours, id) }):
		return MatchCorporate
	case containsFold(k.never, id):
		return MatchForeign
	case len(own) == 0, k.unsure != nil && k.unsure(own, id):
		return MatchUnknown
	}
	return MatchForeign
}

// sameID knows that OpenAI's ids are no names, and that Notion writes its UUIDs
// without hyphens too.
func sameID(ours, id string) bool {
	if strings.HasPrefix(ours, "org-") {
		return ours == id
	}
	return strings.EqualFold(ours, id) || uuidForm.MatchString(id) && strings.EqualFold(ours, strings.ReplaceAll(id, "-", ""))
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(t string) bool { return strings.EqualFold(t, s) })
}

package tenant

import (
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

func TestJudge(t *testing.T) {
	ours, theirs := Fingerprint([32]byte{1}, "sk-ours"), Fingerprint([32]byte{1}, "sk-theirs")
	partly := Blocks{"openai": {"workspace_ids": {uuidA}}}
	named := Blocks{"openai": {"organization_names": {"corp-x1"}}}
	keyed := Blocks{"openai": {"api_key_fingerprints": {ours}}, "anthropic": {"api_key_fingerprints": {ours}}}
	justGoogle := Blocks{"google": {"allowed_domains": {"corp.example"}}}
	onlyIDs := Blocks{"microsoft": {"tenant_id": {uuidA}, "allowed_tenants": {uuidB}}}
	for _, tt := range []struct {
		blocks       Blocks
		app          string
		ids          []string
		anonymous    bool
		observed, is string
	}{
		{every, "chatgpt", []string{uuidA}, false, uuidA, MatchCorporate},
		{every, "chatgpt", []string{strings.ToUpper(uuidA)}, false, strings.ToUpper(uuidA), MatchCorporate},
		{every, "chatgpt", []string{uuidC}, false, uuidC, MatchForeign},
		{every, "chatgpt", []string{uuidA, uuidC}, false, uuidC, MatchForeign},
		{every, "chatgpt", []string{uuidC}, true, uuidC, MatchForeign},
		{every, "chatgpt", []string{uuidA}, true, uuidA, MatchAnonymous},
		{every, "chatgpt", nil, true, "", MatchAnonymous},
		{every, "chatgpt", nil, false, "", MatchUnknown},
		{every, "chatgpt", []string{"user-1"}, false, "user-1", MatchUnknown},
		{every, "openai-codex", []string{uuidB}, false, uuidB, MatchCorporate},
		{every, "openai-api", []string{"org-AbC1"}, false, "org-AbC1", MatchCorporate},
		{every, "openai-api", []string{"org-abc1"}, false, "org-abc1", MatchForeign}, // ids, not names: case counts
		{every, "openai-api", []string{"proj_1", "org-AbC1"}, false, "org-AbC1", MatchCorporate},
		{partly, "openai-api", []string{"org-x"}, false, "org-x", MatchUnknown},
		// what replies show is a name
		{named, "openai-api", []string{"corp-x1"}, false, "corp-x1", MatchCorporate},
		{named, "openai-api", []string{"user-abc"}, false, "user-abc", MatchForeign},
		{named, "openai-api", []string{"proj_1"}, false, "proj_1", MatchUnknown},
		{named, "openai-api", []string{"org-x"}, false, "org-x", MatchUnknown},
		// and a key is its fingerprint
		{keyed, "openai-api", []string{ours}, false, ours, MatchCorporate},
		{keyed, "openai-api", []string{theirs}, false, theirs, MatchForeign},
		{keyed, "anthropic-api", []string{ours}, false, ours, MatchCorporate},
		{keyed, "claude-code", []string{theirs}, false, theirs, MatchForeign},
		{keyed, "openai-api", []string{"org-x", ours}, false, ours, MatchCorporate},
		{every, "openai-api", []string{theirs}, false, theirs, MatchUnknown}, // no key is listed
		{named, "openai-api", []string{theirs}, false, theirs, MatchUnknown},
		{every, "claude", []string{uuidC}, false, uuidC, MatchCorporate},
		{every, "claude-code", []string{uuidA}, false, uuidA, MatchForeign},
		{every, "anthropic-api", []string{"x"}, false, "x", MatchUnknown},
		{every, "gemini", []string{"Corp.Example"}, false, "Corp.Example", MatchCorporate},
		{every, "gemini", []string{"other.example"}, false, "other.example", MatchForeign},
		{every, "gemini", []string{"gmail.com"}, false, "gmail.com", MatchUnknown}, // allowed, but not ours
		{justGoogle, "notebooklm", []string{"gmail.com"}, false, "gmail.com", MatchForeign},
		{every, "gemini", nil, true, "", MatchAnonymous},
		{entraOne, "m365-copilot", []string{uuidA}, false, uuidA, MatchCorporate},
		{entraOne, "m365-copilot", []string{uuidB}, false, uuidB, MatchCorporate},
		{entraOne, "m365-copilot", []string{"corp.example"}, false, "corp.example", MatchCorporate},
		{entraOne, "m365-copilot", []string{uuidC}, false, uuidC, MatchUnknown},                   // may be corp.example's
		{entraOne, "m365-copilot", []string{consumerTenant}, false, consumerTenant, MatchForeign}, // cannot
		{onlyIDs, "m365-copilot", []string{uuidC}, false, uuidC, MatchForeign},
		{onlyIDs, "m365-copilot", []string{"corp.example"}, false, "corp.example", MatchUnknown},
		{entraTwo, "m365-copilot", []string{uuidB}, false, uuidB, MatchForeign},
		{entraTwo, "m365-copilot", []string{uuidA, consumerTenant}, false, consumerTenant, MatchForeign},
		{entraTwo, "microsoft-copilot", []string{"x.example"}, true, "x.example", MatchAnonymous},
		{every, "azure-openai", []string{"corp-east"}, false, "corp-east", MatchCorporate},
		{every, "azure-openai", []string{"Corp-East"}, false, "Corp-East", MatchCorporate},
		{every, "azure-openai", []string{"corpeast"}, false, "corpeast", MatchForeign},
		{every, "azure-openai", []string{"corp-east", uuidC}, false, "corp-east", MatchCorporate},
		{entraTwo, "azure-openai", []string{"corp-east", uuidC}, false, uuidC, MatchForeign},
		{entraTwo, "azure-openai", []string{"corp-east"}, false, "corp-east", MatchUnknown},
		{every, "github-copilot", []string{"individual"}, false, "individual", MatchForeign},
		{every, "github-copilot", []string{"github-copilot"}, false, "github-copilot", MatchUnknown},
		{every, "notion-ai", []string{uuidA}, false, uuidA, MatchCorporate},
		{every, "notion-ai", []string{uuidB}, false, uuidB, MatchForeign},
		{Blocks{"notion": {"workspace_ids": {strings.ReplaceAll(uuidA, "-", "")}}}, "notion-ai", []string{uuidA}, false, uuidA, MatchCorporate},
		// without the block nothing is foreign or corporate
		{nil, "chatgpt", []string{uuidC}, false, uuidC, MatchUnknown},
		{nil, "chatgpt", []string{uuidC}, true, uuidC, MatchAnonymous},
		{nil, "claude", []string{uuidC}, false, uuidC, MatchUnknown},
		{nil, "gemini", []string{"x.example"}, false, "x.example", MatchUnknown},
		{nil, "m365-copilot", []string{consumerTenant}, false, consumerTenant, MatchUnknown},
		{nil, "github-copilot", []string{"individual"}, false, "individual", MatchUnknown},
		{nil, "openai-api", []string{theirs}, false, theirs, MatchUnknown},
		{every, "deepseek", []string{uuidC}, false, uuidC, MatchUnknown},
		{every, "", nil, true, "", MatchAnonymous},
	} {
		observed, is := newRules(t, tt.blocks).Judge(tt.app, Observed{IDs: tt.ids, Anonymous: tt.anonymous})
		if observed != tt.observed || is != tt.is {
			t.Errorf("%s %v %v: %q, %s; want %q, %s", tt.app, tt.ids, tt.anonymous, observed, is, tt.observed, tt.is)
		}
	}
}

func TestConfigured(t *testing.T) {
	catalogue, err := destination.NewCatalogue(destination.CatalogueOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all, none := newRules(t, every), newRules(t, nil)
	for _, p := range products {
		for _, id := range p.apps {
			if catalogue.App(id) == nil {
				t.Errorf("%s is not in the catalogue", id)
			}
			if !all.Configured(id) || none.Configured(id) {
				t.Errorf("%s: configured is wrong", id)
			}
		}
	}
	if all.Configured("deepseek") {
		t.Error("deepseek has no tenants")
	}
	if one := newRules(t, entraTwo); !one.Configured("azure-openai") || one.Configured("chatgpt") {
		t.Error("a block counts for its apps alone")
	}
}

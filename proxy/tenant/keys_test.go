package tenant

import (
	"slices"
	"strings"
	"testing"
)

func TestProblemsAllAtOnce(t *testing.T) {
	for _, tt := range []struct {
		blocks Blocks
		want   []string
	}{
		{Blocks{
			"microsoft": {"tenant_id": {"corp.example"}, "allowed_tenants": {"corp.example ", "a,b.example", "corp", uuidA, strings.ToUpper(uuidA), consumerTenant}},
			"google":    {"allowed_domains": {"@corp.example", "*.corp.example", "consumer_accounts", "a b.example", "x_y.example", "gmail.com"}},
			"openai":    {"workspace_ids": {"org-1", uuidA + "," + uuidB, " " + uuidA}, "organization_ids": {uuidA, "org-", "org-a b", "org-1", "org-1"}, "organization_names": {"org-1", "Corp", "proj_1"}, "api_key_fingerprints": {"sk-proj-1", "key_12"}},
			"anthropic": {"organization_ids": {uuidA, strings.ToUpper(uuidA), "x\r\nEvil: 1"}},
		}, []string{
			"microsoft.tenant_id: wants the directory id", "microsoft.allowed_tenants[0]: wants", "microsoft.allowed_tenants[1]: wants", "microsoft.allowed_tenants[2]: wants",
			"microsoft.allowed_tenants[4]: is given twice", "microsoft.allowed_tenants[5]: wants",
			"google.allowed_domains[0]: wants", "google.allowed_domains[1]: wants", "google.allowed_domains[3]: wants", "google.allowed_domains[4]: wants", "google.allowed_domains[5]: wants", "google.allowed_domains: wants at least one domain",
			"openai.workspace_ids[0]: wants", "openai.workspace_ids[1]: wants", "openai.workspace_ids[2]: wants",
			"openai.organization_ids[0]: wants", "openai.organization_ids[1]: wants", "openai.organization_ids[2]: wants", "openai.organization_ids[4]: is given twice",
			"openai.organization_names[0]: wants", "openai.organization_names[1]: wants", "openai.organization_names[2]: wants",
			"openai.api_key_fingerprints[0]: wants what sluice tenants fingerprint prints", "openai.api_key_fingerprints[1]: wants",
			"anthropic.organization_ids[1]: is given twice", "anthropic.organization_ids[2]: wants",
		}},
		{Blocks{
			"gemini_code_assist": {"allowed_domains": {"@dev.example", "consumer_accounts", "*.dev.example", "10.0.0.1"}},
			"google_cloud":       {"organizations": {"organizations/1", "0", "corp.example"}, "options": {"lax"}},
			"github":             {"enterprise": append(slices.Repeat([]string{"a"}, 19), "b", "https://github.com/enterprises/c", "d e")},
			"slack":              {"workspaces": {"corp.slack.com", "t012ab3cd"}, "requester": {"T012AB3CD", "T012AB3CE"}},
			"dropbox":            {"team_ids": {"1,2", "corp.example"}},
			"notion":             {"workspace_ids": {"corp", uuidA[1:]}},
			"webex":              {"allowed_domains": {"a@corp.example"}},
			"zoom":               {"policy": {"a b"}},
			"ibm_cloud":          {"account_ids": {"corp"}},
			"youtube":            {"restrict": {"strict"}},
			"azure":              {"resources": {"corp.openai.azure.com", "-x"}},
			"box":                {"enterprise_ids": {"1"}},
		}, []string{
			"gemini_code_assist.allowed_domains[0]: wants", "gemini_code_assist.allowed_domains[1]: wants", "gemini_code_assist.allowed_domains[2]: wants", "gemini_code_assist.allowed_domains[3]: wants",
			"google_cloud.organizations[0]: wants", "google_cloud.organizations[1]: wants", "google_cloud.organizations[2]: wants", "google_cloud.options: wants strict or cloudStorageReadAllowed",
			"github.enterprise: has 22 values, 20 is the most", "github.enterprise[1]: is given twice", "github.enterprise[20]: wants", "github.enterprise[21]: wants",
			"slack.workspaces[0]: wants", "slack.workspaces[1]: wants", "slack.requester: has 2 values",
			"dropbox.team_ids[0]: wants", "dropbox.team_ids[1]: wants", "notion.workspace_ids[0]: wants", "notion.workspace_ids[1]: wants",
			"webex.allowed_domains[0]: wants", "zoom.policy: wants", "ibm_cloud.account_ids[0]: wants", "youtube.restrict: wants Strict or Moderate",
			"azure.resources[0]: wants", "azure.resources[1]: wants", "box.enterprise_ids: unknown key",
		}},
		{Blocks{
			"microsoft": {}, "google": {}, "gemini_code_assist": {}, "google_cloud": {}, "openai": {}, "anthropic": {}, "github": {}, "slack": {}, "dropbox": {},
			"notion": {}, "webex": {}, "zoom": {}, "ibm_cloud": {}, "youtube": {}, "azure": {},
		}, []string{
			"microsoft.tenant_id: is missing", "microsoft: wants allowed_tenants or policy_id", "google.allowed_domains: is missing", "gemini_code_assist.allowed_domains: is missing",
			"google_cloud.organizations: is missing", "openai: wants workspace_ids or organization_ids or organization_names or api_key_fingerprints",
			"anthropic: wants organization_ids or api_key_fingerprints", "github.enterprise: is missing", "slack.workspaces: is missing", "slack.requester: is missing",
			"dropbox.team_ids: is missing", "notion.workspace_ids: is missing", "webex.allowed_domains: is missing", "zoom.policy: is missing",
			"ibm_cloud.account_ids: is missing", "youtube.restrict: is missing", "azure.resources: is missing",
		}},
		{Blocks{"microsoft": {"policy_id": {"x"}, "allowed_tenants": {"corp.example"}}}, []string{
			"microsoft.tenant_id: is missing", "microsoft.policy_id: wants", "microsoft.allowed_tenants: cannot stand beside policy_id",
		}},
		{Blocks{"microsoft": {"tenant_id": {consumerTenant}, "policy_id": {uuidA}}}, []string{"microsoft.tenant_id: wants"}},
		{Blocks{"google": {"allowed_domains": slices.Repeat([]string{"corp.example"}, 1000)}}, []string{"google.allowed_domains: is longer than one header"}},
	} {
		rules, err := New(tt.blocks, [32]byte{})
		if rules != nil || err == nil {
			t.Errorf("%v, %v", rules, err)
			continue
		}
		told := err.Error() + "\n"
		for _, want := range tt.want {
			if !strings.Contains(told, "tenants."+want) {
				t.Errorf("missing: %s in\n%v", want, told)
			}
		}
		if count := strings.Count(told, "\n"); count != len(tt.want) && len(tt.want) > 1 && tt.blocks["github"]["enterprise"] == nil {
			t.Errorf("%d problems, %d are wanted:\n%s", count, len(tt.want), told)
		}
	}
	for _, ok := range []Blocks{
		every, entraTwo, {"openai": {"organization_ids": {"org-a", "org-A"}}}, {"openai": {"organization_names": {"user-x1"}}},
		{"anthropic": {"api_key_fingerprints": {"key_" + strings.Repeat("0", 32)}}}, {"notion": {"workspace_ids": {strings.ReplaceAll(uuidA, "-", "")}}},
		{"youtube": {"restrict": {"Moderate"}}},
	} {
		newRules(t, ok)
	}
}

// TestKeysAreNeeded shows that no block can be left empty, and that the tables of
// keys, needs and headers speak of the same blocks.
func TestKeysAreNeeded(t *testing.T) {
	for _, k := range keys {
		if _, err := New(Blocks{k.block: {}}, [32]byte{}); err == nil {
			t.Errorf("%s may be empty", k.block)
		}
		if every[k.block] == nil {
			t.Errorf("%s has no sample", k.block)
		}
	}
	for _, r := range restrictions {
		if !slices.ContainsFunc(keys, func(k key) bool { return k.block == r.block }) {
			t.Errorf("%s has no key", r.block)
		}
	}
}

package tenant

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

const (
	uuidA = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
	uuidB = "16fd2706-8baf-433b-82eb-8c7fada847da"
	uuidC = "886313e1-3b8a-4372-9b90-0c9aee199e5d"
)

func newTenantRules(t testing.TB, tenants Tenants) *Rules {
	t.Helper()
	rules, err := New(tenants)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

var entraV1 = Tenants{Microsoft: &Microsoft{TenantID: uuidA, AllowedTenants: []string{"corp.example", uuidB}}}
var entraV2 = Tenants{Microsoft: &Microsoft{TenantID: uuidA, PolicyID: uuidC}}
var everyTenant = Tenants{
	Microsoft: entraV1.Microsoft,
	Google:    &Google{AllowedDomains: []string{"corp.example", "consumer_accounts", "corp.test"}},
	OpenAI:    &OpenAI{WorkspaceIDs: []string{uuidA, uuidB}, OrganizationIDs: []string{"org-AbC1"}},
	Anthropic: &Anthropic{OrganizationIDs: []string{uuidC}},
}

func TestTenantHeaders(t *testing.T) {
	v1 := map[string]string{"Restrict-Access-To-Tenants": "corp.example," + uuidB, "Restrict-Access-Context": uuidA}
	v2 := map[string]string{"Sec-Restrict-Tenant-Access-Policy": uuidA + ":" + uuidC}
	google := map[string]string{"X-Googapps-Allowed-Domains": "corp.example,consumer_accounts,corp.test"}
	chatgpt := map[string]string{"Chatgpt-Allowed-Workspace-Id": uuidA + "," + uuidB}
	claude := map[string]string{"Anthropic-Allowed-Org-Ids": uuidC}
	tests := []struct {
		tenants Tenants
		host    string
		want    map[string]string // nil: not listed
	}{
		{entraV1, "login.microsoftonline.com", v1}, {entraV1, "login.microsoft.com", v1}, {entraV1, "login.windows.net", v1},
		{entraV1, "login.live.com", map[string]string{"Sec-Restrict-Tenant-Access-Policy": "restrict-msa"}},
		{entraV2, "login.microsoftonline.com", v2}, {entraV2, "login.microsoft.com", v2}, {entraV2, "login.windows.net", v2}, {entraV2, "login.live.com", v2},
		{everyTenant, "accounts.google.com", google}, {everyTenant, "google.com", google}, {everyTenant, "aiplatform.googleapis.com", google}, {everyTenant, "x.googleusercontent.com", google},
		{everyTenant, "cloudcode-pa.googleapis.com", map[string]string{"X-Googapps-Allowed-Domains": "corp.example,consumer_accounts,corp.test", "X-Geminicodeassist-Allowed-Domains": "corp.example,corp.test"}},
		{everyTenant, "chatgpt.com", chatgpt}, {everyTenant, "ws.chatgpt.com", chatgpt},
		{everyTenant, "api.openai.com", map[string]string{"Openai-Allowed-Organization-Ids": "org-AbC1"}},
		{everyTenant, "claude.ai", claude}, {everyTenant, "www.claude.ai", claude}, {everyTenant, "api.anthropic.com", claude}, {everyTenant, "platform.claude.com", claude}, {everyTenant, "console.anthropic.com", claude},
		{Tenants{OpenAI: &OpenAI{OrganizationIDs: []string{"org-1"}}}, "chatgpt.com", nil},
		{Tenants{OpenAI: &OpenAI{WorkspaceIDs: []string{uuidA}}}, "api.openai.com", nil},
		{Tenants{}, "chatgpt.com", nil},
	}
	for _, host := range []string{
		"device.login.microsoftonline.com", "x.login.microsoftonline.com", "enterpriseregistration.windows.net", "microsoftonline.com", "windows.net", "live.com", "account.live.com",
		"xgoogle.com", "google.com.evil.test", "openai.com", "x.api.openai.com", "auth.openai.com", "xclaude.ai", "xchatgpt.com", "chatgpt.com.test", "example.com", "",
	} {
		for _, tenants := range []Tenants{everyTenant, entraV2} {
			tests = append(tests, struct {
				tenants Tenants
				host    string
				want    map[string]string
			}{tenants, host, nil})
		}
	}
	for _, tt := range tests {
		rules := newTenantRules(t, tt.tenants)
		header := http.Header{}
		listed := rules.Apply(tt.host, header)
		got := map[string]string{}
		for name, values := range header {
			if len(values) != 1 {
				t.Errorf("%s: %s is set %d times", tt.host, name, len(values))
			}
			got[name] = values[0]
		}
		if listed != (tt.want != nil) || !cmp.Equal(got, tt.want, cmpopts.EquateEmpty()) {
			t.Errorf("%s: %v %s", tt.host, listed, cmp.Diff(tt.want, got))
		}
		for inCatalogue, want := range map[bool]bool{true: false, false: tt.want != nil} {
			if rules.InjectOnly(tt.host, inCatalogue) != want {
				t.Errorf("%s: inject only is not %v", tt.host, want)
			}
		}
	}
}

func TestTenantHeadersOfClientsAreRemoved(t *testing.T) {
	fromClient := func() http.Header {
		return http.Header{
			"Restrict-Access-To-Tenants": {"evil.example", "more"}, "restrict-access-context": {"x"}, "RESTRICT_ACCESS_TO-TENANTS": {"x"}, "Restrict_access_context": {"x"},
			"Sec-Restrict-Tenant-Access-Policy": {"x"}, "sec_restrict_tenant_access_policy": {"x"},
			"X-Googapps-Allowed-Domains": {"x", "y"}, "x_googapps_allowed_domains": {"x"}, "X-Geminicodeassist-Allowed-Domains": {"x"},
			"Chatgpt-Allowed-Workspace-Id": {"x"}, "Openai_Allowed_Organization_Ids": {"x"}, "Openai-Allowed-Organization-Ids": {"x"},
			"Anthropic-Allowed-Org-Ids": {"x"}, "Anthropic-Allowed-Org-Ids1": {"x"}, "anthropic_allowed-org-ids9": {"x"},
			"Accept": {"*/*"}, "X-Mine": {"1"},
		}
	}
	for _, tt := range []struct {
		tenants Tenants
		host    string
		gone    string // every name that contains it
		set     string
	}{
		{entraV1, "login.microsoftonline.com", "restrict-", "Restrict-Access-To-Tenants Restrict-Access-Context"},
		{entraV1, "login.live.com", "restrict-", "Sec-Restrict-Tenant-Access-Policy"},
		{entraV2, "login.microsoftonline.com", "restrict-", "Sec-Restrict-Tenant-Access-Policy"}, // v1 headers go when v2 is set
		{entraV2, "login.live.com", "restrict-", "Sec-Restrict-Tenant-Access-Policy"},
		{everyTenant, "mail.google.com", "-allowed-domains", "X-Googapps-Allowed-Domains"},
		{everyTenant, "chatgpt.com", "-allowed-workspace", "Chatgpt-Allowed-Workspace-Id"},
		{everyTenant, "api.openai.com", "-allowed-organization", "Openai-Allowed-Organization-Ids"},
		{everyTenant, "api.anthropic.com", "allowed-org-ids", "Anthropic-Allowed-Org-Ids"},
	} {
		header := fromClient()
		newTenantRules(t, tt.tenants).Apply(tt.host, header)
		var left []string
		for name, values := range header {
			if strings.Contains(strings.ToLower(strings.ReplaceAll(name, "_", "-")), tt.gone) {
				left = append(left, name)
				if len(values) != 1 || strings.Contains(values[0], "x") && !strings.Contains(values[0], ".example") {
					t.Errorf("%s: %s: %q", tt.host, name, values)
				}
			}
		}
		want := strings.Fields(tt.set)
		slices.Sort(left)
		slices.Sort(want)
		if !slices.Equal(left, want) {
			t.Errorf("%s: %q; want %q", tt.host, left, want)
		}
		if header.Get("Accept") != "*/*" || header.Get("X-Mine") != "1" {
			t.Errorf("%s: other headers were touched", tt.host)
		}
	}
	header := fromClient()
	newTenantRules(t, Tenants{}).Apply("chatgpt.com", header)
	if !cmp.Equal(header, fromClient()) {
		t.Error("a product that is not configured lost a client's headers")
	}
}

func TestTenantHosts(t *testing.T) {
	var got []string
	for _, p := range newTenantRules(t, everyTenant).Hosts() {
		for _, h := range p.Hosts {
			got = append(got, p.Product+" "+h.String())
		}
	}
	want := []string{
		"microsoft login.microsoftonline.com", "microsoft login.microsoft.com", "microsoft login.windows.net", "microsoft login.live.com",
		"google .google.com", "google .googleapis.com", "google .googleusercontent.com", "google cloudcode-pa.googleapis.com",
		"openai .chatgpt.com", "openai api.openai.com",
		"anthropic .claude.ai", "anthropic api.anthropic.com", "anthropic .claude.com", "anthropic .anthropic.com",
	}
	if !slices.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if got := newTenantRules(t, Tenants{}).Hosts(); got != nil {
		t.Errorf("%v", got)
	}
	for _, r := range restrictions {
		if !strings.HasPrefix(r.source, "https://") {
			t.Errorf("%s has no source", r.header)
		}
	}
}

func TestTenantProblemsAllAtOnce(t *testing.T) {
	tests := []struct {
		tenants Tenants
		want    []string
	}{
		{Tenants{
			Microsoft: &Microsoft{TenantID: "corp.example", AllowedTenants: []string{"corp.example ", "a,b.example", "corp", uuidA, strings.ToUpper(uuidA)}},
			Google:    &Google{AllowedDomains: []string{"@corp.example", "*.corp.example", "consumer_accounts", "a b.example", "x_y.example"}},
			OpenAI:    &OpenAI{WorkspaceIDs: []string{"org-1", uuidA + "," + uuidB, " " + uuidA}, OrganizationIDs: []string{uuidA, "org-", "org-a b", "org-1", "org-1"}},
			Anthropic: &Anthropic{OrganizationIDs: []string{uuidA, strings.ToUpper(uuidA), "x\r\nEvil: 1"}},
		}, []string{
			"tenants.microsoft.tenant_id:", "tenants.microsoft.allowed_tenants[0]:", "tenants.microsoft.allowed_tenants[1]:", "tenants.microsoft.allowed_tenants[2]:", "tenants.microsoft.allowed_tenants[4]: is given twice",
			"tenants.google.allowed_domains[0]:", "tenants.google.allowed_domains[1]:", "tenants.google.allowed_domains[3]:", "tenants.google.allowed_domains[4]:", "tenants.google.allowed_domains: wants at least one domain",
			"tenants.openai.workspace_ids[0]:", "tenants.openai.workspace_ids[1]:", "tenants.openai.workspace_ids[2]:",
			"tenants.openai.organization_ids[0]:", "tenants.openai.organization_ids[1]:", "tenants.openai.organization_ids[2]:", "tenants.openai.organization_ids[4]: is given twice",
			"tenants.anthropic.organization_ids[1]: is given twice", "tenants.anthropic.organization_ids[2]:",
		}},
		{Tenants{Microsoft: &Microsoft{}, Google: &Google{}, OpenAI: &OpenAI{}, Anthropic: &Anthropic{}}, []string{
			"tenants.microsoft.tenant_id:", "tenants.microsoft.allowed_tenants: wants at least one", "tenants.google.allowed_domains: wants", "tenants.openai: wants", "tenants.anthropic.organization_ids: wants",
		}},
		{Tenants{Microsoft: &Microsoft{PolicyID: "x", AllowedTenants: []string{"corp.example"}}}, []string{
			"tenants.microsoft.tenant_id:", "tenants.microsoft.policy_id:", "tenants.microsoft.allowed_tenants: cannot stand beside policy_id",
		}},
		{Tenants{Google: &Google{AllowedDomains: slices.Repeat([]string{"corp.example"}, 1000)}}, []string{"tenants.google.allowed_domains: is longer than one header"}},
	}
	for _, tt := range tests {
		rules, err := New(tt.tenants)
		if rules != nil || err == nil {
			t.Errorf("%v, %v", rules, err)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("missing: %s in\n%v", want, err)
			}
		}
	}
	for _, ok := range []Tenants{everyTenant, entraV2, {OpenAI: &OpenAI{OrganizationIDs: []string{"org-a", "org-A"}}}} {
		newTenantRules(t, ok)
	}
}

func TestJudge(t *testing.T) {
	partly := Tenants{OpenAI: &OpenAI{WorkspaceIDs: []string{uuidA}}}
	tests := []struct {
		tenants      Tenants
		app          string
		ids          []string
		anonymous    bool
		observed, is string
	}{
		{everyTenant, "chatgpt", []string{uuidA}, false, uuidA, MatchCorporate},
		{everyTenant, "chatgpt", []string{strings.ToUpper(uuidA)}, false, strings.ToUpper(uuidA), MatchCorporate},
		{everyTenant, "chatgpt", []string{uuidC}, false, uuidC, MatchForeign},
		{everyTenant, "chatgpt", []string{uuidA, uuidC}, false, uuidC, MatchForeign},
		{everyTenant, "chatgpt", []string{uuidC}, true, uuidC, MatchForeign},
		{everyTenant, "chatgpt", []string{uuidA}, true, uuidA, MatchAnonymous},
		{everyTenant, "chatgpt", nil, true, "", MatchAnonymous},
		{everyTenant, "chatgpt", nil, false, "", MatchUnknown},
		{everyTenant, "chatgpt", []string{"user-1"}, false, "user-1", MatchUnknown},
		{everyTenant, "openai-codex", []string{uuidB}, false, uuidB, MatchCorporate},
		{everyTenant, "openai-api", []string{"org-AbC1"}, false, "org-AbC1", MatchCorporate},
		{everyTenant, "openai-api", []string{"org-abc1"}, false, "org-abc1", MatchForeign}, // ids, not names: case counts
		{everyTenant, "openai-api", []string{"proj_1", "org-AbC1"}, false, "org-AbC1", MatchCorporate},
		{partly, "openai-api", []string{"org-x"}, false, "org-x", MatchUnknown},
		{everyTenant, "claude", []string{uuidC}, false, uuidC, MatchCorporate},
		{everyTenant, "claude-code", []string{uuidA}, false, uuidA, MatchForeign},
		{everyTenant, "anthropic-api", []string{"x"}, false, "x", MatchUnknown},
		{everyTenant, "gemini", []string{"Corp.Example"}, false, "Corp.Example", MatchCorporate},
		{everyTenant, "gemini", []string{"other.example"}, false, "other.example", MatchForeign},
		{everyTenant, "gemini", []string{"gmail.com"}, false, "gmail.com", MatchUnknown},
		{Tenants{Google: &Google{AllowedDomains: []string{"corp.example"}}}, "notebooklm", []string{"gmail.com"}, false, "gmail.com", MatchForeign},
		{entraV1, "m365-copilot", []string{uuidA}, false, uuidA, MatchCorporate},
		{entraV1, "m365-copilot", []string{uuidB}, false, uuidB, MatchCorporate},
		{entraV1, "m365-copilot", []string{"corp.example"}, false, "corp.example", MatchCorporate},
		{entraV1, "m365-copilot", []string{uuidC}, false, uuidC, MatchUnknown}, // may be corp.example's
		{entraV2, "m365-copilot", []string{uuidB}, false, uuidB, MatchForeign},
		{entraV2, "microsoft-copilot", []string{"x.example"}, true, "x.example", MatchAnonymous},
		// without the block nothing is foreign or corporate
		{Tenants{}, "chatgpt", []string{uuidC}, false, uuidC, MatchUnknown},
		{Tenants{}, "chatgpt", []string{uuidC}, true, uuidC, MatchAnonymous},
		{Tenants{}, "claude", []string{uuidC}, false, uuidC, MatchUnknown},
		{Tenants{}, "gemini", []string{"x.example"}, false, "x.example", MatchUnknown},
		{Tenants{}, "m365-copilot", []string{uuidC}, false, uuidC, MatchUnknown},
		{everyTenant, "deepseek", []string{uuidC}, false, uuidC, MatchUnknown},
		{everyTenant, "", nil, true, "", MatchAnonymous},
	}
	for _, tt := range tests {
		rules := newTenantRules(t, tt.tenants)
		observed, is := rules.Judge(tt.app, Observed{IDs: tt.ids, Anonymous: tt.anonymous})
		if observed != tt.observed || is != tt.is {
			t.Errorf("%s %v %v: %q, %s; want %q, %s", tt.app, tt.ids, tt.anonymous, observed, is, tt.observed, tt.is)
		}
	}
	c, err := destination.NewCatalogue(destination.CatalogueOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rules := newTenantRules(t, everyTenant)
	for _, p := range products {
		for _, id := range p.apps {
			if c.App(id) == nil {
				t.Errorf("%s is not in the catalogue", id)
			}
			if !rules.Configured(id) || newTenantRules(t, Tenants{}).Configured(id) {
				t.Errorf("%s: configured is wrong", id)
			}
		}
	}
	if rules.Configured("deepseek") {
		t.Error("deepseek has no tenants")
	}
}

func BenchmarkTenantHeaders(b *testing.B) {
	rules := newTenantRules(b, everyTenant)
	for _, host := range []string{"chatgpt.com", "example.com"} {
		b.Run(host, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rules.Headers(host)
			}
		})
	}
}
